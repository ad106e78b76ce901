/**
 * `npm run bench:confidence`: false and true match rates at the named levels on people that nothing was fitted to, with the built
 * library in headless Chromium: lfw-dev as it is and made worse on either side, utkface-dev within its labelled groups, and photos of
 * many people. `--model ID` is another than the default one; `--pairs FILE` writes the pairs of utkface-dev above a cosine of 0.5, to be looked at,
 * and `--strangers FILE` the numbers of the likest strangers of each group, for strangers.test.ts.
 */
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { ModelEntry, ModelManifest } from '../../src/core/manifest.ts';
import { PairConfidence } from '../../src/core/pair-confidence.ts';
import { personOf, readLfwDev } from '../harness/lfw.ts';
import { countPairs, LEVELS, listPairs, type ConfidenceOf, type Sample } from './cells.ts';
import { CONDITIONS } from './conditions.ts';
import type { Degradation } from '../../tools/drawing/degrade.ts';
import type { ConfidencePage, SeenFace } from './page.ts';
import { atMost, cellBars, printCells, printNamed, sumOf, type NamedCell } from './report.ts';
import { fitOf, strangersOf, type Strangers } from './strangers.ts';
import { bar, packageVersion, writeResults, type Bar } from '../harness/results.ts';
import { dataFolder } from '../../tools/data-sets.ts';
import { libraryFolder, requireLibrary, withPage } from '../../tools/pages.ts';

declare const confidencePage: ConfidencePage;

const GROUPS = ['white', 'black', 'asian', 'indian'] as const;
/** Photos of lfw-dev that are made worse, one a person first. */
const WORSE_PHOTOS = 260;
const PROTOCOL =
  'people of lfw-dev in two halves by the alphabet, in turn, and photos of utkface-dev by even and odd numbers: everything was fitted ' +
  'to the first halves and is measured on the second';

interface Options {
  readonly data: string;
  readonly worse: number;
  /** Of the manifest; the default where it is left out. */
  readonly model: string | undefined;
}

/** A photo's faces with the way that each copy was made worse. */
interface Seen extends Sample {
  readonly way: number;
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      pairs: { type: 'string' },
      strangers: { type: 'string' },
      worse: { type: 'string' },
      model: { type: 'string' },
    },
  });
  const lfw = await readLfwDev();
  if (!lfw) {
    console.log('Skipped: no lfw-dev under ../shared/data or the folder named by NEARFACE_DATA.');
    return;
  }
  await requireLibrary();
  const options = {
    data: dataFolder(),
    worse: Number(values.worse ?? WORSE_PHOTOS),
    model: values.model,
  };
  const entry = await readEntry(values.model);
  const confidenceOf = confidenceBy(entry);
  const lfwFaces = await seeLfw(lfw.images, options);
  const clean = lfwFaces.filter(({ way }) => way === -1);
  const bars: Bar[] = [];

  console.log(`\n${PROTOCOL}; ${clean.length} photos of lfw-dev\n`);
  const cells = conditionCells(lfwFaces, confidenceOf);
  printCells(cells);
  bars.push(...cellBars(cells));
  const groups = await seeGroups(options);
  const utkface = await seeUtkface(options);
  if (values.pairs)
    await writeFile(
      values.pairs,
      JSON.stringify([...utkface].map(([group, faces]) => ({ group, pairs: listPairs(faces, 0.5) }))),
    );
  const isSame = await readSame();
  if (values.strangers) {
    const groups = [...utkface].map(([name, faces]) => strangersOf(name, faces, confidenceOf, isSame));
    const strangers: Strangers = { model: entry.id, fit: fitOf(entry), groups };
    await writeFile(values.strangers, JSON.stringify(strangers));
  }
  const within = [...utkface].map(
    ([name, faces]) => [name, countPairs(faces, faces, confidenceOf, isSame)] as const,
  );
  console.log(
    '\nStrangers within a labelled group of utkface-dev, ages 18 to 70 (and children under 13, people over 70)\n',
  );
  printNamed(within);
  for (const [group, cell] of within) {
    if (!GROUPS.includes(group as (typeof GROUPS)[number])) continue;
    for (const level of [1, 2])
      bars.push(atMost(`${group}: false matches at ${LEVELS[level]![0]}, times the name`, cell, level, 3));
  }
  const photos = groupPhotoCells(groups, confidenceOf);
  console.log('\nStrangers in one photo (groups-dev); masked_face-img4 shows 16 people twice: left out\n');
  printNamed(photos);
  const all = sumOf(photos.map(([, cell]) => cell));
  bars.push(
    bar('groups-dev: false matches at medium', all.falseMatches[1]! / all.impostors, { most: 0.005 }),
  );
  bars.push(bar('groups-dev: false matches at strict', all.falseMatches[2]! / all.impostors, { most: 2e-4 }));
  const things = await seeThings(options);
  const amongThings = countPairs(things, things, confidenceOf);
  console.log(
    `\nno-face-dev: ${things.length} finds with reliability above 0.1, ${amongThings.falseMatches[2]} matches among them at strict`,
  );
  bars.push(bar('animals and things that match at strict', amongThings.falseMatches[2]!, { most: 0 }));
  await writeResults('confidence', {
    versions: { nearface: await packageVersion('nearface') },
    figures: {
      protocol: PROTOCOL,
      cells: cells.map(([name, cell]) => ({ name, ...cell })),
      within,
      photos,
      things: things.length,
    },
    bars,
  });
}

