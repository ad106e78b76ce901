import { expect, test } from 'vitest';
import { MIN_LIVENESS_SIZE } from '../core/liveness.ts';
import { applyAffine } from '../geometry/similarity.ts';
import { decodeLiveness, LIVENESS_ENLARGE, LIVENESS_SIZE, livenessCrop } from './liveness.ts';

/** A mesh whose points fill a box. */
function meshOf(left: number, top: number, width: number, height: number): Float32Array {
  const mesh = new Float32Array(3 * 468);
  for (let i = 0; i < 468; i++) {
    mesh[3 * i] = left + (width * (i % 18)) / 17;
    mesh[3 * i + 1] = top + (height * Math.floor(i / 18)) / 25;
  }
  return mesh;
}

/** The corners of a crop in the picture: left, top, right, bottom. */
function cornersOf(crop: NonNullable<ReturnType<typeof livenessCrop>>): number[] {
  const [a, b] = [0, LIVENESS_SIZE].map((at) => applyAffine(crop, { x: at, y: at })) as [
    { x: number; y: number },
    { x: number; y: number },
  ];
  return [a.x, a.y, b.x, b.y].map((value) => Math.round(1000 * value) / 1000);
}

test('the crop is a square about the face', () => {
  const crop = livenessCrop(meshOf(300, 200, 80, 100), { width: 640, height: 480 })!;
  const side = LIVENESS_ENLARGE * 100;
  expect(cornersOf(crop)).toEqual([340 - side / 2, 250 - side / 2, 340 + side / 2, 250 + side / 2]);
});

test('a crop that would leave the picture is moved into it, and made smaller where it must be', () => {
  const atEdge = livenessCrop(meshOf(-10, 400, 80, 100), { width: 640, height: 480 })!;
  expect(cornersOf(atEdge)).toEqual([0, 280, 200, 480]);
  const tight = livenessCrop(meshOf(20, 20, 80, 100), { width: 400, height: 150 })!;
  expect(cornersOf(tight)).toEqual([0, 0, 150, 150]);
});

test('nothing is told of a small face, or of one with too little around it', () => {
  const picture = { width: 640, height: 480 };
  expect(livenessCrop(meshOf(300, 200, 40, MIN_LIVENESS_SIZE - 1), picture)).toBeUndefined();
  expect(livenessCrop(meshOf(300, 200, 40, MIN_LIVENESS_SIZE), picture)).toBeDefined();
  expect(livenessCrop(meshOf(0, 0, 180, 198), { width: 200, height: 200 })).toBeUndefined();
  expect(livenessCrop(meshOf(40, 40, 90, 100), { width: 141, height: 200 })).toBeDefined();
  expect(livenessCrop(new Float32Array(3 * 468).fill(NaN), picture)).toBeUndefined();
});

test('the first class is a face itself', () => {
  expect(decodeLiveness(Float32Array.of(0, 0, -100))).toEqual({ value: 'live', score: 0.5 });
  expect(decodeLiveness(Float32Array.of(2, 0, 0)).score).toBeCloseTo(Math.exp(2) / (Math.exp(2) + 2), 6);
  expect(decodeLiveness(Float32Array.of(-8, 2, 1)).value).toBe('spoof');
  expect(decodeLiveness(Float32Array.of(900, -900, 0))).toEqual({ value: 'live', score: 1 });
});
