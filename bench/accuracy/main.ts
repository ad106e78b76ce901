/**
 * `npm run bench:accuracy [-- --calibrate] [--mode fast|accurate|auto] [--faces biggest] [--model ID|ENTRY.json]`:
 * face verification on lfw-dev with the built library in headless Chromium, from whole photos. `--calibrate` is for models that nothing was fitted to.
 */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { Calibration, ModelEntry, ModelManifest } from '../../src/index.ts';
import { PairConfidence } from '../../src/core/pair-confidence.ts';
import { personOf, readLfwDev, type VerificationData } from '../harness/lfw.ts';
import { type EmbeddedData, embedAll } from '../harness/embed.ts';
import { LEAST_PHOTOS, measureOpenSet, type OpenSetRates } from './open-set.ts';
import { measure, type Measures, tarAt } from './measures.ts';
import type { AskFor, EmbeddedPhoto } from '../harness/embed-page.ts';
import { subjectOf, type SubjectRule } from '../harness/subject.ts';
import { CATALOGUE } from '../../model-factory/convert/catalogue.ts';
import { bar, packageVersion, writeResults } from '../harness/results.ts';
import { printTable } from '../harness/table.ts';
import { libraryFolder, requireLibrary } from '../../tools/pages.ts';

const ACCURACY_BAR = 0.993;
const TAR_BAR = 0.98;
const BAR_FMR = 1e-3;
const FPIR = 0.01;
/** By which templates must lessen the misses of single faces. */
const FEWER_MISSES_BAR = 1 / 3;
/** Ways of choosing the strangers. */
const OPEN_SET_ROUNDS = 12;

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      calibrate: { type: 'boolean' },
      mode: { type: 'string' },
      faces: { type: 'string' },
      model: { type: 'string' },
    },
  });
  const data = await readLfwDev();
  if (!data) {
    console.log(
      'Skipped: no lfw-dev (images/ and pairs.csv) under ../shared/data or the folder named by NEARFACE_DATA.',
    );
    return;
  }
  await requireLibrary();
  const ask = { faces: values.faces ?? 'all', ...(values.mode ? { mode: values.mode } : {}) } as AskFor;
  const embedded = await embedAll(data, ask, await readModel(values.model));
  const rules = ask.faces === 'biggest' ? (['biggest'] as const) : (['centre', 'biggest'] as const);
  const measures = rules.map((rule) => measure(embedded.photos, data.pairs, rule));
  print(data, embedded, measures, ask);
  const openSet = await openSetOf(embedded, rules[0]);
  if (openSet) printOpenSet(openSet);
  if (values.calibrate) await writeCalibration(data, embedded, measures[0]!);
  await report(data, embedded, measures, ask, openSet);
}

/** A model's id, or the entry in a JSON file. */
async function readModel(given: string | undefined): Promise<string | ModelEntry | undefined> {
  if (!given?.endsWith('.json')) return given;
  return JSON.parse(await readFile(given, 'utf8')) as ModelEntry;
}

function print(
  data: VerificationData,
  embedded: EmbeddedData,
  measures: readonly Measures[],
  ask: AskFor,
): void {
  const { photos, info, seconds, timings } = embedded;
  console.log(
    `\n${data.name}: ${photos.length} photos, ${data.pairs.length} pairs; ${info.embedding.modelId} on ${info.backend}, ` +
      `embed with ${JSON.stringify(ask)}; ${seconds.toFixed(0)} s`,
  );
  console.log(`median ms per stage: ${JSON.stringify(timings)}\n`);
  printTable(
    [
      'face taken',
      'accuracy %',
      'pairs: TAR % at 1e-3',
      'EER %',
      'all: TAR % at 1e-3',
      'at 1e-4',
      'at 1e-5',
      'EER %',
    ],
    measures.map(({ rule, accuracy, pairs, all }) => [
      rule,
      percent(accuracy.mean),
      percent(tarAt(pairs.roc, 1e-3)),
      percent(pairs.eer),
      ...[1e-3, 1e-4, 1e-5].map((fmr) => percent(tarAt(all.roc, fmr))),
      percent(all.eer),
    ]),
  );
  const [{ all }] = measures as readonly [Measures];
  console.log(
    `\nCosine at each false match rate, from ${all.impostor} pairs of different people (${all.genuine} of one)`,
  );
  printTable(
    ['FMR', 'cosine', 'TAR %'],
    all.roc.map(({ fmr, threshold, tar }) => [fmr.toExponential(0), threshold.toFixed(4), percent(tar)]),
  );
  for (const { image, error } of photos.filter(({ faces }) => !faces.length))
    console.log(`no face: ${image}${error ? ` (${error})` : ''}`);
}

