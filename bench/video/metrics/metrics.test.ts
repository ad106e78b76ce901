import { describe, expect, it } from 'vitest';
import { iou } from '../../../src/geometry/boxes.ts';
import { clearCounts, mota } from './clear.ts';
import { type MetricFrame, scoreFrames } from './frames.ts';
import { hotaCounts, hotaOf } from './hota.ts';
import { idf1, identityCounts } from './identity.ts';

const at = (id: number, left: number) => ({ id, box: { left, top: 0, width: 10, height: 10 } });
const scored = (frames: readonly MetricFrame[]) => scoreFrames(frames, iou);

/** One person for ten frames, whose track changes after six. */
const CHANGED = scored(
  Array.from({ length: 10 }, (_, i) => ({ truth: [at(1, 0)], answer: [at(i < 6 ? 7 : 8, 0)] })),
);

describe('tracking metrics', () => {
  it('are 1 where all is right', () => {
    const frames = scored(
      [1, 2, 3].map((x) => ({ truth: [at(1, x), at(2, 50)], answer: [at(5, x), at(4, 50)] })),
    );
    expect(mota(clearCounts(frames))).toBe(1);
    expect(idf1(identityCounts(frames))).toBe(1);
    expect(hotaOf(hotaCounts(frames))).toEqual({ hota: 1, detA: 1, assA: 1, locA: 1 });
  });

  it('count a track that changes as worked out by hand', () => {
    expect(clearCounts(CHANGED)).toMatchObject({ found: 10, missed: 0, falseFound: 0, switches: 1 });
    expect(mota(clearCounts(CHANGED))).toBeCloseTo(0.9, 12);
    // The longer track is the person: 6 right, 4 missed, 4 false.
    expect(idf1(identityCounts(CHANGED))).toBeCloseTo(0.6, 12);
    // Of ten finds, six agree on 6 of 10 frames and four on 4 of 10.
    const assA = (6 * 0.6 + 4 * 0.4) / 10;
    expect(hotaOf(hotaCounts(CHANGED)).assA).toBeCloseTo(assA, 12);
    expect(hotaOf(hotaCounts(CHANGED)).hota).toBeCloseTo(Math.sqrt(assA), 12);
  });

  it('count what is missed and what is false', () => {
    const frames = scored([
      { truth: [at(1, 0)], answer: [] },
      { truth: [at(1, 0)], answer: [at(1, 0), at(2, 80)] },
    ]);
    expect(clearCounts(frames)).toMatchObject({ found: 1, missed: 1, falseFound: 1, switches: 0 });
    expect(mota(clearCounts(frames))).toBe(0);
    expect(identityCounts(frames)).toEqual({ right: 1, missed: 1, falseFound: 1 });
    expect(hotaOf(hotaCounts(frames)).detA).toBeCloseTo(1 / 3, 12);
  });

  it('take an overlap only at the levels that it reaches', () => {
    // IoU 5 / 15: found at 0.05 to 0.30, six of nineteen levels, and never for the others.
    const frames = scored([{ truth: [at(1, 0)], answer: [at(1, 5)] }]);
    expect(hotaOf(hotaCounts(frames)).detA).toBeCloseTo(6 / 19, 12);
    expect(clearCounts(frames).found).toBe(0);
    expect(identityCounts(frames).right).toBe(0);
  });
});
