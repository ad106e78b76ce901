import { describe, expect, it } from 'vitest';
import { quantile } from '../harness/averages.ts';
import { agreement, compareAngle, REGIONS, type Pixel } from './measures.ts';

describe('agreement', () => {
  const ours: Pixel[] = Array.from({ length: 106 }, (_, i) => [i, 2 * i]);
  ours[74] = [0, 0];
  ours[77] = [30, 40];

  it('compares each of 68 points with one landmark of its own', () => {
    expect(REGIONS.flatMap(({ theirs }) => theirs).sort((a, b) => a - b)).toEqual([...Array(68).keys()]);
    const all = REGIONS.flatMap((region) => region.ours);
    expect(new Set(all).size).toBe(68);
  });

  it('measures in distances between the eyes', () => {
    const theirs = Array.from({ length: 68 }, () => [0, 0] as Pixel);
    for (const region of REGIONS) {
      region.theirs.forEach((point, i) => {
        const [x, y] = ours[region.ours[i]!]!;
        theirs[point] = [x + (region.name === 'eyes' ? 5 : 0), y + (region.name === 'contour' ? 10 : 0)];
      });
    }
    const { regions, inner } = agreement([{ ours, theirs }]);
    const expected = { contour: 0.2, brows: 0, nose: 0, eyes: 0.1, 'outer lip': 0, 'inner lip': 0 };
    for (const [name, value] of Object.entries(expected)) expect(regions[name]).toBeCloseTo(value, 12);
    expect(inner).toBeCloseTo((12 * 0.1) / 51, 12);
  });
});

it('compareAngle tells an offset from a disagreement', () => {
  const pose = (yaw: number): { pitch: number; yaw: number; roll: number } => ({ pitch: 0, yaw, roll: 0 });
  const faces = [-20, 0, 20].map((yaw) => ({ ours: pose(yaw), theirs: pose(yaw + 5) }));
  expect(compareAngle(faces, 'yaw')).toEqual({
    meanAbsolute: 5,
    offset: 5,
    withoutOffset: 0,
    correlation: 1,
  });
});

it('quantile takes the value that so many lie below', () => {
  expect(quantile([4, 1, 3, 2], 0.5)).toBe(3);
  expect(quantile([1, 2, 3, 4], 1)).toBe(4);
});