/** Identification of known people among strangers; nothing for a model without a calibration. */
async function openSetOf(
  { photos, info }: EmbeddedData,
  rule: SubjectRule,
): Promise<readonly OpenSetRates[] | undefined> {
  const manifest = await readFile(join(libraryFolder(), 'models/manifest.json'), 'utf8');
  const { models } = JSON.parse(manifest) as ModelManifest;
  const calibration = models.find(({ id }) => id === info.embedding.modelId)?.calibration;
  if (!calibration) return undefined;
  const pairs = new PairConfidence(calibration);
  const faceOf = (photo: EmbeddedPhoto): Parameters<typeof measureOpenSet>[0] => {
    const face = subjectOf(photo, rule);
    if (!face) return [];
    const { embedding, reliability = pairs.assumed } = face;
    return [{ person: personOf(photo.image), embedding: Float32Array.from(embedding), reliability }];
  };
  return measureOpenSet(photos.flatMap(faceOf), {
    confidenceOf: (cosine, a, b) => pairs.confidence(cosine, a, b),
    levelFor: (size) => {
      const level = PairConfidence.levelFor({ fpir: FPIR }, pairs, size);
      return level.by === 'confidence' ? level.confidence : 1;
    },
    fpir: FPIR,
    rounds: OPEN_SET_ROUNDS,
  });
}

function fewerMisses(rates: readonly OpenSetRates[]): number {
  const [single, template] = rates as readonly [OpenSetRates, OpenSetRates];
  return 1 - template.fnir / single.fnir;
}

function printOpenSet(rates: readonly OpenSetRates[]): void {
  console.log(
    `\nOpen set: people with ${LEAST_PHOTOS} photos and more, half of them strangers, ${OPEN_SET_ROUNDS} times; FPIR ${FPIR}`,
  );
  printTable(
    ['compared with', 'FNIR %', 'least and most %', 'confidence there', `FPIR % at { fpir: ${FPIR} }`],
    rates.map(({ by, fnir, rounds, confidence, fpirAtOwnLevel }) => [
      by,
      percent(fnir),
      `${percent(Math.min(...rounds))} to ${percent(Math.max(...rounds))}`,
      confidence.toFixed(3),
      percent(fpirAtOwnLevel),
    ]),
  );
  console.log(`fewer misses by templates: ${percent(fewerMisses(rates))} %`);
}

function percent(share: number): string {
  return (100 * share).toFixed(2);
}

/** `model-factory/convert` merges the file into `models/manifest.json`. */
async function writeCalibration(
  data: VerificationData,
  embedded: EmbeddedData,
  { all }: Measures,
): Promise<void> {
  const { modelId } = embedded.info.embedding;
  if (CATALOGUE.some(({ fitted }) => fitted?.some(({ id }) => id === modelId))) {
    console.error(`${modelId} is calibrated by model-factory/train/reliability.py, by reliability too`);
    process.exitCode = 1;
    return;
  }
  const calibration: Calibration = {
    points: all.roc.map(({ fmr, threshold }) => ({ fmr, cosine: Number(threshold.toFixed(4)) })),
    measuredOn: `${data.name}: ${data.images.length} LFW photos (deep-funneled, 250×250), the face nearest to the centre of each, all pairs of photos of different people`,
    impostorPairs: all.impostor,
  };
  const folder = join('model-factory', 'convert', 'calibration');
  await mkdir(folder, { recursive: true });
  const file = join(folder, `${modelId}.json`);
  await writeFile(file, `${JSON.stringify(calibration, null, 2)}\n`);
  console.log(`\n${file}`);
}

async function report(
  data: VerificationData,
  embedded: EmbeddedData,
  measures: readonly Measures[],
  ask: AskFor,
  openSet: readonly OpenSetRates[] | undefined,
): Promise<void> {
  const { photos, info, seconds, timings } = embedded;
  const withoutFace = photos.filter(({ faces }) => !faces.length);
  const severalFaces = photos.filter(({ faces }) => faces.length > 1).length;
  const [{ accuracy, pairs, all }] = measures as readonly [Measures];
  const versions = {
    nearface: await packageVersion('nearface'),
    'onnxruntime-web': await packageVersion('onnxruntime-web'),
    ...Object.fromEntries(info.models.map(({ id, version }) => [id, version])),
  };
  const protocol =
    `${data.name}: whole photos, the face nearest to the centre of each (LFW's subject), ${data.pairs.length} pairs in folds with the threshold ` +
    `from the other folds; TAR once over the protocol's pairs, once over all pairs of the set`;
  await writeResults('accuracy', {
    versions,
    figures: {
      protocol,
      ask,
      info,
      timings,
      seconds,
      severalFaces,
      withoutFace: withoutFace.map(({ image }) => image),
      measures,
      ...(openSet && { openSet }),
    },
    bars: [
      bar('verification accuracy', accuracy.mean, { least: ACCURACY_BAR }),
      bar(`TAR at FMR 1e-3, ${data.pairs.length} pairs`, tarAt(pairs.roc, BAR_FMR), { least: TAR_BAR }),
      bar(`TAR at FMR 1e-3, all ${all.impostor} impostor pairs`, tarAt(all.roc, BAR_FMR), { least: TAR_BAR }),
      bar('photos without a face', withoutFace.length, { most: 0 }),
      ...(openSet
        ? [bar(`open set at FPIR ${FPIR}: fewer misses`, fewerMisses(openSet), { least: FEWER_MISSES_BAR })]
        : []),
    ],
  });
}

await main();
