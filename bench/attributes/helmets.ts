/**
 * Helmets, through the built library in headless Chromium: each photo of helmet-dev by layers that `model-factory/train/helmets.py` fitted
 * without its third, and hats that are said to be helmets, of people that nothing was fitted on.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { LIBRARY_PREFIX, withPage } from '../../tools/pages.ts';
import { mean } from '../harness/averages.ts';
import { bar } from '../harness/results.ts';
import { areaUnderRoc } from '../harness/roc-area.ts';
import { helmetsOf, type LabelledBox } from './helmet-boxes.ts';
import { libraryWith } from './models-with.ts';
import type { Crowd, TraitsPage } from './traits-page.ts';
import { CELEBA_FITTED, inChunks, isHeldOut, readLabels, scoreOf, type TraitsMeasures } from './traits.ts';

declare const traitsPage: TraitsPage;

const TRAIN = join('model-factory', 'train');
const PREFIX = '/nearface-helmets-';
const LEAST_AREA = 0.98;
const MOST_HATS = 0.05;

/** Measures on helmet-dev, celeba-dev and lfw-dev under `data`. */
export async function measureHelmets(data: string): Promise<TraitsMeasures> {
  const boxes = await readBoxes(data);
  const thirds = await readThirds([...boxes.keys()].sort());
  const libraries = await Promise.all(
    thirds.map(({ weights }, k) => libraryWith('traits', { weights }, `${PREFIX}${k}/`)),
  );
  const celeba = [...(await readLabels(data, 'celeba-dev'))].filter(
    ([name]) => Number.parseInt(name) > CELEBA_FITTED,
  );
  const worn = (value: string): string[] =>
    celeba.flatMap(([name, { Wearing_Hat }]) => (Wearing_Hat === value ? [name] : []));
  const others = [
    { what: "hats of celeba-dev's last 2,000", set: 'celeba-dev', names: worn('1') },
    { what: 'bare heads among them', set: 'celeba-dev', names: worn('0') },
    { what: 'hats of held-out people of lfw-dev', set: 'lfw-dev', names: await hatsOfLfw() },
  ];
  const sets = ['helmet-dev', 'celeba-dev', 'lfw-dev'];
  const photos = Object.fromEntries(sets.map((set) => [`/${set}/`, join(data, set, 'images')]));
  const folders: Record<string, string> = { ...photos };
  for (const library of libraries) Object.assign(folders, library);
  return withPage('bench/attributes/traits-page.ts', folders, async (page) => {
    const see = (from: string, names: readonly string[]): Promise<Crowd[]> =>
      inChunks(names, (chunk) =>
        page.evaluate(([set, some]) => traitsPage.crowds(set, some), [from, chunk] as const),
      );
    const start = (assets: string): Promise<unknown> =>
      page.evaluate((from) => traitsPage.start(from), assets);
    const byThird: Crowd[][] = [];
    for (const [k, { images }] of thirds.entries()) {
      await start(`${PREFIX}${k}/`);
      byThird.push(await see('helmet-dev', images));
    }
    await start(LIBRARY_PREFIX);
    const seen: [string, Crowd[]][] = [];
    for (const { what, set, names } of others) seen.push([what, await see(set, names)]);
    return measured(byThird, boxes, seen);
  });
}

/** A face of helmet-dev. */
interface Judged {
  readonly score: number;
  /** Whether it wears a helmet by its label. */
  readonly positive: boolean;
  readonly said: boolean;
  readonly saidHat: boolean;
}

