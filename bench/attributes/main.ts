/**
 * `npm run bench:attributes [-- --most N] [--people N] [--no-traits] [--drawn-glasses N] [--helmets]`: what the built library says of faces, in headless
 * Chromium, against the labels of the development sets. `--most` photos of utkface-dev, evenly chosen, and the first `--people` of lfw-dev.
 * With `--drawn-glasses`, that alone: glasses of each kind drawn on N faces. With `--helmets`, those alone.
 */
import { access, readFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import type { ModelManifest } from '../../src/core/manifest.ts';
import { readLfwDev, type VerificationData } from '../harness/lfw.ts';
import { dataFolder, evenly, readLabels } from '../../tools/data-sets.ts';
import { type GroupErrors, verificationByGroup } from './fairness.ts';
import {
  AGE_GROUPS,
  confusionOf,
  type Emotion,
  EMOTIONS,
  errorsOf,
  type JudgedPerson,
  nameOfGroup,
} from './measures.ts';
import type { SeenPhoto } from './page.ts';
import { seeAll } from './see.ts';
import { measureDrawnGlasses } from './drawn.ts';
import { measureHelmets } from './helmets.ts';
import { measureTraits, type TraitsMeasures } from './traits.ts';
import { readEmotionFolds } from './emotion-folds.ts';
import { bar, type Bar, packageVersion, writeResults } from '../harness/results.ts';
import { printTable } from '../harness/table.ts';

const GENDER_BAR = 0.93;
const AGE_BAR = 7;
const EMOTION_BAR = 0.6;
/** The threshold named `medium`. */
const MEDIUM_FMR = 1e-3;
/** Photos of celeba-dev for a second look at gender, and the column that has it. */
const CELEBA_PHOTOS = 500;
const CELEBA_MALE = 3;

type Labels = ReadonlyMap<string, readonly string[]>;

/** What a part of the benchmark found. */
interface Part {
  readonly figures: unknown;
  readonly bars: readonly Bar[];
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      most: { type: 'string', default: '2000' },
      people: { type: 'string', default: '2000' },
      'no-traits': { type: 'boolean', default: false },
      'drawn-glasses': { type: 'string' },
      helmets: { type: 'boolean', default: false },
    },
  });
  if (values['drawn-glasses']) {
    const { figures, bars } = await reportDrawnGlasses(Number(values['drawn-glasses']));
    const versions = { nearface: await packageVersion('nearface') };
    return writeResults('attributes-drawn-glasses', { versions, figures: { drawn: figures }, bars });
  }
  if (values.helmets) {
    const { figures, bars } = reportWorn(await measureHelmets(dataFolder()));
    const versions = { nearface: await packageVersion('nearface') };
    return writeResults('attributes-helmets', { versions, figures: { helmets: figures }, bars });
  }
  const [utkface, emotion, celeba, lfw] = [
    await readLabels('utkface-dev'),
    await readLabels('emotion-dev'),
    await readLabels('celeba-dev'),
    await readLfwDev(),
  ];
  if (!utkface || !emotion || !celeba || !lfw) {
    console.log(
      `Skipped: no utkface-dev, emotion-dev, celeba-dev and lfw-dev under ${dataFolder()}; NEARFACE_DATA names another folder.`,
    );
    return;
  }
  await access(`${process.env['NEARFACE_DIST'] ?? 'dist'}/nearface.js`).catch(() => {
    console.error('no dist/: npm run build first');
    process.exit(1);
  });
  const startMs = performance.now();
  const folds = await readEmotionFolds([...emotion.keys()]);
  const { photos, timings } = await seeAll(dataFolder(), [
    {
      set: 'utkface-dev',
      images: evenly([...utkface.keys()].sort(), Number(values.most)),
      groups: ['demographics'],
    },
    { set: 'celeba-dev', images: evenly([...celeba.keys()].sort(), CELEBA_PHOTOS), groups: ['demographics'] },
    {
      set: 'lfw-dev',
      images: lfw.images.slice(0, Number(values.people)),
      groups: ['demographics'],
      embed: true,
    },
    ...folds.map((fold) => ({ set: 'emotion-dev', groups: ['emotions'], ...fold }) as const),
  ]);
  const [ofUtkface, ofCeleba, ofLfw, ...ofFolds] = photos as [SeenPhoto[], SeenPhoto[], SeenPhoto[]];
  console.log(`median ms per stage: ${JSON.stringify(timings)}`);
  const people = reportPeople(ofUtkface, utkface);
  const celebrities = reportCelebrities(ofCeleba, celeba);
  const emotions = reportEmotions(ofFolds.flat(), emotion);
  const verification = await reportVerification(ofLfw, lfw);
  const traits = values['no-traits'] ? { figures: null, bars: [] } : await reportTraits();
  await writeResults('attributes', {
    versions: { nearface: await packageVersion('nearface') },
    figures: {
      timings,
      seconds: (performance.now() - startMs) / 1000,
      people: people.figures,
      celebrities,
      emotions: emotions.figures,
      verification,
      traits: traits.figures,
    },
    bars: [...people.bars, ...emotions.bars, ...traits.bars],
  });
}

