/**
 * `npm run bench:detection [-- --mosaics N] [--every N] [--list] [--detectors] [--only NAME;NAME] [--groups KIND,KIND]`: faces of known place, size, roll, blur and JPEG quality
 * on backgrounds without faces, in headless Chromium with the built library; @vladmandic/human and @vladmandic/face-api on a
 * third of the same pictures in the same run (`--every`). A face counts as found when an answer's centre lies in its square and
 * the sides differ by less than a factor of two. `--list` prints what was missed. `--detectors` compares the
 * detectors of the shipped weights instead, on all pictures, and writes no results; `--only` names some of them. `--groups` keeps the run
 * short: kinds of scenes (mosaic, background, cut, filling, crowd, large, small, class) and of photos (masks, no-face, turns, profiles).
 */
import { parseArgs } from 'node:util';
import { fileURLToPath } from 'node:url';
import { type DetectionData, readDetectionData } from './data.ts';
import { convertMtcnn } from './mtcnn-models.ts';
import {
  CLASS,
  type CountedKind,
  FAR,
  GROUPS,
  matchFaces,
  measureContestant,
  type Measures,
  NEAR,
  SMALL,
} from './measures.ts';
import type { DetectionPage } from './page.ts';
import { measurePhotos, type PhotoMeasures, YAWS_DEG } from './photos.ts';
import { planScenes, type Scene, type SceneCounts } from './scenes.ts';
import { type AnsweredScene, type ContestantName, CONTESTANTS, OWN_DETECTORS } from './types.ts';
import { bar, type Bar, packageVersion, writeResults } from '../harness/results.ts';
import { printTable } from '../harness/table.ts';
import { peerFolders } from '../harness/packages.ts';
import { SAMPLES, SAMPLE_NAMES } from '../../tools/samples/samples.ts';
import { requireLibrary, withPage } from '../../tools/pages.ts';

declare const detectionPage: DetectionPage;

const SEED = 20261122;
const NEAR_BAR = 0.99;
const FAR_BAR = 0.95;
const FALSE_BAR = 0.02;
const SMALL_BAR = 0.97;
const CLASS_BAR = 0.8;
const MASK_BAR = 0.97;
/** False faces per photo in which nobody is. */
const NO_FACE_BAR = 0.01;
const TURNS_BAR = 0.99;
const PROFILE_BAR = 0.9;
/** People in the sample photos. */
const GROUP_PHOTOS = [3, 3, 3, 4, 5, 4] as const;

/** Faces counted in the group photos, in their order. */
type Counts = Readonly<Partial<Record<ContestantName, readonly number[]>>>;

interface Run {
  readonly scenes: readonly AnsweredScene[];
  readonly counts: Counts;
  readonly photos: PhotoMeasures;
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      mosaics: { type: 'string' },
      every: { type: 'string' },
      list: { type: 'boolean' },
      detectors: { type: 'boolean' },
      only: { type: 'string' },
      groups: { type: 'string' },
    },
  });
  const data = await readDetectionData();
  if (!data) {
    console.log('Skipped: no lfw-dev (images/) under ../shared/data or the folder named by NEARFACE_DATA.');
    return;
  }
  await requireLibrary();
  const mosaic = Number(values.mosaics ?? 90);
  const groups = values.groups?.split(',');
  const counts = countsOf(mosaic, groups);
  const only = values.only?.split(';');
  const contestants = (values.detectors ? OWN_DETECTORS : CONTESTANTS).filter(
    (name) => name === 'nearface' || !only || only.includes(name),
  );
  const every = values.detectors ? 1 : Number(values.every ?? 3);
  const planned = planScenes(data.faces, counts, SEED);
  const { scenes, counts: groupPhotos, photos } = await run(data, planned, every, contestants, groups);
  const all = measureContestant('nearface', scenes);
  const shared = scenes.filter(({ answers }) => Object.keys(answers).length === contestants.length);
  const compared = contestants.map((name) => measureContestant(name, shared));
  print(all, compared, groupPhotos);
  printPhotos(photos);
  if (values.list) list(scenes);
  if (values.detectors) return;
  await report(all, compared, groupPhotos, photos, { ...counts, seed: SEED });
}

