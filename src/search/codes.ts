import {
  BLOCK_ROWS,
  growMemory,
  type Kernel,
  LAYOUT,
  RUNS,
  STAGED_BYTES,
  startKernel,
} from './kernel/kernel.ts';
import { type RotationShape, rotateStaged, rotationShape, staged, writeSigns } from './rotation.ts';

/**
 * The best four levels for a standard normal number and the mean square error that they leave (Max, 1960): a
 * rotated unit vector's numbers are nearly normal with variance 1/length.
 */
const EDGE = 0.9816;
const LEVELS = [-1.51, -0.4528, 0.4528, 1.51] as const;
const KEPT = 1 - 0.1175;

/**
 * How many standard deviations an estimate may be off before a face is missed, when so many matches are asked for. Of
 * the faces whose score just suffices one in 4,300 lies further below it, and one in 1,500 where ten or more are asked
 * for: the best then stands well above the tenth, or, where there are fewer, above the least score unless it just
 * reaches that.
 */
export const deviationsFor = (limit: number): number => (limit < 10 ? 3.5 : 3.2);

/** Tables whose entries the kernel sums in a byte, and the largest sum. */
const [CHUNK, MAX_BYTE] = [16, 255];

/**
 * The standard deviation of an estimate from codes that keep a share `kept` of the variance of vectors of `padded`
 * numbers, by tables whose rounding is off by `tableError` (standard deviation of a row's sum).
 */
export function codeDeviation(kept: number, padded: number, tableError: number): number {
  return Math.hypot(Math.sqrt((1 - kept) / kept / padded), tableError);
}

/** How scores are estimated from codes. */
export interface CodeEstimate {
  /** The estimate of a row is `base + step × sum of its entries`. */
  readonly base: number;
  readonly step: number;
  /** A row that scores `s` is estimated at `s − margin` or more, but for one in some thousands. */
  readonly margin: number;
}

/** A probe, ready to be looked up. */
export interface CodeProbe extends CodeEstimate {
  /** 16 entries for every two numbers. */
  readonly tables: Uint8Array;
  /** The probe, rotated. */
  readonly rotated: Float32Array;
}

/** The largest sum of a row's entries. */
export const MAX_SUM = 0xffff;

/** The least sum of a row that may score `minScore`; above {@link MAX_SUM} if none can. */
export function leastSum({ base, step, margin }: CodeEstimate, minScore: number): number {
  return Math.min(MAX_SUM + 1, Math.max(0, Math.ceil((minScore - margin - base) / step)));
}

/**
 * A compact code for every face, for the first pass of a search: its vector is rotated at random and two bits
 * are kept of each number. The estimate of a score from these is without bias and off by 0.37/√dimension
 * (standard deviation; 0.026 for 192 numbers). The way of scanning is that of 4-bit product quantisation with
 * lookup tables in registers (André, Kermarrec and Le Scouarnec, "Cache locality is not enough", VLDB 2015).
 */
export class Codes {
  readonly kernel: Kernel;
  readonly shape: RotationShape;
  readonly codeBytes: number;
  readonly #deviation: number;

  constructor(module: WebAssembly.Module, dimension: number, kernel: Kernel = startKernel(module)) {
    this.kernel = kernel;
    this.shape = rotationShape(dimension);
    this.codeBytes = this.shape.padded / 4;
    this.#deviation = 1 / Math.sqrt(this.shape.padded);
    writeSigns(this.kernel, this.shape);
  }

  get bytes(): number {
    return this.kernel.memory.buffer.byteLength;
  }

  /** Vectors that {@link Codes.stage} takes at once. */
  get stagedRows(): number {
    return Math.floor(STAGED_BYTES / (this.shape.padded * 4));
  }

  /** Makes room. Returns whether the browser had it. */
  reserve(rows: number): boolean {
    // The last panel's runs are of equal length and may reach past the last block.
    const blocks = Math.ceil(rows / BLOCK_ROWS) + RUNS;
    return growMemory(this.kernel, blocks * BLOCK_ROWS * this.codeBytes);
  }

  /** Takes vectors (at most `stagedRows`) of `dimension` numbers and rotates them; `staged` then has them. */
  stage(vectors: Float32Array, dimension: number): Float32Array {
    const count = vectors.length / dimension;
    const { padded } = this.shape;
    const target = staged(this.kernel, this.shape, count);
    if (padded === dimension) target.set(vectors);
    else {
      target.fill(0);
      for (let i = 0; i < count; i++)
        target.set(vectors.subarray(i * dimension, (i + 1) * dimension), i * padded);
    }
    rotateStaged(this.kernel, this.shape, count);
    return target;
  }

  /** Writes the codes of the first `count` staged vectors into the rows from `first` on. */
  encodeStaged(count: number, first: number): void {
    this.#encode(count);
    this.kernel.exports.placeCodes(LAYOUT.out, count, this.codeBytes, this.kernel.data, first);
  }

