import { expect, test } from 'vitest';
import { overallQuality } from '../core/quality-score.ts';
import type { Quality } from '../core/quality.ts';
import { shotScore } from './shot-score.ts';

const whole = {
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
  completeness: whole,
};
const face = (width: number, height = width) => ({
  ...{ quality, angle: { centerX: 0, centerY: 0, yaw: 5, pitch: 0, roll: 0 } },
  position: { left: 0, top: 0, width, height },
});

test('a shot is as good as the quality says, less where the face has few pixels', () => {
  const full = overallQuality(face(300));
  expect([100, 300].map((side) => shotScore(face(side)))).toEqual([full, full]);
  expect(shotScore(face(25))).toBeCloseTo(full / 2);
  expect(shotScore(face(64, 120))).toBeCloseTo(0.8 * full);
});
