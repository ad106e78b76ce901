import type { Box, Point } from '../core/types.ts';

/**
 * A 2-D affine map in the order of `DOMMatrix` and `setTransform`:
 * `x' = a·x + c·y + tx`, `y' = b·x + d·y + ty`.
 */
export type Affine = readonly [a: number, b: number, c: number, d: number, tx: number, ty: number];

/** The map that changes nothing. */
export const IDENTITY: Affine = Object.freeze<Affine>([1, 0, 0, 1, 0, 0]);

/**
 * The similarity (rotation, uniform scale, translation; no shear, no reflection) that takes `from` to `to` with the
 * least sum of squared distances. Needs two distinct points; with fewer it is a translation.
 * Source: Umeyama, "Least-squares estimation of transformation parameters between two point patterns", 1991; in two
 * dimensions the optimum is the complex quotient Σ conj(p)·q / Σ |p|² of the centred points.
 */
export function similarity(from: readonly Point[], to: readonly Point[]): Affine {
  const p = centroid(from);
  const q = centroid(to);
  let dot = 0;
  let cross = 0;
  let norm = 0;
  for (let i = 0; i < from.length; i++) {
    const px = from[i]!.x - p.x;
    const py = from[i]!.y - p.y;
    const qx = to[i]!.x - q.x;
    const qy = to[i]!.y - q.y;
    dot += px * qx + py * qy;
    cross += px * qy - py * qx;
    norm += px * px + py * py;
  }
  const a = norm > 0 ? dot / norm : 1;
  const b = norm > 0 ? cross / norm : 0;
  return [a, b, -b, a, q.x - (a * p.x - b * p.y), q.y - (b * p.x + a * p.y)];
}

function centroid(points: readonly Point[]): Point {
  let x = 0;
  let y = 0;
  for (const point of points) {
    x += point.x;
    y += point.y;
  }
  return { x: x / points.length, y: y / points.length };
}

/** The map that applies `inner` first and `outer` to its result. */
export function compose(outer: Affine, inner: Affine): Affine {
  const [a, b, c, d, tx, ty] = outer;
  const [ia, ib, ic, id, itx, ity] = inner;
  return [
    a * ia + c * ib,
    b * ia + d * ib,
    a * ic + c * id,
    b * ic + d * id,
    a * itx + c * ity + tx,
    b * itx + d * ity + ty,
  ];
}

/** The inverse map; its numbers are not finite where `affine` is singular. */
export function invert(affine: Affine): Affine {
  const [a, b, c, d, tx, ty] = affine;
  const det = a * d - b * c;
  return [d / det, -b / det, -c / det, a / det, (c * ty - d * tx) / det, (b * tx - a * ty) / det];
}

/** Where a point goes. */
export function applyAffine(affine: Affine, point: Point): Point {
  const [a, b, c, d, tx, ty] = affine;
  return { x: a * point.x + c * point.y + tx, y: b * point.x + d * point.y + ty };
}

/** The smallest upright box around the mapped corners of `box`. */
export function mapBox(affine: Affine, box: Box): Box {
  const [a, b, c, d] = affine;
  const { x, y } = applyAffine(affine, { x: box.left, y: box.top });
  return {
    left: x + Math.min(0, a * box.width) + Math.min(0, c * box.height),
    top: y + Math.min(0, b * box.width) + Math.min(0, d * box.height),
    width: Math.abs(a) * box.width + Math.abs(c) * box.height,
    height: Math.abs(b) * box.width + Math.abs(d) * box.height,
  };
}

/** How much lengths grow: the square root of the map's area factor. */
export function scaleOf(affine: Affine): number {
  const [a, b, c, d] = affine;
  return Math.sqrt(Math.abs(a * d - b * c));
}
