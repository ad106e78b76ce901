import type { PixelKernel } from './kernel/kernel.ts';
import type { RgbaImage } from './pixels.ts';

/**
 * Share of an octave that a warp may reduce by bilinear sampling alone before it goes to the next level: up to a
 * factor of 2^0.7 ≈ 1.6, where a 2 × 2 neighbourhood still touches almost every pixel.
 */
const BILINEAR_OCTAVES = 0.7;

/**
 * Of images of so many pixels a level that is passed over is made, too: mostly it is asked for later, when a face is found, and reading an
 * image once more takes longer than making it.
 */
const MOST_PIXELS_TWICE = 2 ** 21;

/**
 * An image and its halvings: a pixel of level k is the mean of 2^k × 2^k pixels of the base, give or take the rounding of the
 * levels between, so that coordinates of level k are those of the base divided by 2^k. Levels are made when first asked for and
 * kept; together they take a third of the base's memory. The base is not copied and must not change.
 */
export class Pyramid {
  readonly width: number;
  readonly height: number;
  /** What makes the levels, and samples them. */
  readonly kernel: PixelKernel;
  readonly #levels: (RgbaImage | undefined)[];

  constructor(base: RgbaImage, kernel: PixelKernel) {
    if (base.width < 1 || base.height < 1 || base.data.length !== 4 * base.width * base.height) {
      throw new RangeError(
        `An image of ${base.width} × ${base.height} cannot have ${base.data.length} bytes`,
      );
    }
    this.width = base.width;
    this.height = base.height;
    this.kernel = kernel;
    this.#levels = [base];
  }

  /** The image halved `index` times; the last level, of one pixel, stands for all beyond it. */
  level(index: number): RgbaImage {
    const made = this.#levels[index];
    if (made) return made;
    const skipped = this.#skipped(index);
    if (skipped && skipped.width * skipped.height <= MOST_PIXELS_TWICE) return this.levelWithFiner(index);
    if (skipped) return (this.#levels[index] = this.kernel.quarter(skipped));
    const finer = this.level(index - 1);
    if (finer.width === 1 && finer.height === 1) return finer;
    return (this.#levels[index] = this.kernel.halve(finer));
  }

  /**
   * The same as {@link Pyramid.level}, with the finer level besides where neither is made yet and reading the one before takes most of the
   * time: for pictures of which both are asked for.
   */
  levelWithFiner(index: number): RgbaImage {
    const before = this.#levels[index] ? undefined : this.#skipped(index);
    if (before) [this.#levels[index - 1], this.#levels[index]] = this.kernel.halveTwice(before);
    return this.level(index);
  }

  /** The level two before, if that between is not made and it can be quartered. */
  #skipped(index: number): RgbaImage | undefined {
    const before = index > 1 && !this.#levels[index - 1] ? this.#levels[index - 2] : undefined;
    return before && before.width % 4 === 0 && before.height % 4 === 0 ? before : undefined;
  }

  /** Gives back the memory of its levels, which nobody may read any more; what is asked for later is made anew. Safe to call twice. */
  giveBack(): void {
    for (const level of this.#levels.splice(1)) if (level) this.kernel.spare.giveBack(level.data.buffer);
  }

  /** The level to sample from when one output pixel spans `scale` base pixels; the base for what is no number. */
  levelFor(scale: number): number {
    const deepest = Math.ceil(Math.log2(Math.max(this.width, this.height)));
    const octave = Math.floor(Math.log2(scale) + 1 - BILINEAR_OCTAVES);
    return octave > 0 ? Math.min(octave, deepest) : 0;
  }
}
