import { expect, test } from 'vitest';
import { areaPath, CURVE_SIZE, smoothed } from './score-curve.ts';

test('a smoothed histogram has its highest point at 1, and is where it was', () => {
  const bins = [0, 0, 0, 8, 0, 0, 0, 0];
  const curve = smoothed(bins, 2);
  // Weights 1, 2, 3, 2, 1; near the edge fewer of them.
  expect(curve.map((value) => Number(value.toFixed(3)))).toEqual([0, 0.375, 0.667, 1, 0.667, 0.333, 0, 0]);
  expect(curve.indexOf(1)).toBe(3);
  expect(smoothed([0, 0], 2)).toEqual([0, 0]);
});

test('an area begins and ends on the ground, at the places it is cut at', () => {
  const { height } = CURVE_SIZE;
  const whole = areaPath([0, 1, 0, 0]);
  expect(whole.startsWith(`M0 ${height}L`)).toBe(true);
  expect(whole.endsWith(`L1000 ${height}Z`)).toBe(true);
  const cut = areaPath([0, 1, 0, 0], 0.5, 0.75);
  expect(cut.startsWith(`M500 ${height}L500 136L`)).toBe(true);
  expect(cut.endsWith(`L750 ${height}Z`)).toBe(true);
  expect(areaPath([1], 0.5, 0.5)).toBe('');
});
