/**
 * `npm run bench:liveness [-- --faces N] [--attacks N] [--only prints,faces,attacks]`: live faces and prints of liveness-dev told apart by the
 * built library in headless Chromium, one subject left out at a time; how often single photos of people are taken for prints; and how many of
 * attacks that are drawn are told.
 */
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { Page } from 'playwright';
import { LIVE_SCORE } from '../../src/core/liveness.ts';
import { dataFolder, evenly, readLabels } from '../../tools/data-sets.ts';
import { PRESENTATIONS, type Presentation } from '../../tools/drawing/present.ts';
import { requireLibrary, withPage } from '../../tools/pages.ts';
import { areaUnderRoc } from '../harness/roc-area.ts';
import { median, quantile } from '../harness/averages.ts';
import { readLfwDev } from '../harness/lfw.ts';
import { bar, type Bar, packageVersion, writeResults } from '../harness/results.ts';
import { printTable } from '../harness/table.ts';
import {
  type AttackErrors,
  errorsAt,
  leaveOneOut,
  pooled,
  type Presented,
  thresholdFor,
} from './measures.ts';
import type { LivenessPage, SeenFace } from './page.ts';

declare const livenessPage: LivenessPage;

/** The rate of attacks that pass at which live faces are counted, and the most of them that may be refused then. */
const APCER = 0.05;
const BPCER_BAR = 0.05;
const CHUNK = 24;
const SET = 'liveness-dev';
/** Sets of single photos of people, as far as they are there. */
const PHOTOS = ['lfw-dev', 'utkface-dev', 'celeba-dev'] as const;

interface Part {
  readonly figures: unknown;
  readonly bars?: readonly Bar[];
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      faces: { type: 'string', default: '1000' },
      attacks: { type: 'string', default: '96' },
      only: { type: 'string', default: 'prints,faces,attacks' },
    },
  });
  const labels = await readLabels(SET);
  if (!labels) {
    console.log(`Skipped: no ${SET} under ${dataFolder()}; NEARFACE_DATA names another folder.`);
    return;
  }
  await requireLibrary();
  const sets = [SET, ...PHOTOS].map((set) => [`/${set}/`, join(dataFolder(), set, 'images')] as const);
  await withPage('bench/liveness/page.ts', Object.fromEntries(sets), async (page) => {
    const parts: Record<string, Part> = {};
    const only = values.only.split(',');
    if (only.includes('prints')) parts['prints'] = await reportPrints(page, labels);
    if (only.includes('faces')) parts['faces'] = await reportFaces(page, Number(values.faces));
    if (only.includes('attacks'))
      parts['attacks'] = await reportAttacks(page, labels, Number(values.attacks));
    const timings = await page.evaluate(() => livenessPage.timings());
    console.log(`\nmedian ms per stage: ${JSON.stringify(timings)}`);
    await writeResults('liveness', {
      versions: { nearface: await packageVersion('nearface') },
      figures: {
        timings,
        ...Object.fromEntries(Object.entries(parts).map(([name, { figures }]) => [name, figures])),
      },
      bars: Object.values(parts).flatMap(({ bars = [] }) => bars),
    });
  });
}

type Labels = NonNullable<Awaited<ReturnType<typeof readLabels>>>;

async function reportPrints(page: Page, labels: Labels): Promise<Part> {
  const seen = await look(page, SET, [...labels.keys()]);
  const presented = seen.map(({ image, score }): Presented => {
    const [isLive, subject = ''] = labels.get(image)!;
    return { subject, live: isLive === '1', score };
  });
  const told = presented.filter(({ score }) => score !== undefined);
  const auc = areaUnderRoc(told.map(({ live, score }) => ({ positive: live, score: score! })));
  const rows = leaveOneOut(presented, APCER);
  const all = pooled(rows);
  console.log(
    `\n${SET}: live faces and prints of eight people, one left out; the threshold is where ${100 * APCER} %`,
  );
  console.log('of the others’ prints pass. A face of which nothing is told is refused.');
  printErrors([
    ...rows.map((row) => [`subject ${row.subject}`, row] as const),
    ['all, each left out', all] as const,
    [`all, at ${LIVE_SCORE}, as shipped`, errorsAt(presented, LIVE_SCORE)] as const,
  ]);
  console.log(
    `area under the ROC curve ${auc.toFixed(5)}; threshold of all ${thresholdFor(presented, APCER).toFixed(6)}`,
  );
  return {
    figures: { auc, rows, all, shipped: errorsAt(presented, LIVE_SCORE), scores: presented },
    bars: [
      bar(`BPCER at APCER ${100 * APCER} % on prints, one subject left out`, all.bpcer, { most: BPCER_BAR }),
    ],
  };
}

