/**
 * What the traits network gets right, through the built library in headless Chromium: glasses, hat, bangs and facial hair on
 * celeba-dev, masks on mask-dev, covered parts on people of lfw-dev, all on pictures that `model-factory/train` did not fit on.
 */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import type { Page } from 'playwright';
import type { Attribute } from '../../src/index.ts';
import { PARTS } from '../../tools/drawing/occluder.ts';
import type { Covered, Described, TraitsPage } from './traits-page.ts';
import { bar, type Bar } from '../harness/results.ts';
import { withPage } from '../../tools/pages.ts';
import { areaUnderRoc } from '../harness/roc-area.ts';

declare const traitsPage: TraitsPage;

/** A line of the table: what was measured, on how many pictures, and the figure. */
export interface TraitsRow {
  readonly what: string;
  readonly count: number;
  readonly value: number;
}

/** What {@link measureTraits} found. */
export interface TraitsMeasures {
  readonly rows: readonly TraitsRow[];
  readonly bars: readonly Bar[];
}

const CHUNK = 20;
const SEED = 3;
/** celeba-dev's pictures after this number were not fitted on. */
export const CELEBA_FITTED = 6000;

/**
 * Measures on the sets under `data`, the folder of celeba-dev, mask-dev and lfw-dev; `most` pictures of each set at most, evenly
 * chosen, where it is given.
 */
export async function measureTraits(data: string, most: number = Infinity): Promise<TraitsMeasures> {
  return withTraitsPage(data, async (page) => {
    const describe = (set: string, names: readonly string[]): Promise<Described[]> =>
      inChunks(names, (chunk) =>
        page.evaluate(([from, some]) => traitsPage.describe(from, some), [set, chunk] as const),
      );
    const cover = (set: string, names: readonly string[]): Promise<Covered[]> =>
      inChunks(names, (chunk, first) =>
        page.evaluate(
          ([from, some, parts, start, seed]) => traitsPage.cover(from, some, parts, start, seed),
          [set, chunk, PARTS, first, SEED] as const,
        ),
      );
    const celeba = await readLabels(data, 'celeba-dev');
    const unfitted = [...celeba.keys()].filter((name) => Number.parseInt(name) > CELEBA_FITTED);
    const worn = measureWorn(await describe('celeba-dev', some(unfitted, most)), celeba);
    const odd = [...(await readLabels(data, 'mask-dev')).keys()].filter((name) => numberOf(name) % 2 === 1);
    const masks = measureMasks(await describe('mask-dev', some(odd, most)));
    const people = (await readdir(join(data, 'lfw-dev', 'images'))).filter(isHeldOut).sort();
    const clean = measureClean(await describe('lfw-dev', some(people, most)));
    const covered = measureCovered(await cover('lfw-dev', some(people, most)));
    const all = [worn, masks, clean, covered];
    return { rows: all.flatMap(({ rows }) => rows), bars: all.flatMap(({ bars }) => bars) };
  });
}

/** Runs `work` with the page of the library and of the photos of celeba-dev, mask-dev and lfw-dev under `data`. */
export async function withTraitsPage<T>(data: string, work: (page: Page) => Promise<T>): Promise<T> {
  const sets = ['celeba-dev', 'mask-dev', 'lfw-dev'];
  const images = Object.fromEntries(sets.map((set) => [`/${set}/`, join(data, set, 'images')]));
  return withPage('bench/attributes/traits-page.ts', images, async (page) => {
    await page.evaluate(() => traitsPage.start());
    return work(page);
  });
}

type Labels = ReadonlyMap<string, Readonly<Record<string, string>>>;

/** celeba-dev: areas under the ROC curve; facial hair is a moustache, a goatee or any beard. */
function measureWorn(faces: readonly Described[], labels: Labels): TraitsMeasures {
  const found = faces.flatMap(({ image, attributes }) => (attributes ? [{ image, attributes }] : []));
  const has = (image: string, key: string): boolean => labels.get(image)?.[key] === '1';
  const hasHair = (image: string): boolean =>
    has(image, 'Mustache') || has(image, 'Goatee') || !has(image, 'No_Beard');
  const area = (
    key: 'glasses' | 'hat' | 'bangs' | 'facialHair',
    positive: (image: string) => boolean,
  ): number =>
    areaUnderRoc(
      found.map(({ image, attributes }) => ({ score: scoreOf(attributes[key]!), positive: positive(image) })),
    );
  const areas = [
    ['glasses', area('glasses', (image) => has(image, 'Eyeglasses')), 0.98],
    ['hat', area('hat', (image) => has(image, 'Wearing_Hat')), 0.97],
    ['bangs', area('bangs', (image) => has(image, 'Bangs')), 0.93],
    ['moustache or beard', area('facialHair', hasHair), 0.93],
  ] as const;
  return {
    rows: [
      { what: 'celeba-dev, last 2,000: face found', count: faces.length, value: found.length / faces.length },
      ...areas.map(([what, value]) => ({ what: `celeba-dev, AUC: ${what}`, count: found.length, value })),
    ],
    bars: areas.map(([what, value, least]) =>
      bar(`${what}, AUC on celeba-dev's last 2,000`, value, { least }),
    ),
  };
}

