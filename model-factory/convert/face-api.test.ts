/** The converted face-api networks against face-api itself, on TF.js' CPU backend. */
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as ort from 'onnxruntime-web/wasm';
import { beforeAll, expect, it, vi } from 'vitest';
import type { ModelEntry, ModelManifest } from '../../src/core/manifest.ts';
import type { Head } from './face-api-reader.ts';
import { readFaceApi } from './face-api-reader.ts';
import { inputOf, largestDifference, readCrops } from './goldens.ts';

type FaceApi = typeof import('@vladmandic/face-api');

const models = fileURLToPath(new URL('../../models/', import.meta.url));
const folder = join(dirname(createRequire(import.meta.url).resolve('@vladmandic/face-api')), '..');
/** Two of the recorded crops, as the models take them. */
const CHOSEN = [0, 2];

let faceApi: FaceApi;
let crops: Uint8Array[];
let manifest: ModelManifest;

beforeAll(async () => {
  ort.env.wasm.numThreads = 1;
  // Its bundled TF.js starts in a browser, or in a Node with parts that this one has no more.
  vi.stubGlobal('window', { document: {} });
  faceApi = (await import(join(folder, 'dist/face-api.esm.js'))) as FaceApi;
  vi.unstubAllGlobals();
  // Its own types leave setBackend out.
  await (faceApi.tf as unknown as { setBackend: (name: string) => Promise<boolean> }).setBackend('cpu');
  crops = await readCrops();
  manifest = JSON.parse(await readFile(join(models, 'manifest.json'), 'utf8')) as ModelManifest;
}, 90_000);

function entryOf(id: string): ModelEntry {
  const entry = manifest.models.find((model) => model.id === id);
  if (entry === undefined) throw new Error(`no model is called ${id}`);
  return entry;
}

/** The committed model's outputs by name, the crops one after the other. */
async function converted(entry: ModelEntry): Promise<Record<string, Float32Array>> {
  const session = await ort.InferenceSession.create(await readFile(join(models, entry.file)));
  const input = new Float32Array(CHOSEN.flatMap((index) => [...inputOf(crops[index]!, entry.input)]));
  const shape = [CHOSEN.length, entry.input.channels === 'grey' ? 1 : 3, ...entry.input.size];
  const outputs = await session.run({ input: new ort.Tensor('float32', input, shape) });
  await session.release();
  return Object.fromEntries(Object.entries(outputs).map(([name, { data }]) => [name, data as Float32Array]));
}

/** The crops as face-api takes them: RGB, 0..255, all three the same where the model takes grey. */
function originalInput({ input }: ModelEntry): InstanceType<FaceApi['NetInput']> {
  const tensors = CHOSEN.map((index) => {
    const values = inputOf(crops[index]!, input, 'nhwc').map((value) => value * input.std + input.mean);
    const grey = input.channels === 'grey';
    const rgb = grey
      ? Float32Array.from({ length: 3 * values.length }, (_, i) => values[Math.floor(i / 3)]!)
      : values;
    return faceApi.tf.tensor4d(rgb, [1, ...input.size, 3]);
  });
  return new faceApi.NetInput(tensors);
}

async function weightsOf(name: string): Promise<never> {
  const json = await readFile(join(folder, `model/${name}-weights_manifest.json`), 'utf8');
  const bytes = await readFile(join(folder, `model/${name}.bin`));
  const specs = (JSON.parse(json) as { weights: never[] }[]).flatMap(({ weights }) => weights);
  const data = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length);
  return faceApi.tf.io.decodeWeights(data, specs) as never;
}

it('age-gender gives what face-api gives', { timeout: 180_000 }, async () => {
  const entry = entryOf('age-gender');
  const { age, gender } = await converted(entry);
  const net = new faceApi.AgeGenderNet();
  net.loadFromWeightMap(await weightsOf('age_gender_model'));
  const original = net.runNet(originalInput(entry));
  const years = largestDifference(age!, (await original.age.data()) as Float32Array);
  const logits = largestDifference(gender!, (await original.gender.data()) as Float32Array);
  console.log(
    `age-gender: largest difference ${years.toExponential(1)} years, ${logits.toExponential(1)} of a logit`,
  );
  expect(years).toBeLessThan(0.1);
  expect(logits).toBeLessThan(0.05);
});

it('expression gives what face-api’s features give with the fitted head', { timeout: 180_000 }, async () => {
  const entry = entryOf('expression');
  const { emotions } = await converted(entry);
  const net = new faceApi.FaceExpressionNet();
  net.loadFromWeightMap(await weightsOf('face_expression_model'));
  const features = (await net.faceFeatureExtractor.forwardInput(originalInput(entry)).data()) as Float32Array;
  const head = JSON.parse(await readFile(new URL('../train/emotions.json', import.meta.url), 'utf8')) as Head;
  const expected = CHOSEN.flatMap((_, row) =>
    head.bias.map((bias, column) =>
      features
        .subarray(256 * row, 256 * (row + 1))
        .reduce((sum, feature, i) => sum + feature * head.weights[7 * i + column]!, bias),
    ),
  );
  const difference = largestDifference(emotions!, Float32Array.from(expected));
  console.log(`expression: largest difference ${difference.toExponential(1)} of a logit`);
  expect(difference).toBeLessThan(0.05);
});

it('weights that end too early, or have something left over, are refused', async () => {
  const json = await readFile(join(folder, 'model/face_expression_model-weights_manifest.json'), 'utf8');
  const bytes = new Uint8Array(await readFile(join(folder, 'model/face_expression_model.bin')));
  const input = { channels: 'rgb', mean: 114 } as const;
  const longer = new Uint8Array(bytes.length + 1);
  longer.set(bytes);
  expect(() => readFaceApi(json, bytes.subarray(0, -8), input)).toThrow(/too early|damaged/);
  expect(() => readFaceApi(json, longer, input)).toThrow(/left over/);
});
