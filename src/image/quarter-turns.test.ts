import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { turnQuarters } from './quarter-turns.ts';
import type { RgbaImage } from './pixels.ts';

const images = fc
  .tuple(fc.integer({ min: 1, max: 7 }), fc.integer({ min: 1, max: 7 }))
  .map(([width, height]): RgbaImage => {
    const data = Uint8ClampedArray.from({ length: 4 * width * height }, (_, i) => (i * 37) % 256);
    return { width, height, data };
  });

describe('turnQuarters', () => {
  it('turns clockwise', () => {
    const row = { width: 2, height: 1, data: Uint8ClampedArray.from([1, 1, 1, 1, 2, 2, 2, 2]) };
    const reds = ({ data }: RgbaImage): number[] => [data[0]!, data[4]!];
    expect(turnQuarters(row, 90)).toMatchObject({ width: 1, height: 2 });
    expect(reds(turnQuarters(row, 90))).toEqual([1, 2]);
    expect(reds(turnQuarters(row, 270))).toEqual([2, 1]);
    expect(reds(turnQuarters(row, 180))).toEqual([2, 1]);
    const column = { width: 1, height: 2, data: row.data };
    expect(reds(turnQuarters(column, 90))).toEqual([2, 1]);
  });

  it('comes back after a full turn, and half a turn is two quarters', () => {
    fc.assert(
      fc.property(images, (image) => {
        const quarter = turnQuarters(image, 90);
        expect(turnQuarters(quarter, 90)).toEqual(turnQuarters(image, 180));
        expect(turnQuarters(quarter, 270)).toEqual(image);
        expect(turnQuarters(image, 0)).toEqual(image);
      }),
    );
  });
});
