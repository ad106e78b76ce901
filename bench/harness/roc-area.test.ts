import { describe, expect, it } from 'vitest';
import { areaUnderRoc } from './roc-area.ts';

const scored = (
  positives: readonly number[],
  negatives: readonly number[],
): { score: number; positive: boolean }[] => [
  ...positives.map((score) => ({ score, positive: true })),
  ...negatives.map((score) => ({ score, positive: false })),
];

describe('areaUnderRoc', () => {
  it('is 1 for a perfect order, 0 for the reverse, a half for all the same', () => {
    expect(areaUnderRoc(scored([3, 4], [1, 2]))).toBe(1);
    expect(areaUnderRoc(scored([1, 2], [3, 4, 5]))).toBe(0);
    expect(areaUnderRoc(scored([1, 1], [1, 1, 1]))).toBe(0.5);
  });

  it('is the share of pairs in order, ties counting half', () => {
    const [positives, negatives] = [
      [0.2, 0.5, 0.5, 0.9],
      [0.1, 0.5, 0.6],
    ];
    const pairs = positives.flatMap((p) => negatives.map((n) => (p > n ? 1 : p === n ? 0.5 : 0)));
    const share = pairs.reduce<number>((sum, won) => sum + won, 0) / pairs.length;
    expect(areaUnderRoc(scored(positives, negatives))).toBeCloseTo(share, 12);
  });
});
