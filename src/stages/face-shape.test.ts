import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { readCanonicalFace, type CanonicalFaceFile } from '../geometry/pose.ts';
import { faceShape } from './face-shape.ts';

const canonical = readCanonicalFace(
  JSON.parse(
    readFileSync(new URL('../../models/canonical-face.json', import.meta.url), 'utf8'),
  ) as CanonicalFaceFile,
);
/** Brow, corner of the mouth, chin. */
const PAIRS = [
  [336, 107],
  [291, 61],
  [152, 152],
] as const;

/** A face with one brow raised and moved, and its mouth open. */
function face(): Float32Array {
  const mesh = canonical.vertices.map((value, i) => (i % 3 === 0 ? value : -value));
  mesh[3 * 336]! += 0.9;
  mesh[3 * 336 + 1]! -= 0.7;
  mesh[3 * 152 + 1]! += 1.1;
  return mesh;
}

/** Turned by `yaw` and then `roll` radians, scaled and moved. */
function placed(mesh: Float32Array, yaw: number, roll: number, scale: number): Float32Array {
  const placed = mesh.slice();
  for (let i = 0; i < mesh.length; i += 3) {
    const x = Math.cos(yaw) * mesh[i]! + Math.sin(yaw) * mesh[i + 2]!;
    const y = mesh[i + 1]!;
    placed[i] = scale * (Math.cos(roll) * x - Math.sin(roll) * y) + 320;
    placed[i + 1] = scale * (Math.sin(roll) * x + Math.cos(roll) * y) + 240;
    placed[i + 2] = scale * (Math.cos(yaw) * mesh[i + 2]! - Math.sin(yaw) * mesh[i]!) - 15;
  }
  return placed;
}

test('neither size nor place nor turn of a face changes its shape', () => {
  const shape = faceShape(face(), canonical, PAIRS);
  for (const [yaw, roll, scale] of [
    [0, 0, 12],
    [0.6, 0, 1],
    [-0.4, 0.5, 7],
  ] as const) {
    const again = faceShape(placed(face(), yaw, roll, scale), canonical, PAIRS);
    again.forEach((value, i) => expect(value).toBeCloseTo(shape[i]!, 4));
  }
});

test('a face in a mirror has the same shape', () => {
  const mesh = face();
  const mirror = mesh.slice();
  const { vertices } = canonical;
  for (let i = 0; i < vertices.length; i += 3) {
    let [nearest, gap] = [0, Infinity];
    for (let j = 0; j < vertices.length; j += 3) {
      const x = vertices[j]! + vertices[i]!;
      const distance = Math.hypot(
        x,
        vertices[j + 1]! - vertices[i + 1]!,
        vertices[j + 2]! - vertices[i + 2]!,
      );
      if (distance < gap) [nearest, gap] = [j, distance];
    }
    mirror.set([-mesh[nearest]!, mesh[nearest + 1]!, mesh[nearest + 2]!], i);
  }
  const shape = faceShape(mesh, canonical, PAIRS);
  faceShape(mirror, canonical, PAIRS).forEach((value, i) => expect(value).toBeCloseTo(shape[i]!, 3));
});

test('a point moves along the axis that it is moved along', () => {
  const [before, after] = [face(), face()];
  after[3 * 152 + 1]! += 2;
  const moved = faceShape(after, canonical, PAIRS).map(
    (value, i) => value - faceShape(before, canonical, PAIRS)[i]!,
  );
  expect(moved[7]!).toBeGreaterThan(0.1);
  expect(Math.abs(moved[6]!)).toBeLessThan(0.02);
});

test('a pair lies as far to its side as its points do on theirs', () => {
  const mesh = face();
  const [brow, corner] = PAIRS.map(([a, b]) => (mesh[3 * a]! - mesh[3 * b]!) / 2);
  const shape = faceShape(mesh, canonical, PAIRS);
  expect(shape[0]! / shape[3]!).toBeCloseTo(brow! / corner!, 1);
});

test('a mesh that is one point has the shape of nothing', () => {
  expect([...faceShape(new Float32Array(3 * 468), canonical, PAIRS)]).toEqual(new Array(9).fill(0));
});
