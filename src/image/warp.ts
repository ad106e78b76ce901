/**
 * Resampling. Coordinates are continuous: pixel (i, j) covers [i, i + 1) × [j, j + 1) and has its centre at
 * (i + ½, j + ½), in the image and in the output alike.
 */
import { compose, scaleOf, type Affine } from '../geometry/similarity.ts';
import type { Pyramid, RgbaImage } from './pixels.ts';

/** How pixels become numbers: `(channel − mean) / std`, channels being 0..255; `grey` is Rec. 601 luma. */
export interface TensorFormat {
  readonly layout: 'nchw' | 'nhwc';
  readonly channels: 'rgb' | 'bgr' | 'grey';
  readonly mean: number;
  readonly std: number;
}

/**
 * Resamples a part of an image into a tensor of `width` × `height`, bilinear from the pyramid level that fits the
 * reduction. `toImage` takes output to image coordinates. Pixels beyond the image count as `outside` (0..255) in
 * every channel. Writes `out` from `offset` on: 3 planes or triples, 1 for `grey`.
 */
export function warpToTensor(
  source: Pyramid,
  toImage: Affine,
  width: number,
  height: number,
  format: TensorFormat,
  out: Float32Array,
  offset: number = 0,
  outside: number = 0,
): void {
  const size = width * height * (format.channels === 'grey' ? 1 : 3);
  if (offset < 0 || offset + size > out.length) {
    throw new RangeError(`A tensor of ${size} numbers does not fit ${out.length} from ${offset} on`);
  }
  const write = format.channels === 'grey' ? writeGreyRow : writeColourRow;
  warpRows(source, toImage, width, height, outside, (row, y) =>
    write(row, y, width, height, format, out, offset),
  );
}

/** Resamples a part of an image into an opaque RGBA image; see {@link warpToTensor}. */
export function warpToRgba(
  source: Pyramid,
  toImage: Affine,
  width: number,
  height: number,
  outside: number = 0,
): RgbaImage {
  const data = new Uint8ClampedArray(4 * width * height);
  warpRows(source, toImage, width, height, outside, (row, y) => {
    for (let x = 0, to = 4 * y * width; x < 3 * width; x += 3, to += 4) {
      data[to] = row[x]!;
      data[to + 1] = row[x + 1]!;
      data[to + 2] = row[x + 2]!;
      data[to + 3] = 255;
    }
  });
  return { width, height, data };
}

function writeColourRow(
  row: Float32Array,
  y: number,
  width: number,
  height: number,
  format: TensorFormat,
  out: Float32Array,
  offset: number,
): void {
  const planar = format.layout === 'nchw';
  const step = planar ? 1 : 3;
  const channel = planar ? width * height : 1;
  const start = offset + y * width * step;
  const first = format.channels === 'rgb' ? 0 : 2 * channel;
  const last = format.channels === 'rgb' ? 2 * channel : 0;
  const factor = 1 / format.std;
  const shift = -format.mean / format.std;
  for (let x = 0, to = start; x < 3 * width; x += 3, to += step) {
    out[to + first] = row[x]! * factor + shift;
    out[to + channel] = row[x + 1]! * factor + shift;
    out[to + last] = row[x + 2]! * factor + shift;
  }
}

function writeGreyRow(
  row: Float32Array,
  y: number,
  width: number,
  _height: number,
  format: TensorFormat,
  out: Float32Array,
  offset: number,
): void {
  for (let x = 0, from = 0; x < width; x++, from += 3) {
    const luma = 0.299 * row[from]! + 0.587 * row[from + 1]! + 0.114 * row[from + 2]!;
    out[offset + y * width + x] = (luma - format.mean) / format.std;
  }
}

/** Samples row by row into a buffer of RGB triples 0..255, which `emit` reads before the next row. */
function warpRows(
  source: Pyramid,
  toImage: Affine,
  width: number,
  height: number,
  outside: number,
  emit: (row: Float32Array, y: number) => void,
): void {
  const index = source.levelFor(scaleOf(toImage));
  const level = source.level(index);
  const shrink = 2 ** -index;
  // From output pixel indices to level pixel indices: half a pixel in, half a pixel out.
  const toLevel = compose([shrink, 0, 0, shrink, -0.5, -0.5], compose(toImage, [1, 0, 0, 1, 0.5, 0.5]));
  const [dx, dy, cx, cy, tx, ty] = toLevel;
  const row = new Float32Array(3 * width);
  for (let y = 0; y < height; y++) {
    sampleRow(level, cx * y + tx, cy * y + ty, dx, dy, width, outside, row);
    emit(row, y);
  }
}