function reportPeople(photos: readonly SeenPhoto[], labels: Labels): Part {
  const people = photos.map(({ image, face }): JudgedPerson => {
    const [age, gender] = labels.get(image)!;
    return {
      age: Number(age),
      gender: gender as 'male' | 'female',
      saidAge: face?.age,
      saidGender: face?.gender,
    };
  });
  const between = (from: number, to: number): JudgedPerson[] =>
    people.filter(({ age }) => age >= from && age < to);
  const groups = [
    ...AGE_GROUPS.map((group) => [nameOfGroup(group), between(...group)] as const),
    ...(['male', 'female'] as const).map(
      (name) => [name, people.filter(({ gender }) => gender === name)] as const,
    ),
    ...(['male', 'female'] as const).map(
      (name) => [`${name}, 18–70`, between(18, 71).filter(({ gender }) => gender === name)] as const,
    ),
    ['18–70', between(18, 71)] as const,
    ['1–90', between(1, 91)] as const,
  ];
  const rows = groups.map(([name, some]) => ({ name, ...errorsOf(some) }));
  console.log(`\nutkface-dev, ${people.length} photos: errors of age and gender by labelled age and gender`);
  printTable(
    ['group', 'people', 'not found', 'age error', 'age bias', 'gender right %'],
    rows.map(({ name, count, missed, ageError, ageBias, genderRight }) => [
      name,
      count,
      missed,
      ageError.toFixed(2),
      ageBias.toFixed(2),
      percent(genderRight),
    ]),
  );
  const [adults, all] = [rows.at(-2), rows.at(-1)];
  const bars = [
    bar('gender on utkface-dev, ages 18–70, faces not found counted as wrong', adults.genderRight, {
      least: GENDER_BAR,
    }),
    bar('age mean absolute error on utkface-dev, ages 1–90, faces found', all.ageError, { most: AGE_BAR }),
  ];
  return { figures: rows, bars };
}

/** Gender on photos from another source than utkface-dev, which the weights' authors name among what they trained on. */
function reportCelebrities(photos: readonly SeenPhoto[], labels: Labels): Record<string, number> {
  const judged = photos.map(({ image, face }) => ({
    label: labels.get(image)![CELEBA_MALE] === '1' ? 'male' : 'female',
    said: face?.gender,
  }));
  const share = (label?: string): number => {
    const some = judged.filter((person) => label === undefined || person.label === label);
    return some.filter((person) => person.said === person.label).length / some.length;
  };
  const missed = judged.filter(({ said }) => said === undefined).length;
  const figures = {
    photos: photos.length,
    missed,
    right: share(),
    male: share('male'),
    female: share('female'),
  };
  console.log(
    `\nceleba-dev, ${photos.length} photos, ${missed} faces not found: gender right ${percent(figures.right)} %`,
  );
  console.log(`of men ${percent(figures.male)} %, of women ${percent(figures.female)} %`);
  return figures;
}

