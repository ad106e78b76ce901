import { compileKernel } from '../../core/compile-kernel.ts';
import type { Affine } from '../../geometry/similarity.ts';
import type { RgbaImage } from '../pixels.ts';
import {
  after,
  CALL_BYTES,
  copyRows,
  inBlocks,
  regionBytes,
  Scratch,
  SCRATCH_BYTES,
  SLACK_BYTES,
  type Region,
} from './scratch.ts';
import { SpareBuffers } from './spare-buffers.ts';

/** The kernel's module beside the library's other assets. */
export const PIXELS_FILE = 'pixels.wasm';

/** What becomes of samples, 0..255: the numbers of `assembly/warp.ts`. */
const FORMS = { planes: 0, triples: 1, grey: 2, rgba: 3 } as const;

/** Where samples go, and as what: three planes, triples or Rec. 601 lumas of `(sample − mean) × factor`, or bytes of opaque pixels. */
export type WarpTarget = {
  /** In pixels. */
  readonly width: number;
  readonly height: number;
  /** Where in `data` it begins. */
  readonly offset: number;
} & (
  | {
      readonly form: 'planes' | 'triples' | 'grey';
      readonly data: Float32Array;
      /** Whether blue comes first. */
      readonly isBgr: boolean;
      readonly mean: number;
      readonly factor: number;
    }
  | { readonly form: 'rgba'; readonly data: Uint8ClampedArray }
);

/** What is sampled: an image by a map of output pixel indices to its own. */
export interface WarpSource {
  readonly image: RgbaImage;
  readonly toImage: Affine;
  /** 0..255, in every channel of what lies beyond the image. */
  readonly outside: number;
}

/** The exports of `assembly/index.ts`, where the arguments are documented. Addresses are in bytes. */
interface PixelExports {
  halve(from: number, width: number, rows: number, out: number): void;
  quarter(from: number, width: number, rows: number, out: number): void;
  halveTwice(from: number, width: number, rows: number, half: number, out: number): void;
  warp(call: number): void;
  grey(
    from: number,
    span: number,
    rows: number,
    columns: number,
    spare: number,
    width: number,
    height: number,
    out: number,
  ): void;
}

/** What a module must have to be this version's. */
const EXPORTS: readonly (keyof PixelExports)[] = ['halve', 'quarter', 'halveTwice', 'warp', 'grey'];

/** What an image becomes, and how many times as small. */
type Shrunk = readonly [image: RgbaImage, by: 2 | 4];

/** A pair of places, and the one output that it is for. */
const PAIR: ArrayLike<number> = [0, 1];
const ONE: Region = { left: 0, top: 0, width: 1, height: 1 };

/** In pixels: what is calculated with smaller numbers stays finite. */
const FAR = 1e100;
const BEYOND: Affine = [0, 0, 0, 0, -FAR, -FAR];

/** Bytes of memory that a call may fill, slack between its parts left out. */
const ROOM = SCRATCH_BYTES - CALL_BYTES - 8 * SLACK_BYTES;

/** Pixels of a row that halving takes at a time, a multiple of 4: sixteen bytes each for four rows, and half of that again for what comes out. */
const MOST_COLUMNS = 4 * Math.floor(ROOM / 24 / 4);

/**
 * What is done with pixels before the networks, by WebAssembly SIMD. Images stay where they are: what a call needs is copied into a memory of
 * 512 KB and out of it, in strips or blocks where that is more. Nothing is kept between calls but memory that was given back.
 */
export class PixelKernel {
  /** For levels, tensors and what else lives as long as a picture is worked on. */
  readonly spare: SpareBuffers = new SpareBuffers();
  readonly #scratch: Scratch = new Scratch();
  readonly #exports: PixelExports;

  /** @param module - the compiled {@link PIXELS_FILE} */
  constructor(module: WebAssembly.Module) {
    const { memory } = this.#scratch;
    this.#exports = new WebAssembly.Instance(module, { env: { memory } }).exports as unknown as PixelExports;
  }

