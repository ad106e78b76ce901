/** What the kernel for pixels does, written down as plainly as can be, in float64. */
import type { Affine } from '../geometry/similarity.ts';
import type { RgbaImage } from './pixels.ts';

/** An image of random bytes, the same for the same `seed`. */
export function noise(width: number, height: number, seed: number = 1): RgbaImage {
  const data = new Uint8ClampedArray(4 * width * height);
  let state = seed;
  for (let i = 0; i < data.length; i++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    data[i] = state >>> 24;
  }
  return { width, height, data };
}

/** The rounded means of `by` × `by` pixels, channel by channel; an odd last row or column counts twice. */
export function shrinkSlowly({ width, height, data }: RgbaImage, by: 2 | 4): RgbaImage {
  const out = { width: Math.ceil(width / by), height: Math.ceil(height / by) };
  const shrunk = new Uint8ClampedArray(4 * out.width * out.height);
  for (let i = 0; i < shrunk.length; i++) {
    const [x, y] = [Math.floor(i / 4) % out.width, Math.floor(i / 4 / out.width)];
    let sum = 0;
    for (let k = 0; k < by * by; k++) {
      const fromX = Math.min(by * x + (k % by), width - 1);
      const fromY = Math.min(by * y + Math.floor(k / by), height - 1);
      sum += data[4 * (fromY * width + fromX) + (i % 4)]!;
    }
    shrunk[i] = Math.floor((sum + (by * by) / 2) / (by * by));
  }
  return { ...out, data: shrunk };
}

/** Red, green and blue, 0..255, of an image's bilinear samples at `width` × `height` points; `toImage` takes indices to indices. */
export function sampleSlowly(
  image: RgbaImage,
  toImage: Affine,
  width: number,
  height: number,
  outside: number,
): Float64Array {
  const [dx, dy, cx, cy, tx, ty] = toImage;
  const samples = new Float64Array(3 * width * height);
  const at = (x: number, y: number, channel: number): number => {
    const isInside = x >= 0 && y >= 0 && x < image.width && y < image.height;
    return isInside ? image.data[4 * (y * image.width + x) + channel]! : outside;
  };
  for (let i = 0; i < samples.length; i++) {
    const [column, row, channel] = [Math.floor(i / 3) % width, Math.floor(i / 3 / width), i % 3];
    const [x, y] = [dx * column + cx * row + tx, dy * column + cy * row + ty];
    const [x0, y0] = [Math.floor(x), Math.floor(y)];
    const [fx, fy] = [x - x0, y - y0];
    const upper = (1 - fx) * at(x0, y0, channel) + fx * at(x0 + 1, y0, channel);
    const lower = (1 - fx) * at(x0, y0 + 1, channel) + fx * at(x0 + 1, y0 + 1, channel);
    samples[i] = (1 - fy) * upper + fy * lower;
  }
  return samples;
}

/** The rounded mean luma of the pixels where each pair of rows crosses each pair of columns. */
export function greySlowly(
  { width, data }: RgbaImage,
  rows: Int32Array,
  columns: Int32Array,
): Uint8Array<ArrayBuffer> {
  const grey = new Uint8Array((rows.length * columns.length) / 4);
  const count = columns.length / 2;
  for (let i = 0; i < grey.length; i++) {
    const [x, y] = [2 * (i % count), 2 * Math.floor(i / count)];
    let sum = 512;
    for (let k = 0; k < 4; k++) {
      const at = 4 * (rows[y + (k >> 1)]! * width + columns[x + (k & 1)]!);
      sum += 77 * data[at]! + 150 * data[at + 1]! + 29 * data[at + 2]!;
    }
    grey[i] = sum >> 10;
  }
  return grey;
}
