/** Runs in the page: photos made worse in stated ways, so that error rates can be measured under each. */
import type { Point3 } from '../../src/index.ts';
import { seeded } from '../random.ts';

/** What is done to a photo. What is left out is left alone. */
export interface Degradation {
  /** Shorter side of the face's box in pixels, by scaling the whole photo down. */
  readonly faceSize?: number;
  /** Standard deviation of a Gaussian blur as a share of the distance of the eyes. */
  readonly blur?: number;
  /** JPEG quality, 0..1. */
  readonly jpeg?: number;
  /** What is left of the light, 0..1; noise of a few grey levels is added. */
  readonly dark?: number;
  /** A face mask, one of {@link MASKS}. */
  readonly mask?: number;
  /** Dark glasses. */
  readonly glasses?: boolean;
  /** Degrees by which the head is turned aside: the mesh, textured from the photo. */
  readonly yaw?: number;
  /** Degrees by which the photo is turned. */
  readonly roll?: number;
  /** Seed of the noise. */
  readonly seed?: number;
}

/** Masks: colour, and the mesh point of the nose up to which each reaches. */
export const MASKS = [
  { colour: '#e9edf0', nose: 195, pleats: true },
  { colour: '#a9cbe0', nose: 5, pleats: true },
  { colour: '#17181a', nose: 195, pleats: false },
  { colour: '#3c4a66', nose: 197, pleats: false },
  { colour: '#7d7f82', nose: 5, pleats: false },
  { colour: '#b03a48', nose: 195, pleats: false },
] as const;

/** The jaw from the image's left to its right. Source: MediaPipe FACEMESH_FACE_OVAL. */
const JAW = [93, 132, 58, 172, 136, 150, 149, 176, 148, 152, 377, 400, 378, 379, 365, 397, 288, 361, 323];
const LEFT_EYE = [33, 160, 158, 133, 153, 144];
const RIGHT_EYE = [263, 387, 385, 362, 380, 373];

/** The photo's bitmap made worse. `mesh` and `faceSize` (shorter side of the box) are those of the face as found in it. */
export async function degrade(
  photo: ImageBitmap,
  mesh: readonly Point3[],
  faceSize: number,
  how: Degradation,
): Promise<Blob> {
  const random = seeded(how.seed ?? 1);
  let { canvas, context } = canvasOf(photo.width, photo.height);
  context.drawImage(photo, 0, 0);
  if (how.mask !== undefined) paintMask(context, mesh, how.mask, random);
  if (how.glasses) paintGlasses(context, mesh);
  if (how.yaw) turnHead(canvas, context, mesh, how.yaw);
  if (how.roll) ({ canvas, context } = turned(canvas, how.roll));
  const scale = how.faceSize === undefined ? 1 : Math.min(1, how.faceSize / faceSize);
  if (scale < 1) ({ canvas, context } = scaled(canvas, scale));
  if (how.blur) ({ canvas, context } = blurred(canvas, how.blur * eyeDistance(mesh) * scale));
  if (how.dark !== undefined) darken(context, canvas, how.dark, random);
  return canvas.convertToBlob(
    how.jpeg === undefined ? { type: 'image/png' } : { type: 'image/jpeg', quality: how.jpeg },
  );
}

interface Drawn {
  readonly canvas: OffscreenCanvas;
  readonly context: OffscreenCanvasRenderingContext2D;
}

function canvasOf(width: number, height: number): Drawn {
  const canvas = new OffscreenCanvas(Math.max(1, Math.round(width)), Math.max(1, Math.round(height)));
  return { canvas, context: canvas.getContext('2d', { willReadFrequently: true })! };
}

/** Scaled down by halves and a last step, as cameras' and servers' scalers do, without aliasing. */
function scaled(from: OffscreenCanvas, scale: number): Drawn {
  let [current, left] = [from, scale];
  while (left < 0.5) {
    const half = canvasOf(current.width / 2, current.height / 2);
    half.context.imageSmoothingQuality = 'high';
    half.context.drawImage(current, 0, 0, half.canvas.width, half.canvas.height);
    [current, left] = [half.canvas, left * 2];
  }
  const last = canvasOf(from.width * scale, from.height * scale);
  last.context.imageSmoothingQuality = 'high';
  last.context.drawImage(current, 0, 0, last.canvas.width, last.canvas.height);
  return last;
}

function blurred(from: OffscreenCanvas, sigma: number): Drawn {
  const drawn = canvasOf(from.width, from.height);
  drawn.context.drawImage(from, 0, 0);
  drawn.context.filter = `blur(${sigma}px)`;
  drawn.context.drawImage(from, 0, 0);
  return drawn;
}

function turned(from: OffscreenCanvas, degrees: number): Drawn {
  const drawn = canvasOf(from.width, from.height);
  drawn.context.translate(from.width / 2, from.height / 2);
  drawn.context.rotate((-degrees * Math.PI) / 180);
  drawn.context.drawImage(from, -from.width / 2, -from.height / 2);
  return drawn;
}