  /** Half the size, rounded up, each pixel the rounded mean of 2 × 2; an odd last row or column counts twice. */
  halve(image: RgbaImage): RgbaImage {
    const half = this.#blank((image.width + 1) >> 1, (image.height + 1) >> 1);
    this.#reduce(image, 2, [[half, 2]], (columns, rows, [out]) =>
      this.#exports.halve(CALL_BYTES, columns, rows, out!),
    );
    return half;
  }

  /** A quarter of the size, each pixel the rounded mean of 4 × 4. Sides are multiples of 4. */
  quarter(image: RgbaImage): RgbaImage {
    const fourth = this.#blank(image.width >> 2, image.height >> 2);
    this.#reduce(image, 4, [[fourth, 4]], (columns, rows, [out]) =>
      this.#exports.quarter(CALL_BYTES, columns, rows, out!),
    );
    return fourth;
  }

  /** What {@link halve} and {@link quarter} make of an image, in one pass over it. Sides are multiples of 4. */
  halveTwice(image: RgbaImage): [half: RgbaImage, quarter: RgbaImage] {
    const half = this.#blank(image.width >> 1, image.height >> 1);
    const fourth = this.#blank(image.width >> 2, image.height >> 2);
    const outs = [[half, 2] as const, [fourth, 4] as const];
    this.#reduce(image, 4, outs, (columns, rows, [toHalf, out]) =>
      this.#exports.halveTwice(CALL_BYTES, columns, rows, toHalf!, out!),
    );
    return [half, fourth];
  }

  /** Samples an image, bilinear, at every pixel of `target`. A map that leads beyond all numbers leads beyond the image. */
  warp(given: WarpSource, target: WarpTarget): void {
    const { image } = given;
    const toImage = given.toImage.every((number) => Math.abs(number) < FAR) ? given.toImage : BEYOND;
    const source = { ...given, toImage };
    const rowBytes = target.form === 'grey' || target.form === 'rgba' ? 4 : 12;
    const bytesOf = (block: Region): number => {
      const { width, height } = touched(image, toImage, block);
      const samples = 12 * (block.width + 3);
      return regionBytes(image.width, width, height) + samples + rowBytes * block.width * block.height;
    };
    const whole = { left: 0, top: 0, width: target.width, height: target.height };
    inBlocks(whole, bytesOf, ROOM, (block) => this.#warpBlock(source, target, block));
  }

  /**
   * For each pair of `rows` and pair of `columns` of an image the rounded mean luma of the four pixels in which they cross, row by row. Both
   * are in rising order.
   */
  grey(image: RgbaImage, rows: Int32Array, columns: Int32Array): Uint8Array<ArrayBuffer> {
    const [width, height] = [columns.length / 2, rows.length / 2];
    const data = new Uint8Array(width * height);
    const bytesOf = (block: Region): number => {
      const region = crossed(rows, columns, block);
      const copied = regionBytes(image.width, region.width, region.height) + 4 * (region.width + 3);
      return copied + 8 * (block.width + block.height) + block.width * block.height;
    };
    inBlocks({ left: 0, top: 0, width, height }, bytesOf, ROOM, (block) => {
      const isFar = bytesOf(block) > ROOM;
      const at = isFar
        ? this.#greyBlock(corners(image, rows, columns, block), PAIR, PAIR, ONE)
        : this.#greyBlock(image, rows, columns, block);
      for (let y = 0, from = at; y < block.height; y++, from += block.width)
        data.set(
          this.#scratch.bytes.subarray(from, from + block.width),
          (block.top + y) * width + block.left,
        );
    });
    return data;
  }

  /** An image of spare memory, whatever is in it. */
  #blank(width: number, height: number): RgbaImage {
    return { width, height, data: new Uint8ClampedArray(this.spare.take(4 * width * height)) };
  }

  /** Runs `run` over parts of an image, `by` rows of it for each of `rows`, and copies what it has made to `outs`. */
  #reduce(
    image: RgbaImage,
    by: 2 | 4,
    outs: readonly Shrunk[],
    run: (columns: number, rows: number, places: readonly number[]) => void,
  ): void {
    const columns = Math.min(image.width, MOST_COLUMNS);
    const most = Math.max(1, Math.floor(ROOM / (6 * by * columns)));
    const rows = columns < image.width ? 1 : most;
    for (let top = 0; top < image.height; top += by * rows)
      for (let left = 0; left < image.width; left += columns) {
        const width = Math.min(columns, image.width - left);
        const height = Math.min(by * rows, image.height - top);
        this.#reducePart(image, { left, top, width, height }, by, outs, run);
      }
  }

  #reducePart(
    image: RgbaImage,
    region: Region,
    by: 2 | 4,
    outs: readonly Shrunk[],
    run: (columns: number, rows: number, places: readonly number[]) => void,
  ): void {
    const { bytes } = this.#scratch;
    const { left, top, width, height } = region;
    const rows = Math.ceil(height / by);
    // Rows without gaps.
    for (const part of width === image.width ? [region] : rowsOf(region))
      this.#scratch.copyIn(image, part, CALL_BYTES + 4 * width * (part.top - top));
    const end = CALL_BYTES + 4 * width * height;
    if (height < by * rows) bytes.copyWithin(end, end - 4 * width, end);
    let place = after(CALL_BYTES + 4 * width * by * rows);
    const places = outs.map(([, shrink]) => {
      const at = place;
      place = after(at + 4 * Math.ceil(width / shrink) * Math.ceil((by * rows) / shrink));
      return at;
    });
    run(width, rows, places);
    outs.forEach(([{ data, width: outWidth }, shrink], i) => {
      const at = places[i]!;
      const stride = 4 * Math.ceil(width / shrink);
      const to = { data, at: 4 * ((top / shrink) * outWidth + left / shrink), stride: 4 * outWidth };
      copyRows({ data: bytes, at, stride }, to, stride, (by * rows) / shrink);
    });
  }

  #warpBlock({ image, toImage, outside }: WarpSource, target: WarpTarget, block: Region): void {
    const { bytes, floats, call } = this.#scratch;
    const { left, top, width, height } = block;
    const region = touched(image, toImage, block);
    const stride = this.#scratch.copyIn(image, region, CALL_BYTES);
    const samples = after(CALL_BYTES + regionBytes(image.width, region.width, region.height));
    const out = after(samples + 12 * ((width + 3) & ~3));
    const [dx, dy, cx, cy, tx, ty] = toImage;
    const { isBgr, mean, factor } = target.form === 'rgba' ? { isBgr: false, mean: 0, factor: 1 } : target;
    call.set([CALL_BYTES, stride, region.left, region.top, image.width, image.height]);
    call.set([dx, dy, cx, cy, tx, ty, left, top, width, height, outside, samples, out], 6);
    call.set([FORMS[target.form], Number(isBgr), mean, factor], 19);
    this.#exports.warp(0);
    const { data, form, offset } = target;
    const each = form === 'rgba' ? 4 : form === 'triples' ? 3 : 1;
    const stretch = each * target.width;
    const to = offset + top * stretch + each * left;
    if (form === 'rgba') {
      const rows = { data: bytes, at: out, stride: 4 * width };
      copyRows(rows, { data, at: to, stride: stretch }, 4 * width, height);
      return;
    }
    for (let plane = 0; plane < (form === 'planes' ? 3 : 1); plane++) {
      const rows = { data: floats, at: out / 4 + plane * width * height, stride: each * width };
      const at = to + plane * target.width * target.height;
      copyRows(rows, { data, at, stride: stretch }, each * width, height);
    }
  }

  /** Answers where the block lies, row by row without gaps. */
  #greyBlock(image: RgbaImage, rows: ArrayLike<number>, columns: ArrayLike<number>, block: Region): number {
    const { integers } = this.#scratch;
    const region = crossed(rows, columns, block);
    const stride = this.#scratch.copyIn(image, region, CALL_BYTES);
    const spare = after(CALL_BYTES + regionBytes(image.width, region.width, region.height));
    const rowTable = after(spare + 4 * region.width);
    const columnTable = after(rowTable + 8 * block.height);
    const out = after(columnTable + 8 * block.width);
    for (let i = 0; i < 2 * block.height; i++)
      integers[rowTable / 4 + i] = stride * (rows[2 * block.top + i]! - region.top);
    for (let i = 0; i < 2 * block.width; i++)
      integers[columnTable / 4 + i] = 4 * (columns[2 * block.left + i]! - region.left);
    const { width, height } = block;
    this.#exports.grey(CALL_BYTES, region.width, rowTable, columnTable, spare, width, height, out);
    return out;
  }
}

