import { describe, expect, it } from 'vitest';
import type { Quality } from './quality.ts';
import { overallQuality, qualityFaults } from './quality-score.ts';
import type { Angle } from './types.ts';

const straight: Angle = { pitch: 0, yaw: 0, roll: 0, centerX: 0, centerY: 0 };
const parts = { leftEyeBrow: 1, rightEyeBrow: 1, leftEye: 1, rightEye: 1, nose: 1, mouth: 1, faceContour: 1 };
const shape = { mouthClosed: 1, centered: 1, size: 0.2, integrity: 1, alignment: 1 };
const flawless: Quality = { brightness: 0, sharpness: 1, ...shape, completeness: { total: 1, ...parts } };
const score = (quality: Partial<Quality>, angle: Partial<Angle> = {}): number =>
  overallQuality({ quality: { ...flawless, ...quality }, angle: { ...straight, ...angle } });

describe('overallQuality', () => {
  it('is 1 for a flawless face, and above 0 for the worst', () => {
    expect(score({})).toBe(1);
    const worst = { brightness: 1, sharpness: 0, mouthClosed: 0, alignment: 0 };
    expect(score(worst, { yaw: 90, pitch: -90, roll: 90 })).toBeGreaterThan(0);
    expect(score(worst, { yaw: 90, pitch: -90, roll: 90 })).toBeLessThan(0.001);
  });

  it('falls with each fault', () => {
    const steps = [0, 0.3, 0.6, 1];
    const falling: readonly (readonly number[])[] = [
      steps.map((x) => score({ sharpness: 1 - x })),
      steps.map((x) => score({ brightness: x })),
      steps.map((x) => score({ brightness: -x })),
      steps.map((x) => score({ mouthClosed: 1 - x })),
      steps.map((x) => score({ eyesOpen: 1 - x })),
      steps.map((x) => score({ alignment: 1 - x })),
      ...[1, -1].flatMap((sign) => [
        steps.map((x) => score({}, { yaw: 60 * sign * x })),
        steps.map((x) => score({}, { pitch: 60 * sign * x })),
        steps.map((x) => score({}, { roll: 60 * sign * x })),
      ]),
    ];
    for (const values of falling) {
      values.slice(1).forEach((value, i) => expect(value).toBeLessThan(values[i]!));
    }
  });

  it('falls when less of the face shows', () => {
    const seen = (total: number): number => score({ completeness: { total, ...parts } });
    expect(seen(0.5)).toBeLessThan(seen(1) - 0.3);
    expect(qualityFaults({ ...flawless, completeness: { total: 0.4, ...parts } }, straight).covered).toBe(
      0.6,
    );
  });

  it('takes eyes of which nothing is known to be open', () => {
    expect(score({ eyesOpen: 1 })).toBe(score({}));
  });

  it('says what it needs', () => {
    expect(() => overallQuality({ angle: straight })).toThrow(/face\.quality.*returnDetails/);
    expect(() => overallQuality({ quality: flawless })).toThrow(/face\.angle.*returnDetails/);
  });
});
