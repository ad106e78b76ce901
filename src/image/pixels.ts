/** An image in memory: RGBA, 8 bits each, row by row, not premultiplied. */
export interface RgbaImage {
  readonly width: number;
  readonly height: number;
  /** width × height × 4 bytes. */
  readonly data: Uint8ClampedArray<ArrayBuffer>;
}

/**
 * Share of an octave that a warp may reduce by bilinear sampling alone before it goes to the next level: up to a
 * factor of 2^0.7 ≈ 1.6, where a 2 × 2 neighbourhood still touches almost every pixel.
 */
const BILINEAR_OCTAVES = 0.7;

/**
 * An image and its halvings: a pixel of level k is the mean of 2^k × 2^k pixels of the base, give or take the rounding of the
 * levels between, so that coordinates of level k are those of the base divided by 2^k. Levels are made when first asked for and
 * kept; together they take a third of the base's memory. The base is not copied and must not change.
 */
export class Pyramid {
  readonly width: number;
  readonly height: number;
  readonly #levels: (RgbaImage | undefined)[];

  constructor(base: RgbaImage) {
    if (base.width < 1 || base.height < 1 || base.data.length !== 4 * base.width * base.height) {
      throw new RangeError(
        `An image of ${base.width} × ${base.height} cannot have ${base.data.length} bytes`,
      );
    }
    this.width = base.width;
    this.height = base.height;
    this.#levels = [base];
  }