/** How far the kernel's points may be off, in pixels: `MARGIN` of `assembly/warp.ts`. */
const MARGIN = 2 ** -20;

/** The pixels of an image that the points of a block of outputs touch, or might. */
function touched({ width, height }: RgbaImage, toImage: Affine, block: Region): Region {
  const [dx, dy, cx, cy, tx, ty] = toImage;
  const [left, right] = [block.left, block.left + block.width - 1];
  const [top, bottom] = [block.top, block.top + block.height - 1];
  // Summed up as the kernel does it: these are its outermost points to the last bit, but for those in fixed point.
  const x = [cx * top + tx + left * dx, cx * top + tx + right * dx];
  x.push(cx * bottom + tx + left * dx, cx * bottom + tx + right * dx);
  const y = [cy * top + ty + left * dy, cy * top + ty + right * dy];
  y.push(cy * bottom + ty + left * dy, cy * bottom + ty + right * dy);
  const within = (at: number, side: number): number => Math.min(Math.max(at, 0), side);
  const startX = within(Math.floor(Math.min(...x) - MARGIN), width);
  const startY = within(Math.floor(Math.min(...y) - MARGIN), height);
  const endX = within(Math.floor(Math.max(...x) + MARGIN) + 2, width);
  const endY = within(Math.floor(Math.max(...y) + MARGIN) + 2, height);
  return { left: startX, top: startY, width: endX - startX, height: endY - startY };
}

