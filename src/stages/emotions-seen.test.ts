import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Emotions } from '../core/attributes.ts';
import { emotionsSeen } from './emotions-seen.ts';
import type { CoveredShares } from './occlusion.ts';

const DISGUSTED: Emotions = {
  angry: 0.05,
  happy: 0.05,
  sad: 0.05,
  calm: 0.1,
  surprised: 0.05,
  scared: 0.1,
  disgusted: 0.6,
  sleepy: 0.3,
};

function covered(mouth: number, nose: number): CoveredShares {
  const eyes = { leftEyeBrow: 0, rightEyeBrow: 0, leftEye: 0, rightEye: 0 };
  return { ...eyes, faceContour: 0, mouth, nose };
}

describe('emotionsSeen', () => {
  it('leaves the emotions of a bare face as they are', () => {
    for (const face of [covered(0, 0), covered(0.07, 0.07)]) {
      const seen = emotionsSeen(DISGUSTED, 0.01, face)!;
      for (const [name, share] of Object.entries(DISGUSTED)) {
        expect(seen[name as keyof Emotions]).toBeCloseTo(share, 12);
      }
    }
  });

  it('tells nothing where a mask is over the mouth', () => {
    expect(emotionsSeen(DISGUSTED, 0.99, covered(0.9, 0.8))).toBeUndefined();
    expect(emotionsSeen(DISGUSTED, 0.99, covered(0.9, 0.1))).toBeUndefined();
    expect(emotionsSeen(DISGUSTED, 0.99, covered(0.4, 0.1))).toBeUndefined();
  });

  it('tells nothing where anything covers most of the mouth', () => {
    expect(emotionsSeen(DISGUSTED, 0, covered(0.75, 0))).toBeUndefined();
    expect(emotionsSeen(DISGUSTED, 0, covered(0.74, 0))).toBeDefined();
  });

  it('tells less where a mask leaves the mouth free', () => {
    expect(emotionsSeen(DISGUSTED, 0.99, covered(0.1, 0.85))!.disgusted).toBeLessThan(0.4);
  });

  it('draws the seven towards even by the hidden shares of mouth and nose, and leaves sleepy', () => {
    // The nose is gone at 0.85: half of mouth and nose is hidden.
    const seen = emotionsSeen(DISGUSTED, 0, covered(0, 0.85))!;
    expect(seen.disgusted).toBeCloseTo(0.6 / 2 + 1 / 14, 12);
    expect(seen.angry).toBeCloseTo(0.05 / 2 + 1 / 14, 12);
    expect(seen.sleepy).toBe(0.3);
  });

  it('keeps the sum and the order, and never grows surer', () => {
    const share = fc.double({ min: 0, max: 1, noNaN: true });
    fc.assert(
      fc.property(share, share, share, (masked, mouth, nose) => {
        const seen = emotionsSeen(DISGUSTED, masked, covered(mouth, nose));
        if (!seen) return;
        const { sleepy, ...told } = seen;
        expect(sleepy).toBe(DISGUSTED.sleepy);
        expect(Object.values(told).reduce((sum, value) => sum + value, 0)).toBeCloseTo(1, 9);
        expect(seen.disgusted).toBeLessThanOrEqual(DISGUSTED.disgusted + 1e-12);
        expect(seen.disgusted).toBeGreaterThanOrEqual(seen.calm - 1e-12);
      }),
    );
  });
});
