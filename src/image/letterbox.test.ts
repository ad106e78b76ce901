import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { containment } from '../geometry/boxes.ts';
import { invert, mapBox } from '../geometry/similarity.ts';
import { letterbox, stretch, tiles } from './letterbox.ts';

const side = fc.integer({ min: 1, max: 4000 });

describe('letterbox and stretch', () => {
  it('shows the whole region, aspect kept, in the middle or at the start', () => {
    const region = { left: 100, top: 50, width: 1280, height: 960 };
    expect(mapBox(invert(letterbox(region, 128, 128)), region)).toEqual({
      left: 0,
      top: 16,
      width: 128,
      height: 96,
    });
    expect(mapBox(invert(letterbox(region, 128, 128, 'start')), region)).toEqual({
      left: 0,
      top: 0,
      width: 128,
      height: 96,
    });
    expect(mapBox(invert(stretch(region, 320, 100)), region)).toEqual({
      left: 0,
      top: 0,
      width: 320,
      height: 100,
    });
  });

  it('never cuts the region off', () => {
    fc.assert(
      fc.property(side, side, side, side, (width, height, outWidth, outHeight) => {
        const region = { left: -7, top: 3, width, height };
        const shown = mapBox(letterbox(region, outWidth, outHeight), {
          left: 0,
          top: 0,
          width: outWidth,
          height: outHeight,
        });
        expect(containment(region, shown)).toBeCloseTo(1, 6);
      }),
    );
  });
});

describe('tiles', () => {
  it('cover the image without leaving it and share the overlap', () => {
    fc.assert(
      fc.property(side, side, fc.integer({ min: 100, max: 800 }), (width, height, tile) => {
        const overlap = Math.floor(tile / 4);
        const all = tiles(width, height, tile, tile, overlap);
        const columns = [...new Set(all.map(({ left }) => left))];
        expect(columns[0]).toBe(0);
        expect(columns.at(-1) + Math.min(tile, width)).toBe(width);
        columns
          .slice(1)
          .forEach((left, i) => expect(columns[i]! + tile - left).toBeGreaterThanOrEqual(overlap - 1));
        for (const { left, top, ...size } of all) {
          expect(left + size.width).toBeLessThanOrEqual(width);
          expect(top + size.height).toBeLessThanOrEqual(height);
        }
      }),
    );
  });

  it('is one tile for a small image', () => {
    expect(tiles(300, 200, 640, 480, 100)).toEqual([{ left: 0, top: 0, width: 300, height: 200 }]);
  });
});