function measured(
  byThird: readonly (readonly Crowd[])[],
  boxes: ReadonlyMap<string, readonly LabelledBox[]>,
  others: readonly (readonly [string, readonly Crowd[]])[],
): TraitsMeasures {
  const thirds = byThird.map((photos) =>
    photos.flatMap(({ image, faces }) => {
      const labels = helmetsOf(faces, boxes.get(image)!);
      return faces.flatMap(({ helmet, hat }, i): Judged[] => {
        const positive = labels[i];
        const [said, saidHat] = [helmet!.value === 'with', hat!.value === 'with'];
        return positive === undefined ? [] : [{ score: scoreOf(helmet!), positive, said, saidHat }];
      });
    }),
  );
  const all = thirds.flat();
  // Scores of different layers need not be comparable, so that each third has an area of its own.
  const area = mean(thirds.map(areaUnderRoc));
  const helmets = all.filter(({ positive }) => positive);
  const bare = all.filter(({ positive }) => !positive);
  const rows = [
    { what: 'helmet-dev, AUC: helmet, mean of the thirds', count: all.length, value: area },
    { what: 'helmet-dev, AUC: helmet, all thirds as one', count: all.length, value: areaUnderRoc(all) },
    ...thirds.map((third, k) => ({
      what: `helmet-dev, third ${k + 1}, AUC: helmet`,
      count: third.length,
      value: areaUnderRoc(third),
    })),
    {
      what: 'said to wear a hat: helmets of helmet-dev',
      count: helmets.length,
      value: mean(helmets.map(({ saidHat }) => Number(saidHat))),
    },
    {
      what: 'said to wear a helmet: helmets of helmet-dev',
      count: helmets.length,
      value: shareSaid(helmets),
    },
    { what: 'said to wear a helmet: bare heads of helmet-dev', count: bare.length, value: shareSaid(bare) },
    ...others.map(([what, photos]) => {
      const faces = photos.flatMap(biggestOf);
      const value = faces.filter(({ helmet }) => helmet!.value === 'with').length / faces.length;
      return { what: `said to wear a helmet: ${what}`, count: faces.length, value };
    }),
  ];
  const hats = rows.find(({ what }) => what.includes('hats of celeba-dev'))!;
  return {
    rows,
    bars: [
      bar('helmet, AUC on helmet-dev, mean of the thirds', area, { least: LEAST_AREA }),
      bar("hats of celeba-dev's last 2,000 said to be helmets", hats.value, { most: MOST_HATS }),
    ],
  };
}

function shareSaid(faces: readonly Judged[]): number {
  return mean(faces.map(({ said }) => Number(said)));
}

function biggestOf({ faces }: Crowd): readonly Crowd['faces'][number][] {
  return faces.toSorted((a, b) => b.width * b.height - a.width * a.height).slice(0, 1);
}

/** Photos, and the weights that were fitted without them. */
interface Third {
  readonly images: readonly string[];
  readonly weights: Uint8Array;
}

/** The thirds of helmet-dev, whose photos `images` are all. */
async function readThirds(images: readonly string[]): Promise<readonly Third[]> {
  const [shipped, layers] = await Promise.all(
    ['face-traits.weights', 'helmets-folds.weights'].map((name) => readFile(join(TRAIN, name))),
  );
  const { count, folds } = JSON.parse(await readFile(join(TRAIN, 'helmets-folds.json'), 'utf8')) as {
    readonly count: number;
    /** A digit a photo. */
    readonly folds: string;
  };
  if (folds.length !== images.length)
    throw new Error(`the thirds are of ${folds.length} photos, not of ${images.length}`);
  const length = layers!.length / count;
  const trunk = shipped!.subarray(0, shipped!.length - length);
  return Array.from({ length: count }, (_, k) => ({
    images: images.filter((_name, i) => folds[i] === String(k)),
    weights: Buffer.concat([trunk, layers!.subarray(k * length, (k + 1) * length)]),
  }));
}

/** The boxes of each photo of helmet-dev. */
async function readBoxes(data: string): Promise<ReadonlyMap<string, readonly LabelledBox[]>> {
  const text = await readFile(join(data, 'helmet-dev', 'labels.csv'), 'utf8');
  const boxes = new Map<string, LabelledBox[]>();
  for (const line of text.trim().split(/\r?\n/).slice(1)) {
    const [image = '', kind = '', ...cells] = line.split(',');
    const [left = NaN, top = NaN, width = NaN, height = NaN] = cells.map(Number);
    boxes.set(image, [...(boxes.get(image) ?? []), { kind, left, top, width, height }]);
  }
  return boxes;
}

async function hatsOfLfw(): Promise<readonly string[]> {
  const { hats } = JSON.parse(await readFile(join(TRAIN, 'hats.json'), 'utf8')) as {
    readonly hats: readonly string[];
  };
  return hats.filter(isHeldOut);
}
