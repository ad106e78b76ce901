/**
 * `tsx model-factory/train/helmet-crops.ts`: all faces of helmet-dev that the built library finds, in headless Chromium, cut as
 * `crops.ts` cuts. Writes helmet-dev.u8 (crops, RGB), helmet-dev.mesh.f32 (468 × (x, y) each) and helmet-dev.json (file names
 * and boxes in that order) to .cache/train.
 */
import { mkdir, open, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CUT_ENLARGE, CUT_SIDE } from './cut-size.ts';
import type { CropsPage } from './crops-page.ts';
import { dataFolder } from '../../tools/data-sets.ts';
import { withPage } from '../../tools/pages.ts';

declare const cropsPage: CropsPage;

const SET = 'helmet-dev';
const FOLDER = join('.cache', 'train');
const CHUNK = 10;

const images = join(dataFolder(), SET, 'images');
const names = (await readdir(images)).sort();
await mkdir(FOLDER, { recursive: true });
const [pixels, meshes] = await Promise.all(
  ['u8', 'mesh.f32'].map((part) => open(join(FOLDER, `${SET}.${part}`), 'w')),
);
const found: string[] = [];
const boxes: (readonly number[])[] = [];
try {
  await withPage('model-factory/train/crops-page.ts', { '/photos/': images }, async (page) => {
    await page.evaluate(() => cropsPage.start());
    for (let start = 0; start < names.length; start += CHUNK) {
      const faces = await page.evaluate(([chunk, size, enlarge]) => cropsPage.cutAll(chunk, size, enlarge), [
        names.slice(start, start + CHUNK),
        CUT_SIDE,
        CUT_ENLARGE,
      ] as const);
      for (const face of faces) {
        found.push(face.image);
        boxes.push(face.box!);
        await pixels!.write(Buffer.from(face.pixels!, 'base64'));
        await meshes!.write(new Uint8Array(Float32Array.from(face.mesh!).buffer));
      }
    }
  });
} finally {
  await Promise.all([pixels!, meshes!].map((file) => file.close()));
}
await writeFile(join(FOLDER, `${SET}.json`), JSON.stringify({ side: CUT_SIDE, found, boxes }));
console.log(`${SET}: ${found.length} faces in ${new Set(found).size} of ${names.length} photos`);
