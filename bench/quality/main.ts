/**
 * `npm run bench:quality [-- --fit]`: does quality tell which photos will not match? Error-versus-discard curves on lfw-dev with
 * the built library in headless Chromium, for `overallQuality` and for single items. `--fit` prints the costs for
 * src/core/quality-score.ts.
 */
import { parseArgs } from 'node:util';
import type { Angle, Quality } from '../../src/index.ts';
import { checkQuality, LENIENT, PASSPORT, type QualityGate } from '../../src/core/quality-gate.ts';
import { overallQuality, qualityFaults, type QualityFaults } from '../../src/core/quality-score.ts';
import { personOf, readLfwDev } from '../harness/lfw.ts';
import { embedAll } from '../harness/embed.ts';
import { subjectOf } from '../harness/subject.ts';
import { bar, packageVersion, writeResults } from '../harness/results.ts';
import { printTable } from '../harness/table.ts';
import {
  discardCurve,
  pairsOf,
  thresholdOf,
  type CurvePoint,
  type Sample,
  type SamplePairs,
} from './curve.ts';
import { fitCosts } from './fit.ts';
import { requireLibrary } from '../../tools/pages.ts';

const FMR = 1e-3;
const SHARES = [0, 0.05, 0.1, 0.2];
/** By which the false non-match rate must have fallen when 10 % are left out. */
const FALL_BAR = 1 / 3;
const PROTOCOL =
  'lfw-dev, the face nearest to the centre of each photo; people in two halves by the alphabet, in turn: costs fitted to the ' +
  'first, everything measured on the second, over all its pairs; error versus discard as in ISO/IEC 29794-1: the worst faces are ' +
  'left out with all their pairs, the threshold is that of FMR 1e-3 with nobody left out (refitted: among those left)';

interface Measured extends Sample {
  readonly image: string;
  readonly quality: Quality;
  readonly angle: Angle;
}

/** A score by which faces are left out, the lowest first. */
type Score = (face: Measured) => number;

const SCORES: Readonly<Record<string, Score>> = {
  overallQuality: (face) => overallQuality(face),
  pose: ({ angle }) => -Math.hypot(angle.yaw, angle.pitch, angle.roll),
  sharpness: ({ quality }) => quality.sharpness,
  brightness: ({ quality }) => -Math.abs(quality.brightness),
  mouthClosed: ({ quality }) => quality.mouthClosed,
  eyesOpen: ({ quality }) => quality.eyesOpen!,
  'completeness.total': ({ quality }) => quality.completeness.total,
  alignment: ({ quality }) => quality.alignment,
  'at random': ({ image }) => seeded(image),
};

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { fit: { type: 'boolean' } } });
  const data = await readLfwDev();
  if (!data) {
    console.log('Skipped: no lfw-dev under ../shared/data or the folder named by NEARFACE_DATA.');
    return;
  }
  await requireLibrary();
  const ask = { faces: 'all', returnDetails: { quality: true, angle: true } } as const;
  const { photos, info, seconds, timings } = await embedAll(data, ask);
  const faces = photos.flatMap((photo): Measured[] => {
    const { embedding, quality, angle } = subjectOf(photo, 'centre') ?? {};
    if (!embedding || !quality || !angle) return [];
    return [{ image: photo.image, person: personOf(photo.image), embedding, quality, angle }];
  });
  const failed = photos.find(({ error }) => error !== undefined);
  if (faces.length === 0) throw new Error(failed?.error ?? 'no face was measured');
  const people = [...new Set(faces.map(({ person }) => person))].sort();
  const halfOf = new Map(people.map((person, i) => [person, i % 2]));
  const half = (which: number): Measured[] => faces.filter(({ person }) => halfOf.get(person) === which);
  const halves = [half(0), half(1)] as const;
  const pairs = [pairsOf(halves[0]), pairsOf(halves[1])] as const;

  console.log(`\n${PROTOCOL}; ${faces.length} faces, ${seconds.toFixed(0)} s\n`);
  const curves = Object.entries(SCORES).map(([name, score]) => ({
    name,
    curve: discardCurve(pairs[1], halves[1].map(score), SHARES, FMR),
  }));
  print(curves);
  const crossed = crossFitted(halves, pairs);
  console.log(
    `\nFitted on each half and measured on the other, both together: ${crossed.map(show).join(', ')}`,
  );
  const passing = {
    PASSPORT: printGate('PASSPORT', PASSPORT, halves[1], pairs[1]),
    LENIENT: printGate('LENIENT', LENIENT, halves[1], pairs[1]),
  };
  printItems(faces);
  if (values.fit) console.log(`\n${JSON.stringify(fit(halves[0], pairs[0]), null, 2)}`);
  const overall = curves[0]!.curve;
  const fall = (share: number): number =>
    1 - overall.find(({ rejected }) => rejected === share)!.fnmr / overall[0]!.fnmr;
  await writeResults('quality', {
    versions: {
      nearface: await packageVersion('nearface'),
      ...Object.fromEntries(info.models.map(({ id, version }) => [id, version])),
    },
    figures: { protocol: PROTOCOL, info, timings, seconds, curves, crossed, passing },
    bars: [
      bar('FNMR falls with 5 % left out', fall(0.05), { least: 1e-9 }),
      bar('FNMR falls with 10 % left out', fall(0.1), { least: FALL_BAR }),
      bar('FNMR falls with 20 % left out', fall(0.2), { least: FALL_BAR }),
    ],
  });
}

