import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Box } from '../core/types.ts';
import { area, boxAround, clampBox, containment, expandBox, intersection, iou, squareBox } from './boxes.ts';

const coordinate = fc.double({ min: -1000, max: 1000, noNaN: true });
const side = fc.double({ min: 0, max: 1000, noNaN: true });
const anyBox: fc.Arbitrary<Box> = fc.record({ left: coordinate, top: coordinate, width: side, height: side });

describe('boxes', () => {
  it('measures a known overlap', () => {
    const a = { left: 0, top: 0, width: 4, height: 4 };
    const b = { left: 2, top: 2, width: 4, height: 4 };
    expect(intersection(a, b)).toBe(4);
    expect(iou(a, b)).toBeCloseTo(4 / 28, 12);
    expect(containment(b, a)).toBe(0.25);
    expect(iou(a, { left: 4, top: 0, width: 4, height: 4 })).toBe(0);
  });

  it('keeps IoU and containment within 0..1, IoU symmetric, and 1 with itself', () => {
    fc.assert(
      fc.property(anyBox, anyBox, (a, b) => {
        const value = iou(a, b);
        expect(value).toBeGreaterThanOrEqual(0);
        expect(value).toBeLessThanOrEqual(1);
        expect(iou(b, a)).toBeCloseTo(value, 9);
        expect(containment(a, b)).toBeLessThanOrEqual(1);
        expect(value).toBeLessThanOrEqual(containment(a, b) + 1e-9);
        if (a.width > 1e-3 && a.height > 1e-3) expect(iou(a, a)).toBeCloseTo(1, 6);
      }),
    );
  });

  it('clamps into the image, to nothing where the box is outside', () => {
    fc.assert(
      fc.property(anyBox, (box) => {
        const inside = clampBox(box, 640, 480);
        expect(inside.left).toBeGreaterThanOrEqual(0);
        expect(inside.left + inside.width).toBeLessThanOrEqual(640 + 1e-9);
        expect(inside.top + inside.height).toBeLessThanOrEqual(480 + 1e-9);
        expect(area(inside)).toBeCloseTo(intersection(box, { left: 0, top: 0, width: 640, height: 480 }), 3);
      }),
    );
  });

  it('expands and squares about the centre', () => {
    const box = { left: 10, top: 20, width: 30, height: 10 };
    expect(expandBox(box, 2)).toEqual({ left: -5, top: 15, width: 60, height: 20 });
    expect(squareBox(box)).toEqual({ left: 10, top: 10, width: 30, height: 30 });
  });

  it('bounds flat points of any stride', () => {
    expect(boxAround([3, 4, 9, -1, 7, 9], 3)).toEqual({ left: -1, top: 4, width: 4, height: 3 });
  });
});
