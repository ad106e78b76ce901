/** Runs in the page: photos of faces as they look when they are held before a camera, as prints or on screens. Drawn, not recorded. */
import { drawTriangle } from './degrade.ts';
import type { Random } from '../random.ts';

/** Ways in which a photo is held before a camera. */
export const PRESENTATIONS = [
  'print with its edges',
  'print that fills the picture',
  'bent print',
  'tablet with its bezel',
  'phone with its bezel',
  'screen that fills the picture',
] as const;

/** One of them. */
export type Presentation = (typeof PRESENTATIONS)[number];

interface Point2 {
  readonly x: number;
  readonly y: number;
}

type Drawn = readonly [canvas: OffscreenCanvas, context: OffscreenCanvasRenderingContext2D];

function canvasOf(width: number, height: number): Drawn {
  const canvas = new OffscreenCanvas(Math.max(1, Math.round(width)), Math.max(1, Math.round(height)));
  return [canvas, canvas.getContext('2d', { willReadFrequently: true })!];
}

/**
 * A photo as `how` shows it, in a picture of the same size. What holds the photo lies in it turned and tilted by chance; where it does not fill the
 * picture, a room is around it.
 */
export function present(photo: ImageBitmap, how: Presentation, random: Random): OffscreenCanvas {
  const { width, height } = photo;
  const isScreen = how.startsWith('screen') || how.startsWith('tablet') || how.startsWith('phone');
  const isFilling = how.endsWith('fills the picture');
  const medium = isScreen ? onScreen(photo, random) : onPaper(photo, random);
  const sheet = isFilling ? medium : framed(medium, how, random);
  const [canvas, context] = canvasOf(width, height);
  paintRoom(context, width, height, random);
  const share = isFilling ? random.between(1.04, 1.12) : random.between(0.8, 0.96);
  const corners = cornersFor(sheet, { width, height, share, isFilling }, random);
  drawBent(context, sheet, corners, how === 'bent print' ? random.between(0.04, 0.1) : 0);
  if (isScreen) addGlare(context, corners, random);
  seenByCamera(context, width, height, random);
  return canvas;
}

/** Printed: less contrast and colour, a grain of dots, a little blur. */
function onPaper(photo: ImageBitmap, random: Random): OffscreenCanvas {
  const [canvas, context] = canvasOf(photo.width, photo.height);
  const saturation = random.between(0.6, 0.95);
  const contrast = random.between(0.65, 0.9);
  context.filter = `blur(${random.between(0.3, 0.9)}px) saturate(${saturation}) contrast(${contrast})`;
  context.drawImage(photo, 0, 0);
  context.filter = 'none';
  const tint = [random.between(0.92, 1), random.between(0.92, 1), random.between(0.85, 1)] as const;
  const grain = random.between(4, 12);
  const pitch = random.between(2.2, 3.6);
  changePixels(context, (x, y, channel, value) => {
    const dots =
      Math.cos((2 * Math.PI * (x + 0.6 * y)) / pitch) * Math.cos((2 * Math.PI * (y - 0.6 * x)) / pitch);
    return value * tint[channel]! + grain * dots * (1 - value / 255);
  });
  return canvas;
}

/** Shown by a screen: rows and columns of coloured dots that beat with the camera's, a cast of blue, stronger contrast. */
function onScreen(photo: ImageBitmap, random: Random): OffscreenCanvas {
  const [canvas, context] = canvasOf(photo.width, photo.height);
  context.filter = `contrast(${random.between(1.05, 1.3)}) brightness(${random.between(0.95, 1.2)})`;
  context.drawImage(photo, 0, 0);
  context.filter = 'none';
  const strength = random.between(6, 22);
  const cast = [random.between(0.86, 0.98), random.between(0.95, 1), random.between(1, 1.08)] as const;
  // The beat of two gratings of nearly one pitch is a slow wave; each colour has its own phase.
  const waves = [0, 1].map(() => {
    const angle = random.between(0, Math.PI);
    const pitch = random.logBetween(4, 40);
    return { u: Math.cos(angle) / pitch, v: Math.sin(angle) / pitch, shift: random.between(0.15, 0.4) };
  });
  changePixels(context, (x, y, channel, value) => {
    const beat = waves.reduce(
      (sum, { u, v, shift }) => sum + Math.sin(2 * Math.PI * (u * x + v * y + channel * shift)),
      0,
    );
    return value * cast[channel]! + (strength * beat * (40 + value)) / 295;
  });
  return canvas;
}

