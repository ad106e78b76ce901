/**
 * `npm run bench:video [-- --seeds 1,2,3] [--oc-seeds 1,2,3] [--scenes NAME;NAME] [--faults] [--no-speed] [--no-real]`: `nf.watch` over clips of
 * lfw-dev's people who move in known ways before photos of no-face-dev, H.264 or VP9, against OC-SORT's published rule on faces found in each whole frame; real clips; and
 * how fast a file is seen, against @vladmandic/human over every frame. `--faults` prints what was wrong where.
 */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { Page } from 'playwright';
import { iou } from '../../src/geometry/boxes.ts';
import { dataFolder, evenly } from '../../tools/data-sets.ts';
import { requireLibrary, withPage } from '../../tools/pages.ts';
import { scenes } from '../../tools/video/scene-list.ts';
import type { Scene } from '../../tools/video/scenes.ts';
import { readLfwDev } from '../harness/lfw.ts';
import { peerFolders } from '../harness/packages.ts';
import { bar, type Bar, packageVersion, writeResults } from '../harness/results.ts';
import { printTable } from '../harness/table.ts';
import { addCounts, type Counts, figures } from './follow.ts';
import { clearCounts } from './metrics/clear.ts';
import { type NamedBox, scoreFrames } from './metrics/frames.ts';
import { hotaCounts } from './metrics/hota.ts';
import { identityCounts } from './metrics/identity.ts';
import { followByOcSort } from './oc-sort.ts';
import type { VideoPage } from './page.ts';
import type { ReadyPerson, SceneId } from './page-types.ts';
import { peopleOf } from './people.ts';
import { followReal, type RealResult } from './real.ts';
import { answersOf, countedFrames, type KnownFace, type Told, toldOf, truthIn } from './watched.ts';

declare const videoPage: VideoPage;

/** Photos of no-face-dev; the scenes name so many. */
const BACKGROUNDS = 8;
const [WIDTH, HEIGHT] = [640, 480];
/** Frames that Human is timed on. */
const HUMAN_FRAMES = 40;

const { values: args } = parseArgs({
  options: {
    seeds: { type: 'string', default: '1,2,3' },
    'oc-seeds': { type: 'string', default: '1,2,3' },
    scenes: { type: 'string' },
    faults: { type: 'boolean', default: false },
    'no-speed': { type: 'boolean', default: false },
    'no-real': { type: 'boolean', default: false },
  },
});

/** What was measured of one scene. */
interface SceneResult {
  readonly name: string;
  readonly seed: number;
  readonly counts: Counts;
  readonly ocSort?: Counts;
  readonly told: Told;
}

async function main(): Promise<void> {
  await requireLibrary();
  const lfw = await readLfwDev();
  const noFaces = join(dataFolder(), 'no-face-dev', 'images');
  const photos = await readdir(noFaces).catch(() => []);
  if (!lfw || photos.length === 0) {
    console.log(`lfw-dev or no-face-dev is not in ${dataFolder()}: skipped`);
    return;
  }
  const folders = {
    '/photos/': lfw.imagesFolder,
    '/backgrounds/': noFaces,
    '/videos/': join(dataFolder(), 'video-dev'),
    ...peerFolders(),
  };
  await withPage('bench/video/page.ts', folders, async (page) => {
    const wanted = peopleOf(lfw.images);
    const backgrounds = evenly(photos.sort(), BACKGROUNDS);
    const people = await page.evaluate(([list, behind]) => videoPage.prepare(list, behind), [
      wanted,
      backgrounds,
    ] as const);
    const known = people.filter(({ isKnown }) => isKnown).length;
    console.log(`${people.length} people, ${known} of them enrolled`);
    const followed = await followScenes(page, people);
    const real = args['no-real'] ? [] : await followReal(page);
    const speed = args['no-speed'] ? undefined : await timeScenes(page, people);
    await report(followed, real, speed);
  });
}

