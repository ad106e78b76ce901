import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Point } from '../core/types.ts';
import {
  applyAffine,
  compose,
  IDENTITY,
  invert,
  mapBox,
  scaleOf,
  similarity,
  type Affine,
} from './similarity.ts';

const coordinate = fc.double({ min: -500, max: 500, noNaN: true });
const point: fc.Arbitrary<Point> = fc.record({ x: coordinate, y: coordinate });
const turn: fc.Arbitrary<Affine> = fc
  .tuple(
    fc.double({ min: -3.1, max: 3.1, noNaN: true }),
    fc.double({ min: 0.1, max: 10, noNaN: true }),
    point,
  )
  .map(([angle, scale, { x, y }]) => {
    const a = scale * Math.cos(angle);
    const b = scale * Math.sin(angle);
    return [a, b, -b, a, x, y] as const;
  });

function close(actual: Point, expected: Point): void {
  expect(actual.x).toBeCloseTo(expected.x, 5);
  expect(actual.y).toBeCloseTo(expected.y, 5);
}

describe('similarity', () => {
  it('recovers a known turn, scale and shift', () => {
    const spread = fc
      .array(point, { minLength: 2, maxLength: 8 })
      .filter((points) => points.some(({ x, y }) => Math.hypot(x - points[0]!.x, y - points[0]!.y) > 1));
    fc.assert(
      fc.property(spread, turn, (points, affine) => {
        const found = similarity(
          points,
          points.map((p) => applyAffine(affine, p)),
        );
        found.forEach((value, i) => expect(value).toBeCloseTo(affine[i]!, 4));
      }),
    );
  });

  it('is the least-squares optimum: any small change makes the fit worse', () => {
    const from = [
      { x: 0, y: 0 },
      { x: 10, y: 0 },
      { x: 4, y: 7 },
      { x: 1, y: 12 },
    ];
    const to = [
      { x: 3, y: 1 },
      { x: 14, y: 4 },
      { x: 5, y: 12 },
      { x: 2, y: 11 },
    ];
    const [a, b, , , tx, ty] = similarity(from, to);
    const loss = (a: number, b: number, tx: number, ty: number): number =>
      from.reduce((sum, p, i) => {
        const { x, y } = applyAffine([a, b, -b, a, tx, ty], p);
        return sum + (x - to[i]!.x) ** 2 + (y - to[i]!.y) ** 2;
      }, 0);
    const best = loss(a, b, tx, ty);
    for (const step of [-1e-3, 1e-3]) {
      expect(loss(a + step, b, tx, ty)).toBeGreaterThan(best);
      expect(loss(a, b + step, tx, ty)).toBeGreaterThan(best);
      expect(loss(a, b, tx + step, ty)).toBeGreaterThan(best);
      expect(loss(a, b, tx, ty + step)).toBeGreaterThan(best);
    }
  });

  it('does not mirror, and falls back to a translation for one point', () => {
    const mirrored = similarity(
      [
        { x: 0, y: 0 },
        { x: 1, y: 0 },
        { x: 0, y: 1 },
      ],
      [
        { x: 0, y: 0 },
        { x: -1, y: 0 },
        { x: 0, y: 1 },
      ],
    );
    expect(mirrored[0] * mirrored[3] - mirrored[1] * mirrored[2]).toBeGreaterThanOrEqual(0);
    close(applyAffine(similarity([{ x: 1, y: 2 }], [{ x: 5, y: 5 }]), { x: 0, y: 0 }), { x: 4, y: 3 });
  });
});

describe('affine maps', () => {
  it('composes right to left and inverts', () => {
    fc.assert(
      fc.property(turn, turn, point, (outer, inner, p) => {
        close(applyAffine(compose(outer, inner), p), applyAffine(outer, applyAffine(inner, p)));
        close(applyAffine(invert(outer), applyAffine(outer, p)), p);
      }),
    );
    expect(compose(IDENTITY, [1, 2, 3, 4, 5, 6])).toEqual([1, 2, 3, 4, 5, 6]);
  });

  it('has the order of DOMMatrix: a quarter turn clockwise takes x to y', () => {
    close(applyAffine([0, 1, -1, 0, 0, 0], { x: 1, y: 0 }), { x: 0, y: 1 });
  });

  it('bounds a mapped box and measures scale', () => {
    expect(mapBox([0, 2, -2, 0, 100, 50], { left: 1, top: 2, width: 3, height: 4 })).toEqual({
      left: 88,
      top: 52,
      width: 8,
      height: 6,
    });
    expect(scaleOf([0, 2, -2, 0, 9, 9])).toBe(2);
  });
});