/** How many scenes of each kind, of the groups named or of all. */
function countsOf(mosaic: number, groups: readonly string[] | undefined): SceneCounts {
  const all: Record<Scene['kind'], number> = {
    mosaic,
    background: Math.ceil(mosaic / 2),
    cut: 5,
    filling: 30,
    crowd: 2,
    large: Math.ceil(mosaic / 8),
    small: Math.ceil(mosaic / 4),
    class: Math.ceil(mosaic / 6),
  };
  const wanted = { ...all };
  for (const kind of Object.keys(all) as Scene['kind'][])
    if (groups && !groups.includes(kind)) wanted[kind] = 0;
  return wanted;
}

/** Shows every scene to nearface, and one in `every` to all. */
async function run(
  data: DetectionData,
  scenes: readonly Scene[],
  every: number,
  contestants: readonly ContestantName[],
  groups: readonly string[] | undefined,
): Promise<Run> {
  const folders = {
    ...peerFolders(),
    '/samples/': fileURLToPath(SAMPLES),
    ...data.folders,
    ...(contestants.includes('MTCNN') && { '/mtcnn/': await convertMtcnn() }),
  };
  return withPage('bench/detection/page.ts', folders, async (page) => {
    await page.evaluate(([names, sources]) => detectionPage.start(names, sources), [
      contestants,
      data.page,
    ] as const);
    const answered: AnsweredScene[] = [];
    for (const [i, scene] of scenes.entries()) {
      const nth = scenes.slice(0, i).filter(({ kind }) => kind === scene.kind).length;
      // Three in a row, so that each kind of background is among them.
      const names = Math.floor(nth / 3) % every === 0 ? contestants : (['nearface'] as const);
      const answers = await page.evaluate(([one, who]) => detectionPage.findInScene(one, who), [
        scene,
        names,
      ] as const);
      answered.push({ scene, answers });
      if ((i + 1) % 20 === 0) console.error(`${i + 1} of ${scenes.length} pictures`);
    }
    const counts: Partial<Record<ContestantName, number[]>> = {};
    for (const i of GROUP_PHOTOS.keys()) {
      const url = `/samples/${SAMPLE_NAMES[i]!}`;
      const answers = await page.evaluate(([at, who]) => detectionPage.findInPicture(at, who), [
        url,
        contestants,
      ] as const);
      for (const name of contestants) (counts[name] ??= []).push(answers[name]!.faces.length);
    }
    const photos = await measurePhotos(page, data, groups);
    return { scenes: answered, counts, photos };
  });
}

function print(all: Measures, compared: readonly Measures[], counts: Counts): void {
  console.log('\nRecall on all pictures (nearface), and on those shown to all');
  printTable(
    ['faces', 'count', 'nearface', 'of them', ...compared.map(({ name }) => name)],
    GROUPS.map(({ name }, i) => [
      name,
      all.recall[i]!.total,
      percent(all, i),
      compared[0]?.recall[i]?.total,
      ...compared.map((one) => percent(one, i)),
    ]),
  );
  console.log();
  const rows: readonly [string, (one: Measures) => string | number][] = [
    ['false faces per megapixel, backgrounds', (one) => perMegapixel(one, 'background')],
    ['false faces per megapixel, mosaics', (one) => perMegapixel(one, 'mosaic')],
    ['false faces per megapixel, 12 to 40 MP', (one) => perMegapixel(one, 'large')],
    ['ms for 12 to 40 MP', (one) => Math.round(one.ms.large)],
    ['megapixels of both', (one) => Math.round(one.megapixels.background + one.megapixels.mosaic)],
    ['ms for an empty picture of 1600×1200', (one) => Math.round(one.ms.background)],
    ['ms for a mosaic of 1600×1200', (one) => Math.round(one.ms.mosaic)],
    [`faces in six group photos (${GROUP_PHOTOS.join(', ')})`, ({ name }) => counts[name]?.join(', ') ?? '–'],
  ];
  printTable(
    ['', 'nearface, all', ...compared.map(({ name }) => name)],
    rows.map(([name, value]) => [name, ...[all, ...compared].map((one) => String(value(one)))]),
  );
}