/** How much there is of an attribute: any value but `without` ranks above it, by its certainty. */
export function scoreOf({ value, certainty }: Attribute<string>): number {
  return value === 'without' ? 1 - certainty : 1 + certainty;
}

function measureMasks(faces: readonly Described[]): TraitsMeasures {
  const found = faces.flatMap(({ image, attributes }) =>
    attributes?.mask ? [{ image, mask: attributes.mask }] : [],
  );
  const right = found.filter(({ image, mask }) => (mask.value !== 'without') === image.startsWith('with_'));
  const masked = found.filter(({ image }) => image.startsWith('with_'));
  const fully = masked.filter(({ mask }) => mask.value === 'fully_covered');
  const value = right.length / found.length;
  return {
    rows: [
      { what: 'mask-dev, odd numbers: face found', count: faces.length, value: found.length / faces.length },
      { what: 'mask-dev: mask or none right, of the faces found', count: found.length, value },
      {
        what: 'mask-dev: right, a face not found being wrong',
        count: faces.length,
        value: right.length / faces.length,
      },
      {
        what: 'mask-dev: masks said to cover nose and mouth',
        count: masked.length,
        value: fully.length / masked.length,
      },
    ],
    bars: [bar('mask or none, accuracy on the odd half of mask-dev', value, { least: 0.97 })],
  };
}

function measureClean(faces: readonly Described[]): TraitsMeasures {
  const found = faces.flatMap(({ completeness }) => (completeness ? [completeness] : []));
  const share = (key: keyof (typeof found)[number], least: number): number =>
    found.filter((completeness) => completeness[key] >= least).length / found.length;
  const rows = PARTS.map((part) => ({
    what: `lfw-dev, held-out people as they are: ${part} at least 0.9`,
    count: found.length,
    value: share(part, 0.9),
  }));
  const total = {
    what: 'lfw-dev, as they are: total at least 0.98',
    count: found.length,
    value: share('total', 0.98),
  };
  return { rows: [...rows, total], bars: [] };
}

/** The part named is the one with the lowest completeness; a face no longer found counts as wrong. */
function measureCovered(faces: readonly Covered[]): TraitsMeasures {
  const named = ({ completeness }: Covered): string | undefined =>
    completeness && PARTS.reduce((least, part) => (completeness[part] < completeness[least] ? part : least));
  const rate = (some: readonly Covered[]): number =>
    some.filter((face) => named(face) === face.part && face.completeness![face.part] < 0.9).length /
    some.length;
  const byPart = PARTS.map((part) => {
    const own = faces.filter((face) => face.part === part);
    return { what: `lfw-dev, ${part} covered alone: named`, count: own.length, value: rate(own) };
  });
  const lost = faces.filter(({ completeness }) => !completeness);
  return {
    rows: [
      ...byPart,
      { what: 'lfw-dev, one part covered: named', count: faces.length, value: rate(faces) },
      {
        what: 'lfw-dev, one part covered: face not found',
        count: faces.length,
        value: lost.length / faces.length,
      },
    ],
    bars: [bar('covered part named, held-out people', rate(faces), { least: 0.9 })],
  };
}

/** A fifth of lfw-dev's people: those that model-factory/train/faces.py holds out. */
export function isHeldOut(image: string): boolean {
  return crc32(image.slice(0, image.lastIndexOf('_'))) % 5 === 0;
}

/** The rows of a set's `labels.csv`, by image. */
export async function readLabels(data: string, set: string): Promise<Labels> {
  const [header = '', ...lines] = (await readFile(join(data, set, 'labels.csv'), 'utf8'))
    .trim()
    .split(/\r?\n/);
  const keys = header.split(',');
  return new Map(
    lines.map((line) => {
      const cells = line.split(',');
      return [cells[0]!, Object.fromEntries(keys.map((key, i) => [key, cells[i] ?? '']))] as const;
    }),
  );
}

function numberOf(image: string): number {
  return Number(/(\d+)\.\w+$/.exec(image)?.[1]);
}

/** At most `most` of the names, evenly chosen. */
export function some(names: readonly string[], most: number): readonly string[] {
  const step = Math.max(1, names.length / most);
  return Array.from({ length: Math.floor(names.length / step) }, (_, i) => names[Math.floor(i * step)]!);
}

/** What `run` gives of the names, some at a time. */
export async function inChunks<T>(
  names: readonly string[],
  run: (chunk: readonly string[], first: number) => Promise<T[]>,
): Promise<T[]> {
  const all: T[] = [];
  for (let first = 0; first < names.length; first += CHUNK)
    all.push(...(await run(names.slice(first, first + CHUNK), first)));
  return all;
}
