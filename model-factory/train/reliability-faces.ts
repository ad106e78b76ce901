/**
 * `tsx model-factory/train/reliability-faces.ts SET...`: finds faces in photos as they are and made worse, with the pipeline in headless
 * Chromium, and writes for embed-crops.py and reliability.py a line of JSON a face to .cache/train/reliability-SET.jsonl, and its aligned crop to
 * reliability-SET.crops. Only photos that something is fitted to are made worse.
 */
import { mkdir, open, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Page } from 'playwright';
import { MASKS, type Degradation } from '../../tools/drawing/degrade.ts';
import type { ReliabilityFace, ReliabilityPage } from './reliability-page.ts';
import { dataFolder } from '../../tools/data-sets.ts';
import { seeded } from '../../tools/random.ts';
import { openPage, withPageServed } from '../../tools/pages.ts';

declare const reliabilityPage: ReliabilityPage;

/** Of celeba-dev every fourth photo is taken. */
const CELEBA_STEP = 4;
/** Browsers at a time. */
const WORKERS = 2;
/** Worse copies of a photo of lfw-dev. */
const LFW_COPIES = 3;
/** Of an aligned crop: RGB, 112². */
const CROP_BYTES = 3 * 112 ** 2;
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
  for (const set of process.argv.slice(2)) await seeSet(set);
}

/** A photo, and how it is made worse. */
interface Photo {
  readonly name: string;
  readonly ways: readonly Degradation[];
}

async function seeSet(set: string): Promise<void> {
  const data = join(dataFolder(), set);
  const photos = await photosOf(set, data);
  const all = set === 'groups-dev' || set === 'no-face-dev';
  const lines = await open(join(FOLDER, `reliability-${set}.jsonl`), 'w');
  const crops = await open(join(FOLDER, `reliability-${set}.crops`), 'w');
  let next = 0;
  // The line and the crop of a face have the same place in both files.
  const put = async (name: string, faces: readonly (ReliabilityFace | null)[]): Promise<void> => {
    const seen = faces.filter((face) => face !== null);
    const text = seen.map(({ crop: _, ...face }) => `${JSON.stringify({ image: name, ...face })}\n`).join('');
    await Promise.all([lines.write(text), crops.write(Buffer.concat(seen.map(({ crop }) => bytesOf(crop))))]);
  };
  const writing = serially(put);
  const work = async (page: Page): Promise<void> => {
    await page.evaluate(() => reliabilityPage.start());
    for (let photo = photos[next++]; photo; photo = photos[next++]) {
      const ask = [photo.name, photo.ways, all] as const;
      const seen = page.evaluate((args) => reliabilityPage.see(...args), ask);
      const faces = await seen.catch((error: unknown) => {
        console.error(ask[0], String(error).slice(0, 200));
        return [];
      });
      await writing(photo.name, faces);
      if (next % 250 === 0) console.error(`${set}: ${next} of ${photos.length}`);
    }
  };
  try {
    const folders = { '/photos/': join(data, 'images') };
    await withPageServed('model-factory/train/reliability-page.ts', folders, async (url) => {
      const opened = await Promise.all(Array.from({ length: WORKERS }, () => openPage(url)));
      await Promise.all(opened.map(({ page }) => work(page))).finally(() =>
        Promise.all(opened.map(({ browser }) => browser.close())),
      );
    });
  } finally {
    await Promise.all([lines.close(), crops.close()]);
  }
}

/** One call after the other. */
function serially<Args extends readonly unknown[]>(
  work: (...args: Args) => Promise<void>,
): (...args: Args) => Promise<void> {
  let last: Promise<void> = Promise.resolve();
  return (...args) => (last = last.then(() => work(...args)));
}

function bytesOf(crop: string): Buffer {
  const bytes = Buffer.from(crop, 'base64');
  if (bytes.length !== CROP_BYTES) throw new Error(`a crop of ${bytes.length} bytes`);
  return bytes;
}

/** Photos in their order; those of the half that is fitted to with ways of making them worse. */
async function photosOf(set: string, data: string): Promise<readonly Photo[]> {
  const names = (await readdir(join(data, 'images'))).sort();
  const people = [...new Set(names.map(personOf))].sort();
  const fitted = new Set(people.filter((_, i) => i % 2 === 0));
  return names.flatMap((name, i): Photo[] => {
    const random = seeded(i + 1);
    const drawn = (count: number): readonly Degradation[] =>
      Array.from({ length: count }, () => drawDegradation(random));
    if (set === 'lfw-dev') return [{ name, ways: drawn(fitted.has(personOf(name)) ? LFW_COPIES : 0) }];
    if (set === 'celeba-dev' && i % CELEBA_STEP > 0) return [];
    if (set !== 'utkface-dev') return [{ name, ways: [] }];
    const number = Number(name.replace(/\D/g, ''));
    // The others are measured on.
    if (number % 2 === 1) return [];
    return [{ name, ways: [...drawn(1), small(random), masked(random)] }];
  });
}

/** Whom a photo of lfw-dev shows. */
function personOf(image: string): string {
  return image.replace(/_\d+\.[a-z]+$/, '');
}

await main();
