/**
 * `npm run bench:landmarks [-- --photos 500]`: the 106 landmarks against an independent 68-point network and head pose against an
 * independent pose network (both of faceplugin-face-recognition-js) on lfw-dev, and pose on mirrored and turned photos; the
 * built library in headless Chromium.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import type { Page } from 'playwright';
import { PackageStore, readLock } from '../../tools/packages.ts';
import { readLfwDev, type VerificationData } from '../harness/lfw.ts';
import { type Bar, bar, packageVersion, writeResults } from '../harness/results.ts';
import { printTable } from '../harness/table.ts';
import { mean, quantile } from '../harness/averages.ts';
import { agreement, compareAngle, REGIONS, type Pose } from './measures.ts';
import type { ComparedFace, LandmarksPage, Turned } from './page.ts';
import { packageFolder } from '../harness/packages.ts';
import { SAMPLES, SAMPLE_NAMES } from '../../tools/samples/samples.ts';
import { requireLibrary, withPage } from '../../tools/pages.ts';

declare const landmarksPage: LandmarksPage;

const PEER = 'faceplugin-face-recognition-js@0.0.1';
const ANGLES = ['pitch', 'yaw', 'roll'] as const;
const POSE_BAR_DEG = 8;
const TURN_BAR_DEG = 2;
/** In inter-ocular distances. */
const LANDMARK_BAR = 0.06;
/** Counter-clockwise, degrees. */
const TURNS: readonly Turned['turn'][] = ['mirrored', -60, -45, -30, -15, 15, 30, 45, 60];
/** Turns up to here have a bar; the tilt of a head held still. */
const SMALL_TURN_DEG = 30;

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { photos: { type: 'string', default: '500' } } });
  await requireLibrary();
  const data = await readLfwDev();
  const folders = {
    '/ort/': join(packageFolder('onnxruntime-web'), 'dist'),
    '/peer/': await peerModels(),
    '/samples/': fileURLToPath(SAMPLES),
    ...(data ? { '/photos/': data.imagesFolder } : {}),
  };
  await withPage('bench/landmarks/page.ts', folders, async (page) => {
    await page.evaluate(() => landmarksPage.start());
    const turned = await turnSamples(page);
    const faces = data ? await compareFaces(page, data, Number(values.photos)) : [];
    if (!data)
      console.log('No lfw-dev under ../shared/data or NEARFACE_DATA: only mirrored and turned photos.');
    await report(turned, faces);
  });
}

/** The package's networks, out of the cache that `model-factory/convert` fills. */
async function peerModels(): Promise<string> {
  const store = new PackageStore(await readLock('model-factory/convert/lock.json'), join('.cache', 'models'));
  const folder = join('.cache', 'bench', 'peer');
  await mkdir(folder, { recursive: true });
  for (const name of ['fr_detect', 'fr_landmark', 'fr_pose'])
    await writeFile(join(folder, `${name}.onnx`), await store.file(PEER, `model/${name}.onnx`));
  return folder;
}

async function turnSamples(page: Page): Promise<Turned[]> {
  const all: Turned[] = [];
  for (const sample of SAMPLE_NAMES) {
    const path = `/samples/${sample}`;
    all.push(
      ...(await page.evaluate(([from, turns]) => landmarksPage.turn(from, turns), [path, TURNS] as const)),
    );
  }
  return all;
}

/** Photos at equal distances through the set. */
async function compareFaces(
  page: Page,
  { images }: VerificationData,
  count: number,
): Promise<ComparedFace[]> {
  const step = Math.max(1, images.length / count);
  const chosen = Array.from(
    { length: Math.min(count, images.length) },
    (_, i) => images[Math.floor(i * step)]!,
  );
  const faces: ComparedFace[] = [];
  for (const image of chosen) {
    const path = `/photos/${encodeURIComponent(image)}`;
    const face = await page.evaluate((from) => landmarksPage.compare(from), path);
    if (face) faces.push(face);
    else console.log(`not compared: ${image}`);
  }
  return faces;
}

