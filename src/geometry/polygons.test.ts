import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { convexHull, distanceToPath, outsideHull } from './polygons.ts';

/** In pixels, to a millionth. */
const coordinate = fc.integer({ min: -1e8, max: 1e8 }).map((millionths) => millionths / 1e6);
const point = fc.record({ x: coordinate, y: coordinate });

describe('convexHull', () => {
  it('keeps the corners of a square and none of what lies in it', () => {
    const corners = [
      { x: 0, y: 0 },
      { x: 4, y: 0 },
      { x: 4, y: 4 },
      { x: 0, y: 4 },
    ];
    const hull = convexHull([{ x: 2, y: 2 }, ...corners, { x: 2, y: 0 }, { x: 1, y: 3 }]);
    expect(hull).toHaveLength(4);
    expect(hull).toEqual(expect.arrayContaining(corners));
  });

  it('holds every point, and a point beyond an edge lies outside by its distance', () => {
    fc.assert(
      fc.property(fc.array(point, { minLength: 3, maxLength: 20 }), (points) => {
        const hull = convexHull(points);
        for (const each of points) expect(outsideHull(hull, each)).toBeLessThan(1e-6);
      }),
    );
    const triangle = convexHull([
      { x: 0, y: 0 },
      { x: 10, y: 0 },
      { x: 0, y: 10 },
    ]);
    expect(outsideHull(triangle, { x: 3, y: -2 })).toBeCloseTo(2, 9);
    expect(outsideHull(triangle, { x: 1, y: 1 })).toBeCloseTo(-1, 9);
  });
});

describe('distanceToPath', () => {
  it('is that to the nearest place of the line, its ends included', () => {
    const path = [
      { x: 0, y: 0 },
      { x: 10, y: 0 },
      { x: 10, y: 10 },
    ];
    expect(distanceToPath(path, { x: 5, y: 3 })).toBeCloseTo(3, 9);
    expect(distanceToPath(path, { x: 14, y: 5 })).toBeCloseTo(4, 9);
    expect(distanceToPath(path, { x: -3, y: -4 })).toBeCloseTo(5, 9);
  });

  it('is at most that to any of the points', () => {
    fc.assert(
      fc.property(fc.array(point, { minLength: 2, maxLength: 9 }), point, (path, { x, y }) => {
        const nearest = Math.min(...path.map((corner) => Math.hypot(corner.x - x, corner.y - y)));
        expect(distanceToPath(path, { x, y })).toBeLessThanOrEqual(nearest + 1e-6);
      }),
    );
  });
});
