import { describe, expect, test } from 'vitest';
import type { Quality } from '../core/quality.ts';
import type { Angle } from '../core/types.ts';
import { shotScore } from './shot-score.ts';

const parts = {
  total: 1,
  leftEyeBrow: 1,
  rightEyeBrow: 1,
  leftEye: 1,
  rightEye: 1,
  nose: 1,
  mouth: 1,
  faceContour: 1,
};
const quality: Quality = {
  ...{ brightness: 0, sharpness: 0.8, mouthClosed: 1, centered: 1, size: 0.1, integrity: 1, alignment: 0.9 },
  completeness: parts,
};
const face = (width: number, height = width) => ({
  ...{ quality, angle: { centerX: 0, centerY: 0, yaw: 5, pitch: 0, roll: 0 } },
  position: { left: 0, top: 0, width, height },
});

const made = (change: Partial<Quality>, angle: Partial<Angle> = {}): number => {
  const whole = face(100);
  return shotScore({ ...whole, quality: { ...quality, ...change }, angle: { ...whole.angle, ...angle } });
};

describe('how good a shot is', () => {
  test('falls with every fault but a tilt, which the face is freed of before it is embedded', () => {
    const flawless = made({});
    expect(flawless).toBeGreaterThan(0.8);
    expect(made({}, { roll: 40 })).toBe(flawless);
    const worse = [
      made({}, { yaw: 45 }),
      made({}, { pitch: 30 }),
      made({}, { pitch: -30 }),
      made({ brightness: -0.6 }),
      made({ brightness: 0.6 }),
      made({ alignment: 0.5 }),
      made({ completeness: { ...parts, total: 0.6 } }),
      made({ eyesOpen: 0 }),
      made({ sharpness: 0.4 }),
    ];
    for (const score of worse) expect(score).toBeLessThan(flawless);
  });

  test('hardly falls as long as a face is half sharp, and fast below', () => {
    const [sharp, half, quarter, blurred] = [0.9, 0.5, 0.25, 0.05].map((sharpness) => made({ sharpness }));
    expect(half! / sharp!).toBeGreaterThan(0.85);
    expect(quarter! / half!).toBeLessThan(0.75);
    expect(blurred).toBeLessThan(0.3);
  });

  test('falls where the face has few pixels on its shorter side', () => {
    const full = shotScore(face(300));
    expect([60, 300].map((side) => shotScore(face(side)))).toEqual([full, full]);
    expect(shotScore(face(30))).toBeCloseTo(full * Math.exp((-0.117 * Math.LN2) / 0.25));
    expect(shotScore(face(30, 50))).toBe(shotScore(face(30)));
  });
});