function darken(
  context: OffscreenCanvasRenderingContext2D,
  { width, height }: OffscreenCanvas,
  light: number,
  random: () => number,
): void {
  const pixels = context.getImageData(0, 0, width, height);
  for (let i = 0; i < pixels.data.length; i += 4) {
    for (let c = 0; c < 3; c++) {
      const noise = (random() + random() + random() - 1.5) * 10;
      pixels.data[i + c] = pixels.data[i + c]! * light + noise;
    }
  }
  context.putImageData(pixels, 0, 0);
}

function paintMask(
  context: OffscreenCanvasRenderingContext2D,
  mesh: readonly Point3[],
  which: number,
  random: () => number,
): void {
  const { colour, nose, pleats } = MASKS[which % MASKS.length]!;
  const at = (i: number): Point3 => mesh[i]!;
  const centre = at(4);
  context.save();
  context.beginPath();
  JAW.forEach((i, k) => {
    const { x, y } = at(i);
    const out = 1.03 + 0.03 * random();
    const [px, py] = [centre.x + out * (x - centre.x), centre.y + out * (y - centre.y)];
    if (k === 0) context.moveTo(px, py);
    else context.lineTo(px, py);
  });
  const [right, bridge, left] = [at(347), at(nose), at(118)];
  context.quadraticCurveTo(right.x, right.y, bridge.x, bridge.y);
  context.quadraticCurveTo(left.x, left.y, at(93).x, at(93).y);
  context.closePath();
  context.clip();
  context.fillStyle = colour;
  context.fill();
  const [top, chin] = [at(nose), at(152)];
  const shade = context.createLinearGradient(at(93).x, top.y, at(323).x, chin.y);
  shade.addColorStop(0, 'rgba(0,0,0,0.22)');
  shade.addColorStop(0.45, 'rgba(255,255,255,0.12)');
  shade.addColorStop(1, 'rgba(0,0,0,0.28)');
  context.fillStyle = shade;
  context.fill();
  if (pleats) {
    context.strokeStyle = 'rgba(0,0,0,0.18)';
    context.lineWidth = Math.max(0.5, eyeDistance(mesh) / 40);
    for (const share of [0.35, 0.55, 0.75]) {
      const y = top.y + share * (chin.y - top.y);
      context.beginPath();
      context.moveTo(at(93).x, y);
      context.quadraticCurveTo(centre.x, y + 0.05 * (chin.y - top.y), at(323).x, y);
      context.stroke();
    }
  }
  context.restore();
}

function paintGlasses(context: OffscreenCanvasRenderingContext2D, mesh: readonly Point3[]): void {
  const distance = eyeDistance(mesh);
  const centres = [LEFT_EYE, RIGHT_EYE].map((eye) => meanOf(eye.map((i) => mesh[i]!)));
  const [a, b] = centres as [Point2, Point2];
  const angle = Math.atan2(b.y - a.y, b.x - a.x);
  context.save();
  context.fillStyle = '#101114';
  context.strokeStyle = '#08090a';
  context.lineWidth = distance * 0.07;
  for (const { x, y } of centres) {
    context.beginPath();
    context.ellipse(x, y + 0.06 * distance, 0.4 * distance, 0.31 * distance, angle, 0, 2 * Math.PI);
    context.fill();
  }
  context.beginPath();
  context.moveTo(a.x, a.y);
  context.lineTo(b.x, b.y);
  for (const [from, to] of [
    [a, mesh[127]!],
    [b, mesh[356]!],
  ] as const) {
    context.moveTo(from.x, from.y);
    context.lineTo(to.x, to.y);
  }
  context.stroke();
  context.restore();
}

interface Point2 {
  readonly x: number;
  readonly y: number;
}

function meanOf(points: readonly Point2[]): Point2 {
  const sum = points.reduce((total, { x, y }) => ({ x: total.x + x, y: total.y + y }), { x: 0, y: 0 });
  return { x: sum.x / points.length, y: sum.y / points.length };
}

/** Distance of the eyes' centres. */
function eyeDistance(mesh: readonly Point3[]): number {
  const [a, b] = [LEFT_EYE, RIGHT_EYE].map((eye) => meanOf(eye.map((i) => mesh[i]!))) as [Point2, Point2];
  return Math.hypot(b.x - a.x, b.y - a.y);
}