/** With what is around it: a white margin, or a bezel. */
function framed(medium: OffscreenCanvas, how: Presentation, random: Random): OffscreenCanvas {
  const { width, height } = medium;
  const isPrint = how.endsWith('print') || how.startsWith('print');
  const side = Math.min(width, height) * (isPrint ? random.between(0.02, 0.08) : random.between(0.03, 0.09));
  const more = how.startsWith('phone') ? side * random.between(1.5, 3) : side;
  const [canvas, context] = canvasOf(width + 2 * side, height + 2 * more);
  const grey = isPrint
    ? random.between(228, 252)
    : random.pick([random.between(8, 30), random.between(215, 240)]);
  context.fillStyle = `rgb(${grey},${grey},${grey})`;
  context.beginPath();
  context.roundRect(0, 0, canvas.width, canvas.height, isPrint ? 0 : side);
  context.fill();
  context.drawImage(medium, side, more);
  return canvas;
}

/** A wall with a shade of light, and a darker part of a room. */
function paintRoom(
  context: OffscreenCanvasRenderingContext2D,
  width: number,
  height: number,
  random: Random,
): void {
  const hue = random.below(360);
  const light = random.between(35, 80);
  const wall = context.createLinearGradient(0, 0, width, height * random.between(0, 1));
  wall.addColorStop(0, `hsl(${hue},${random.between(4, 22)}%,${light}%)`);
  wall.addColorStop(1, `hsl(${hue},${random.between(4, 22)}%,${light * random.between(0.55, 0.9)}%)`);
  context.fillStyle = wall;
  context.fillRect(0, 0, width, height);
  context.fillStyle = `hsl(${random.below(360)},${random.between(5, 30)}%,${random.between(10, 45)}%)`;
  const edge = random.between(0.05, 0.4) * width;
  context.fillRect(random.next() < 0.5 ? 0 : width - edge, height * random.between(0, 0.6), edge, height);
}

/** Where the corners of the sheet come to lie, from the upper left one clockwise: turned a little and seen at a slant. */
function cornersFor(
  sheet: OffscreenCanvas,
  { width, height, share, isFilling }: { width: number; height: number; share: number; isFilling: boolean },
  random: Random,
): readonly Point2[] {
  const fit = isFilling
    ? Math.max(width / sheet.width, height / sheet.height)
    : Math.min(width / sheet.width, height / sheet.height);
  const [w, h] = [(sheet.width * fit * share) / 2, (sheet.height * fit * share) / 2];
  const most = isFilling ? 0.03 : 0.1;
  const roll = random.between(-most, most);
  const [slantX, slantY] = [random.between(-most, most), random.between(-most, most)];
  return [
    [-1, -1],
    [1, -1],
    [1, 1],
    [-1, 1],
  ].map(([sx, sy]) => {
    const near = 1 + slantX * sx! + slantY * sy!;
    const [x, y] = [(sx! * w) / near, (sy! * h) / near];
    return {
      x: width / 2 + x * Math.cos(roll) - y * Math.sin(roll),
      y: height / 2 + x * Math.sin(roll) + y * Math.cos(roll),
    };
  });
}

/** Cells a side that a sheet is drawn in. */
const CELLS = 12;

