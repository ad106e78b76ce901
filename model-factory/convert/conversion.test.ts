import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as ort from 'onnxruntime-web/wasm';
import { beforeAll, describe, expect, it } from 'vitest';
import type { ModelEntry, ModelManifest } from '../../src/core/manifest.ts';
import { secondOf } from '../../src/runtime/fused-session.ts';
import { readMatrix } from './projection.ts';
import { trainedFile } from './trained-reader.ts';
import { largestDifference, inputOf, readCrops, readGoldens } from './goldens.ts';

const models = fileURLToPath(new URL('../../models/', import.meta.url));
let manifest: ModelManifest;
let crops: Uint8Array[];

beforeAll(async () => {
  ort.env.wasm.numThreads = 1;
  manifest = JSON.parse(await readFile(join(models, 'manifest.json'), 'utf8')) as ModelManifest;
  crops = await readCrops();
});

function entryOf(id: string): ModelEntry {
  const entry = manifest.models.find((model) => model.id === id);
  if (entry === undefined) throw new Error(`no model is called ${id}`);
  return entry;
}

/** The committed model's outputs by name for the chosen crops, run as one batch. */
async function run(entry: ModelEntry, chosen: readonly number[]): Promise<Record<string, Float32Array>> {
  const session = await ort.InferenceSession.create(await readFile(join(models, entry.file)));
  const [width, height] = entry.input.size;
  const inputs = chosen.map((index) => inputOf(crops[index] ?? new Uint8Array(), entry.input));
  const joined = new Float32Array(inputs.flatMap((input) => [...input]));
  const shape = [chosen.length, entry.input.channels === 'grey' ? 1 : 3, height, width];
  const outputs = await session.run({
    [entry.input.name ?? 'input']: new ort.Tensor('float32', joined, shape),
  });
  await session.release();
  return Object.fromEntries(
    Object.entries(outputs).map(([name, tensor]) => [name, tensor.data as Float32Array]),
  );
}

/**
 * Largest absolute difference allowed, by output: about twice what was measured. Where weights are half precision, as the source's were, only the order of sums
 * differs; the others differ by the rounding of the weights to bytes.
 */
const TOLERANCE: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  'blazeface-short': { boxes: 1e-3, scores: 1e-3 },
  'blazeface-full': { boxes: 1e-3, scores: 1e-3 },
  'face-landmark': { points: 0.7, presence: 0.3 },
  mobilefacenet: { embedding: 0.7 },
};

describe('the manifest', () => {
  it('has the digest and the size of every file', async () => {
    for (const { id, fusedWith, ...entry } of manifest.models)
      for (const { file, sha256, bytes } of fusedWith ? [entry, fusedWith] : [entry]) {
        const content = await readFile(join(models, file));
        expect(createHash('sha256').update(content).digest('hex'), id).toBe(sha256);
        expect(content.length, id).toBe(bytes);
      }
  });

  it('names a model of the right role as each default', () => {
    for (const [role, id] of Object.entries(manifest.defaults)) expect(entryOf(id).role).toBe(role);
  });
});

describe('a model converted from TFLite', () => {
  for (const id of ['blazeface-short', 'blazeface-full', 'face-landmark', 'mobilefacenet']) {
    it(`${id} gives what @tensorflow/tfjs-tflite gives`, { timeout: 90_000 }, async () => {
      const goldens = await readGoldens(id);
      const outputs = await run(entryOf(id), goldens[0]?.crops ?? []);
      expect(goldens.map(({ name }) => name)).toEqual(entryOf(id).outputs);
      for (const { name, data } of goldens) {
        const difference = largestDifference(outputs[name] ?? new Float32Array(), data);
        console.log(`${id} ${name}: largest difference ${difference.toExponential(1)}`);
        expect(difference, name).toBeLessThan(TOLERANCE[id]?.[name] ?? 0);
      }
    });
  }

  it('mobilefacenet points the same way as the original', async () => {
    const [golden] = await readGoldens('mobilefacenet');
    const { embedding } = await run(entryOf('mobilefacenet'), golden?.crops ?? []);
    for (const index of golden?.crops ?? []) {
      const range = [192 * index, 192 * (index + 1)] as const;
      const angle = cosine(embedding?.slice(...range), golden?.data.slice(...range));
      console.log(`mobilefacenet, crop ${index}: cosine ${angle.toFixed(7)}`);
      expect(angle).toBeGreaterThan(0.9995);
    }
  });
});

