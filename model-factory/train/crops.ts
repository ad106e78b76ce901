/**
 * `tsx model-factory/train/crops.ts [SET...]`: cuts the training crops out of the development sets with the built library in
 * headless Chromium. Writes SET.u8 (crops, RGB), SET.mesh.f32 (468 × (x, y) each), SET.frame.f32 (the image's four corners
 * each) and SET.json (file names in that order, and those without a face) to .cache/train.
 */
import { mkdir, open, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CUT_ENLARGE, CUT_SIDE } from './cut-size.ts';
import type { CropsPage } from './crops-page.ts';
import { dataFolder } from '../../tools/data-sets.ts';
import { withPage } from '../../tools/pages.ts';

declare const cropsPage: CropsPage;

const SETS = ['celeba-dev', 'lfw-dev', 'utkface-dev', 'mask-dev'] as const;
const CHUNK = 50;
const FOLDER = join('.cache', 'train');

async function main(): Promise<void> {
  const chosen = process.argv.slice(2);
  await mkdir(FOLDER, { recursive: true });
  for (const set of chosen.length > 0 ? chosen : SETS) await cutSet(set);
}

async function cutSet(set: string): Promise<void> {
  const images = join(dataFolder(), set, 'images');
  const names = (await readdir(images)).filter((name) => /\.(jpe?g|png)$/.test(name)).sort();
  const parts = ['u8', 'mesh.f32', 'frame.f32'].map((part) => join(FOLDER, `${set}.${part}`));
  const [pixels, meshes, frames] = await Promise.all(parts.map((part) => open(part, 'w')));
  const found: string[] = [];
  const withoutFace: string[] = [];
  try {
    await withPage('model-factory/train/crops-page.ts', { '/photos/': images }, async (page) => {
      await page.evaluate(() => cropsPage.start());
      for (let start = 0; start < names.length; start += CHUNK) {
        const faces = await page.evaluate(([chunk, size, enlarge]) => cropsPage.cut(chunk, size, enlarge), [
          names.slice(start, start + CHUNK),
          CUT_SIDE,
          CUT_ENLARGE,
        ] as const);
        for (const face of faces) {
          (face.pixels === undefined ? withoutFace : found).push(face.image);
          if (face.pixels === undefined) continue;
          await pixels!.write(Buffer.from(face.pixels, 'base64'));
          await meshes!.write(new Uint8Array(Float32Array.from(face.mesh!).buffer));
          await frames!.write(new Uint8Array(Float32Array.from(face.frame!).buffer));
        }
        if ((start / CHUNK) % 10 === 0) console.error(`${set}: ${start} of ${names.length}`);
      }
    });
  } finally {
    await Promise.all([pixels!, meshes!, frames!].map((file) => file.close()));
  }
  await writeFile(join(FOLDER, `${set}.json`), JSON.stringify({ side: CUT_SIDE, found, withoutFace }));
  console.log(`${set}: ${found.length} faces, none found in ${withoutFace.length}`);
}

await main();
