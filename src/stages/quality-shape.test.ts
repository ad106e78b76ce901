import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readCanonicalFace, type CanonicalFaceFile } from '../geometry/pose.ts';
import { measureAlignment, rigidResidual } from './quality-alignment.ts';
import { measureCentered, measureIntegrity, measureMouthClosed, measureSize } from './quality-shape.ts';

const canonical = readCanonicalFace(
  JSON.parse(readFileSync('models/canonical-face.json', 'utf8')) as CanonicalFaceFile,
);

/** The canonical face as a mesh in an image, its depth stretched and its chin and lower lip dropped if wanted. */
function face(scale = 10, drop = 0, depth = 1): Float32Array {
  return canonical.vertices.map((value, i) => {
    if (i % 3 === 0) return 300 + scale * value;
    if (i % 3 === 2) return -scale * depth * value;
    return 200 - scale * (value - (LOWER_LIP.has((i - 1) / 3) ? drop : 0));
  });
}
const LOWER_LIP = new Set([14, 87, 317, 178, 402, 88, 318, 95, 324, 17, 84, 314, 152]);

/** Turned about its middle, in degrees. */
function turned(mesh: Float32Array, yaw: number, pitch: number): Float32Array {
  const [sy, cy, sp, cp] = [yaw, pitch].flatMap((deg) => {
    const rad = (deg * Math.PI) / 180;
    return [Math.sin(rad), Math.cos(rad)];
  }) as [number, number, number, number];
  const out = new Float32Array(mesh.length);
  for (let i = 0; i < mesh.length; i += 3) {
    const [x, y, z] = [mesh[i]! - 300, mesh[i + 1]! - 200, mesh[i + 2]!];
    const y2 = y * cp - z * sp;
    const z2 = y * sp + z * cp;
    out.set([300 + x * cy + z2 * sy, 200 + y2, z2 * cy - x * sy], i);
  }
  return out;
}

describe('mouthClosed', () => {
  it('orders closed, slightly open, open and wide open', () => {
    const [closed, slight, open, wide] = [-0.52, -0.2, 0.3, 3].map((drop) =>
      measureMouthClosed(face(10, drop)),
    );
    expect(closed!).toBeGreaterThan(0.75);
    expect(slight!).toBeLessThan(closed! - 0.1);
    expect(open!).toBeLessThan(slight! - 0.2);
    expect(wide!).toBeLessThan(0.05);
  });

  it('does not change with size, and not with a turn or nod of the head', () => {
    const frontal = measureMouthClosed(face(10, 0.5));
    expect(measureMouthClosed(face(37, 0.5))).toBeCloseTo(frontal, 5);
    for (const [yaw, pitch] of [
      [35, 0],
      [-35, 10],
      [0, 25],
      [20, -25],
    ] as const) {
      expect(measureMouthClosed(turned(face(10, 0.5), yaw, pitch))).toBeCloseTo(frontal, 4);
    }
  });
});

describe('alignment', () => {
  it('is the presence for a face, whatever its pose and size', () => {
    for (const mesh of [face(), face(3), turned(face(), 40, -20), turned(face(), -25, 30)]) {
      expect(rigidResidual(mesh, canonical)).toBeLessThan(1e-3);
      expect(measureAlignment({ points: mesh, presence: 0.97 }, canonical)).toBe(0.97);
    }
  });

  it('falls with what is no head: flattened, stretched, crumpled, a point', () => {
    const of = (points: Float32Array): number => measureAlignment({ points, presence: 1 }, canonical);
    const stretched = [1, 1.5, 2, 3].map((depth) => of(face(10, 0, depth)));
    expect(stretched).toEqual(stretched.toSorted((a, b) => b - a));
    expect(stretched[0]! - stretched[3]!).toBeGreaterThan(0.3);
    const crumpled = face().map((value, i) => value + 60 * Math.sin(i * 12.9898));
    expect(of(crumpled)).toBeLessThan(0.2);
    expect(of(new Float32Array(canonical.vertices.length).fill(5))).toBe(0);
  });
});

describe('centered, size and integrity', () => {
  const box = (left: number, top: number, side: number) => ({ left, top, width: side, height: side });

  it('follow the box', () => {
    expect(measureCentered(box(40, 40, 20), 100, 100)).toBe(1);
    expect(measureCentered(box(65, 40, 20), 100, 100)).toBeCloseTo(0.5);
    expect(measureCentered(box(40, 90, 20), 100, 100)).toBeCloseTo(0);
    expect(measureSize(box(0, 0, 50), 100, 100)).toBeCloseTo(0.25);
    expect(measureSize(box(-25, 0, 50), 100, 100)).toBeCloseTo(0.125);
    expect(measureIntegrity(box(10, 10, 50), 100, 100)).toBe(1);
    expect(measureIntegrity(box(-25, 0, 50), 100, 100)).toBeCloseTo(0.5);
    expect(measureIntegrity(box(75, 75, 50), 100, 100)).toBeCloseTo(0.25);
    expect(measureIntegrity(box(200, 0, 50), 100, 100)).toBe(0);
  });

  it('stay within 0..1, and centered falls the further a box is moved', () => {
    const side = fc.double({ min: 1, max: 400, noNaN: true });
    const at = fc.double({ min: -300, max: 600, noNaN: true });
    fc.assert(
      fc.property(at, at, side, side, side, (left, top, size, width, height) => {
        for (const measure of [measureCentered, measureSize, measureIntegrity]) {
          const value = measure(box(left, top, size), width, height);
          expect(value).toBeGreaterThanOrEqual(0);
          expect(value).toBeLessThanOrEqual(1);
        }
        const middle = box((width - size) / 2, (height - size) / 2, size);
        const near = measureCentered({ ...middle, left: middle.left + left / 2 }, width, height);
        const far = measureCentered({ ...middle, left: middle.left + left }, width, height);
        expect(far).toBeLessThanOrEqual(near);
      }),
    );
  });
});