function printErrors(
  rows: readonly (readonly [string, Omit<AttackErrors, 'threshold'> & { threshold?: number }])[],
): void {
  printTable(
    ['', 'prints', 'live', 'threshold', 'APCER %', 'BPCER %', 'ACER %', 'not told: prints %', 'live %'],
    rows.map(([name, { attacks, bonaFide, threshold, apcer, bpcer, acer, apnrr, bpnrr }]) => [
      ...[name, attacks, bonaFide, threshold?.toFixed(4)],
      ...[apcer, bpcer, acer, apnrr, bpnrr].map(percent),
    ]),
  );
}

/** Single photos of people: how often they are taken for prints, by size. */
async function reportFaces(page: Page, most: number): Promise<Part> {
  const rows: Record<string, unknown>[] = [];
  for (const set of PHOTOS) {
    const names =
      set === 'lfw-dev' ? (await readLfwDev())?.images : [...((await readLabels(set))?.keys() ?? [])].sort();
    if (!names?.length) continue;
    rows.push(rowOf(set, await look(page, set, evenly(names, most))));
  }
  console.log(
    `\nsingle photos of people: shares of the faces found, in %; a photo is itself a picture, and tells no more than this`,
  );
  printTable(
    ['set', 'faces', 'shorter side, px', 'live', 'spoof', 'not told', 'spoof of told', 'median score'],
    rows.map((row) => [
      String(row['set']),
      Number(row['faces']),
      Number(row['side']).toFixed(0),
      ...(['live', 'spoof', 'untold', 'spoofOfTold'] as const).map((key) => percent(Number(row[key]))),
      Number(row['median']).toFixed(3),
    ]),
  );
  return { figures: rows };
}

function rowOf(set: string, seen: readonly SeenFace[]): Record<string, unknown> {
  const found = seen.filter((face) => face.found);
  const told = found.flatMap(({ score }) => score ?? []);
  const live = told.filter((score) => score >= LIVE_SCORE).length;
  return {
    ...{ set, faces: found.length, side: median(found.map(({ side = 0 }) => side)) },
    live: live / found.length,
    spoof: (told.length - live) / found.length,
    untold: 1 - told.length / found.length,
    spoofOfTold: 1 - live / told.length,
    median: told.length > 0 ? median(told) : NaN,
    lowest: told.length > 0 ? quantile(told, 0.05) : NaN,
  };
}

/** Live photos of liveness-dev, and photos of lfw-dev, drawn as they are held before a camera. */
async function reportAttacks(page: Page, labels: Labels, most: number): Promise<Part> {
  const live = [...labels].filter(([, [isLive]]) => isLive === '1').map(([image]) => image);
  const lfw = (await readLfwDev())?.images ?? [];
  const rows: Record<string, unknown>[] = [];
  for (const [set, names] of [
    [SET, evenly(live, most)],
    ['lfw-dev', evenly(lfw, most)],
  ] as const)
    for (const how of PRESENTATIONS) {
      if (names.length === 0) continue;
      rows.push({ how, ...rowOf(set, await look(page, set, names, how)) });
    }
  console.log('\nattacks that are drawn, not recorded: what is said of them, in %; no bar');
  printTable(
    ['drawn', 'of', 'faces found', 'told as spoof', 'taken for live', 'not told', 'median score'],
    rows.map((row) => [
      ...[String(row['how']), String(row['set']), Number(row['faces'])],
      ...(['spoof', 'live', 'untold'] as const).map((key) => percent(Number(row[key]))),
      Number(row['median']).toFixed(3),
    ]),
  );
  return { figures: rows };
}

async function look(
  page: Page,
  set: string,
  images: readonly string[],
  how?: Presentation,
): Promise<SeenFace[]> {
  const seen: SeenFace[] = [];
  for (let start = 0; start < images.length; start += CHUNK) {
    const chunk = images.slice(start, start + CHUNK);
    const ask = [set, chunk, how, start + 1] as const;
    seen.push(
      ...(await page.evaluate(([from, some, shown, seed]) => livenessPage.see(from, some, shown, seed), ask)),
    );
  }
  console.error(`${set}${how ? `, ${how}` : ''}: ${seen.length} photos`);
  return seen;
}

function percent(share: number): string {
  return Number.isNaN(share) ? '–' : (100 * share).toFixed(1);
}

await main();
