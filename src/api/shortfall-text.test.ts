import { expect, test } from 'vitest';
import { shortfallText } from './shortfall-text.ts';

test.each([
  ['reliability', 0.098, 0.1, 1, 'reliability 0.098, not 0.1 to 1'],
  ['reliability', 0.0549, 0.1, 1, 'reliability 0.05, not 0.1 to 1'],
  ['brightness', 0.65004, -0.65, 0.65, 'brightness 0.65004, not -0.65 to 0.65'],
  ['yaw', -30.2, -30, 30, 'yaw -30.20, not -30 to 30'],
  ['sharpness', 0.2 - 1e-12, 0.2, 1, 'sharpness 0.199999999999, not 0.2 to 1'],
] as const)('%s of %f against %f to %f', (item, value, min, max, text) => {
  expect(shortfallText({ item, value, min, max, by: Math.max(min - value, value - max) })).toBe(text);
});