async function followScenes(page: Page, people: readonly ReadyPerson[]): Promise<SceneResult[]> {
  const names = people.map(({ name }) => name);
  const only = args.scenes?.split(';');
  const ocSeeds = args['oc-seeds'].split(',');
  const results: SceneResult[] = [];
  for (const seed of args.seeds.split(',').map(Number))
    for (const scene of scenes({ people: names, seed, width: WIDTH, height: HEIGHT })) {
      if (only && !only.includes(scene.name)) continue;
      const id = { people: names, seed, name: scene.name, width: WIDTH, height: HEIGHT };
      results.push(await followScene(page, scene, id, people, ocSeeds.includes(String(seed))));
    }
  console.log('\nnf.watch over the generated clips');
  printTable(
    [
      'scene',
      'seed',
      'IDF1',
      'MOTA',
      'HOTA',
      'switches',
      'crossings',
      'missed',
      'false',
      'OC-SORT IDF1',
      'appearances',
      'named',
      'strangers named',
      'best shots (attainable)',
      'better frames',
    ],
    results.map(sceneRow),
  );
  if (args.faults)
    for (const { name, seed, told } of results)
      for (const fault of told.faults) console.log(`${name}, seed ${seed}: ${fault}`);
  return results;
}

async function followScene(
  page: Page,
  scene: Scene,
  id: SceneId,
  people: readonly ReadyPerson[],
  withFound: boolean,
): Promise<SceneResult> {
  const watched = await page.evaluate(([what, found]) => videoPage.watchScene(what, found), [
    id,
    withFound,
  ] as const);
  const truth = truthIn(scene, people);
  if (watched.frames !== truth.length)
    throw new Error(`${id.name}: ${watched.frames} frames were seen of ${truth.length}`);
  const answers = answersOf(watched);
  return {
    name: id.name,
    seed: id.seed,
    counts: countsOf(scene, truth, answers),
    ...(watched.found && { ocSort: countsOf(scene, truth, followByOcSort(watched.found, scene.fps)) }),
    told: toldOf(scene, truth, answers, people, watched),
  };
}

function countsOf(
  { crossings }: Scene,
  truth: readonly (readonly KnownFace[])[],
  answers: readonly (readonly NamedBox[])[],
): Counts {
  const scored = scoreFrames(countedFrames(truth, answers), iou);
  return {
    clear: clearCounts(scored),
    identity: identityCounts(scored),
    hota: hotaCounts(scored),
    crossings,
    embedded: 0,
    frames: truth.length,
  };
}

function sceneRow({ name, seed, counts, ocSort, told }: SceneResult): (string | number | undefined)[] {
  const { IDF1, MOTA, HOTA, switches, crossings } = figures(counts);
  return [
    ...[name, seed, IDF1, MOTA, HOTA, switches, crossings, counts.clear.missed, counts.clear.falseFound],
    ocSort && figures(ocSort)['IDF1'],
    `${told.foundAppearances}/${told.appearances}`,
    `${told.named}/${told.known}`,
    `${told.strangersNamed}/${told.strangers}`,
    told.shots > 0 ? `${told.goodShots}/${told.shots} (${told.attainableShots})` : '',
    told.betterFrames,
  ];
}

interface SpeedRow {
  readonly name: string;
  readonly frames: number;
  readonly perSecond: number;
  readonly about: string;
}

