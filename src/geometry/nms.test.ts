import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { iou } from './boxes.ts';
import { blendedNms, greedyNms, type Candidate } from './nms.ts';

const candidate: fc.Arbitrary<Candidate> = fc.record({
  box: fc.record({
    left: fc.integer({ min: 0, max: 60 }),
    top: fc.integer({ min: 0, max: 60 }),
    width: fc.integer({ min: 1, max: 40 }),
    height: fc.integer({ min: 1, max: 40 }),
  }),
  score: fc.double({ min: 0.01, max: 1, noNaN: true }),
  points: fc.constant([]),
});
const candidates = fc.array(candidate, { maxLength: 40 });

function face(left: number, score: number, x = 0): Candidate {
  return { box: { left, top: 0, width: 10, height: 10 }, score, points: [{ x, y: 1 }] };
}

describe('greedyNms', () => {
  it('keeps the best of each cluster, by falling score', () => {
    const kept = greedyNms([face(0, 0.5), face(1, 0.9), face(50, 0.7), face(2, 0.6)], 0.3);
    expect(kept.map(({ score }) => score)).toEqual([0.9, 0.7]);
    expect(greedyNms([face(0, 0.5), face(50, 0.7)], 0.3, 1).map(({ score }) => score)).toEqual([0.7]);
  });

  it('is idempotent, leaves no overlap, and covers what it dropped', () => {
    fc.assert(
      fc.property(candidates, fc.double({ min: 0, max: 0.9, noNaN: true }), (all, maxIou) => {
        const kept = greedyNms(all, maxIou);
        expect(greedyNms(kept, maxIou)).toEqual(kept);
        kept.forEach((a, i) => {
          for (const b of kept.slice(i + 1)) expect(iou(a.box, b.box)).toBeLessThanOrEqual(maxIou);
        });
        for (const dropped of all.filter((one) => !kept.includes(one))) {
          const reason = kept.some((one) => one.score >= dropped.score && iou(one.box, dropped.box) > maxIou);
          expect(reason).toBe(true);
        }
      }),
    );
  });
});

describe('blendedNms', () => {
  it('weighs boxes and points of a cluster by score and keeps the best score', () => {
    const [blended, ...rest] = blendedNms([face(0, 0.25, 0), face(4, 0.75, 8), face(50, 0.5)], 0.3);
    expect(blended).toEqual({
      box: { left: 3, top: 0, width: 10, height: 10 },
      score: 0.75,
      points: [{ x: 6, y: 1 }],
    });
    expect(rest).toHaveLength(1);
  });

  it('makes as many faces as greedy suppression has clusters at most, inside the hull of the input', () => {
    fc.assert(
      fc.property(candidates, (all) => {
        const blended = blendedNms(all, 0.3);
        expect(blended.length).toBeLessThanOrEqual(all.length);
        if (all.length > 0) expect(blended[0]!.score).toBe(Math.max(...all.map(({ score }) => score)));
        for (const { box } of blended) {
          expect(box.left).toBeGreaterThanOrEqual(Math.min(...all.map((one) => one.box.left)) - 1e-9);
          expect(box.width).toBeLessThanOrEqual(Math.max(...all.map((one) => one.box.width)) + 1e-9);
        }
      }),
    );
  });
});
