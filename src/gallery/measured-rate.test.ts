import { expect, test } from 'vitest';
import { clusteredByPair, clusteredByPerson, measuredRate, wilson } from './measured-rate.ts';

test('intervals are those of Wilson', () => {
  // Brown, Cai and DasGupta, "Interval Estimation for a Binomial Proportion", 2001, and R's prop.test without correction.
  for (const [errors, n, low, high] of [
    [0, 10, 0, 0.2775],
    [1, 10, 0.0179, 0.4042],
    [5, 10, 0.2366, 0.7634],
    [81, 263, 0.2553, 0.3662],
  ] as const) {
    const [from, to] = wilson(errors / n, n);
    expect(from).toBeCloseTo(low, 3);
    expect(to).toBeCloseTo(high, 3);
  }
  expect(wilson(0, 0)).toEqual([0, 1]);
});

test('pairs of one person are worth less the more they go wrong together', () => {
  const apart = Array.from({ length: 100 }, () => ({ errors: 1, pairs: 10 }));
  const together = Array.from({ length: 100 }, (_, i) => ({ errors: i < 10 ? 10 : 0, pairs: 10 }));
  const [even, uneven] = [apart, together].map(clusteredByPerson);
  expect(even).toMatchObject({ errors: 100, pairs: 1000, worthAtLeast: 100, designEffect: 1 });
  expect(uneven!.designEffect).toBeCloseTo(10, 5);
  const [narrow, wide] = [even!, uneven!].map(measuredRate);
  expect([narrow!.rate, wide!.rate]).toEqual([0.1, 0.1]);
  expect(wide!.high - wide!.low).toBeGreaterThan(2.5 * (narrow!.high - narrow!.low));
});

test('where too few went wrong, no more is claimed than people would carry', () => {
  const none = measuredRate(clusteredByPerson(Array.from({ length: 50 }, () => ({ errors: 0, pairs: 45 }))));
  expect(none).toMatchObject({ errors: 0, pairs: 2250, rate: 0, isKnown: false });
  // 50 people, and not 2,250 pairs.
  expect(none.high).toBeCloseTo(wilson(0, 50)[1], 10);
});

test('pairs of two people are counted once, and are worth as many as there are pairs of people at least', () => {
  const people = [2, 3, 5].map((faces) => ({ faces, errors: 0 }));
  expect(clusteredByPair(people)).toMatchObject({ errors: 0, pairs: 2 * 3 + 2 * 5 + 3 * 5 });
  const alike = Array.from({ length: 40 }, () => ({ faces: 4, errors: 0 }));
  expect(clusteredByPair(alike).worthAtLeast).toBeCloseTo((40 * 39) / 2, 6);
  // Who is taken for everybody makes them hang together.
  const one = alike.map((person, i) => ({ ...person, errors: i === 0 ? 390 : 10 }));
  expect(clusteredByPair(one).errors).toBe(390);
  expect(clusteredByPair(one).designEffect).toBeGreaterThan(50);
});
