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
    const [next, isReported] = dedupe(reports, each, rules, (a, b) => a === b);
    reports = next;
    return isReported;
  });
  expect(told).toEqual([true, true, false, true, true, true]);
});
