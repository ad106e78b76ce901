import { expect, test } from 'vitest';
import { LiveClock } from './live-clock.ts';

test("a source's own time, since its first frame", () => {
  const clock = new LiveClock();
  expect(clock.at(7000, 100)).toEqual({ timeMs: 0 });
  expect(clock.at(7040, 139)).toEqual({ timeMs: 40 });
  expect(clock.at(7080, 200)).toEqual({ timeMs: 80 });
});

test('a pause takes no time; a faster playback does', () => {
  const clock = new LiveClock();
  clock.at(0, 0);
  expect(clock.at(40, 60_000)).toEqual({ timeMs: 40 });
  expect(clock.at(120, 60_040)).toEqual({ timeMs: 120 });
});

test('moved back or ahead: it says so, and goes on by what has passed', () => {
  const clock = new LiveClock();
  clock.at(5000, 0);
  expect(clock.at(1000, 30)).toEqual({ timeMs: 30, jumped: { fromMs: 5000, toMs: 1000 } });
  expect(clock.at(1040, 70)).toEqual({ timeMs: 70 });
  expect(clock.at(90_000, 110)).toEqual({ timeMs: 110, jumped: { fromMs: 1040, toMs: 90_000 } });
});

test('a source whose time stands still goes by the wall', () => {
  const clock = new LiveClock();
  clock.at(0, 0);
  expect(clock.at(0, 33)).toEqual({ timeMs: 33 });
});
