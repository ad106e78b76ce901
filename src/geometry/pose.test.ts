import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { estimateAngle, readCanonicalFace, type CanonicalFace } from './pose.ts';

const canonical: CanonicalFace = readCanonicalFace(
  JSON.parse(readFileSync(new URL('../../models/canonical-face.json', import.meta.url), 'utf8')),
);

/** The canonical face nodded, then turned, then tilted (degrees), drawn `size` pixels per unit at (300, 200). */
function posed(pitch: number, yaw: number, roll: number, size = 20): Float32Array {
  const [p, y, r] = [pitch, -yaw, -roll].map((degrees) => (degrees * Math.PI) / 180) as [
    number,
    number,
    number,
  ];
  const mesh = new Float32Array(canonical.vertices.length);
  for (let i = 0; i < mesh.length; i += 3) {
    const [x0, y0, z0] = [canonical.vertices[i]!, -canonical.vertices[i + 1]!, -canonical.vertices[i + 2]!];
    const [y1, z1] = [y0 * Math.cos(p) - z0 * Math.sin(p), y0 * Math.sin(p) + z0 * Math.cos(p)];
    const [x2, z2] = [x0 * Math.cos(y) + z1 * Math.sin(y), -x0 * Math.sin(y) + z1 * Math.cos(y)];
    mesh[i] = 300 + size * (x2 * Math.cos(r) - y1 * Math.sin(r));
    mesh[i + 1] = 200 + size * (x2 * Math.sin(r) + y1 * Math.cos(r));
    mesh[i + 2] = size * z2;
  }
  return mesh;
}

const NOSE_TIP = 1;
const LEFT_EYE = 33;
const RIGHT_EYE = 263;
const at = (mesh: Float32Array, point: number, axis: number): number => mesh[3 * point + axis]!;

describe('estimateAngle', () => {
  it('recovers every pose it is given', () => {
    const angle = fc.double({ min: -80, max: 80, noNaN: true });
    fc.assert(
      fc.property(
        angle,
        angle,
        angle,
        fc.double({ min: 0.5, max: 80, noNaN: true }),
        (pitch, yaw, roll, size) => {
          const found = estimateAngle(posed(pitch, yaw, roll, size), canonical);
          expect(found.pitch).toBeCloseTo(pitch, 1);
          expect(found.yaw).toBeCloseTo(yaw, 1);
          expect(found.roll).toBeCloseTo(roll, 1);
        },
      ),
    );
  });

  it('has the signs of the contract', () => {
    const straight = posed(0, 0, 0);
    const middle = (mesh: Float32Array, axis: number): number =>
      (at(mesh, LEFT_EYE, axis) + at(mesh, RIGHT_EYE, axis)) / 2;
    // The nose moves right of the eyes' middle when the face turns to the image's right edge.
    const turned = posed(0, 30, 0);
    expect(at(turned, NOSE_TIP, 0) - middle(turned, 0)).toBeGreaterThan(20);
    expect(estimateAngle(turned, canonical).yaw).toBeCloseTo(30, 2);
    // The nose comes lower, against the eyes, when the head goes down.
    const nodded = posed(20, 0, 0);
    expect(at(nodded, NOSE_TIP, 1) - middle(nodded, 1)).toBeGreaterThan(
      at(straight, NOSE_TIP, 1) - middle(straight, 1),
    );
    expect(estimateAngle(nodded, canonical).pitch).toBeCloseTo(20, 2);
    // Counter-clockwise as seen: the eye on the image's right goes up.
    const tilted = posed(0, 0, 25);
    expect(at(tilted, RIGHT_EYE, 1)).toBeLessThan(at(tilted, LEFT_EYE, 1));
    expect(estimateAngle(tilted, canonical).roll).toBeCloseTo(25, 2);
  });

  it('stays within ±90 degrees for a face upside down', () => {
    const { roll } = estimateAngle(posed(0, 0, 150), canonical);
    expect(roll).toBe(90);
  });

  it('puts the centre inside the face', () => {
    const { centerX, centerY } = estimateAngle(posed(10, 10, 10), canonical);
    expect(Math.hypot(centerX - 300, centerY - 200)).toBeLessThan(120);
  });
});