  /** Puts codes that lie row by row into the rows from `first` on. */
  place(codes: Uint8Array, first: number): void {
    const { memory, exports, data } = this.kernel;
    const most = Math.floor((LAYOUT.scores - LAYOUT.out) / this.codeBytes) * this.codeBytes;
    for (let from = 0; from < codes.length; from += most) {
      const some = codes.subarray(from, from + most);
      new Uint8Array(memory.buffer, LAYOUT.out, some.length).set(some);
      const row = first + from / this.codeBytes;
      exports.placeCodes(LAYOUT.out, some.length / this.codeBytes, this.codeBytes, data, row);
    }
  }

  /** The codes of vectors of `dimension` numbers, row by row. */
  codesOf(vectors: Float32Array, dimension: number): Uint8Array<ArrayBuffer> {
    const codes = new Uint8Array((vectors.length / dimension) * this.codeBytes);
    for (let from = 0; from * dimension < vectors.length; from += this.stagedRows) {
      const some = vectors.subarray(from * dimension, (from + this.stagedRows) * dimension);
      const count = some.length / dimension;
      this.stage(some, dimension);
      this.#encode(count);
      const { buffer } = this.kernel.memory;
      codes.set(new Uint8Array(buffer, LAYOUT.out, count * this.codeBytes), from * this.codeBytes);
    }
    return codes;
  }

  #encode(count: number): void {
    const stride = this.shape.padded * 4;
    const edge = EDGE * this.#deviation;
    this.kernel.exports.encode(LAYOUT.staged, count, stride, this.codeBytes, LAYOUT.out, edge);
  }

  move(from: number, to: number): void {
    this.kernel.exports.moveCode(this.codeBytes, this.kernel.data, from, to);
  }

  erase(row: number): void {
    this.kernel.exports.eraseCode(this.codeBytes, this.kernel.data, row);
  }

  /** The codes of `count` blocks: byte 0 of all 16 rows, then byte 1, and so on; a view that lasts until rows are added. */
  blocks(first: number, count: number): Uint8Array {
    const blockBytes = BLOCK_ROWS * this.codeBytes;
    const { buffer } = this.kernel.memory;
    return new Uint8Array(buffer, this.kernel.data + first * blockBytes, count * blockBytes);
  }

  /** The tables of a probe; a margin is so many standard deviations, as {@link deviationsFor} has them. */
  prepare(probe: Float32Array, deviations: number): CodeProbe {
    const rotated = this.stage(probe, probe.length).slice();
    const groups = rotated.length / 2;
    const levels = LEVELS.map((level) => (level * this.#deviation) / KEPT);
    // Of two numbers a and b the least sum is −(|a| + |b|) × the outer level, the greatest its opposite.
    const outer = levels[3] as number;
    let [fullest, chunk, sum] = [0, 0, 0];
    for (let group = 0; group < groups; group++) {
      const reach = Math.abs(rotated[group * 2] as number) + Math.abs(rotated[group * 2 + 1] as number);
      chunk = group % CHUNK === 0 ? reach : chunk + reach;
      fullest = Math.max(fullest, chunk);
      sum += reach;
    }
    // Rounding adds half at most to an entry.
    const step = (2 * fullest * outer) / (MAX_BYTE - CHUNK / 2) || 1;
    const tables = new Uint8Array(groups * 16);
    for (let group = 0; group < groups; group++) {
      const [a, b] = [rotated[group * 2] as number, rotated[group * 2 + 1] as number];
      const least = -(Math.abs(a) + Math.abs(b)) * outer;
      for (let code = 0; code < 16; code++) {
        const value = a * (levels[code & 3] as number) + b * (levels[code >> 2] as number);
        tables[group * 16 + code] = Math.round((value - least) / step);
      }
    }
    const margin = deviations * codeDeviation(KEPT, rotated.length, step * Math.sqrt(groups / 12));
    return { tables, base: -sum * outer, step, margin, rotated };
  }

  /**
   * The rows of a panel whose filter bit is set (the filter is in the kernel's memory) and that may score
   * `minScore` or more: pairs of row and sum, a view that the next call overwrites. The panel is four runs of
   * `runBlocks` blocks from `firstBlock` on.
   */
  candidates(probe: CodeProbe, firstBlock: number, runBlocks: number, minScore: number): Uint32Array {
    const { memory, exports, data } = this.kernel;
    const threshold = leastSum(probe, minScore);
    if (threshold > MAX_SUM) return new Uint32Array(0);
    new Uint8Array(memory.buffer, LAYOUT.tables, probe.tables.length).set(probe.tables);
    const count = exports.scanCodes(
      LAYOUT.tables,
      data + firstBlock * BLOCK_ROWS * this.codeBytes,
      runBlocks,
      this.codeBytes,
      LAYOUT.filter,
      threshold,
      firstBlock * BLOCK_ROWS,
      LAYOUT.sums,
      LAYOUT.out,
    );
    return new Uint32Array(memory.buffer, LAYOUT.out, count * 2);
  }
}
