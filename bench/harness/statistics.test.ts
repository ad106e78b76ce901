import { describe, expect, it } from 'vitest';
import {
  accuracyAt,
  allPairScores,
  bestThreshold,
  equalErrorRate,
  foldAccuracy,
  rocPoints,
  shareAbove,
  sortScores,
  thresholdAtFmr,
  type ScoredPair,
} from './statistics.ts';

const ramp = (n: number): Float32Array => Float32Array.from({ length: n }, (_, i) => i);

describe('thresholdAtFmr', () => {
  it('leaves exactly the share of impostors above', () => {
    const impostor = ramp(1000);
    expect(thresholdAtFmr(impostor, 1e-3)).toBe(998);
    expect(thresholdAtFmr(impostor, 1e-1)).toBe(899);
    expect(shareAbove(impostor, thresholdAtFmr(impostor, 1e-1))).toBe(0.1);
  });

  it('accepts no impostor where the share is less than one of them', () => {
    const impostor = ramp(1000);
    expect(shareAbove(impostor, thresholdAtFmr(impostor, 1e-4))).toBe(0);
  });

  it('never exceeds the rate among equal scores', () => {
    const impostor = Float32Array.of(0, 0.5, 0.5, 0.5);
    expect(shareAbove(impostor, thresholdAtFmr(impostor, 0.25))).toBeLessThanOrEqual(0.25);
  });
});

describe('rocPoints', () => {
  it('gives the share of genuine scores above the impostors’ threshold', () => {
    const sorted = sortScores({
      genuine: Float32Array.of(990, 2000, 998.5, 999.5),
      impostor: ramp(1000).toReversed(),
    });
    expect(rocPoints(sorted, [1e-1, 1e-3, 1e-4])).toEqual([
      { fmr: 1e-1, threshold: 899, tar: 1 },
      { fmr: 1e-3, threshold: 998, tar: 0.75 },
      { fmr: 1e-4, threshold: 999, tar: 0.5 },
    ]);
  });
});

describe('equalErrorRate', () => {
  it('is 0 for scores that do not overlap and a half for equal distributions', () => {
    expect(equalErrorRate({ genuine: Float32Array.of(3, 4), impostor: Float32Array.of(1, 2) })).toBeLessThan(
      0.3,
    );
    expect(equalErrorRate({ genuine: ramp(1000), impostor: ramp(1000) })).toBeCloseTo(0.5, 2);
  });

  it('finds the crossing of shifted ramps', () => {
    // Genuine 800..1799, impostor 0..999: a threshold of 900 is exceeded by 10 % and misses 10 %.
    expect(equalErrorRate({ genuine: ramp(1000).map((x) => x + 800), impostor: ramp(1000) })).toBeCloseTo(
      0.1,
      2,
    );
  });
});

const pair = (fold: number, same: boolean, score: number): ScoredPair => ({ fold, same, score });

describe('bestThreshold', () => {
  it('lies in the middle of the widest gap that separates best', () => {
    const pairs = [pair(0, false, 0), pair(0, false, 0.2), pair(0, true, 0.6), pair(0, true, 1)];
    expect(bestThreshold(pairs)).toBeCloseTo(0.4);
    expect(accuracyAt(pairs, 0.4)).toBe(1);
  });

  it('accepts all or none where that is best', () => {
    expect(accuracyAt([pair(0, true, 0.1), pair(0, true, 0.2)], bestThreshold([pair(0, true, 0.1)]))).toBe(1);
    expect(bestThreshold([pair(0, false, 0.1), pair(0, false, 0.2)])).toBeGreaterThanOrEqual(0.2);
  });

  it('accepts only scores above the threshold', () => {
    expect(accuracyAt([pair(0, true, 0.5), pair(0, false, 0.5)], 0.5)).toBe(0.5);
    expect(accuracyAt([pair(0, true, 0.5)], 0.5)).toBe(0);
  });

  it('does not part equal scores', () => {
    const pairs = [pair(0, false, 0.5), pair(0, true, 0.5), pair(0, true, 0.5), pair(0, false, 0.1)];
    expect(accuracyAt(pairs, bestThreshold(pairs))).toBe(0.75);
  });
});

describe('foldAccuracy', () => {
  it('takes each fold’s threshold from the other folds', () => {
    const separate = (fold: number, low: number, high: number): ScoredPair[] => [
      pair(fold, false, low),
      pair(fold, true, high),
    ];
    // Fold 2 has its scores elsewhere: the threshold 0.5 of the others calls both of its pairs genuine.
    const twice = [0, 0, 1, 1].flatMap((fold) => separate(fold, 0.4, 0.6));
    const pairs = [...twice, ...separate(2, 0.7, 0.9)];
    const { folds, mean } = foldAccuracy(pairs);
    expect(folds.map(({ accuracy }) => accuracy)).toEqual([1, 1, 0.5]);
    expect(folds[2]?.threshold).toBeCloseTo(0.5);
    expect(mean).toBeCloseTo(2.5 / 3);
  });
});

describe('allPairScores', () => {
  it('scores every pair once and tells persons apart', () => {
    const vectors = Float32Array.of(1, 0, 0, 1, 0.6, 0.8, 1, 0);
    const { genuine, impostor } = sortScores(allPairScores(vectors, ['a', 'b', 'a', 'b']));
    expect([...genuine]).toEqual([0, 0.6].map(Math.fround));
    expect([...impostor]).toEqual([0, 0.6, 0.8, 1].map(Math.fround));
  });
});