function reportEmotions(photos: readonly SeenPhoto[], labels: Labels): Part {
  const pairs = photos.map(({ image, face }): readonly [Emotion, Emotion | undefined] => {
    const label = EMOTIONS[labels.get(image)![0] as keyof typeof EMOTIONS];
    const said = Object.values(EMOTIONS).toSorted(
      (a, b) => (face?.emotions?.[b] ?? 0) - (face?.emotions?.[a] ?? 0),
    )[0];
    return [label, face?.emotions && said];
  });
  const every = confusionOf(pairs);
  const found = confusionOf(pairs.filter(([, said]) => said !== undefined));
  console.log(
    `\nemotion-dev, ${pairs.length} photos, each by layers fitted on nine tenths without its person: rows are labels`,
  );
  printTable(
    ['', ...every.names, 'none told'],
    every.names.map((name, i) => [name, ...every.counts[i]!.map(String)]),
  );
  console.log(
    `balanced accuracy ${percent(every.balancedAccuracy)} %; of faces found ${percent(found.balancedAccuracy)} %`,
  );
  const name = 'emotions on emotion-dev, cross-validated balanced accuracy, faces not found counted as wrong';
  return { figures: { every, found }, bars: [bar(name, every.balancedAccuracy, { least: EMOTION_BAR })] };
}

async function reportVerification(
  photos: readonly SeenPhoto[],
  { pairs }: VerificationData,
): Promise<readonly GroupErrors[]> {
  const { models, defaults } = JSON.parse(await readFile('models/manifest.json', 'utf8')) as ModelManifest;
  const { calibration } = models.find(({ id }) => id === defaults.embedding)!;
  const threshold = calibration!.points.find(({ fmr }) => fmr === MEDIUM_FMR)!.cosine;
  const rows = verificationByGroup(photos, pairs, threshold);
  console.log(
    `\nlfw-dev, ${photos.length} photos: verification errors at medium (cosine ${threshold}) by PREDICTED gender and age`,
  );
  printTable(
    ['group', 'photos', 'impostor pairs', 'FMR %', 'genuine pairs', 'FNMR %'],
    rows.map(({ group, photos: count, impostorPairs, falseMatchRate, genuinePairs, falseNonMatchRate }) => [
      group,
      count,
      impostorPairs,
      percent(falseMatchRate, 3),
      genuinePairs,
      percent(falseNonMatchRate),
    ]),
  );
  return rows;
}

async function reportTraits(): Promise<Part> {
  const [traits, helmets] = [await measureTraits(dataFolder(), 1000), await measureHelmets(dataFolder())];
  return reportWorn({ rows: [...traits.rows, ...helmets.rows], bars: [...traits.bars, ...helmets.bars] });
}

function reportWorn({ rows, bars }: TraitsMeasures): Part {
  console.log('\nwhat is worn, masks and covered parts');
  printTable(
    ['what', 'count', 'figure'],
    rows.map(({ what, count, value }) => [what, count, value.toFixed(4)]),
  );
  return { figures: rows, bars };
}

async function reportDrawnGlasses(faces: number): Promise<Part> {
  const { rows, bars } = await measureDrawnGlasses(dataFolder(), faces);
  console.log('\nglasses drawn on faces that were not fitted on: what they are said to be, %');
  printTable(
    ['drawn', 'faces', 'without', 'transparent', 'sunglasses', 'not found'],
    rows.map(({ drawn, count, without, transparent, sunglasses, lost }) => [
      drawn,
      count,
      ...[without, transparent, sunglasses, lost].map((share) => percent(share, 1)),
    ]),
  );
  return { figures: rows, bars };
}

function percent(share: number, digits: number = 2): string {
  return Number.isNaN(share) ? '–' : (100 * share).toFixed(digits);
}

await main();
