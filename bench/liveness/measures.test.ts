import { expect, test } from 'vitest';
import { errorsAt, leaveOneOut, pooled, type Presented, thresholdFor } from './measures.ts';

const attack = (subject: string, score?: number): Presented => ({ subject, live: false, score });
const live = (subject: string, score?: number): Presented => ({ subject, live: true, score });

test('what is not told does not pass, and counts as such', () => {
  const presented = [attack('1', 0.2), attack('1', 0.8), attack('1'), attack('1', 0.1)];
  const faces = [live('1', 0.9), live('1', 0.5), live('1', 0.4), live('1'), live('1', 0.7)];
  expect(errorsAt([...presented, ...faces], 0.5)).toEqual({
    ...{ threshold: 0.5, attacks: 4, bonaFide: 5 },
    ...{ apcer: 0.25, bpcer: 0.4, acer: 0.325, apnrr: 0.25, bpnrr: 0.2 },
  });
});

test('the threshold lets no more attacks through than it may', () => {
  const scores = Array.from({ length: 40 }, (_, i) => attack('1', i / 40));
  const threshold = thresholdFor(scores, 0.05);
  expect(errorsAt(scores, threshold).apcer).toBe(0.05);
  expect(threshold).toBeGreaterThan(37 / 40);
  expect(threshold).toBeLessThan(38 / 40);
  expect(thresholdFor([attack('1'), live('1', 0.3)], 0.05)).toBe(0);
});

test('a subject is judged by the others’ threshold', () => {
  const presented = [
    ...[attack('1', 0.9), live('1', 0.95), live('1', 0.3)],
    ...[attack('2', 0.2), live('2', 0.6)],
    ...[attack('3', 0.1), live('3', 0.95)],
  ];
  const rows = leaveOneOut(presented, 0);
  expect(rows.map(({ subject, apcer, bpcer }) => [subject, apcer, bpcer])).toEqual([
    ['1', 1, 0],
    ['2', 0, 1],
    ['3', 0, 0],
  ]);
  expect(pooled(rows)).toMatchObject({ attacks: 3, bonaFide: 4, apcer: 1 / 3, bpcer: 0.25 });
});
