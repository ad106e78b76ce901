import type { Box } from '../core/types.ts';

/** Area of a box; 0 where a side is not positive. */
export function area(box: Box): number {
  return Math.max(0, box.width) * Math.max(0, box.height);
}

/** Area that two boxes share. */
export function intersection(a: Box, b: Box): number {
  const width = Math.min(a.left + a.width, b.left + b.width) - Math.max(a.left, b.left);
  const height = Math.min(a.top + a.height, b.top + b.height) - Math.max(a.top, b.top);
  return width > 0 && height > 0 ? width * height : 0;
}

/** Intersection over union, 0..1; 0 where both boxes are empty. */
export function iou(a: Box, b: Box): number {
  const shared = intersection(a, b);
  return shared > 0 ? Math.min(1, shared / (area(a) + area(b) - shared)) : 0;
}

/** The share of `inner`'s area that lies inside `outer`, 0..1. */
export function containment(inner: Box, outer: Box): number {
  const shared = intersection(inner, outer);
  return shared > 0 ? Math.min(1, shared / area(inner)) : 0;
}

/** The part of a box inside an image of `width` × `height`; sides are 0 where there is none. */
export function clampBox(box: Box, width: number, height: number): Box {
  const left = Math.min(Math.max(box.left, 0), width);
  const top = Math.min(Math.max(box.top, 0), height);
  const right = Math.min(Math.max(box.left + box.width, left), width);
  const bottom = Math.min(Math.max(box.top + box.height, top), height);
  return { left, top, width: right - left, height: bottom - top };
}

/** The box with both sides multiplied by `factor`, about its centre. */
export function expandBox(box: Box, factor: number): Box {
  const width = box.width * factor;
  const height = box.height * factor;
  return {
    left: box.left + (box.width - width) / 2,
    top: box.top + (box.height - height) / 2,
    width,
    height,
  };
}

/** The square of the longer side, about the box's centre. */
export function squareBox(box: Box): Box {
  const side = Math.max(box.width, box.height);
  return {
    left: box.left + (box.width - side) / 2,
    top: box.top + (box.height - side) / 2,
    width: side,
    height: side,
  };
}

/** The smallest box around points given flat, `stride` numbers each, x and y first. At least one point. */
export function boxAround(points: ArrayLike<number>, stride: number): Box {
  let left = Infinity;
  let top = Infinity;
  let right = -Infinity;
  let bottom = -Infinity;
  for (let i = 0; i + 1 < points.length; i += stride) {
    const x = points[i]!;
    const y = points[i + 1]!;
    if (x < left) left = x;
    if (x > right) right = x;
    if (y < top) top = y;
    if (y > bottom) bottom = y;
  }
  return { left, top, width: right - left, height: bottom - top };
}

/** The box with every length multiplied by `scale`. */
export function scaleBox({ left, top, width, height }: Box, scale: number): Box {
  return { left: left * scale, top: top * scale, width: width * scale, height: height * scale };
}

/** Whether the centre of `inner` lies in `outer`, whose right and lower edges do not count. */
export function containsCentre(outer: Box, inner: Box): boolean {
  const x = inner.left + inner.width / 2 - outer.left;
  const y = inner.top + inner.height / 2 - outer.top;
  return x >= 0 && y >= 0 && x < outer.width && y < outer.height;
}
