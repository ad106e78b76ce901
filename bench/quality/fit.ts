import type { QualityFaults } from '../../src/core/quality-score.ts';
import type { SamplePairs } from './curve.ts';

/** Pulls costs towards 0 as this many pairs without any fault would. */
const RIDGE = 20;
const ROUNDS = 2000;

/**
 * What each fault takes off the cosine of a genuine pair: least squares of `cosine = base − Σ cost · (fault of one + fault of
 * the other)`, no cost below 0, faults scaled to unit spread for an even ridge. A person of many photos has many pairs, so
 * each pair weighs 1 / √(pairs of the person).
 */
export function fitCosts(
  { genuine }: SamplePairs,
  people: readonly string[],
  faults: readonly QualityFaults[],
): QualityFaults {
  const names = Object.keys(faults[0]!) as (keyof QualityFaults)[];
  const pairsOf = new Map<string, number>();
  for (const { a } of genuine) pairsOf.set(people[a]!, (pairsOf.get(people[a]!) ?? 0) + 1);
  const weights = genuine.map(({ a }) => 1 / Math.sqrt(pairsOf.get(people[a]!)!));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const mean = (values: readonly number[]): number =>
    values.reduce((sum, value, i) => sum + weights[i]! * value, 0) / total;
  const centred = (values: readonly number[]): number[] => {
    const middle = mean(values);
    return values.map((value) => value - middle);
  };
  const columns = names.map((name) =>
    centred(genuine.map(({ a, b }) => faults[a]![name] + faults[b]![name])),
  );
  const spreads = columns.map((column) => Math.sqrt(mean(column.map((value) => value * value))) || 1);
  const scaled = columns.map((column, k) => column.map((value) => value / spreads[k]!));
  const costs = nonNegativeRidge(scaled, centred(genuine.map(({ cosine }) => -cosine)), weights);
  return Object.fromEntries(
    names.map((name, k) => [name, Number((costs[k]! / spreads[k]!).toFixed(4))]),
  ) as unknown as QualityFaults;
}

/** min Σ w (y − Σ x·c)² + ridge·Σ c² with all c ≥ 0, by cyclic coordinate descent, which the convexity makes exact. */
function nonNegativeRidge(
  columns: readonly (readonly number[])[],
  y: readonly number[],
  weights: readonly number[],
): number[] {
  const inner = (a: readonly number[], b: readonly number[]): number =>
    a.reduce((sum, value, i) => sum + weights[i]! * value * b[i]!, 0);
  const gram = columns.map((a) => columns.map((b) => inner(a, b)));
  const target = columns.map((a) => inner(a, y));
  const costs = columns.map(() => 0);
  for (let round = 0; round < ROUNDS; round++) {
    for (let k = 0; k < costs.length; k++) {
      const others = costs.reduce((sum, cost, j) => sum + (j === k ? 0 : gram[k]![j]! * cost), 0);
      costs[k] = Math.max(0, (target[k]! - others) / (gram[k]![k]! + RIDGE));
    }
  }
  return costs;
}
