import { describe, expect, it } from 'vitest';
import { filteredBox, predictFilter, refilter, startFilter, updateFilter } from './kalman-box.ts';

const box = (left: number, top: number, width: number, height: number) => ({ left, top, width, height });

describe('the filter of a box', () => {
  it("gives what OC-SORT's seven by seven matrices give", () => {
    let filter = startFilter(box(10, 20, 40, 50));
    for (const [seen, steps] of [
      [box(14, 21, 41, 52), 1],
      [box(19, 21, 40, 50), 1],
      [box(22, 23, 42, 53), 1],
    ] as const)
      filter = updateFilter(predictFilter(filter, steps), seen);
    expect(filter.x.value).toBeCloseTo(43.07626457248964, 8);
    expect(filter.area.value).toBeCloseTo(2173.408398029513, 6);
    expect(filter.x.rateVariance).toBeCloseTo(0.8511008590371469, 8);
    filter = updateFilter(predictFilter(filter, 3), box(35, 26, 44, 55));
    expect(filter.x.value).toBeCloseTo(56.92908620040139, 8);
    expect(filter.y.value).toBeCloseTo(53.45161273962231, 8);
    expect(filter.area.value).toBeCloseTo(2406.3243209356165, 6);
    expect(filter.ratio.value).toBeCloseTo(0.7969438920755261, 8);
    expect(filter.area.rate).toBeCloseTo(68.90471034922768, 6);
    expect(filter.x.covariance).toBeCloseTo(0.19902631156128334, 8);
    expect(filter.area.rateVariance).toBeCloseTo(0.6424053139140484, 6);
  });

  it('predicts several steps as one after the other', () => {
    const start = updateFilter(predictFilter(startFilter(box(0, 0, 30, 40)), 1), box(3, 1, 31, 41));
    const once = predictFilter(start, 4);
    const one = predictFilter(predictFilter(predictFilter(predictFilter(start, 1), 1), 1), 1);
    expect(once.x.valueVariance).toBeCloseTo(one.x.valueVariance, 8);
    expect(once.area.covariance).toBeCloseTo(one.area.covariance, 6);
    expect(filteredBox(once).left).toBeCloseTo(filteredBox(one).left, 8);
  });

  it('goes along the straight way after a gap, whatever was guessed in it', () => {
    const start = startFilter(box(0, 0, 40, 50));
    const after = refilter(start, box(0, 0, 40, 50), box(50, 0, 40, 50), [1, 1, 1, 1, 1]);
    expect(after.x.rate).toBeCloseTo(10, 0);
    expect(filteredBox(after).left).toBeCloseTo(50, 0);
  });

  it('never turns a box inside out', () => {
    const shrinking = updateFilter(predictFilter(startFilter(box(0, 0, 40, 50)), 1), box(10, 10, 20, 25));
    const { width, height } = filteredBox(predictFilter(shrinking, 100));
    expect(width).toBeGreaterThan(0);
    expect(height).toBeGreaterThan(0);
  });
});
