import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { eyeOpening, sleepiness } from './eyelids.ts';

const LIDS = [
  [161, 163, 160, 144, 159, 145, 158, 153, 157, 154],
  [388, 390, 387, 373, 386, 374, 385, 380, 384, 381],
] as const;

async function canonicalFace(): Promise<Float32Array> {
  const file = new URL('../../models/canonical-face.json', import.meta.url);
  const { vertices } = JSON.parse(await readFile(file, 'utf8')) as { vertices: number[][] };
  return Float32Array.from(vertices.flat());
}

/** The face with lids moved towards their middle until `share` of the opening is left; `eyes` by index. */
function withLids(mesh: Float32Array, share: number, eyes: readonly number[] = [0, 1]): Float32Array {
  const moved = mesh.slice();
  for (const eye of eyes) {
    const lids = LIDS[eye]!;
    for (let pair = 0; pair < lids.length; pair += 2) {
      for (let axis = 0; axis < 3; axis++) {
        const [upper, lower] = [3 * lids[pair]! + axis, 3 * lids[pair + 1]! + axis];
        const middle = (mesh[upper]! + mesh[lower]!) / 2;
        moved[upper] = middle + share * (mesh[upper]! - middle);
        moved[lower] = middle + share * (mesh[lower]! - middle);
      }
    }
  }
  return moved;
}

/** Turned about the vertical axis and scaled. */
function turned(mesh: Float32Array, yawDeg: number, scale: number): Float32Array {
  const [cos, sin] = [Math.cos((yawDeg * Math.PI) / 180), Math.sin((yawDeg * Math.PI) / 180)];
  return mesh.map((_, i) => {
    const [x, y, z] = [mesh[i - (i % 3)]!, mesh[i - (i % 3) + 1]!, mesh[i - (i % 3) + 2]!];
    return scale * [cos * x + sin * z, y, cos * z - sin * x][i % 3]!;
  });
}

test('the opening shrinks with the lids, each eye on its own', async () => {
  const open = await canonicalFace();
  const [left, right] = eyeOpening(open);
  expect(left).toBeCloseTo(right, 3);
  const [halfLeft, stillRight] = eyeOpening(withLids(open, 0.5, [0]));
  expect(halfLeft).toBeCloseTo(left / 2, 5);
  expect(stillRight).toBeCloseTo(right, 5);
});

test('neither turning the head nor coming closer opens or closes an eye', async () => {
  const open = await canonicalFace();
  const [left, right] = eyeOpening(open);
  for (const yaw of [-50, 20, 60]) {
    const [l, r] = eyeOpening(turned(open, yaw, 37));
    expect(l).toBeCloseTo(left, 4);
    expect(r).toBeCloseTo(right, 4);
  }
});

test('closed eyes are sleepy, open ones are not, and a wink is not', async () => {
  const open = await canonicalFace();
  expect(sleepiness(open)).toBeLessThan(0.05);
  expect(sleepiness(withLids(open, 0.2))).toBeGreaterThan(0.9);
  expect(sleepiness(withLids(open, 0.2, [1]))).toBeLessThan(0.05);
});

test('the further the lids fall, the sleepier', async () => {
  const open = await canonicalFace();
  const steps = [1, 0.8, 0.6, 0.4, 0.2, 0].map((share) => sleepiness(withLids(open, share)));
  expect(steps).toEqual([...steps].sort((a, b) => a - b));
});
