/** Draws glasses on a face in a photo, in three dimensions over its mesh. Not what `tools/train` paints. */
import type { Point3 } from '../../src/index.ts';
import type { Random } from './detection/random.ts';

/** What is drawn, and which value of `glasses` it is. Tinted lenses that let the eyes be seen are transparent. */
export const GLASSES = {
  'thin gold rims': 'transparent',
  'thick black frame': 'transparent',
  rimless: 'transparent',
  'coloured plastic frame': 'transparent',
  'tinted lenses': 'transparent',
  'dark lenses': 'sunglasses',
  'mirrored lenses': 'sunglasses',
} as const;

/** A kind of glasses. */
export type GlassesKind = keyof typeof GLASSES;

/** How a pair looks; lengths in millimetres. */
interface Look {
  readonly shape: Shape;
  /** Width of the rim's line; 0 is none. */
  readonly rim: number;
  /** Width of the bridge's and the arms' lines. */
  readonly wire: number;
  readonly frame: string;
  /** Colours of the lenses from top to bottom, what they are multiplied with. */
  readonly filter: readonly [string, string];
  /** Colours that the lenses have of their own. */
  readonly own: readonly [string, string];
}

type Shape = 'round' | 'rectangle' | 'aviator' | 'cat-eye';
type Project = (x: number, y: number, z?: number) => readonly [number, number];

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

/** Millimetres on the head to pixels: x to the image's right, y down, z to the back of the head, the origin between the eyes. */
function headFrame(mesh: readonly Point3[]): { readonly project: Project; readonly scale: number } {
  const between = (a: number, b: number): Vector => minus(mesh[b]!, mesh[a]!);
  // The outer corners of the eyes lie about 90 mm apart.
  const across = times(between(33, 263), 1 / 90);
  const scale = Math.hypot(...across);
  const spine = between(10, 152);
  const upright = minusVector(spine, times(across, dot(spine, across) / scale ** 2));
  const down = times(upright, scale / Math.hypot(...upright));
  const back = times(cross(across, down), 1 / scale);
  const corners = [33, 133, 362, 263].map((index) => mesh[index]!);
  const [x0, y0] = [mean(corners.map(({ x }) => x)), mean(corners.map(({ y }) => y))];
  // The lenses stand some millimetres before the eyes, and follow the face around.
  const project: Project = (x, y, z = -8 + x ** 2 / 400) => [
    x0 + x * across[0] + (y + 1) * down[0] + z * back[0],
    y0 + x * across[1] + (y + 1) * down[1] + z * back[1],
  ];
  return { project, scale };
}

function lookOf(kind: GlassesKind, random: Random): Look {
  const clear = ['rgb(247,249,250)', 'rgb(250,250,250)'] as const;
  const none = ['transparent', 'transparent'] as const;
  const shape = random.pick(['round', 'rectangle', 'aviator', 'cat-eye'] as const);
  const thin = { rim: random.between(1, 1.8), wire: random.between(1.2, 2) };
  const thick = { rim: random.between(3, 7), wire: random.between(3, 5) };
  const metal = random.pick(['rgb(186,146,66)', 'rgb(212,175,95)', 'rgb(165,165,170)', 'rgb(90,85,80)']);
  const black = random.pick(['rgb(12,12,14)', 'rgb(28,24,24)']);
  const hue = random.below(360);
  const plain = { shape, filter: clear, own: none };
  switch (kind) {
    case 'thin gold rims':
      return { ...plain, ...thin, frame: random.pick(['rgb(186,146,66)', 'rgb(212,175,95)']) };
    case 'thick black frame':
      return { ...plain, ...thick, frame: black };
    case 'rimless':
      return { ...plain, ...thin, rim: 0, frame: metal };
    case 'coloured plastic frame':
      return {
        ...plain,
        ...thick,
        frame: `hsl(${hue},${random.between(40, 95)}%,${random.between(25, 70)}%)`,
      };
    case 'tinted lenses':
      return { ...plain, ...thin, frame: random.pick([metal, black]), filter: tint(random), own: none };
    case 'dark lenses':
      return {
        ...plain,
        ...random.pick([thin, thick]),
        frame: random.pick([metal, black]),
        own: dark(random),
      };
    case 'mirrored lenses':
      return {
        ...plain,
        ...random.pick([thin, thick]),
        frame: random.pick([metal, black]),
        own: [`hsla(${hue},70%,62%,0.94)`, `hsla(${hue + random.between(-60, 60)},60%,30%,0.94)`],
      };
  }
}

/** Pink, yellow and other light colours; half of the time fading to clear. */
function tint(random: Random): readonly [string, string] {
  const hue = random.pick([340, 355, 325, 50, 42, 30, 200, 270, 130]);
  const top = `hsl(${hue},${random.between(60, 100)}%,${random.between(68, 84)}%)`;
  return [top, random.next() < 0.5 ? top : 'rgb(245,245,245)'];
}

function dark(random: Random): readonly [string, string] {
  const [r, g, b] = random.pick([
    [14, 14, 16],
    [48, 30, 16],
    [22, 38, 28],
    [30, 32, 52],
    [52, 20, 30],
  ] as const);
  const least = random.between(0.78, 0.95);
  return [`rgba(${r},${g},${b},0.95)`, `rgba(${r},${g},${b},${least})`];
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

type Vector = readonly [number, number, number];

function minus(a: Point3, b: Point3): Vector {
  return [a.x - b.x, a.y - b.y, a.z - b.z];
}

function minusVector(a: Vector, b: Vector): Vector {
  return [a[0] - b[0], a[1] - b[1], a[2] - b[2]];
}

function times([x, y, z]: Vector, factor: number): Vector {
  return [x * factor, y * factor, z * factor];
}

function dot(a: Vector, b: Vector): number {
  return a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
}

function cross(a: Vector, b: Vector): Vector {
  return [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]];
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
