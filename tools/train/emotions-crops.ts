/**
 * `tsx tools/train/emotions-crops.ts`: cuts emotion-dev's faces out with the built library in headless Chromium for
 * `emotions.py`. Writes emotion-crops.u8 (RGB, one crop per photo in the order of the names), emotion-mesh.f32 (468 × (x, y) in
 * pixels of the crop) and emotion-embedding.f32 (192 numbers) to .cache/train; zeros where no face was found.
 */
import { mkdir, open, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { dataFolder } from '../bench/attributes-data.ts';
import { launchChromium } from '../bench/harness.ts';
import { buildPage, PAGE_PREFIX } from '../bench/pages.ts';
import { serve } from '../serve.ts';
import type { CropsPage } from './crops-page.ts';

declare const cropsPage: CropsPage;

/** Side in pixels, and how much wider than the mesh's longer side the crops are; `emotions.py` cuts what it needs from them. */
const SIDE = 192;
const ENLARGE = 1.6;
const CHUNK = 50;

const images = join(dataFolder(), 'emotion-dev', 'images');
const names = (await readdir(images)).filter((name) => name.endsWith('.jpg')).sort();
const { folder, path } = await buildPage('tools/train/crops-page.ts');
const library = process.env['NEARFACE_DIST'] ?? 'dist';
const server = await serve({ root: { [PAGE_PREFIX]: folder, '/nearface/': library, '/photos/': images } });
const browser = await launchChromium();
await mkdir(join('.cache', 'train'), { recursive: true });
const files = await Promise.all(
  ['crops.u8', 'mesh.f32', 'embedding.f32'].map((name) =>
    open(join('.cache', 'train', `emotion-${name}`), 'w'),
  ),
);
const [crops, meshes, embeddings] = files;
const MESH_NUMBERS = 2 * 468;
const EMBEDDING_NUMBERS = 192;
const floats = (values: readonly number[] | null | undefined, length: number): Uint8Array =>
  new Uint8Array(Float32Array.from(values ?? new Array<number>(length).fill(0)).buffer);
try {
  const page = await browser.newPage();
  await page.goto(server.url + path);
  await page.evaluate(() => cropsPage.start());
  for (let start = 0; start < names.length; start += CHUNK) {
    const chunk = names.slice(start, start + CHUNK);
    const faces = await page.evaluate(([some, side, enlarge]) => cropsPage.cut(some, side, enlarge), [
      chunk,
      SIDE,
      ENLARGE,
    ] as const);
    for (const { pixels, mesh } of faces) {
      await crops!.write(
        pixels === undefined ? Buffer.alloc(3 * SIDE * SIDE) : Buffer.from(pixels, 'base64'),
      );
      await meshes!.write(floats(mesh, MESH_NUMBERS));
    }
    for (const embedding of await page.evaluate((some) => cropsPage.embed(some), chunk))
      await embeddings!.write(floats(embedding, EMBEDDING_NUMBERS));
  }
} finally {
  await Promise.all([...files.map((file) => file.close()), browser.close(), server.close()]);
}
