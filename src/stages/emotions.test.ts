import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import type { ModelManifest } from '../core/manifest.ts';
import { loadedModel, type ModelSession } from '../core/model-session.ts';
import { readCanonicalFace, type CanonicalFaceFile } from '../geometry/pose.ts';
import { Pyramid } from '../image/pyramid.ts';
import { createEmotions, decodeEmotions, shapeLogits } from './emotions.ts';
import type { Crop } from './run-crops.ts';
import { builtPixelKernel } from '../../tools/pixel-kernel.ts';

const pixelKernel = await builtPixelKernel();

const NAMES = ['angry', 'disgusted', 'scared', 'happy', 'sad', 'surprised', 'calm'] as const;

test('each logit belongs to its emotion, and the certainties add up to 1', () => {
  NAMES.forEach((name, index) => {
    const emotions = decodeEmotions([Float32Array.from(NAMES, (_, i) => (i === index ? 3 : 0))]);
    expect(emotions[name]).toBeCloseTo(Math.exp(3) / (Math.exp(3) + 6), 6);
    expect(Object.values(emotions).reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 6);
  });
});

test('two looks count the same', () => {
  const [sure, unsure] = [Float32Array.of(4, 0, 0, 0, 0, 0, 0), Float32Array.of(0, 0, 0, 0, 0, 0, 2)];
  const both = decodeEmotions([sure, unsure]);
  expect(both).toEqual(decodeEmotions([unsure, sure]));
  expect(both.angry / both.calm).toBeCloseTo(Math.exp((4 - 2) / 2), 5);
});

test('far logits stay numbers', () => {
  expect(decodeEmotions([Float32Array.of(0, 0, 0, 900, 0, 0, -900)]).happy).toBe(1);
});

test('what the shape says is added to the mean of the looks', () => {
  const look = Float32Array.of(1, 0, 0, 0, 0, 0, 0);
  const emotions = decodeEmotions([look, look], Float32Array.of(0, 0, 2, 0, 0, 0, 0));
  expect(emotions.scared / emotions.angry).toBeCloseTo(Math.exp(2 - 1), 5);
});

test('a row of the layer counts for each number of the shape', () => {
  const weights = Array.from({ length: 14 }, (_, i) => i);
  const logits = shapeLogits(Float32Array.of(1, 10), { points: [], weights });
  expect([...logits]).toEqual(NAMES.map((_, i) => i + 10 * (7 + i)));
});

test('a crop and its mirror image are looked at, and the mesh where the entry has a layer for it', async () => {
  const seen: number[][] = [];
  const { session, crop } = darkOnTheLeft(seen);
  const face = { ...crop, mesh: canonicalMesh() };
  const [even] = await createEmotions(loadedModel(session), CANONICAL).estimate([face]);
  const [plain, mirrored] = seen as [number[], number[]];
  expect(plain[0]! < plain[3]!).toBe(true);
  expect(mirrored).toEqual(plain.toReversed());
  expect(even!.scared).toBeCloseTo(1 / 7, 6);
  // The chin lies below the middle of the face: y is positive, and says "scared" here.
  const weights = Array.from({ length: 21 }, (_, i) => (i === 7 + 2 ? 5 : 0));
  const entry = { ...session.entry, shape: { points: [[152, 152] as const], weights } };
  const [shaped] = await createEmotions(loadedModel({ ...session, entry }), CANONICAL).estimate([face]);
  expect(shaped!.scared).toBeGreaterThan(0.9);
});

const CANONICAL = readCanonicalFace(
  JSON.parse(
    readFileSync(new URL('../../models/canonical-face.json', import.meta.url), 'utf8'),
  ) as CanonicalFaceFile,
);

/** The canonical face in an image's axes. */
function canonicalMesh(): Float32Array {
  return CANONICAL.vertices.map((value, i) => (i % 3 === 0 ? value : -value));
}

/** A model that notes the first row of each input and answers zeros, and a crop whose left half is dark. */
function darkOnTheLeft(seen: number[][]): { readonly session: ModelSession; readonly crop: Crop } {
  const side = 4;
  const data = new Uint8ClampedArray(4 * side * side).fill(255);
  for (let y = 0; y < side; y++) data.fill(0, 16 * y, 16 * y + 8);
  const session = {
    entry: {
      input: { size: [side, side], layout: 'nchw', channels: 'grey', mean: 0, std: 255 },
      outputs: ['emotions'],
    } as unknown as ModelManifest['models'][number],
    maxBatch: 8,
    run: (input: Float32Array) => {
      for (let at = 0; at < input.length; at += side * side) seen.push([...input.subarray(at, at + side)]);
      return Promise.resolve([new Float32Array((7 * input.length) / (side * side))]);
    },
    dispose: () => Promise.resolve(),
  } as ModelSession;
  const crop = {
    image: new Pyramid({ width: side, height: side, data }, pixelKernel),
    toImage: [1, 0, 0, 1, 0, 0] as const,
  };
  return { session, crop };
}
