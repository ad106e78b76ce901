/** Runs in the page: heads turned aside, painted from photos of frontal faces. */
import type { Point3 } from '../../src/index.ts';
import { delaunay, drawTriangle } from '../../tools/drawing/degrade.ts';

/** A picture of a turned head, and the square of its face in it, in its pixels. */
export interface Profile {
  readonly canvas: OffscreenCanvas;
  readonly face: { readonly x: number; readonly y: number; readonly side: number };
}

/** The outline of the face. Source: MediaPipe FACEMESH_FACE_OVAL. */
const OVAL = [
  10, 338, 297, 332, 284, 251, 389, 356, 454, 323, 361, 288, 397, 365, 379, 378, 400, 377, 152, 148, 176, 149,
  150, 136, 172, 58, 132, 93, 234, 127, 162, 21, 54, 103, 67, 109,
] as const;
/**
 * The rest of the head, which the mesh lacks, in rings behind the outline, the nearest first. Shares are of the distance from the
 * outline's middle: where in the photo the texture lies (ears and hair), to the sides and downwards (`texture`) and upwards
 * (`textureUp`), and where the ring is (`out`, `outUp`: the skull is higher than the brow). `back`: how far it is from the outline to
 * the back of the head, 0..1.
 */
const RINGS = [
  { texture: 1.06, textureUp: 1.12, out: 1.06, outUp: 1.18, back: 0.2 },
  { texture: 1.1, textureUp: 1.22, out: 1.08, outUp: 1.28, back: 0.5 },
  { texture: 1.13, textureUp: 1.3, out: 0.92, outUp: 1.18, back: 0.82 },
  { texture: 1.15, textureUp: 1.34, out: 0.45, outUp: 0.6, back: 1 },
] as const;
/** How far behind the outline's middle the back of the head is, and the axis that it turns about, in half widths of the face. */
const BACK = 1.7;
const AXIS = 0.4;
/** Blur of what lies behind the head, in half widths of the face: of the frontal face, nothing must be left to be seen. */
const BLUR = 0.55;

/**
 * The photo's head turned by `yawDeg` about its axis, over the photo, blurred. `mesh` is that of the face as found in the photo.
 */
export function paintProfile(photo: ImageBitmap, mesh: readonly Point3[], yawDeg: number): Profile {
  const points = mesh.slice(0, 468);
  const outline = OVAL.map((i) => points[i]!);
  const middle = mean(outline);
  const half = (points[454]!.x - points[234]!.x) / 2;
  const texture = [...points];
  const head = [...points];
  for (const ring of RINGS) {
    for (const point of outline) {
      const [dx, dy] = [point.x - middle.x, point.y - middle.y];
      const up = Math.max(0, -dy / Math.hypot(dx, dy)) ** 2;
      const at = (share: number, shareUp: number): Pick<Point3, 'x' | 'y'> => {
        const far = share + up * (shareUp - share);
        return { x: middle.x + far * dx, y: middle.y + far * dy };
      };
      texture.push({ ...at(ring.texture, ring.textureUp), z: 0 });
      const z = point.z + ring.back * (middle.z + BACK * half - point.z);
      head.push({ ...at(ring.out, ring.outUp), z });
    }
  }
  const axis = { x: middle.x, z: middle.z + AXIS * half };
  const [sin, cos] = [Math.sin((yawDeg * Math.PI) / 180), Math.cos((yawDeg * Math.PI) / 180)];
  const turned = head.map(({ x, y, z }) => ({
    x: axis.x + (x - axis.x) * cos - (z - axis.z) * sin,
    y,
    z: (x - axis.x) * sin + (z - axis.z) * cos,
  }));
  const { canvas, context } = canvasOf(photo);
  context.filter = `blur(${BLUR * half}px)`;
  // Beyond the rim, blurring mixes in nothing: the photo is drawn larger first.
  context.drawImage(photo, -half, -half, photo.width + 2 * half, photo.height + 2 * half);
  context.drawImage(photo, 0, 0);
  context.filter = 'none';
  const sheet = canvasOf(photo);
  sheet.context.drawImage(photo, 0, 0);
  const triangles = delaunay(texture)
    .map((corners) => ({ corners, depth: corners.reduce((sum, i) => sum + turned[i]!.z, 0) }))
    .sort((a, b) => b.depth - a.depth);
  for (const { corners } of triangles) drawTriangle(context, sheet.canvas, corners, texture, turned);
  return { canvas, face: squareOf(turned.slice(0, points.length)) };
}

function canvasOf({ width, height }: ImageBitmap): {
  readonly canvas: OffscreenCanvas;
  readonly context: OffscreenCanvasRenderingContext2D;
} {
  const canvas = new OffscreenCanvas(width, height);
  return { canvas, context: canvas.getContext('2d', { willReadFrequently: true })! };
}

function mean(points: readonly Point3[]): Point3 {
  const sum = (of: (point: Point3) => number): number =>
    points.reduce((total, point) => total + of(point), 0) / points.length;
  return { x: sum(({ x }) => x), y: sum(({ y }) => y), z: sum(({ z }) => z) };
}

function squareOf(points: readonly Pick<Point3, 'x' | 'y'>[]): Profile['face'] {
  const xs = points.map(({ x }) => x);
  const ys = points.map(({ y }) => y);
  const [left, right, top, bottom] = [Math.min(...xs), Math.max(...xs), Math.min(...ys), Math.max(...ys)];
  return { x: (left + right) / 2, y: (top + bottom) / 2, side: Math.max(right - left, bottom - top) };
}