function fit(faces: readonly Measured[], pairs: SamplePairs): QualityFaults {
  const faults = faces.map(({ quality, angle }) => qualityFaults(quality, angle));
  return fitCosts(
    pairs,
    faces.map(({ person }) => person),
    faults,
  );
}

/** The curve of both halves, each by the costs fitted to the other; FNMR over the pairs of both. */
function crossFitted(
  halves: readonly [Measured[], Measured[]],
  pairs: readonly [SamplePairs, SamplePairs],
): readonly Pick<CurvePoint, 'rejected' | 'genuine' | 'nonMatches' | 'fnmr'>[] {
  const curves = halves.map((faces, i) => {
    const costs = fit(halves[1 - i]!, pairs[1 - i]!);
    const scores = faces.map(({ quality, angle }) => {
      const faults = qualityFaults(quality, angle);
      return -(Object.keys(costs) as (keyof QualityFaults)[]).reduce(
        (sum, k) => sum + costs[k] * faults[k],
        0,
      );
    });
    return discardCurve(pairs[i]!, scores, SHARES, FMR);
  });
  return SHARES.map((rejected, i) => {
    const genuine = curves.reduce((sum, curve) => sum + curve[i]!.genuine, 0);
    const nonMatches = curves.reduce((sum, curve) => sum + curve[i]!.nonMatches, 0);
    return { rejected, genuine, nonMatches, fnmr: nonMatches / genuine };
  });
}

function print(curves: readonly { readonly name: string; readonly curve: readonly CurvePoint[] }[]): void {
  printTable(
    ['FNMR % at FMR 1e-3', ...SHARES.map((share) => `${100 * share} % left out`), 'refitted, 10 %'],
    curves.map(({ name, curve }) => [
      name,
      ...curve.map(show),
      (100 * curve.find(({ rejected }) => rejected === 0.1)!.fnmrRefitted).toFixed(2),
    ]),
  );
}

function show({ fnmr, nonMatches, genuine }: Pick<CurvePoint, 'fnmr' | 'nonMatches' | 'genuine'>): string {
  return `${(100 * fnmr).toFixed(2)} (${nonMatches}/${genuine})`;
}

/** What a gate keeps out. */
interface Passing {
  readonly share: number;
  /** Over the pairs of faces that pass, at the threshold of all. */
  readonly nonMatches: number;
  readonly genuine: number;
}

/** How many faces pass a gate and how well they match; which items keep the others out. */
function printGate(name: string, gate: QualityGate, faces: readonly Measured[], pairs: SamplePairs): Passing {
  const checks = faces.map((face) => checkQuality(face, gate));
  const counts = new Map<string, number>();
  for (const { item } of checks.flatMap(({ shortfalls }) => shortfalls)) {
    counts.set(item, (counts.get(item) ?? 0) + 1);
  }
  const share = checks.filter(({ ok }) => ok).length / faces.length;
  const threshold = thresholdOf(
    pairs,
    faces.map(() => true),
    FMR,
  );
  const passed = pairs.genuine.filter(({ a, b }) => checks[a]!.ok && checks[b]!.ok);
  const nonMatches = passed.filter(({ cosine }) => cosine <= threshold).length;
  const short = [...counts]
    .sort((a, b) => b[1] - a[1])
    .map(([item, n]) => `${item} ${percent(n / faces.length)}`);
  console.log(`\n${name}: ${percent(share)} pass, non-matches among them ${nonMatches} of ${passed.length}`);
  console.log(`  short of it: ${short.join(', ')}`);
  return { share, nonMatches, genuine: passed.length };
}

function printItems(faces: readonly Measured[]): void {
  const items: Record<string, (face: Measured) => number> = {
    ...Object.fromEntries(
      (
        [
          'brightness',
          'sharpness',
          'mouthClosed',
          'eyesOpen',
          'centered',
          'size',
          'integrity',
          'alignment',
        ] as const
      ).map((item) => [item, ({ quality }: Measured) => quality[item]!]),
    ),
    ...Object.fromEntries(
      (Object.keys(faces[0]!.quality.completeness) as (keyof Quality['completeness'])[]).map((part) => [
        `completeness.${part}`,
        ({ quality }: Measured) => quality.completeness[part],
      ]),
    ),
    overallQuality: (face) => overallQuality(face),
  };
  console.log('\nWhere the faces lie, by percentile');
  const shares = [0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99];
  printTable(
    ['item', ...shares.map((share) => `${100 * share} %`)],
    Object.entries(items).map(([name, of]) => {
      const sorted = faces.map(of).sort((a, b) => a - b);
      return [name, ...shares.map((share) => sorted[Math.floor(share * sorted.length)]!.toFixed(2))];
    }),
  );
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}

/** The same number 0..1 for a name on every run. Source: FNV-1a. */
function seeded(name: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < name.length; i++) hash = Math.imul(hash ^ name.charCodeAt(i), 0x01000193) >>> 0;
  return hash / 2 ** 32;
}

await main();
