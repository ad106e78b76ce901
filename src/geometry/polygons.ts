import type { Point } from '../core/types.ts';

/** The corners of the smallest convex polygon around the points, in turn. Source: A. M. Andrew's monotone chain, 1979. */
export function convexHull(points: readonly Point[]): Point[] {
  const sorted = [...points].sort((a, b) => a.x - b.x || a.y - b.y);
  return [...chain(sorted), ...chain(sorted.toReversed())];
}

/** One side of the hull, without its last corner, which begins the other. */
function chain(points: readonly Point[]): Point[] {
  const corners: Point[] = [];
  for (const point of points) {
    while (corners.length > 1 && turn(corners.at(-2)!, corners.at(-1)!, point) <= 0) corners.pop();
    corners.push(point);
  }
  return corners.slice(0, -1);
}

/** Twice the signed area of a triangle. */
function turn(a: Point, b: Point, c: Point): number {
  return (b.x - a.x) * (c.y - a.y) - (b.y - a.y) * (c.x - a.x);
}

/** How far a point lies outside a hull of {@link convexHull}, by the edge that it lies farthest beyond; negative inside. */
export function outsideHull(hull: readonly Point[], { x, y }: Point): number {
  let farthest = -Infinity;
  hull.forEach((from, i) => {
    const to = hull[(i + 1) % hull.length]!;
    const dx = to.x - from.x;
    const dy = to.y - from.y;
    const length = Math.sqrt(dx * dx + dy * dy);
    if (length > 0) farthest = Math.max(farthest, ((x - from.x) * dy - (y - from.y) * dx) / length);
  });
  return farthest;
}

/** Distance of a point from the line through `points`, end to end. */
export function distanceToPath(points: readonly Point[], { x, y }: Point): number {
  let least = Infinity;
  for (let i = 0; i + 1 < points.length; i++) {
    const a = points[i]!;
    const b = points[i + 1]!;
    const dx = b.x - a.x;
    const dy = b.y - a.y;
    const along = ((x - a.x) * dx + (y - a.y) * dy) / (dx * dx + dy * dy || 1);
    const t = Math.min(Math.max(along, 0), 1);
    const awayX = x - a.x - t * dx;
    const awayY = y - a.y - t * dy;
    least = Math.min(least, awayX * awayX + awayY * awayY);
  }
  return Math.sqrt(least);
}
