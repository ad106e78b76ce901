/**
 * `tsx model-factory/train/reliability-faces.ts SET...`: embeds photos as they are and made worse, with the pipeline in headless
 * Chromium, and writes a line of JSON a face to .cache/train/reliability-SET.jsonl for model-factory/train/reliability.py.
 */
import { mkdir, open, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { MASKS, type Degradation } from '../../tools/drawing/degrade.ts';
import type { ReliabilityPage } from './reliability-page.ts';
import { dataFolder } from '../../tools/data-sets.ts';
import { seeded } from '../../tools/random.ts';
import { withPage } from '../../tools/pages.ts';

declare const reliabilityPage: ReliabilityPage;

/** How many worse copies are made of a photo of each set. */
const COPIES: Readonly<Record<string, number>> = {
  'lfw-dev': 3,
  'utkface-dev': 1,
  'utkface-others': 1,
  'mask-dev': 0,
  'groups-dev': 0,
  'celeba-dev': 0,
  'no-face-dev': 0,
};
const FOLDER = join('.cache', 'train');

/** A joint draw: most copies are worse in one or two ways, as photos are. */
export function drawDegradation(random: () => number): Degradation {
  const chance = (share: number): boolean => random() < share;
  const how: { -readonly [K in keyof Degradation]: Degradation[K] } = {
    seed: Math.floor(random() * 2 ** 31),
  };
  if (chance(0.5)) how.faceSize = Math.round(14 * (64 / 14) ** random());
  if (chance(0.3)) how.blur = 0.03 * (0.2 / 0.03) ** random();
  if (chance(0.3)) how.mask = Math.floor(random() * MASKS.length);
  else if (chance(0.15)) how.glasses = true;
  if (chance(0.2)) how.yaw = (random() < 0.5 ? -1 : 1) * (20 + 45 * random());
  if (chance(0.1)) how.roll = (random() - 0.5) * 80;
  if (chance(0.2)) how.dark = 0.08 + 0.3 * random();
  if (chance(0.3)) how.jpeg = 0.05 + 0.5 * random();
  return how;
}

const small = (random: () => number): Degradation => ({
  faceSize: Math.round(16 * (36 / 16) ** random()),
  jpeg: 0.4 + 0.5 * random(),
  seed: 1,
});
const masked = (random: () => number): Degradation => ({
  mask: Math.floor(random() * MASKS.length),
  faceSize: Math.round(30 * (100 / 30) ** random()),
  jpeg: 0.5 + 0.4 * random(),
  seed: Math.floor(random() * 2 ** 31),
});

async function main(): Promise<void> {
  await mkdir(FOLDER, { recursive: true });
  for (const set of process.argv.slice(2)) await embedSet(set);
}

async function embedSet(set: string): Promise<void> {
  const data = join(dataFolder(), set.replace(/-(others|small)$/, '-dev'));
  const names = await namesOf(set, data);
  const photos = { '/photos/': join(data, 'images') };
  const file = await open(join(FOLDER, `reliability-${set}.jsonl`), 'w');
  try {
    await withPage('model-factory/train/reliability-page.ts', photos, async (page) => {
      await page.evaluate(() => reliabilityPage.start());
      for (const [i, name] of names.entries()) {
        const random = seeded(i + 1);
        const ways =
          set === 'utkface-small'
            ? [small(random), masked(random)]
            : Array.from({ length: COPIES[set] ?? 0 }, () => drawDegradation(random));
        const faces = await page
          .evaluate(([photo, some, all]) => reliabilityPage.see(photo, some, all), [
            name,
            ways,
            set === 'groups-dev' || set === 'no-face-dev',
          ] as const)
          .catch((error: unknown) => (console.error(name, String(error).slice(0, 200)), []));
        for (const face of faces) if (face) await file.write(`${JSON.stringify({ image: name, ...face })}\n`);
        if (i % 250 === 0) console.error(`${set}: ${i} of ${names.length}`);
      }
    });
  } finally {
    await file.close();
  }
}

async function namesOf(set: string, data: string): Promise<string[]> {
  const all = (await readdir(join(data, 'images'))).sort();
  if (set === 'celeba-dev') return all.filter((_, i) => i % 4 === 0);
  if (!set.startsWith('utkface')) return all;
  const lines = (await readFile(join(data, 'labels.csv'), 'utf8')).trim().split('\n').slice(1);
  return lines
    .map((line) => line.split(','))
    .filter(
      ([, age]) =>
        set === 'utkface-small' ||
        (set === 'utkface-dev'
          ? Number(age) >= 18 && Number(age) <= 70
          : Number(age) < 18 || Number(age) > 70),
    )
    .map(([name]) => name!);
}

await main();
