import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { assign } from './assignment.ts';

/** The least sum of any assignment of all of the shorter side, by trying every one. */
function leastSum(costs: readonly number[], rows: number, columns: number): number {
  const isWide = rows <= columns;
  const [short, long] = isWide ? [rows, columns] : [columns, rows];
  const at = (i: number, j: number): number => costs[isWide ? i * columns + j : j * columns + i]!;
  const from = (i: number, used: number): number => {
    if (i === short) return 0;
    let least = Infinity;
    for (let j = 0; j < long; j++)
      if (!(used & (1 << j))) least = Math.min(least, at(i, j) + from(i + 1, used | (1 << j)));
    return least;
  };
  return from(0, 0);
}

const matrix = (value: fc.Arbitrary<number>): fc.Arbitrary<[number, number, number[]]> =>
  fc
    .tuple(fc.integer({ min: 0, max: 5 }), fc.integer({ min: 0, max: 6 }))
    .chain(([rows, columns]) =>
      fc.tuple(
        fc.constant(rows),
        fc.constant(columns),
        fc.array(value, { minLength: rows * columns, maxLength: rows * columns }),
      ),
    );

function checkOptimal([rows, columns, costs]: [number, number, number[]]): void {
  const assigned = assign(costs, rows, columns);
  expect(assigned).toHaveLength(rows);
  const used = [...assigned].filter((column) => column >= 0);
  expect(used).toHaveLength(Math.min(rows, columns));
  expect(new Set(used).size).toBe(used.length);
  let sum = 0;
  assigned.forEach((column, row) => (sum += column < 0 ? 0 : costs[row * columns + column]!));
  expect(sum).toBeCloseTo(leastSum(costs, rows, columns), 6);
}

describe('assign', () => {
  it('finds the least sum, as trying every assignment does', () => {
    fc.assert(fc.property(matrix(fc.double({ min: -10, max: 10, noNaN: true })), checkOptimal), {
      numRuns: 500,
    });
  });

  it('finds it among equal costs too', () => {
    fc.assert(fc.property(matrix(fc.integer({ min: -2, max: 2 })), checkOptimal), { numRuns: 500 });
  });

  it('prefers the sum to the nearest pair', () => {
    expect([...assign([1, 2, 2, 10], 2, 2)]).toEqual([1, 0]);
    expect([...assign([5, 1, 9, 1, 4, 9], 2, 3)]).toEqual([1, 0]);
    expect([...assign([3, 1, 2], 3, 1)]).toEqual([-1, 0, -1]);
  });

  it('gives ties to the lower column', () => {
    expect([...assign(new Float64Array(9), 3, 3)]).toEqual([0, 1, 2]);
  });

  it('refuses costs that are no numbers, and the wrong many', () => {
    expect(() => assign([NaN, NaN], 1, 2)).toThrow(RangeError);
    expect(() => assign([Infinity], 1, 1)).toThrow(RangeError);
    expect(() => assign([1, 2, 3], 2, 2)).toThrow(RangeError);
  });
});
