import { describe, expect, it } from 'vitest';
import { NearFaceError } from './errors.ts';
import { checkGate, checkQuality, LENIENT, PASSPORT, type QualityGate } from './quality-gate.ts';
import type { Quality } from './quality.ts';
import type { Angle } from './types.ts';

const angle: Angle = { pitch: 0, yaw: 0, roll: 0, centerX: 100, centerY: 100 };
const quality: Quality = {
  brightness: 0.1,
  sharpness: 0.9,
  mouthClosed: 0.95,
  centered: 0.8,
  size: 0.3,
  integrity: 1,
  alignment: 1,
  completeness: {
    total: 0.99,
    leftEyeBrow: 0.98,
    rightEyeBrow: 0.98,
    leftEye: 0.98,
    rightEye: 0.98,
    nose: 0.98,
    mouth: 0.98,
    faceContour: 0.98,
  },
};
const errorOf = (run: () => unknown): NearFaceError => {
  try {
    run();
  } catch (error) {
    if (error instanceof NearFaceError) return error;
  }
  throw new Error('no NearFaceError was thrown');
};

describe('checkQuality', () => {
  it('passes a portrait', () => {
    expect(checkQuality({ quality, angle }, PASSPORT)).toEqual({ ok: true, shortfalls: [] });
    expect(checkQuality({ quality, angle }, LENIENT).ok).toBe(true);
  });

  it('looks at eyes where they were measured, and says so where they were not', () => {
    const gate: QualityGate = { eyesOpen: [0.5, 1] };
    const check = (eyesOpen?: number) =>
      checkQuality({ quality: { ...quality, ...(eyesOpen !== undefined && { eyesOpen }) }, angle }, gate);
    expect(check(0.9).ok).toBe(true);
    expect(check(0.1).shortfalls).toMatchObject([{ item: 'eyesOpen', value: 0.1, min: 0.5 }]);
    expect(errorOf(() => check()).message).toMatch(/eyesOpen/);
  });

  it('names every item that falls short, its range and by how much', () => {
    const completeness = { ...quality.completeness, mouth: 0.5 };
    const face = {
      quality: { ...quality, sharpness: 0.5, completeness },
      angle: { ...angle, yaw: -14, roll: 12 },
    };
    const { ok, shortfalls } = checkQuality(face, PASSPORT);
    expect(ok).toBe(false);
    expect(shortfalls.map(({ item }) => item).sort()).toEqual([
      'completeness.mouth',
      'roll',
      'sharpness',
      'yaw',
    ]);
    const of = (item: string): unknown => shortfalls.find((one) => one.item === item);
    expect(of('yaw')).toEqual({ item: 'yaw', value: -14, min: -10, max: 10, by: 4 });
    expect(of('roll')).toEqual({ item: 'roll', value: 12, min: -10, max: 10, by: 2 });
    expect(of('completeness.mouth')).toMatchObject({ value: 0.5, min: 0.6, by: expect.closeTo(0.1, 9) });
  });

  it('allows both ends of a range, and what the gate does not name', () => {
    expect(checkQuality({ angle: { ...angle, yaw: 10 } }, { yaw: [-10, 10] }).ok).toBe(true);
    expect(checkQuality({ angle: { ...angle, yaw: 10.01 } }, { yaw: [-10, 10] }).ok).toBe(false);
    expect(checkQuality({ quality: { ...quality, sharpness: 0 } }, { brightness: [-0.5, 0.5] }).ok).toBe(
      true,
    );
    expect(checkQuality({}, {}).ok).toBe(true);
  });

  it('takes NaN for a shortfall, not for a pass', () => {
    const { ok } = checkQuality({ quality: { ...quality, sharpness: NaN } }, { sharpness: [0.5, 1] });
    expect(ok).toBe(false);
  });

  it('says how to get details that are missing', () => {
    for (const face of [{ quality }, { angle }]) {
      const error = errorOf(() => checkQuality(face, PASSPORT));
      expect(error.code).toBe('BAD_PARAM');
      expect(error.message).toContain('returnDetails: { quality: true, angle: true }');
    }
    expect(errorOf(() => checkQuality({ angle }, { sharpness: [0, 1] })).details.param).toBe('face.quality');
    expect(checkQuality({ quality }, { sharpness: [0, 1] }).ok).toBe(true);
    expect(errorOf(() => checkQuality(null as never, PASSPORT)).details.param).toBe('face');
  });

  it('refuses unknown items and bad ranges by name', () => {
    const bad: [unknown, string][] = [
      [{ sharp: [0, 1] }, 'gate.sharp'],
      [{ completeness: [0, 1] }, 'gate.completeness'],
      [{ sharpness: [0.9, 0.1] }, 'gate.sharpness'],
      [{ sharpness: [0, 1.5] }, 'gate.sharpness'],
      [{ yaw: [-91, 0] }, 'gate.yaw'],
      [{ yaw: 10 }, 'gate.yaw'],
      [{ yaw: [NaN, 10] }, 'gate.yaw'],
      [{ yaw: [0, 10, 20] }, 'gate.yaw'],
      [{ 'completeness.mouth': ['0', '1'] }, 'gate.completeness.mouth'],
      [undefined, 'gate'],
      ['PASSPORT', 'gate'],
    ];
    for (const [gate, param] of bad) {
      const error = errorOf(() => checkQuality({ quality, angle }, gate as QualityGate));
      expect([error.code, error.details.param]).toEqual(['BAD_PARAM', param]);
    }
  });

  it('ships gates that nobody can change', () => {
    for (const gate of [PASSPORT, LENIENT]) {
      expect(checkGate(gate, 'gate')).toEqual(gate);
      expect(Object.isFrozen(gate)).toBe(true);
      for (const limits of Object.values(gate)) expect(Object.isFrozen(limits)).toBe(true);
    }
    expect(PASSPORT).toMatchObject({
      yaw: [-10, 10],
      pitch: [-15, 15],
      sharpness: [0.8, 1],
      size: [0, 0.85],
    });
  });

  it('is stricter as PASSPORT than as LENIENT, item by item', () => {
    for (const [item, [min, max]] of Object.entries(LENIENT)) {
      const strict = PASSPORT[item as keyof QualityGate];
      if (!strict) continue;
      expect(strict[0]).toBeGreaterThanOrEqual(min);
      expect(strict[1]).toBeLessThanOrEqual(max);
    }
  });
});
