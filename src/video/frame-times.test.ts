import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { FrameTimes } from './frame-times.ts';

const at = (fps: number, count: number, step: number, first: number = 0): number[] =>
  Array.from({ length: count }, (_, k) => Math.round((first + k / fps) / step) * step);

describe('the rate', () => {
  const rates = [24000 / 1001, 24, 25, 30000 / 1001, 30, 50, 60000 / 1001, 60];
  test.each(rates)('%f, from exact times', (fps) => {
    expect(new FrameTimes(at(fps, 30, 1 / 90_000)).fps).toBe(fps);
  });

  test.each(rates)('%f, from milliseconds', (fps) => {
    expect(new FrameTimes(at(fps, 200, 1e-3)).fps).toBe(fps);
  });

  test('one that is none of the known, a varying one, and none', () => {
    expect(new FrameTimes(at(17.3, 100, 1e-6)).fps).toBeCloseTo(17.3, 3);
    const varying = new FrameTimes([0, 0.04, 0.08, 0.5, 0.54]);
    expect(varying.isVariable).toBe(true);
    expect(varying.fps).toBeCloseTo(4 / 0.54, 9);
    expect(new FrameTimes(at(29.97, 100, 1e-3)).isVariable).toBe(false);
    expect(new FrameTimes([1]).fps).toBeUndefined();
    expect(new FrameTimes([]).fps).toBeUndefined();
  });
});

test('times in the order of decoding are sorted; those before 0 are not shown, unless there are no others', () => {
  const times = new FrameTimes([-0.04, 0.08, 0, 0.04, 0.2, 0.12], 0.04);
  expect([...times.times]).toEqual([0, 0.04, 0.08, 0.12, 0.2]);
  expect(times.durationMs).toBeCloseTo(240, 9);
  expect(new FrameTimes([-0.2, -0.1]).count).toBe(2);
});

test('a frame is found by any time at which it is shown', () => {
  fc.assert(
    fc.property(
      fc.array(fc.double({ min: 1e-3, max: 2, noNaN: true }), { minLength: 1, maxLength: 50 }),
      fc.double({ min: 0, max: 9, noNaN: true }),
      (intervals, first) => {
        let time = first;
        const shown = intervals.map((interval) => (time += interval));
        const times = new FrameTimes(shown, 0.04);
        shown.forEach((start, index) => {
          expect(times.indexAt(start)).toBe(index);
          expect(times.indexAt(times.within(index, 0.5))).toBe(index);
          expect(times.timeMs(index)).toBeCloseTo((start - shown[0]!) * 1000, 6);
        });
        expect(times.indexAt(shown[0]! - 0.001)).toBe(-1);
        expect(times.indexAt(1e9)).toBe(shown.length - 1);
      },
    ),
  );
});

test('of several frames of one time each has its own number', () => {
  const times = new FrameTimes([0, 0.04, 0.04, 0.08]);
  const told: number[] = [];
  for (const time of [0, 0.04, 0.04, 0.08]) told.push(times.indexFrom((told.at(-1) ?? -1) + 1, time));
  expect(told).toEqual([0, 1, 2, 3]);
  expect(times.indexFrom(1, 0.08)).toBe(3);
  // One that lies before those from there on.
  expect(times.indexFrom(3, 0.04)).toBe(2);
});