async function readEntry(model: string | undefined): Promise<ModelEntry> {
  const manifest = JSON.parse(
    await readFile(join(libraryFolder(), 'models/manifest.json'), 'utf8'),
  ) as ModelManifest;
  const id = model ?? manifest.defaults.embedding;
  const found = manifest.models.find((entry) => entry.id === id);
  if (!found?.calibration) throw new Error(`the manifest has no calibrated model ${id}`);
  return found;
}

function confidenceBy({ calibration }: ModelEntry): ConfidenceOf {
  const pairs = new PairConfidence(calibration!);
  return (cosine, a, b) => pairs.confidence(cosine, a, b);
}

/** Shows photos to the library, `ways` of making each worse besides. */
async function seeAll(
  { data, model }: Options,
  set: string,
  photos: readonly {
    readonly image: string;
    readonly ways?: readonly Degradation[];
    readonly all?: boolean;
  }[],
): Promise<ReadonlyMap<string, readonly SeenFace[]>> {
  const folders = { '/photos/': join(data, set, 'images') };
  return withPage('bench/confidence/page.ts', folders, async (page) => {
    const seen = new Map<string, readonly SeenFace[]>();
    await page.evaluate((id) => confidencePage.start(id), model);
    for (const [i, { image, ways = [], all = false }] of photos.entries()) {
      if (i % 250 === 0) console.error(`${set}: ${i} of ${photos.length}`);
      const ask = [image, ways, all] as const;
      seen.set(image, await page.evaluate((args) => confidencePage.see(...args), ask));
    }
    return seen;
  });
}

function toSample(image: string, person: string, { embedding, reliability, way }: SeenFace): Seen {
  return { image, person, embedding: Float32Array.from(embedding), reliability, way };
}

/** The second half of the people; copies made worse of one photo of each person, then of others. */
async function seeLfw(images: readonly string[], options: Options): Promise<readonly Seen[]> {
  const people = [...new Set(images.map(personOf))].sort();
  const measured = new Set(people.filter((_, i) => i % 2 === 1));
  const chosen = images.filter((image) => measured.has(personOf(image)));
  const firsts = chosen.filter((image, i) => personOf(chosen[i - 1] ?? '') !== personOf(image));
  const again = chosen.filter((image) => !firsts.includes(image));
  // Photos of people who have several, so that genuine pairs are there.
  const several = firsts.filter((image) => again.some((other) => personOf(other) === personOf(image)));
  const copied = new Set([...several, ...firsts, ...again].slice(0, options.worse));
  const ways = CONDITIONS.map(([, how], i) => ({ seed: i + 1, ...how }));
  const photos = chosen.map((image) => ({ image, ways: copied.has(image) ? ways : [] }));
  const seen = await seeAll(options, 'lfw-dev', photos);
  return [...seen].flatMap(([image, faces]) => faces.map((face) => toSample(image, personOf(image), face)));
}

