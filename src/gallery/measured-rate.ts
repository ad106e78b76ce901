import type { MeasuredRate } from '../core/own-calibration.ts';

/** With fewer errors nobody can say how many more or less there might have been. */
const KNOWN_FROM = 10;

const Z = 1.959964;

/** Errors among pairs that hang together, as they share people. */
export interface Clustered {
  readonly errors: number;
  readonly pairs: number;
  /** How many independent pairs these are worth if all that hang together go wrong together. */
  readonly worthAtLeast: number;
  /** By how much the variance of the rate is above that of independent pairs, as measured; 1 or more. */
  readonly designEffect: number;
}

/**
 * A rate with its interval. Pairs of one person hang together, and so do pairs that share one: with ten errors and more the measured
 * design effect tells how much, below that the worst is taken.
 */
export function measuredRate({ errors, pairs, worthAtLeast, designEffect }: Clustered): MeasuredRate {
  const rate = pairs > 0 ? errors / pairs : 0;
  const isKnown = errors >= KNOWN_FROM;
  const worth = isKnown ? Math.max(worthAtLeast, pairs / designEffect) : worthAtLeast;
  const [low, high] = wilson(rate, worth);
  return { rate, low, high, errors, pairs, isKnown };
}

/** The interval of a share seen in `n` trials that it holds in with 95 % certainty. Source: Wilson, 1927. */
export function wilson(share: number, n: number): readonly [low: number, high: number] {
  if (!(n > 0)) return [0, 1];
  const middle = share + (Z * Z) / (2 * n);
  const spread = Z * Math.sqrt((share * (1 - share)) / n + (Z * Z) / (4 * n * n));
  const whole = 1 + (Z * Z) / n;
  return [Math.max(0, (middle - spread) / whole), Math.min(1, (middle + spread) / whole)];
}

/** Pairs of one person: those of each hang together (ratio estimator; Cochran, "Sampling Techniques", 1977, §6.3). */
export function clusteredByPerson(
  people: readonly { readonly errors: number; readonly pairs: number }[],
): Clustered {
  const [errors, pairs, squares] = [
    sum(people, (p) => p.errors),
    sum(people, (p) => p.pairs),
    sum(people, (p) => p.pairs ** 2),
  ];
  const rate = pairs > 0 ? errors / pairs : 0;
  const spread = sum(people, (p) => (p.errors - rate * p.pairs) ** 2);
  return {
    errors,
    pairs,
    worthAtLeast: squares > 0 ? pairs ** 2 / squares : 0,
    designEffect: effectOf(spread, rate, pairs),
  };
}

/**
 * Pairs of two people: those that share one hang together (dyadic clusters; Aronow, Samii and Assenova, Political Analysis 23, 2015).
 *
 * @param people - how many faces each has, and how many of its pairs with others went wrong
 */
export function clusteredByPair(
  people: readonly { readonly errors: number; readonly faces: number }[],
): Clustered {
  const faces = sum(people, (p) => p.faces);
  const [squares, fourths] = [sum(people, (p) => p.faces ** 2), sum(people, (p) => p.faces ** 4)];
  const pairs = (faces ** 2 - squares) / 2;
  const errors = sum(people, (p) => p.errors) / 2;
  const rate = pairs > 0 ? errors / pairs : 0;
  // Of each pair of people, the number of their pairs of faces, squared.
  const pairSquares = (squares ** 2 - fourths) / 2;
  const spread = sum(people, (p) => (p.errors - rate * p.faces * (faces - p.faces)) ** 2);
  const effect = effectOf(spread, rate, pairs);
  return {
    errors,
    pairs,
    worthAtLeast: pairSquares > 0 ? pairs ** 2 / pairSquares : 0,
    designEffect: Math.max(1, effect - 1),
  };
}

function effectOf(spread: number, rate: number, pairs: number): number {
  const independent = pairs * rate * (1 - rate);
  return independent > 0 ? Math.max(1, spread / independent) : 1;
}

function sum<T>(list: readonly T[], of: (item: T) => number): number {
  return list.reduce((total, item) => total + of(item), 0);
}
