/** Covers one part of a face in a photo: a shape, filled with something, its edge soft. Not what `model-factory/train` paints. */
import type { Point3 } from '../../src/index.ts';
import type { Random } from '../random.ts';

/** Mesh points on each part. Left and right are those of the image. */
const POINTS = {
  leftEyeBrow: [70, 63, 105, 66, 107, 55, 65, 52, 53, 46],
  rightEyeBrow: [300, 293, 334, 296, 336, 285, 295, 282, 283, 276],
  leftEye: [33, 160, 159, 158, 133, 153, 145, 144],
  rightEye: [263, 387, 386, 385, 362, 380, 374, 373],
  nose: [197, 195, 5, 4, 1, 2, 98, 327, 129, 358, 49, 279],
  mouth: [61, 40, 37, 0, 267, 270, 291, 321, 314, 17, 84, 91],
  faceContour: [
    127, 234, 93, 132, 58, 172, 136, 150, 149, 176, 148, 152, 377, 400, 378, 379, 365, 397, 288, 361, 323,
    454, 356,
  ],
} as const;

/** A part that can be covered. */
export type Part = keyof typeof POINTS;

/** Every part, in the order of the documentation. */
export const PARTS: readonly Part[] = Object.keys(POINTS) as Part[];

/** What makes a part covered, and the others not: shares of their mesh points. */
const LEAST_COVERED = { part: 0.7, contour: 0.2 };
const MOST_OF_OTHERS = 0.15;
const TRIES = 30;

interface Ellipse {
  readonly x: number;
  readonly y: number;
  readonly halfWidth: number;
  readonly halfHeight: number;
  readonly angle: number;
}

/** The photo with `part` covered, or undefined where the head is turned so that no shape covers that part alone. */
export function coverPart(
  photo: ImageBitmap,
  mesh: readonly Point3[],
  part: Part,
  things: ImageBitmap,
  random: Random,
): OffscreenCanvas | undefined {
  const shape = shapeFor(mesh, part, random);
  if (!shape) return undefined;
  const canvas = new OffscreenCanvas(photo.width, photo.height);
  const context = canvas.getContext('2d')!;
  context.drawImage(photo, 0, 0);
  const layer = new OffscreenCanvas(photo.width, photo.height);
  const paint = layer.getContext('2d')!;
  paint.filter = `blur(${random.between(0.3, 0.03 * shape.halfWidth + 1)}px)`;
  outline(paint, shape, random);
  paint.fill();
  paint.filter = 'none';
  paint.globalCompositeOperation = 'source-atop';
  fill(paint, shape, canvas, mesh, things, random);
  context.drawImage(layer, 0, 0);
  return canvas;
}

function shapeFor(mesh: readonly Point3[], part: Part, random: Random): Ellipse | undefined {
  const points = POINTS[part].map((index) => mesh[index]!);
  for (let i = 0; i < TRIES; i++) {
    const shape = part === 'faceContour' ? besideFace(mesh, points, random) : around(points, random);
    const least = part === 'faceContour' ? LEAST_COVERED.contour : LEAST_COVERED.part;
    const others = PARTS.filter((other) => other !== part);
    const alone = others.every((other) => coveredShare(mesh, other, shape) <= MOST_OF_OTHERS);
    if (alone && coveredShare(mesh, part, shape) >= least) return shape;
  }
  return undefined;
}

function around(points: readonly Point3[], random: Random): Ellipse {
  const [xs, ys] = [points.map(({ x }) => x), points.map(({ y }) => y)];
  const [left, right, top, bottom] = [Math.min(...xs), Math.max(...xs), Math.min(...ys), Math.max(...ys)];
  return {
    x: (left + right) / 2,
    y: (top + bottom) / 2,
    halfWidth: (random.between(1.2, 2) * (right - left)) / 2,
    halfHeight: (random.between(1.2, 2.2) * Math.max(bottom - top, (right - left) / 3)) / 2,
    angle: random.between(-0.2, 0.2),
  };
}

