import type { MeasuredRate, OwnCalibration } from 'nearface';
import { expect, test } from 'vitest';
import { interval, measuredAt, share, tally } from './rate-words.ts';

const rate = (errors: number, pairs: number): MeasuredRate => ({
  ...{ errors, pairs, rate: errors / pairs },
  ...{ low: 0.001, high: 0.01234, isKnown: errors >= 10 },
});

test('shares have two digits that count', () => {
  expect([0, 1e-9, 0.000604, 0.037, 0.168, 0.9999, 1].map(share)).toEqual([
    '0 %',
    'under 0.000001 %',
    '0.060 %',
    '3.7 %',
    '17 %',
    'over 99.9 %',
    '100 %',
  ]);
});

test('an interval says where too little was seen', () => {
  expect(interval(rate(12, 3400))).toBe('between 0.10 % and 1.2 %');
  expect(interval(rate(3, 3400))).toBe('few seen; hardly above 1.2 %');
  expect(interval(rate(0, 3400))).toBe('none seen; hardly above 1.2 %');
  expect(tally(rate(12, 3400))).toBe('12 of 3,400 pairs');
});

test('a named level is told by its own figures, others by the step below', () => {
  const point = (confidence: number, errors: number) => ({
    confidence,
    falseMatch: rate(errors, 100),
    falseNonMatch: rate(0, 100),
  });
  const calibration = {
    levels: [{ ...point(0.6616, 7), name: 'medium', promised: 1e-3 }],
    curve: Array.from({ length: 200 }, (_, i) => point(i / 200, i)),
  } as unknown as OwnCalibration;
  expect(measuredAt(calibration, 0.6616)).toMatchObject({
    level: { choice: 'medium' },
    falseMatch: { errors: 7 },
  });
  expect(measuredAt(calibration, 0.75)).toMatchObject({
    level: { choice: 'default' },
    falseMatch: { errors: 150 },
  });
  const between = measuredAt(calibration, 0.6667);
  expect(between).toMatchObject({ confidence: 0.665, falseMatch: { errors: 133 } });
  expect(between?.level).toBeUndefined();
});
