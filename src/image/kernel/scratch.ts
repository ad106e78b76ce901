import type { RgbaImage } from '../pixels.ts';

/** Bytes of a kernel's memory: what one call works on stays in a core's cache. */
export const SCRATCH_BYTES: number = 8 * 65536;

/** Where a call's arguments lie; what it works on comes after. */
export const CALL_BYTES = 256;

/** Kernels read and write up to so many bytes too far. */
export const SLACK_BYTES = 32;

/** A rectangle of whole pixels. */
export interface Region {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/** Numbers, row by row, and how many lie from a row to the next. */
export interface Rows<A> {
  readonly data: A;
  readonly at: number;
  readonly stride: number;
}

/** A kernel's memory, which never grows, as what lies in it. */
export class Scratch {
  readonly memory: WebAssembly.Memory = new WebAssembly.Memory({ initial: SCRATCH_BYTES / 65536 });
  // Of the kind that pixels are of, so that they are copied as they are.
  readonly bytes: Uint8ClampedArray = new Uint8ClampedArray(this.memory.buffer);
  readonly integers: Int32Array = new Int32Array(this.memory.buffer);
  readonly floats: Float32Array = new Float32Array(this.memory.buffer);
  readonly call: Float64Array = new Float64Array(this.memory.buffer, 0, CALL_BYTES / 8);

  /** Copies pixels to the byte `at`, and answers the bytes from a row of them to the next. */
  copyIn({ data, width }: RgbaImage, { left, top, width: columns, height }: Region, at: number): number {
    const stride = strideOf(width, columns);
    const start = 4 * (top * width + left);
    if (stride === 4 * width) {
      const end = start + regionBytes(width, columns, height);
      this.bytes.set(data.subarray(start, end), at);
      return stride;
    }
    for (let y = 0, from = start; y < height; y++, from += 4 * width)
      this.bytes.set(data.subarray(from, from + stride), at + y * stride);
    return stride;
  }
}

/** Copies `height` rows of `width` numbers. */
export function copyRows<A extends Float32Array | Uint8ClampedArray>(
  from: Rows<A>,
  to: Rows<A>,
  width: number,
  height: number,
): void {
  const whole = width === from.stride && width === to.stride;
  const [length, count] = whole ? [width * height, 1] : [width, height];
  for (let y = 0, at = from.at, target = to.at; y < count; y++, at += from.stride, target += to.stride)
    to.data.set(from.data.subarray(at, at + length), target);
}

/** Bytes from row to row of a copy: rows of more than half the image are copied as one piece, with all that lies between them. */
function strideOf(imageWidth: number, columns: number): number {
  return 2 * columns > imageWidth ? 4 * imageWidth : 4 * columns;
}

/** Bytes of a copy of `columns` × `rows` pixels of an image. */
export function regionBytes(imageWidth: number, columns: number, rows: number): number {
  return rows === 0 ? 0 : (rows - 1) * strideOf(imageWidth, columns) + 4 * columns;
}

/** The next multiple of 16, with room to write too far. */
export function after(end: number): number {
  return (end + SLACK_BYTES + 15) & ~15;
}

/**
 * Runs `run` over parts of `region` that take up at most `most` bytes, or are a single pixel. Whole rows stay together unless halving them
 * saves more.
 */
export function inBlocks(
  region: Region,
  bytesOf: (block: Region) => number,
  most: number,
  run: (block: Region) => void,
): void {
  if (bytesOf(region) <= most || (region.width <= 1 && region.height <= 1)) return run(region);
  const { left, top, width, height } = region;
  const [columns, rows] = [(width + 1) >> 1, (height + 1) >> 1];
  const upper = { left, top, width, height: rows };
  const leftmost = { left, top, width: columns, height };
  const across = height > 1 && (width === 1 || bytesOf(upper) <= 1.25 * bytesOf(leftmost));
  const rest = across
    ? { left, top: top + rows, width, height: height - rows }
    : { left: left + columns, top, width: width - columns, height };
  inBlocks(across ? upper : leftmost, bytesOf, most, run);
  inBlocks(rest, bytesOf, most, run);
}