/** Samples `width` points from (x0, y0) on in steps of (dx, dy), in pixel indices of `image`. */
function sampleRow(
  image: RgbaImage,
  x0: number,
  y0: number,
  dx: number,
  dy: number,
  width: number,
  outside: number,
  row: Float32Array,
): void {
  const touching = bothWithin(x0 + 1, y0 + 1, dx, dy, image.width + 1, image.height + 1, width);
  const inside = bothWithin(x0, y0, dx, dy, image.width - 1, image.height - 1, width);
  const from = Math.max(touching.from, Math.min(inside.from, touching.to));
  const to = Math.max(from, Math.min(inside.to, touching.to));
  row.fill(outside, 0, 3 * touching.from);
  for (let i = touching.from; i < from; i++)
    samplePoint(image, x0 + i * dx, y0 + i * dy, outside, row, 3 * i);
  sampleInside(image, x0, y0, dx, dy, from, to, row);
  for (let i = to; i < touching.to; i++) samplePoint(image, x0 + i * dx, y0 + i * dy, outside, row, 3 * i);
  row.fill(outside, 3 * touching.to);
}

/** A half-open range of steps. */
interface Steps {
  readonly from: number;
  readonly to: number;
}

/** The steps i in 0..count for which both 0 ≤ x + i·dx < limitX and 0 ≤ y + i·dy < limitY. */
function bothWithin(
  x: number,
  y: number,
  dx: number,
  dy: number,
  limitX: number,
  limitY: number,
  count: number,
): Steps {
  const inX = stepsWithin(x, dx, limitX, count);
  const inY = stepsWithin(y, dy, limitY, count);
  const from = Math.max(inX.from, inY.from);
  return { from, to: Math.max(from, Math.min(inX.to, inY.to)) };
}

/** The steps i in 0..count for which 0 ≤ start + i·step < limit, as a half-open range. */
function stepsWithin(start: number, step: number, limit: number, count: number): Steps {
  const within = (i: number): boolean => start + i * step >= 0 && start + i * step < limit;
  if (step === 0) return within(0) ? { from: 0, to: count } : { from: 0, to: 0 };
  const a = -start / step;
  const b = (limit - start) / step;
  let from = Math.min(Math.max(Math.ceil(Math.min(a, b)), 0), count);
  let to = Math.min(Math.max(Math.floor(Math.max(a, b)) + 1, from), count);
  while (from < to && !within(from)) from++;
  while (to > from && !within(to - 1)) to--;
  return { from, to };
}

/** The hot loop: all four neighbours of every point lie inside the image. */
function sampleInside(
  image: RgbaImage,
  x0: number,
  y0: number,
  dx: number,
  dy: number,
  from: number,
  to: number,
  row: Float32Array,
): void {
  const { data } = image;
  const stride = 4 * image.width;
  for (let i = from, at = 3 * from; i < to; i++, at += 3) {
    const x = x0 + i * dx;
    const y = y0 + i * dy;
    const xi = x | 0;
    const yi = y | 0;
    const fx = x - xi;
    const fy = y - yi;
    const p = yi * stride + 4 * xi;
    const q = p + stride;
    const w11 = fx * fy;
    const w10 = fx - w11;
    const w01 = fy - w11;
    const w00 = 1 - fx - w01;
    row[at] = w00 * data[p]! + w10 * data[p + 4]! + w01 * data[q]! + w11 * data[q + 4]!;
    row[at + 1] = w00 * data[p + 1]! + w10 * data[p + 5]! + w01 * data[q + 1]! + w11 * data[q + 5]!;
    row[at + 2] = w00 * data[p + 2]! + w10 * data[p + 6]! + w01 * data[q + 2]! + w11 * data[q + 6]!;
  }
}

/** One point near or beyond the border, where neighbours outside the image count as `outside`. */
function samplePoint(
  image: RgbaImage,
  x: number,
  y: number,
  outside: number,
  row: Float32Array,
  at: number,
): void {
  const xi = Math.floor(x);
  const yi = Math.floor(y);
  const fx = x - xi;
  const fy = y - yi;
  for (let channel = 0; channel < 3; channel++) {
    const top =
      (1 - fx) * pixel(image, xi, yi, channel, outside) + fx * pixel(image, xi + 1, yi, channel, outside);
    const bottom =
      (1 - fx) * pixel(image, xi, yi + 1, channel, outside) +
      fx * pixel(image, xi + 1, yi + 1, channel, outside);
    row[at + channel] = (1 - fy) * top + fy * bottom;
  }
}

function pixel(image: RgbaImage, x: number, y: number, channel: number, outside: number): number {
  const inside = x >= 0 && y >= 0 && x < image.width && y < image.height;
  return inside ? image.data[4 * (y * image.width + x) + channel]! : outside;
}