/** The pixels from the first to the last that a block of outputs reads. */
function crossed(rows: ArrayLike<number>, columns: ArrayLike<number>, block: Region): Region {
  const [left, top] = [columns[2 * block.left]!, rows[2 * block.top]!];
  const right = columns[2 * (block.left + block.width) - 1]!;
  const bottom = rows[2 * (block.top + block.height) - 1]!;
  return { left, top, width: right - left + 1, height: bottom - top + 1 };
}

/** A single output's four pixels as an image of their own: they may lie far apart. */
function corners(
  image: RgbaImage,
  rows: ArrayLike<number>,
  columns: ArrayLike<number>,
  { left, top }: Region,
): RgbaImage {
  const data = new Uint8ClampedArray(16);
  for (let i = 0; i < 4; i++) {
    const at = 4 * (rows[2 * top + (i >> 1)]! * image.width + columns[2 * left + (i & 1)]!);
    data.set(image.data.subarray(at, at + 4), 4 * i);
  }
  return { width: 2, height: 2, data };
}

function rowsOf({ left, top, width, height }: Region): Region[] {
  return Array.from({ length: height }, (_, y) => ({ left, top: top + y, width, height: 1 }));
}

/**
 * Reads and starts the kernel.
 *
 * @param assets - absolute URL of the library's folder
 * @throws NearFaceError `BACKEND_UNAVAILABLE`
 */
export async function loadPixelKernel(
  readAsset: (url: string) => Promise<Uint8Array<ArrayBuffer>>,
  assets: string,
): Promise<PixelKernel> {
  const url = new URL(PIXELS_FILE, assets).href;
  return new PixelKernel(await compileKernel(readAsset, url, 'The kernels for pixels', EXPORTS));
}
