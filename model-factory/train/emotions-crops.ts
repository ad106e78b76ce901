/**
 * `tsx model-factory/train/emotions-crops.ts`: what the library's pipeline shows the expression network of emotion-dev's faces, in
 * headless Chromium, for `emotions.py`. Writes emotion-crops.u8 (112 × 112, grey), emotion-mesh.f32 (468 × (x, y, z)) and
 * emotion-embedding.f32 to .cache/train: one face per photo in the order of the names, zeros where none was found.
 */
import { mkdir, open, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { EMOTIONS_SIZE } from '../../src/stages/emotions.ts';
import { MESH_POINTS } from '../../src/stages/face-mesh.ts';
import { dataFolder } from '../../tools/data-sets.ts';
import type { EmotionsPage } from './emotions-page.ts';
import { withPage } from '../../tools/pages.ts';

declare const emotionsPage: EmotionsPage;

/** Bytes of each part of a face. */
const PARTS = {
  crop: { file: 'emotion-crops.u8', bytes: EMOTIONS_SIZE ** 2 },
  mesh: { file: 'emotion-mesh.f32', bytes: 12 * MESH_POINTS },
  embedding: { file: 'emotion-embedding.f32', bytes: 4 * 192 },
} as const;
const FOLDER = join('.cache', 'train');
const CHUNK = 50;

const images = join(dataFolder(), 'emotion-dev', 'images');
const names = (await readdir(images)).filter((name) => name.endsWith('.jpg')).sort();
await mkdir(FOLDER, { recursive: true });
const parts = Object.keys(PARTS) as (keyof typeof PARTS)[];
const files = await Promise.all(parts.map((part) => open(join(FOLDER, PARTS[part].file), 'w')));
try {
  await withPage('model-factory/train/emotions-page.ts', { '/photos/': images }, async (page) => {
    await page.evaluate(() => emotionsPage.start());
    for (let start = 0; start < names.length; start += CHUNK) {
      const faces = await page.evaluate((some) => emotionsPage.see(some), names.slice(start, start + CHUNK));
      for (const face of faces) {
        for (const [i, part] of parts.entries())
          await files[i]!.write(face ? Buffer.from(face[part], 'base64') : Buffer.alloc(PARTS[part].bytes));
      }
    }
  });
} finally {
  await Promise.all(files.map((file) => file.close()));
}
