/** The converted attention mesh against MediaPipe's own face mesh, as `record-mediapipe.ts` recorded it. */
import { readFile } from 'node:fs/promises';
import * as ort from 'onnxruntime-web/wasm';
import { beforeAll, expect, test } from 'vitest';
import type { ModelEntry, ModelManifest } from '../../src/core/manifest.ts';
import { applyAffine, scaleOf, type Affine } from '../../src/geometry/similarity.ts';
import { Pyramid } from '../../src/image/pyramid.ts';
import { warpToTensor } from '../../src/image/warp.ts';
import { decodeAttentionMesh, REFINED_POINTS } from '../../src/stages/face-mesh-attention.ts';
import { CROP_SIDE, readCrops, readGoldens } from './goldens.ts';
import { builtPixelKernel } from '../../tools/pixel-kernel.ts';

const pixelKernel = await builtPixelKernel();

/** In pixels of the model's input: 0.13 since MediaPipe samples the picture on the GPU, the rest by weights in bytes. */
const TOLERANCE = 1.2;
const MEAN_TOLERANCE = 0.2;

const models = new URL('../../models/', import.meta.url);
const SIZE = 192;
const FRAME = 64;
let entry: ModelEntry;
let session: ort.InferenceSession;

beforeAll(async () => {
  ort.env.wasm.numThreads = 1;
  const manifest = JSON.parse(await readFile(new URL('manifest.json', models), 'utf8')) as ModelManifest;
  entry = manifest.models.find(({ id }) => id === 'face-landmark-attention')!;
  session = await ort.InferenceSession.create(await readFile(new URL(entry.file, models)));
}, 90_000);

/** Where MediaPipe looks after it has found `mesh`. Source: face_landmark_landmarks_to_roi.pbtxt. */
function nextCrop(mesh: Float32Array): Affine {
  const along = (axis: number): number[] =>
    Array.from({ length: REFINED_POINTS }, (_, i) => mesh[3 * i + axis]!);
  const [xs, ys] = [along(0), along(1)];
  const [left, right, top, bottom] = [Math.min(...xs), Math.max(...xs), Math.min(...ys), Math.max(...ys)];
  const scale = (1.5 * Math.max(right - left, bottom - top)) / SIZE;
  const angle = Math.atan2(ys[263]! - ys[33]!, xs[263]! - xs[33]!);
  const [a, b] = [scale * Math.cos(angle), scale * Math.sin(angle)];
  const corner = applyAffine([a, b, -b, a, (left + right) / 2, (top + bottom) / 2], {
    x: -SIZE / 2,
    y: -SIZE / 2,
  });
  return [a, b, -b, a, corner.x, corner.y];
}

/** The crop in a frame of its outermost pixels, as which MediaPipe sees what lies outside a picture. */
function framed(crop: Uint8Array): Pyramid {
  const side = CROP_SIDE + 2 * FRAME;
  const data = new Uint8ClampedArray(4 * side * side);
  const inside = (place: number): number => Math.min(CROP_SIDE - 1, Math.max(0, place - FRAME));
  for (let y = 0; y < side; y++) {
    for (let x = 0; x < side; x++) {
      const from = 3 * (inside(y) * CROP_SIDE + inside(x));
      data.set(crop.subarray(from, from + 3), 4 * (y * side + x));
    }
  }
  return new Pyramid({ width: side, height: side, data }, pixelKernel);
}

async function fit(crop: Uint8Array, toImage: Affine): Promise<Float32Array> {
  const [a, b, c, d, x, y] = toImage;
  const tensor = new Float32Array(3 * SIZE * SIZE);
  warpToTensor(framed(crop), [a, b, c, d, x + FRAME, y + FRAME], SIZE, SIZE, entry.input, tensor, 0, 0);
  const outputs = await session.run({ input: new ort.Tensor('float32', tensor, [1, 3, SIZE, SIZE]) });
  const named = Object.fromEntries(entry.outputs.map((name) => [name, outputs[name]!.data as Float32Array]));
  return decodeAttentionMesh(named as unknown as Parameters<typeof decodeAttentionMesh>[0], toImage).points;
}

test(
  'face-landmark-attention gives what MediaPipe’s face mesh gives, all 478 points',
  { timeout: 90_000 },
  async () => {
    const [before, after] = await readGoldens('face-landmark-attention');
    const crops = await readCrops();
    for (const index of before!.crops) {
      const share = [3 * REFINED_POINTS * index, 3 * REFINED_POINTS * (index + 1)] as const;
      const toImage = nextCrop(before!.data.slice(...share));
      const expected = after!.data.slice(...share);
      const found = await fit(crops[index]!, toImage);
      const differences = found.map((value, i) => Math.abs(value - expected[i]!) / scaleOf(toImage));
      const worst = differences.reduce((most, difference) => Math.max(most, difference), 0);
      console.log(`crop ${index}: largest difference ${worst.toFixed(3)} pixels of the input`);
      const mean = differences.reduce((sum, difference) => sum + difference, 0) / differences.length;
      console.log(`crop ${index}: mean ${mean.toFixed(3)}`);
      expect(worst).toBeLessThan(TOLERANCE);
      expect(mean).toBeLessThan(MEAN_TOLERANCE);
    }
  },
);