/** Draws a sheet between four corners, bent about its upright middle by a share of its height. */
function drawBent(
  context: OffscreenCanvasRenderingContext2D,
  sheet: OffscreenCanvas,
  corners: readonly Point2[],
  bend: number,
): void {
  const [a, b, c, d] = corners as [Point2, Point2, Point2, Point2];
  const place = homography(a, b, c, d);
  const from: Point2[] = [];
  const to: Point2[] = [];
  for (let j = 0; j <= CELLS; j++)
    for (let i = 0; i <= CELLS; i++) {
      const [u, v] = [i / CELLS, j / CELLS];
      from.push({ x: u * sheet.width, y: v * sheet.height });
      const { x, y } = place(u, v);
      to.push({ x, y: y + bend * (d.y - a.y) * Math.sin(Math.PI * u) * (v - 0.5) * 2 * 0.5 });
    }
  for (let j = 0; j < CELLS; j++)
    for (let i = 0; i < CELLS; i++) {
      const at = j * (CELLS + 1) + i;
      drawTriangle(context, sheet, [at, at + 1, at + CELLS + 2], from, to);
      drawTriangle(context, sheet, [at, at + CELLS + 2, at + CELLS + 1], from, to);
    }
}

/** The projective map of the unit square to four corners. Source: Heckbert, Fundamentals of Texture Mapping, 1989. */
function homography(a: Point2, b: Point2, c: Point2, d: Point2): (u: number, v: number) => Point2 {
  const [dx1, dx2, dx3] = [b.x - c.x, d.x - c.x, a.x - b.x + c.x - d.x];
  const [dy1, dy2, dy3] = [b.y - c.y, d.y - c.y, a.y - b.y + c.y - d.y];
  const det = dx1 * dy2 - dx2 * dy1;
  const g = (dx3 * dy2 - dx2 * dy3) / det;
  const h = (dx1 * dy3 - dx3 * dy1) / det;
  return (u, v) => {
    const w = g * u + h * v + 1;
    return {
      x: ((b.x - a.x + g * b.x) * u + (d.x - a.x + h * d.x) * v + a.x) / w,
      y: ((b.y - a.y + g * b.y) * u + (d.y - a.y + h * d.y) * v + a.y) / w,
    };
  };
}

/** A lamp or a window in the glass. */
function addGlare(
  context: OffscreenCanvasRenderingContext2D,
  corners: readonly Point2[],
  random: Random,
): void {
  const [a, , c] = corners as [Point2, Point2, Point2];
  const x = random.between(a.x, c.x);
  const y = random.between(a.y, c.y);
  const radius = random.between(0.1, 0.4) * Math.abs(c.x - a.x);
  const glare = context.createRadialGradient(x, y, 0, x, y, radius);
  glare.addColorStop(0, `rgba(255,255,255,${random.between(0.08, 0.4)})`);
  glare.addColorStop(1, 'rgba(255,255,255,0)');
  context.fillStyle = glare;
  context.fillRect(0, 0, context.canvas.width, context.canvas.height);
}

/** A camera's own blur and noise. */
function seenByCamera(
  context: OffscreenCanvasRenderingContext2D,
  width: number,
  height: number,
  random: Random,
): void {
  context.filter = `blur(${random.between(0.2, 0.8)}px)`;
  context.drawImage(context.canvas, 0, 0, width, height);
  context.filter = 'none';
  const strength = random.between(2, 7);
  changePixels(
    context,
    (_x, _y, _channel, value) => value + (random.next() + random.next() + random.next() - 1.5) * strength,
  );
}

function changePixels(
  context: OffscreenCanvasRenderingContext2D,
  change: (x: number, y: number, channel: number, value: number) => number,
): void {
  const { width, height } = context.canvas;
  const pixels = context.getImageData(0, 0, width, height);
  for (let y = 0, at = 0; y < height; y++)
    for (let x = 0; x < width; x++, at += 4)
      for (let channel = 0; channel < 3; channel++)
        pixels.data[at + channel] = change(x, y, channel, pixels.data[at + channel]!);
  context.putImageData(pixels, 0, 0);
}