/** A condition against photos as they are, and against itself and all later ones. */
function conditionCells(faces: readonly Seen[], confidenceOf: ConfidenceOf): NamedCell[] {
  const clean = faces.filter(({ way }) => way === -1);
  const of = CONDITIONS.map((_, way) => faces.filter((face) => face.way === way));
  const cells: NamedCell[] = [['as it is', countPairs(clean, clean, confidenceOf)]];
  CONDITIONS.forEach(([name], i) => {
    cells.push([`${name} / as it is`, countPairs(of[i]!, clean, confidenceOf)]);
    CONDITIONS.forEach(([other], j) => {
      if (j >= i) cells.push([`${name} / ${other}`, countPairs(of[i]!, of[j]!, confidenceOf)]);
    });
  });
  return cells;
}

async function seeUtkface(options: Options): Promise<ReadonlyMap<string, readonly Sample[]>> {
  const lines = (await readFile(join(options.data, 'utkface-dev', 'labels.csv'), 'utf8'))
    .trim()
    .split('\n')
    .slice(1);
  const labelled = lines
    .map((line) => line.split(','))
    .map(([image, age, , group]) => ({ image: image!, age: Number(age), group: group! }));
  const measured = labelled.filter(({ image }) => Number.parseInt(image) % 2 === 1);
  const seen = await seeAll(options, 'utkface-dev', measured);
  const groups = new Map<string, Sample[]>();
  for (const { image, age, group } of measured) {
    const [face] = seen.get(image) ?? [];
    if (!face) continue;
    const name = age < 13 ? 'under 13' : age > 70 ? 'over 70' : age < 18 ? undefined : group;
    if (name !== undefined) groups.set(name, [...(groups.get(name) ?? []), toSample(image, image, face)]);
  }
  return groups;
}

/** Whether two photos are of one person who is there several times, as they were looked at. */
async function readSame(): Promise<(a: Sample, b: Sample) => boolean> {
  const text = await readFile(new URL('utkface-same.json', import.meta.url), 'utf8');
  const same = new Set(
    (JSON.parse(text) as readonly (readonly [string, string])[]).map((pair) => [...pair].sort().join(' ')),
  );
  return (a, b) => same.has([a.image, b.image].sort().join(' '));
}

async function seeGroups(options: Options): Promise<ReadonlyMap<string, readonly Sample[]>> {
  const images = await readdir(join(options.data, 'groups-dev', 'images'));
  const seen = await seeAll(
    options,
    'groups-dev',
    images.filter((image) => !image.includes('img4')).map((image) => ({ image, all: true })),
  );
  return new Map(
    [...seen].map(([image, faces]) => [
      image,
      faces.map((face, i) => toSample(image, `${image} ${i}`, face)),
    ]),
  );
}

function groupPhotoCells(
  photos: ReadonlyMap<string, readonly Sample[]>,
  confidenceOf: ConfidenceOf,
): NamedCell[] {
  return [...photos].map(([image, faces]) => [image, countPairs(faces, faces, confidenceOf)] as const);
}

/** What is found where nobody is, and would be enrolled by default. */
async function seeThings(options: Options): Promise<readonly Sample[]> {
  const images = await readdir(join(options.data, 'no-face-dev', 'images'));
  const seen = await seeAll(
    options,
    'no-face-dev',
    images.map((image) => ({ image, all: true })),
  );
  return [...seen]
    .flatMap(([image, faces]) => faces.map((face, i) => toSample(image, `${image} ${i}`, face)))
    .filter(({ reliability }) => reliability >= 0.1);
}

await main();
