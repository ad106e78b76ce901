import fc from 'fast-check';
import { expect, it } from 'vitest';
import { measureReliability } from './reliability.ts';

const share = fc.double({ min: 0, max: 1, noNaN: true });
const degrees = fc.double({ min: -90, max: 90, noNaN: true });

it('is a number from 0 to 1, whatever the face', () => {
  const faces = fc.record({
    embedding: fc.constant(Float32Array.of(1, 0)),
    length: fc.double({ min: 0, max: 1e6, noNaN: true }),
    faceSize: fc.double({ min: 0, max: 1e5, noNaN: true }),
    presence: share,
    alignment: share,
    sharpness: share,
    yaw: degrees,
    pitch: degrees,
    roll: degrees,
  });
  fc.assert(
    fc.property(faces, (face) => {
      const reliability = measureReliability(face);
      expect(reliability).toBeGreaterThanOrEqual(0);
      expect(reliability).toBeLessThanOrEqual(1);
    }),
  );
});
