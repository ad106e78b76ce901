import { expect, it } from 'vitest';
import { dedupe, type Report } from './dedupe.ts';

it('reports a person found again near by no more often than asked, within the window', () => {
  const rules = { windowMs: 1000, maxDuplicates: 1, maxShiftPx: 50 };
  const report = (trackId: number, timeMs: number, left: number, person: string): Report<string> => ({
    trackId,
    timeMs,
    person,
    box: { left, top: 0, width: 10, height: 10 },
  });
  let reports: readonly Report<string>[] = [];
  const told = [
    report(1, 0, 0, 'a'),
    report(1, 100, 0, 'a'),
    report(2, 200, 20, 'a'),
    report(3, 300, 20, 'b'),
    report(4, 400, 80, 'a'),
    report(5, 1600, 20, 'a'),
  ].map((each) => {
    const [next, isReported] = dedupe(reports, each, rules, (a, b) => a === b, each.timeMs);
    reports = next;
    return isReported;
  });
  expect(told).toEqual([true, true, false, true, true, true]);
});

it('compares reports that come later than others but are of an earlier time', () => {
  const rules = { windowMs: 1000, maxDuplicates: 1, maxShiftPx: 50 };
  const told = (
    ...given: readonly (readonly [trackId: number, timeMs: number, sinceMs: number])[]
  ): boolean[] => {
    let reports: readonly Report<string>[] = [];
    return given.map(([trackId, timeMs, sinceMs]) => {
      const report = { trackId, timeMs, person: 'a', box: { left: 0, top: 0, width: 10, height: 10 } };
      const [next, isReported] = dedupe(reports, report, rules, () => true, sinceMs);
      reports = next;
      return isReported;
    });
  };
  // Of long ago.
  expect(told([1, 9000, 0], [2, 0, 0])).toEqual([true, true]);
  // What lies between does not make the first one forgotten.
  expect(told([1, 0, 0], [2, 9000, 500], [3, 500, 500])).toEqual([true, true, false]);
});