  /** The image halved `index` times; the last level, of one pixel, stands for all beyond it. */
  level(index: number): RgbaImage {
    const made = this.#levels[index];
    if (made) return made;
    const skipped = index > 1 && !this.#levels[index - 1] ? this.#levels[index - 2] : undefined;
    if (skipped && skipped.width % 4 === 0 && skipped.height % 4 === 0)
      return (this.#levels[index] = quarter(skipped));
    const finer = this.level(index - 1);
    if (finer.width === 1 && finer.height === 1) return finer;
    return (this.#levels[index] = halve(finer));
  }

  /**
   * The same as {@link Pyramid.level}, with the finer level besides where neither is made yet and reading the one before takes most of the
   * time: for pictures of which both are asked for.
   */
  levelWithFiner(index: number): RgbaImage {
    const before = index > 1 && !this.#levels[index] && !this.#levels[index - 1] && this.#levels[index - 2];
    if (before && before.width % 4 === 0 && before.height % 4 === 0)
      [this.#levels[index - 1], this.#levels[index]] = halveTwice(before);
    return this.level(index);
  }

  /** The level to sample from when one output pixel spans `scale` base pixels. */
  levelFor(scale: number): number {
    const deepest = Math.ceil(Math.log2(Math.max(this.width, this.height)));
    const octave = Math.floor(Math.log2(scale) + 1 - BILINEAR_OCTAVES);
    return Math.min(Math.max(octave, 0), deepest);
  }
}

/** Even bytes of a pixel, two at a time: sums of four stay within 16 bits. */
const EVEN = 0x00ff00ff;
/** Rounds the sums of four in both halves. */
const HALF = 0x00020002;

/** Half the size, rounded up, each pixel the rounded mean of 2 × 2; an odd last row or column counts twice. */
function halve(image: RgbaImage): RgbaImage {
  const width = (image.width + 1) >> 1;
  const height = (image.height + 1) >> 1;
  const data = new Uint8ClampedArray(4 * width * height);
  const from = new Int32Array(image.data.buffer, image.data.byteOffset, image.width * image.height);
  const to = new Int32Array(data.buffer);
  const pairs = image.width >> 1;
  for (let y = 0, at = 0; y < height; y++) {
    let upper = 2 * y * image.width;
    let lower = Math.min(2 * y + 1, image.height - 1) * image.width;
    for (let x = 0; x < pairs; x++, upper += 2, lower += 2) {
      to[at++] = mean4(from[upper]!, from[upper + 1]!, from[lower]!, from[lower + 1]!);
    }
    if (pairs < width) to[at++] = mean4(from[upper]!, from[upper]!, from[lower]!, from[lower]!);
  }
  return { width, height, data };
}

/** Rounds the sums of sixteen in both halves. */
const EIGHT = 0x00080008;

/** A quarter of the size, each pixel the rounded mean of 4 × 4: a third faster than halving twice. Sides are multiples of 4. */
function quarter(image: RgbaImage): RgbaImage {
  const [width, height] = [image.width >> 2, image.height >> 2];
  const data = new Uint8ClampedArray(4 * width * height);
  const from = new Int32Array(image.data.buffer, image.data.byteOffset, image.width * image.height);
  const to = new Int32Array(data.buffer);
  for (let y = 0, at = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      let even = EIGHT;
      let odd = EIGHT;
      let row = 4 * (y * image.width + x);
      for (let k = 0; k < 4; k++, row += image.width) {
        const a = from[row]!;
        const b = from[row + 1]!;
        const c = from[row + 2]!;
        const d = from[row + 3]!;
        even = (even + (((((a & EVEN) + (b & EVEN)) | 0) + (((c & EVEN) + (d & EVEN)) | 0)) | 0)) | 0;
        odd =
          (odd +
            ((((((a >> 8) & EVEN) + ((b >> 8) & EVEN)) | 0) + ((((c >> 8) & EVEN) + ((d >> 8) & EVEN)) | 0)) |
              0)) |
          0;
      }
      to[at++] = ((even >> 4) & EVEN) | (((odd >> 4) & EVEN) << 8);
    }
  }
  return { width, height, data };
}

/** What {@link halve} and {@link quarter} make of an image, in one pass over it. Sides are multiples of 4. */
function halveTwice(image: RgbaImage): [half: RgbaImage, quarter: RgbaImage] {
  const stride = image.width;
  const half = blank(stride >> 1, image.height >> 1);
  const fourth = blank(stride >> 2, image.height >> 2);
  const from = new Int32Array(image.data.buffer, image.data.byteOffset, stride * image.height);
  const to = new Int32Array(half.data.buffer);
  const toFourth = new Int32Array(fourth.data.buffer);
  for (let y = 0, at = 0; y < fourth.height; y++) {
    for (let x = 0; x < fourth.width; x++) {
      let even = EIGHT;
      let odd = EIGHT;
      let row = 4 * (y * stride + x);
      let out = 2 * (y * half.width + x);
      for (let k = 0; k < 2; k++, row += 2 * stride, out += half.width) {
        const below = row + stride;
        const a = from[row]!;
        const b = from[row + 1]!;
        const c = from[row + 2]!;
        const d = from[row + 3]!;
        const e = from[below]!;
        const f = from[below + 1]!;
        const g = from[below + 2]!;
        const h = from[below + 3]!;
        const leftEven = sum4(a, b, e, f);
        const leftOdd = sum4(a >> 8, b >> 8, e >> 8, f >> 8);
        const rightEven = sum4(c, d, g, h);
        const rightOdd = sum4(c >> 8, d >> 8, g >> 8, h >> 8);
        to[out] = (((leftEven + HALF) >> 2) & EVEN) | ((((leftOdd + HALF) >> 2) & EVEN) << 8);
        to[out + 1] = (((rightEven + HALF) >> 2) & EVEN) | ((((rightOdd + HALF) >> 2) & EVEN) << 8);
        even = (even + ((leftEven + rightEven) | 0)) | 0;
        odd = (odd + ((leftOdd + rightOdd) | 0)) | 0;
      }
      toFourth[at++] = ((even >> 4) & EVEN) | (((odd >> 4) & EVEN) << 8);
    }
  }
  return [half, fourth];
}

function blank(width: number, height: number): RgbaImage {
  return { width, height, data: new Uint8ClampedArray(4 * width * height) };
}

/** Sums of the even bytes of four packed pixels, two at a time. */
function sum4(a: number, b: number, c: number, d: number): number {
  return ((((a & EVEN) + (b & EVEN)) | 0) + (((c & EVEN) + (d & EVEN)) | 0)) | 0;
}

/** The rounded mean of four packed pixels, byte by byte. `| 0` keeps it in 32-bit integers: twice as fast. */
function mean4(a: number, b: number, c: number, d: number): number {
  const even = (((a & EVEN) + (b & EVEN)) | 0) + (((c & EVEN) + (d & EVEN)) | 0) + HALF;
  const odd =
    ((((a >> 8) & EVEN) + ((b >> 8) & EVEN)) | 0) + ((((c >> 8) & EVEN) + ((d >> 8) & EVEN)) | 0) + HALF;
  return ((even >> 2) & EVEN) | (((odd >> 2) & EVEN) << 8);
}
