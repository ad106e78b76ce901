/** Draws glasses on a face in a photo, in three dimensions over its mesh. Not what `model-factory/train` paints. */
import type { Point3 } from '../../src/index.ts';
import { type GlassesKind, type Look, lookOf, type Shape } from './glasses-looks.ts';
import { headFrame, type Project } from './head-frame.ts';
import type { Random } from '../random.ts';

/** The photo with glasses of `kind` on the face whose mesh is given in pixels of the photo. */
export function drawGlasses(
  photo: ImageBitmap,
  mesh: readonly Point3[],
  kind: GlassesKind,
  random: Random,
): OffscreenCanvas {
  const canvas = new OffscreenCanvas(photo.width, photo.height);
  const context = canvas.getContext('2d')!;
  context.drawImage(photo, 0, 0);
  const { project, scale } = headFrame(mesh);
  const look = lookOf(kind, random);
  const half = { width: random.between(22, 28), height: random.between(15, 23) };
  const apart = half.width + random.between(8, 11);
  const lenses = [-1, 1].map((side) => lensPath(project, look.shape, side, apart, half));
  for (const lens of lenses) glaze(context, lens, project, look);
  if (random.next() < 0.6) reflect(context, lenses, project, random);
  context.strokeStyle = look.frame;
  context.lineCap = context.lineJoin = 'round';
  context.shadowColor = 'rgba(0,0,0,0.35)';
  [context.shadowOffsetY, context.shadowBlur] = [1.5 * scale, 2 * scale];
  strokeArms(context, project, apart + half.width, half.height, scale * Math.max(look.wire, look.rim * 0.8));
  strokeBridge(context, project, apart - half.width, half.height, scale * look.wire);
  if (look.rim > 0) {
    context.lineWidth = look.rim * scale;
    for (const lens of lenses) context.stroke(lens);
  } else {
    context.shadowColor = 'transparent';
    context.strokeStyle = random.pick(['rgba(255,255,255,0.5)', 'rgba(30,30,30,0.45)']);
    context.lineWidth = 0.8 * scale;
    for (const lens of lenses) context.stroke(lens);
  }
  return canvas;
}

/** One lens's outline from four Bézier curves; `side` is −1 for the image's left, `u` counts outwards. */
function lensPath(
  project: Project,
  shape: Shape,
  side: number,
  apart: number,
  half: { readonly width: number; readonly height: number },
): Path2D {
  const at = (u: number, v: number): readonly [number, number] =>
    project(side * (apart + u * half.width), v * half.height);
  // Where the outline passes at the inner side, the top, the outer side and the bottom, and how square its corners are.
  const [inner, top, outer, bottom, square] = {
    round: [[-0.9, 0], [0, -1.1], [0.9, 0], [0, 1.1], 0.55],
    rectangle: [[-1, 0], [0, -0.8], [1, 0], [0, 0.8], 0.88],
    aviator: [[-0.95, -0.3], [0, -0.9], [1, -0.2], [0.25, 1.2], 0.68],
    'cat-eye': [[-0.95, 0.05], [0.15, -0.75], [1.05, -0.5], [0, 0.85], 0.65],
  }[shape] as [Corner, Corner, Corner, Corner, number];
  const path = new Path2D();
  path.moveTo(...at(...inner));
  const curve = (from: Corner, to: Corner, startsUpright: boolean): void => {
    const corner: Corner = startsUpright ? [from[0], to[1]] : [to[0], from[1]];
    const towards = (point: Corner): Corner => [
      point[0] + (corner[0] - point[0]) * square,
      point[1] + (corner[1] - point[1]) * square,
    ];
    path.bezierCurveTo(...at(...towards(from)), ...at(...towards(to)), ...at(...to));
  };
  curve(inner, top, true);
  curve(top, outer, false);
  curve(outer, bottom, true);
  curve(bottom, inner, false);
  path.closePath();
  return path;
}

type Corner = readonly [number, number];

/** Fills a lens: what lies behind it is filtered, then its own colour lies over it. */
function glaze(
  context: OffscreenCanvasRenderingContext2D,
  lens: Path2D,
  project: Project,
  { filter, own }: Look,
): void {
  for (const [colours, operation] of [
    [filter, 'multiply'],
    [own, 'source-over'],
  ] as const) {
    const shade = context.createLinearGradient(...project(0, -18), ...project(0, 18));
    colours.forEach((colour, i) => shade.addColorStop(i, colour));
    context.globalCompositeOperation = operation;
    context.fillStyle = shade;
    context.fill(lens);
  }
  context.globalCompositeOperation = 'source-over';
}

/** A slanting band of light on each lens. */
function reflect(
  context: OffscreenCanvasRenderingContext2D,
  lenses: readonly Path2D[],
  project: Project,
  random: Random,
): void {
  const [from, width, slant] = [random.between(-15, 8), random.between(3, 12), random.between(-14, 14)];
  const strength = random.between(0.08, 0.4);
  for (const [i, lens] of lenses.entries()) {
    const x = (i === 0 ? -34 : 34) + from;
    context.save();
    context.clip(lens);
    context.fillStyle = `rgba(240,246,255,${strength})`;
    context.beginPath();
    context.moveTo(...project(x, -30));
    context.lineTo(...project(x + width, -30));
    context.lineTo(...project(x + width + slant, 30));
    context.lineTo(...project(x + slant, 30));
    context.fill();
    context.restore();
  }
}

function strokeBridge(
  context: OffscreenCanvasRenderingContext2D,
  project: Project,
  inner: number,
  height: number,
  lineWidth: number,
): void {
  const y = -0.25 * height;
  context.lineWidth = lineWidth;
  context.beginPath();
  context.moveTo(...project(-inner - 1, y));
  context.quadraticCurveTo(...project(0, y - 5), ...project(inner + 1, y));
  context.stroke();
}

/** From the lenses to the ears, where the head does not hide them. */
function strokeArms(
  context: OffscreenCanvasRenderingContext2D,
  project: Project,
  outer: number,
  height: number,
  lineWidth: number,
): void {
  const y = -0.45 * height;
  context.lineWidth = lineWidth;
  for (const side of [-1, 1]) {
    const start = project(side * outer, y);
    const hinge = project(side * (outer + 4), y);
    const ear = project(side * Math.max(outer + 5, 71), y + 4, 75);
    const [centre] = project(0, y);
    context.beginPath();
    context.moveTo(...start);
    context.lineTo(...hinge);
    if (side * (ear[0] - centre) > side * (hinge[0] - centre)) context.lineTo(...ear);
    context.stroke();
  }
}
