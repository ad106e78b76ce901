/** Runs in the page: a face of a photo that turns, nods, blinks and smiles; its mesh moved, textured from the photo. */
import type { Point3 } from '../../src/index.ts';
import { delaunay, drawTriangle } from './degrade.ts';

/** What a face does. */
export interface Act {
  /** Degrees, + towards the picture's right. */
  readonly yaw?: number;
  /** Degrees, + down. */
  readonly pitch?: number;
  /** 0 closed .. 1 as in the photo. */
  readonly eyes?: number;
  /** 0 as in the photo .. 1 a broad smile. */
  readonly smile?: number;
}

/** Points of the upper lids, each with the one of the lower lid below it. */
const LIDS = [
  ...[161, 160, 159, 158, 157].map((upper, i) => [upper, [163, 144, 145, 153, 154][i]!] as const),
  ...[388, 387, 386, 385, 384].map((upper, i) => [upper, [390, 373, 374, 380, 381][i]!] as const),
];
/** Corners of the mouth, image-left and right, and of the eyes. */
const MOUTH = [61, 291] as const;
const EYES = [33, 263] as const;
/** How far a smile draws the corners of the mouth apart and up, in distances of the outer corners of the eyes, and how far around them. */
const SMILE_OUT = 0.1;
const SMILE_UP = 0.07;
const SMILE_REACH = 0.28;
/** Points of the mesh that are no irises. */
const POINTS = 468;

/** A face of a photo. */
export class ActingFace {
  readonly #photo: OffscreenCanvas;
  readonly #points: readonly Point3[];
  readonly #triangles: readonly (readonly [number, number, number])[];

  /** @param mesh - of the face, in pixels of the photo */
  constructor(photo: ImageBitmap, mesh: readonly Point3[]) {
    this.#photo = new OffscreenCanvas(photo.width, photo.height);
    this.#photo.getContext('2d')!.drawImage(photo, 0, 0);
    this.#points = mesh.slice(0, POINTS);
    this.#triangles = delaunay(this.#points);
  }

  get width(): number {
    return this.#photo.width;
  }

  get height(): number {
    return this.#photo.height;
  }

  /** Draws the photo with the face doing something. */
  draw(context: OffscreenCanvasRenderingContext2D | CanvasRenderingContext2D, act: Act = {}): void {
    context.drawImage(this.#photo, 0, 0);
    const { yaw = 0, pitch = 0, eyes = 1, smile = 0 } = act;
    if (yaw === 0 && pitch === 0 && eyes === 1 && smile === 0) return;
    const to = turned(smiling(blinking(this.#points, eyes), smile), yaw, pitch);
    if (Math.abs(yaw) + Math.abs(pitch) > 3) {
      context.save();
      context.filter = `blur(${distance(this.#points, ...EYES) / 3}px)`;
      context.drawImage(this.#photo, 0, 0);
      context.restore();
    }
    const ordered = this.#triangles
      .map((corners) => ({ corners, depth: corners.reduce((sum, i) => sum + to[i]!.z, 0) }))
      .sort((a, b) => b.depth - a.depth);
    for (const { corners } of ordered)
      drawTriangle(context as OffscreenCanvasRenderingContext2D, this.#photo, corners, this.#points, to);
  }
}

function blinking(points: readonly Point3[], open: number): readonly Point3[] {
  const moved = [...points];
  for (const [upper, lower] of LIDS) {
    const [from, to] = [points[upper]!, points[lower]!];
    // A hair is left, so that the triangles of the eye keep their side.
    const share = 0.06 + 0.94 * open;
    const at = (key: 'x' | 'y' | 'z'): number => to[key] + share * (from[key] - to[key]);
    moved[upper] = { x: at('x'), y: at('y'), z: at('z') };
  }
  return moved;
}

function smiling(points: readonly Point3[], much: number): readonly Point3[] {
  if (much === 0) return points;
  const unit = distance(points, ...EYES);
  const [left, right] = MOUTH.map((i) => points[i]!) as [Point3, Point3];
  const [ax, ay] = [(right.x - left.x) / Math.hypot(right.x - left.x, right.y - left.y), 0];
  return points.map((point) => {
    let { x, y } = point;
    for (const [corner, side] of [
      [left, -1],
      [right, 1],
    ] as const) {
      const near = Math.hypot(point.x - corner.x, point.y - corner.y) / (SMILE_REACH * unit);
      const weight = much * Math.exp(-(near ** 2));
      x += weight * side * SMILE_OUT * unit * ax;
      y += weight * side * SMILE_OUT * unit * ay - weight * SMILE_UP * unit;
    }
    return { x, y, z: point.z };
  });
}

function turned(points: readonly Point3[], yaw: number, pitch: number): readonly Point3[] {
  const mean = (key: 'x' | 'y' | 'z'): number =>
    points.reduce((sum, point) => sum + point[key], 0) / points.length;
  const [cx, cy, cz] = [mean('x'), mean('y'), mean('z')];
  const [sy, cyw] = [Math.sin((yaw * Math.PI) / 180), Math.cos((yaw * Math.PI) / 180)];
  const [sp, cp] = [Math.sin((pitch * Math.PI) / 180), Math.cos((pitch * Math.PI) / 180)];
  return points.map((point) => {
    const [x, y, z] = [point.x - cx, point.y - cy, point.z - cz];
    // Depth grows away from the camera: what is near goes down with a nod, and right with a turn to the right.
    const [y1, z1] = [y * cp - z * sp, y * sp + z * cp];
    const [x2, z2] = [x * cyw - z1 * sy, x * sy + z1 * cyw];
    return { x: cx + x2, y: cy + y1, z: z2 };
  });
}

function distance(points: readonly Point3[], i: number, j: number): number {
  const [a, b] = [points[i]!, points[j]!];
  return Math.hypot(b.x - a.x, b.y - a.y);
}