async function report(turned: readonly Turned[], faces: readonly ComparedFace[]): Promise<void> {
  const turns = TURNS.map((turn) => turnRow(turned, turn));
  console.log(
    '\nHead pose when the picture is mirrored or turned: difference from what should come out, degrees',
  );
  printTable(
    ['turn', 'faces', 'found', ...ANGLES.flatMap((name) => [`${name} mean`, '95 %'])],
    turns.map(({ turn, of, found, mean: means, most }) => [
      String(turn),
      of,
      found,
      ...ANGLES.flatMap((name) => [means[name], most[name]]),
    ]),
  );
  const versions = {
    nearface: await packageVersion('nearface'),
    'onnxruntime-web': await packageVersion('onnxruntime-web'),
    peer: PEER,
  };
  const compared = faces.length > 0 ? compare(faces) : undefined;
  await writeResults('landmarks', {
    versions,
    figures: { samples: 'sample1..6.jpg of @vladmandic/face-api', turns, ...compared?.figures },
    bars: [...turnBars(turns), ...(compared?.bars ?? [])],
  });
}

interface TurnRow {
  readonly turn: Turned['turn'];
  readonly of: number;
  readonly found: number;
  readonly mean: Pose;
  readonly most: Pose;
}

function turnRow(turned: readonly Turned[], turn: Turned['turn']): TurnRow {
  const own = turned.filter((one) => one.turn === turn);
  const differences = own.flatMap((one) => one.differences);
  const each = (summary: (values: readonly number[]) => number): Pose => {
    const of = (name: keyof Pose): number => summary(differences.map((pose) => Math.abs(pose[name])));
    return { pitch: of('pitch'), yaw: of('yaw'), roll: of('roll') };
  };
  return {
    turn,
    of: own.reduce((sum, { faces }) => sum + faces, 0),
    found: differences.length,
    mean: each(mean),
    most: each((values) => quantile(values, 0.95)),
  };
}

function turnBars(turns: readonly TurnRow[]): Bar[] {
  const small = turns.filter(({ turn }) => turn === 'mirrored' || Math.abs(turn) <= SMALL_TURN_DEG);
  return ANGLES.map((name) =>
    bar(
      `${name}, mirrored or turned by up to ${SMALL_TURN_DEG}°: mean difference, degrees`,
      mean(small.map(({ mean: means }) => means[name])),
      { most: TURN_BAR_DEG },
    ),
  );
}

function compare(faces: readonly ComparedFace[]): {
  readonly figures: Readonly<Record<string, unknown>>;
  readonly bars: Bar[];
} {
  const fromBox = agreement(faces.map(({ ours, fromBox: theirs }) => ({ ours, theirs })));
  const fromSquare = agreement(faces.map(({ ours, fromSquare: theirs }) => ({ ours, theirs })));
  console.log(
    `\n106 landmarks against fr_landmark's 68, ${faces.length} faces: mean distance, % of inter-ocular distance`,
  );
  printTable(
    ['its crop', ...REGIONS.map(({ name }) => name), 'all but the contour'],
    [
      ["its detector's box", ...REGIONS.map(({ name }) => 100 * fromBox.regions[name]!), 100 * fromBox.inner],
      [
        'the square about it',
        ...REGIONS.map(({ name }) => 100 * fromSquare.regions[name]!),
        100 * fromSquare.inner,
      ],
    ],
  );
  const poses = faces.map(({ angle, theirAngle }) => ({ ours: angle, theirs: theirAngle }));
  const angles = ANGLES.map((name) => ({ name, ...compareAngle(poses, name) }));
  console.log('\nHead pose against fr_pose, degrees');
  printTable(
    ['angle', 'mean difference', 'offset', 'without the offset', 'correlation'],
    angles.map(({ name, meanAbsolute, offset, withoutOffset, correlation }) => [
      name,
      meanAbsolute,
      offset,
      withoutOffset,
      correlation,
    ]),
  );
  return {
    figures: { faces: faces.length, landmarks: { fromBox, fromSquare }, angles },
    bars: [
      bar('landmarks: mean distance from fr_landmark, but for the contour, inter-ocular', fromSquare.inner, {
        most: LANDMARK_BAR,
      }),
      ...angles.map(({ name, meanAbsolute }) =>
        bar(`${name}: mean difference from fr_pose, degrees`, meanAbsolute, { most: POSE_BAR_DEG }),
      ),
    ],
  };
}

await main();