function printPhotos({ masks, noFace, turns, profiles }: PhotoMeasures): void {
  console.log();
  printTable(
    ['photos', 'count', 'of'],
    [
      ['of masked people (mask-dev) with a face found', masks.count, masks.of],
      ['of animals and things (no-face-dev): false faces', noFace.count, noFace.of],
      ['turned by quarters, told rightly', turns.count, turns.of],
      ...profiles.map(({ count, of }, i) => [`head turned aside by ${YAWS_DEG[i]}°`, count, of]),
    ],
  );
}

function percent({ recall }: Measures, group: number): string {
  const { found, total } = recall[group]!;
  return total ? ((100 * found) / total).toFixed(1) : '–';
}

function perMegapixel({ falseAlarms, megapixels }: Measures, kind: CountedKind): string {
  return (falseAlarms[kind] / megapixels[kind]).toFixed(3);
}

function list(scenes: readonly AnsweredScene[]): void {
  for (const [i, { scene, answers }] of scenes.entries()) {
    const match = matchFaces(scene.faces, answers.nearface!.faces);
    scene.faces.forEach((face, k) => {
      if (!match.found[k])
        console.log(`scene ${i} ${scene.kind} quality ${scene.quality}: missed ${JSON.stringify(face)}`);
    });
    for (const alarm of match.falseAlarms)
      console.log(`scene ${i} ${scene.kind} ${scene.background}: no face ${JSON.stringify(alarm)}`);
  }
}

async function report(
  all: Measures,
  compared: readonly Measures[],
  counts: Counts,
  photos: PhotoMeasures,
  protocol: Readonly<Record<string, number>>,
): Promise<void> {
  const versions: Record<string, string> = {};
  for (const name of ['nearface', '@vladmandic/human', '@vladmandic/face-api'])
    versions[name] = await packageVersion(name);
  const groups = GROUPS.map(({ name }) => name);
  await writeResults('detection', {
    versions,
    figures: { protocol, groups, all, compared, groupPhotos: GROUP_PHOTOS, counts, photos },
    bars: bars(all, counts, photos),
  });
}

function bars(all: Measures, counts: Counts, photos: PhotoMeasures): readonly Bar[] {
  const recall = (group: (typeof GROUPS)[number]): number => {
    const { found, total } = all.recall[GROUPS.indexOf(group)]!;
    return found / total;
  };
  const share = ({ count, of }: { readonly count: number; readonly of: number }): number => count / of;
  const rate = (kind: CountedKind): number => all.falseAlarms[kind] / all.megapixels[kind];
  const wrong = GROUP_PHOTOS.filter((people, i) => counts.nearface?.[i] !== people).length;
  return [
    bar('recall, 48 px or more, roll within 30°, JPEG 70 or more', recall(NEAR), { least: NEAR_BAR }),
    bar('recall, 32–47 px, roll within 30°, JPEG 70 or more', recall(FAR), { least: FAR_BAR }),
    bar('false faces per megapixel of backgrounds', rate('background'), { most: FALSE_BAR }),
    bar('false faces per megapixel of mosaics', rate('mosaic'), { most: FALSE_BAR }),
    bar('group photos with another number of faces', wrong, { most: 0 }),
    bar('recall, 800×533, 26–36 px', recall(SMALL), { least: SMALL_BAR }),
    bar('recall, class photos, 20–30 px', recall(CLASS), { least: CLASS_BAR }),
    bar('false faces per megapixel of 12 to 40 MP', rate('large'), { most: FALSE_BAR }),
    bar('masked photos with a face found', share(photos.masks), { least: MASK_BAR }),
    bar('false faces per photo of animals and things', share(photos.noFace), { most: NO_FACE_BAR }),
    bar('quarter turns told', share(photos.turns), { least: TURNS_BAR }),
    ...photos.profiles.map((one, i) =>
      bar(`recall, heads turned by ${YAWS_DEG[i]}°`, share(one), { least: PROFILE_BAR }),
    ),
  ].filter(({ value }) => Number.isFinite(value));
}

await main();