/** Ours and Human on the same clip, one after the other. */
async function timeScenes(page: Page, people: readonly ReadyPerson[]): Promise<SpeedRow[]> {
  const names = people.map(({ name }) => name);
  const small = { people: names, seed: 1, name: 'crossing slowly', width: WIDTH, height: HEIGHT };
  const large = { ...small, width: 1280, height: 720 };
  const rows: SpeedRow[] = [];
  for (const id of [small, large]) {
    const own = await page.evaluate((what) => videoPage.timeWatch(what), id);
    const size = `${id.width}×${id.height}`;
    const about = `${own.tracks} tracks, ${own.searches} searches, ${own.looks} looks, ${own.measured} measured`;
    rows.push({
      name: `nearface, ${size}`,
      frames: own.frames,
      perSecond: (own.frames * 1000) / own.ms,
      about,
    });
    if (id === large) continue;
    const human = await page.evaluate(([what, most]) => videoPage.timeHuman(what, most), [
      id,
      HUMAN_FRAMES,
    ] as const);
    const found = `${human.faces} faces`;
    rows.push({
      name: `human, ${size}`,
      frames: human.frames,
      perSecond: (human.frames * 1000) / human.ms,
      about: found,
    });
  }
  console.log('\nThree people in a file, WASM, 1 thread; Human over every frame, its decoding not counted');
  printTable(
    ['', 'frames', 'frames a second', 'seconds of video a second', ''],
    rows.map(({ name, frames, perSecond, about }) => [name, frames, perSecond, perSecond / 25, about]),
  );
  return rows;
}

async function report(
  results: readonly SceneResult[],
  real: readonly RealResult[],
  speed: readonly SpeedRow[] | undefined,
): Promise<void> {
  const own = figures(addCounts(results.map(({ counts }) => counts)));
  const both = results.filter(({ ocSort }) => ocSort);
  const ownThere = figures(addCounts(both.map(({ counts }) => counts)));
  const ocSort = figures(addCounts(both.map(({ ocSort: counts }) => counts!)));
  console.log('\nAll scenes together');
  printTable(
    ['', 'IDF1', 'MOTA', 'HOTA', 'DetA', 'AssA', 'switches', 'crossings'],
    [['nearface', ...totals(own)], ...(both.length > 0 ? [['OC-SORT as published', ...totals(ocSort)]] : [])],
  );
  const sum = (of: (told: Told) => number): number =>
    results.reduce((total, { told }) => total + of(told), 0);
  const versions: Record<string, string> = {};
  for (const name of ['nearface', 'onnxruntime-web', '@vladmandic/human'])
    versions[name] = await packageVersion(name);
  const bars: Bar[] = [
    bar('IDF1 on the generated clips', own['IDF1']!, { least: 0.97 }),
    bar('switches per 10 crossings', own['per 10 crossings']!, { most: 1 }),
    bar('MOTA', own['MOTA']!, { least: 0.95 }),
    ...(both.length > 0
      ? [bar("IDF1 above OC-SORT's", ownThere['IDF1']! - ocSort['IDF1']!, { least: Number.EPSILON })]
      : []),
    bar(
      'share of appearances found, start and end within 2 frames',
      sum((told) => told.foundAppearances) / sum((told) => told.appearances),
      { least: 0.98 },
    ),
    bar(
      'share of tracks of enrolled people named rightly',
      sum((told) => told.named) / sum((told) => told.known),
      {
        least: 1,
      },
    ),
    bar(
      'strangers given a name',
      sum((told) => told.strangersNamed),
      { most: 0 },
    ),
    ...(sum((told) => told.shots) > 0
      ? [
          bar(
            'share of best shots in the top 10 % of their tracks',
            sum((told) => told.goodShots) / sum((told) => told.shots),
            { least: 0.95 },
          ),
        ]
      : []),
    ...(real.length > 0
      ? [
          bar('share of real clips with one track', real.filter(({ ok }) => ok).length / real.length, {
            least: 1,
          }),
        ]
      : []),
    ...(speed
      ? [bar('times as fast as Human over a file', speed[0]!.perSecond / speed[1]!.perSecond, { least: 5 })]
      : []),
  ];
  await writeResults('video', { versions, figures: { own, ocSort, scenes: results, real, speed }, bars });
}

function totals(of: Readonly<Record<string, number>>): number[] {
  return ['IDF1', 'MOTA', 'HOTA', 'DetA', 'AssA', 'switches', 'crossings'].map((name) => of[name]!);
}

await main();