/** Draws the face turned: each triangle of the mesh with its own texture, far ones first, over a blurred photo. */
function turnHead(
  canvas: OffscreenCanvas,
  context: OffscreenCanvasRenderingContext2D,
  mesh: readonly Point3[],
  degrees: number,
): void {
  const texture = canvasOf(canvas.width, canvas.height).canvas;
  texture.getContext('2d')!.drawImage(canvas, 0, 0);
  const points = mesh.slice(0, 468);
  const centre = meanOf(points);
  const depth = points.reduce((sum, { z }) => sum + z, 0) / points.length;
  const [sin, cos] = [Math.sin((degrees * Math.PI) / 180), Math.cos((degrees * Math.PI) / 180)];
  const to = points.map(({ x, y, z }) => ({
    x: centre.x + (x - centre.x) * cos - (z - depth) * sin,
    y,
    z: (x - centre.x) * sin + (z - depth) * cos,
  }));
  context.save();
  context.filter = `blur(${eyeDistance(mesh) / 3}px)`;
  context.drawImage(texture, 0, 0);
  context.restore();
  const triangles = delaunay(points)
    .map((corners) => ({ corners, depth: corners.reduce((sum, i) => sum + to[i]!.z, 0) }))
    .sort((a, b) => b.depth - a.depth);
  for (const { corners } of triangles) drawTriangle(context, texture, corners, points, to);
}

/** A triangle of `texture` with corners among the points `from`, where those of `to` are; nothing if it shows its back. */
export function drawTriangle(
  context: OffscreenCanvasRenderingContext2D,
  texture: OffscreenCanvas,
  [i, j, k]: readonly [number, number, number],
  from: readonly Point2[],
  to: readonly Point2[],
): void {
  const [p, q, r] = [from[i]!, from[j]!, from[k]!];
  const [u, v, w] = [to[i]!, to[j]!, to[k]!];
  const det = (q.x - p.x) * (r.y - p.y) - (r.x - p.x) * (q.y - p.y);
  const turn = (v.x - u.x) * (w.y - u.y) - (w.x - u.x) * (v.y - u.y);
  // Triangles that show their back are hidden.
  if (Math.abs(det) < 1e-6 || turn * det <= 0) return;
  const a = ((v.x - u.x) * (r.y - p.y) - (w.x - u.x) * (q.y - p.y)) / det;
  const c = ((w.x - u.x) * (q.x - p.x) - (v.x - u.x) * (r.x - p.x)) / det;
  const b = ((v.y - u.y) * (r.y - p.y) - (w.y - u.y) * (q.y - p.y)) / det;
  const d = ((w.y - u.y) * (q.x - p.x) - (v.y - u.y) * (r.x - p.x)) / det;
  context.save();
  context.beginPath();
  const middle = meanOf([u, v, w]);
  // A hair larger, so that no seams show.
  for (const { x, y } of [u, v, w]) {
    const reach = 0.6 / Math.max(0.6, Math.hypot(x - middle.x, y - middle.y));
    context.lineTo(x + reach * (x - middle.x), y + reach * (y - middle.y));
  }
  context.clip();
  context.transform(a, b, c, d, u.x - a * p.x - c * p.y, u.y - b * p.x - d * p.y);
  context.drawImage(texture, 0, 0);
  context.restore();
}

/** Triangles between points, as indices. Source: Bowyer and Watson, 1981. */
export function delaunay(points: readonly Point2[]): (readonly [number, number, number])[] {
  const n = points.length;
  const far = 1e5;
  const all = [...points, { x: -far, y: -far }, { x: far, y: -far }, { x: 0, y: far }];
  const circle = (i: number, j: number, k: number): readonly [number, number, number] => {
    const [a, b, c] = [all[i]!, all[j]!, all[k]!];
    const d = 2 * (a.x * (b.y - c.y) + b.x * (c.y - a.y) + c.x * (a.y - b.y)) || 1e-12;
    const [aa, bb, cc] = [a, b, c].map(({ x, y }) => x * x + y * y) as [number, number, number];
    const x = (aa * (b.y - c.y) + bb * (c.y - a.y) + cc * (a.y - b.y)) / d;
    const y = (aa * (c.x - b.x) + bb * (a.x - c.x) + cc * (b.x - a.x)) / d;
    return [x, y, (a.x - x) ** 2 + (a.y - y) ** 2];
  };
  let triangles = [
    {
      corners: [n, n + 1, n + 2] as const,
      circle: circle(n, n + 1, n + 2),
    },
  ];
  for (let i = 0; i < n; i++) {
    const { x, y } = all[i]!;
    const edges = new Map<string, readonly [number, number]>();
    triangles = triangles.filter(({ corners: [a, b, c], circle: [cx, cy, rr] }) => {
      if ((x - cx) ** 2 + (y - cy) ** 2 >= rr) return true;
      for (const [from, to] of [
        [a, b],
        [b, c],
        [c, a],
      ] as const) {
        const key = `${Math.min(from, to)} ${Math.max(from, to)}`;
        if (edges.has(key)) edges.delete(key);
        else edges.set(key, [from, to]);
      }
      return false;
    });
    for (const [a, b] of edges.values()) triangles.push({ corners: [a, b, i], circle: circle(a, b, i) });
  }
  return triangles.map(({ corners }) => corners).filter((corners) => corners.every((i) => i < n));
}