/** A shape on the contour, the larger part of it outside the face. */
function besideFace(mesh: readonly Point3[], points: readonly Point3[], random: Random): Ellipse {
  const at = random.pick(points);
  const nose = mesh[4]!;
  const width = Math.hypot(mesh[454]!.x - mesh[234]!.x, mesh[454]!.y - mesh[234]!.y);
  const out = random.between(0.02, 0.2);
  return {
    x: at.x + (at.x - nose.x) * out,
    y: at.y + (at.y - nose.y) * out,
    halfWidth: width * random.between(0.15, 0.35),
    halfHeight: width * random.between(0.15, 0.35),
    angle: random.between(-0.5, 0.5),
  };
}

function coveredShare(
  mesh: readonly Point3[],
  part: Part,
  { x, y, halfWidth, halfHeight, angle }: Ellipse,
): number {
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
  const inside = POINTS[part].filter((index) => {
    const [dx, dy] = [mesh[index]!.x - x, mesh[index]!.y - y];
    return Math.hypot((cos * dx + sin * dy) / halfWidth, (cos * dy - sin * dx) / halfHeight) <= 1;
  });
  return inside.length / POINTS[part].length;
}

/** An ellipse, a rounded box inside it, or an ellipse with a wavy edge. */
function outline(paint: OffscreenCanvasRenderingContext2D, shape: Ellipse, random: Random): void {
  const { x, y, halfWidth, halfHeight, angle } = shape;
  const kind = random.below(3);
  const phase = random.between(0, 6);
  paint.beginPath();
  for (let t = 0; t < 2 * Math.PI; t += 0.05) {
    const [cos, sin] = [Math.cos(t), Math.sin(t)];
    const box = 1 / (Math.abs(cos) ** 5 + Math.abs(sin) ** 5) ** 0.2;
    const reach = kind === 0 ? 1 : kind === 1 ? 0.92 * box : 0.95 + 0.08 * Math.sin(5 * t + phase);
    const [u, v] = [reach * halfWidth * cos, reach * halfHeight * sin];
    paint.lineTo(
      x + Math.cos(angle) * u - Math.sin(angle) * v,
      y + Math.sin(angle) * u + Math.cos(angle) * v,
    );
  }
  paint.closePath();
}

/** Skin of the same face, a plain colour, stripes, or a piece of another photo; shaded from side to side. */
function fill(
  paint: OffscreenCanvasRenderingContext2D,
  { x, y, halfWidth, halfHeight }: Ellipse,
  photo: OffscreenCanvas,
  mesh: readonly Point3[],
  things: ImageBitmap,
  random: Random,
): void {
  const [left, top, width, height] = [x - 2 * halfWidth, y - 2 * halfHeight, 4 * halfWidth, 4 * halfHeight];
  const kind = random.below(4);
  if (kind === 0) paint.fillStyle = skinOf(photo, mesh, random);
  else paint.fillStyle = colour(random);
  paint.fillRect(left, top, width, height);
  if (kind === 2) {
    paint.fillStyle = colour(random);
    const step = random.between(0.1, 0.4) * halfHeight;
    for (let at = top; at < top + height; at += 2 * step) paint.fillRect(left, at, width, step);
  }
  if (kind === 3) {
    const side = things.width / 4;
    const corner = random.pick([0, things.width - side]);
    paint.drawImage(
      things,
      corner,
      random.between(0, things.height - side),
      side,
      side,
      left,
      top,
      width,
      height,
    );
  }
  const shade = paint.createLinearGradient(left, top, left + width, top + height * random.between(0, 1));
  shade.addColorStop(0, 'rgba(255,255,255,0.2)');
  shade.addColorStop(1, 'rgba(0,0,0,0.35)');
  paint.fillStyle = shade;
  paint.fillRect(left, top, width, height);
}

function colour(random: Random): string {
  return `rgb(${random.below(256)},${random.below(256)},${random.below(256)})`;
}

/** The mean colour of a cheek, a little lighter or darker. */
function skinOf(photo: OffscreenCanvas, mesh: readonly Point3[], random: Random): string {
  const cheek = mesh[random.pick([50, 280])]!;
  const { data } = photo
    .getContext('2d')!
    .getImageData(Math.round(cheek.x) - 2, Math.round(cheek.y) - 2, 5, 5);
  const light = random.between(0.7, 1.15);
  const mean = [0, 1, 2].map((channel) => {
    let sum = 0;
    for (let at = channel; at < data.length; at += 4) sum += data[at]!;
    return Math.round((light * sum) / 25);
  });
  return `rgb(${mean.join()})`;
}