describe('fused', () => {
  it('has a second network that points where the original does, seen through the fitted matrix', async () => {
    const [golden] = await readGoldens('fr-feature');
    const { fusedWith } = entryOf('fused');
    const chosen = golden!.crops;
    const second = { ...secondOf(entryOf('fused'), fusedWith!), outputs: fusedWith!.outputs };
    const { embedding } = await run(second, chosen);
    const rows = readMatrix(await trainedFile('fused.weights'), 512);
    expect(rows).toHaveLength(fusedWith!.dimension);
    chosen.forEach((_, i) => {
      const original = golden!.data.subarray(512 * i, 512 * (i + 1));
      const seen = rows.map((row) => row.reduce((sum, weight, k) => sum + weight * original[k]!, 0));
      const own = embedding!.slice(rows.length * i, rows.length * (i + 1));
      const angle = cosine(own, Float32Array.from(seen));
      console.log(`fr-feature, crop ${i}: cosine ${angle.toFixed(7)}`);
      expect(angle).toBeGreaterThan(0.99999);
    });
  });
});

describe.each([
  ['face-traits', 0.1],
  ['face-occlusion', 0.2],
] as const)('%s', (id, tolerance) => {
  it('gives what PyTorch gives with the same weights', async () => {
    const goldens = await readGoldens(id);
    const outputs = await run(entryOf(id), goldens[0]?.crops ?? []);
    expect(goldens.map(({ name }) => name)).toEqual(entryOf(id).outputs);
    for (const { name, data } of goldens) {
      expect(outputs[name]?.length).toBe(data.length);
      const difference = largestDifference(outputs[name] ?? new Float32Array(), data);
      console.log(`${id} ${name}: largest difference ${difference.toExponential(1)} of a logit`);
      expect(difference, name).toBeLessThan(tolerance);
    }
  });
});

describe('face-liveness', () => {
  it('gives what the published file gives', async () => {
    const [golden] = await readGoldens('face-liveness');
    const { liveness } = await run(entryOf('face-liveness'), golden?.crops ?? []);
    expect(liveness?.length).toBe(3 * 4);
    const difference = largestDifference(liveness ?? new Float32Array(), golden?.data ?? new Float32Array());
    console.log(`face-liveness: largest difference ${difference.toExponential(1)}`);
    expect(difference).toBeLessThan(0.25);
  });
});

describe('rfb-320', () => {
  it('gives the original’s boxes when its locations are decoded with recomputed priors', async () => {
    const goldens = await readGoldens('rfb-320');
    const { scores, locations } = await run(entryOf('rfb-320'), [0]);
    const boxes = decodedBoxes(locations ?? new Float32Array(), 320, 240);
    const differences = goldens.map(({ name, data }) =>
      largestDifference((name === 'boxes' ? boxes : scores) ?? new Float32Array(), data),
    );
    console.log(
      `rfb-320 scores, boxes: largest difference ${differences.map((d) => d.toExponential(1)).join(', ')}`,
    );
    goldens.forEach(({ name }, i) =>
      expect(differences[i]!, name).toBeLessThan(name === 'boxes' ? 0.005 : 0.04),
    );
  });
});

/** Ultra-Light-Fast-Generic-Face-Detector's priors and decoding, corners as shares of the image. */
function decodedBoxes(locations: Float32Array, width: number, height: number): Float32Array {
  const boxes: number[] = [];
  const levels = [
    [8, [10, 16, 24]],
    [16, [32, 48]],
    [32, [64, 96]],
    [64, [128, 192, 256]],
  ] as const;
  for (const [stride, sides] of levels) {
    const [rows, columns] = [Math.ceil(height / stride), Math.ceil(width / stride)];
    for (let y = 0; y < rows; y++) {
      for (let x = 0; x < columns; x++) {
        for (const side of sides) {
          const prior = [(x + 0.5) / columns, (y + 0.5) / rows, side / width, side / height];
          const [px = 0, py = 0, pw = 0, ph = 0] = prior.map((share) => Math.min(share, 1));
          const [dx = 0, dy = 0, dw = 0, dh = 0] = locations.subarray(boxes.length, boxes.length + 4);
          const [cx, cy] = [px + 0.1 * dx * pw, py + 0.1 * dy * ph];
          const [w, h] = [pw * Math.exp(0.2 * dw), ph * Math.exp(0.2 * dh)];
          boxes.push(cx - w / 2, cy - h / 2, cx + w / 2, cy + h / 2);
        }
      }
    }
  }
  return Float32Array.from(boxes);
}

function cosine(a: Float32Array = new Float32Array(), b: Float32Array = new Float32Array()): number {
  const dot = (p: Float32Array, q: Float32Array): number =>
    p.reduce((sum, x, i) => sum + x * (q[i] ?? NaN), 0);
  return dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b));
}
