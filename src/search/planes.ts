import type { Bitmap } from './bitmap.ts';
import { type CodeEstimate, type Codes, codeDeviation, leastSum } from './codes.ts';
import { BLOCK_ROWS, type Kernel, startKernel } from './kernel/kernel.ts';

/** Probes that are looked up together. */
export const QUAD = 4;

/** Rows of a tile: two blocks, or a word of the filter. */
export const TILE_ROWS: number = 2 * BLOCK_ROWS;

/** Numbers of a vector whose bits of a plane are looked up at once, called a group here: those of a code byte. */
const GROUP = 4;

/** Groups whose entries the kernel sums in a byte. */
const CHUNK = 16;

/** Largest sum, and a limit that no sum reaches: 64 chunks of two planes are the most there are. */
const [MAX_BYTE, OUT_OF_REACH] = [255, 0xffff];

const KB = 1024;

/** Addresses in the memory of a {@link Planes} kernel, which has neither codes nor rows of its own. */
const AREA = {
  filter: 0,
  sums: 1 * KB,
  /** By probe the least sum of the upper bits, then of both, u16. */
  limits: 2 * KB,
  /** Ends of the four lists, u32. */
  ends: 3 * KB,
  /** Four lists of pairs of u32 row and u32 sum. */
  lists: 4 * KB,
  /** 64 bytes a group. */
  tables: 68 * KB,
  planes: 132 * KB,
  /** The codes that the planes are made of: half as many bytes. */
  codes: 252 * KB,
} as const;

const LIST_BYTES = (AREA.tables - AREA.lists) / QUAD;
const PLANES_BYTES = AREA.codes - AREA.planes;

/** A probe, ready to be looked up together with others. Its own estimate is that from both bits. */
export interface PlaneProbe extends CodeEstimate {
  /** The estimate from the upper bits alone. */
  readonly upper: CodeEstimate;
  readonly vector: Float32Array;
  /** The probe, rotated. */
  readonly rotated: Float32Array;
}

/** Four probes at most, and their tables side by side: for every four numbers 16 entries of each probe. */
export interface PlaneQuad {
  readonly tables: Uint8Array;
  readonly probes: readonly PlaneProbe[];
}

/**
 * What the bits of a code say of a standard normal number z that was cut at 0 and ±0.98. The upper bit, as ±1, is
 * its sign; twice that and the lower bit, as ±1, make the levels −3, −1, 1 and 3. `slope` is the mean of z × level and
 * `kept` its square over the mean of level², the share of the variance that is kept: 0.2 % less than with the best
 * levels. `weights` and `squares` are the sums of the bits' weights and of their squares.
 */
const UPPER = { slope: 0.79788, kept: 0.63662, weights: 1, squares: 1 } as const;
const BOTH = { slope: 1.78357, kept: 0.88111, weights: 3, squares: 5 } as const;

/**
 * The codes of a search for many probes: as two planes of bits, so that the upper bits can be looked up alone, and
 * for four probes and 32 rows at a time, so that little of the time goes into loading. See docs/search-kernel.md.
 */
export class Planes {
  /** Most tiles that are looked up at once. */
  readonly maxTiles: number;
  readonly #codes: Codes;
  readonly #kernel: Kernel;
  /** Views of the kernel's memory, which never grows. */
  readonly #limits: Uint16Array;
  readonly #ends: Uint32Array;
  readonly #tables: Uint8Array;

  constructor(module: WebAssembly.Module, codes: Codes) {
    this.#codes = codes;
    this.#kernel = startKernel(module);
    const { buffer } = this.#kernel.memory;
    this.#limits = new Uint16Array(buffer, AREA.limits, 2 * QUAD);
    this.#ends = new Uint32Array(buffer, AREA.ends, QUAD);
    this.#tables = new Uint8Array(buffer, AREA.tables, codes.codeBytes * 16 * QUAD);
    const tileBytes = 2 * TILE_ROWS * codes.codeBytes;
    this.maxTiles = Math.min(LIST_BYTES / (8 * TILE_ROWS), Math.floor(PLANES_BYTES / tileBytes));
  }

  /** Makes ready four probes at most. */
  prepare(vectors: readonly Float32Array[], deviations: number): PlaneQuad {
    this.#tables.fill(0);
    const probes = vectors.map((vector, i) => {
      const rotated = this.#codes.stage(vector, vector.length).slice();
      const [reach, fullest] = reachOf(rotated);
      // Rounding adds half at most to an entry.
      const step = (2 * fullest) / (MAX_BYTE - CHUNK / 2) || 1;
      const { memory, exports } = this.#kernel;
      new Float32Array(memory.buffer, AREA.lists, rotated.length).set(rotated);
      exports.planeTables(AREA.lists, rotated.length / GROUP, 1 / step, AREA.tables + i * 16);
      const estimates = [BOTH, UPPER].map((bits) => estimate(bits, rotated.length, reach, step, deviations));
      const [both, upper] = estimates as [CodeEstimate, CodeEstimate];
      return { ...both, upper, vector, rotated };
    });
    return { tables: this.#tables.slice(), probes };
  }

  /** Makes ready `tiles` tiles from `firstTile` on. Returns whether any of their rows is in the filter. */
  load(filter: Bitmap, firstTile: number, tiles: number): boolean {
    const { memory, exports } = this.#kernel;
    if (!filter.copyWords(firstTile, new Uint32Array(memory.buffer, AREA.filter, tiles))) return false;
    const codes = this.#codes.blocks(2 * firstTile, 2 * tiles);
    new Uint8Array(memory.buffer, AREA.codes, codes.length).set(codes);
    exports.splitPlanes(AREA.codes, tiles, this.#codes.codeBytes, AREA.planes);
    return true;
  }

  /** Forgets the codes that were loaded: their faces may be deleted. */
  clear(): void {
    new Uint8Array(this.#kernel.memory.buffer, AREA.planes).fill(0);
  }

  /**
   * Calls `take` with the rows of the tiles loaded last that are in the filter and may score the least score wanted of a
   * probe, for each that has any: pairs of row and sum, a view that the next call overwrites.
   */
  candidates(
    { tables, probes }: PlaneQuad,
    firstTile: number,
    tiles: number,
    wanted: (probe: number) => number,
    take: (probe: number, pairs: Uint32Array) => void,
  ): void {
    this.#limits.fill(OUT_OF_REACH);
    for (let i = 0; i < probes.length; i++) {
      const [probe, least] = [probes[i] as PlaneProbe, wanted(i)];
      this.#limits[i] = Math.min(OUT_OF_REACH, leastSum(probe.upper, least));
      this.#limits[QUAD + i] = Math.min(OUT_OF_REACH, leastSum(probe, least));
    }
    this.#tables.set(tables);
    this.#kernel.exports.scanPlanes(
      AREA.tables,
      AREA.planes,
      tiles,
      this.#codes.codeBytes,
      AREA.filter,
      AREA.limits,
      firstTile * TILE_ROWS,
      AREA.sums,
      AREA.lists,
      LIST_BYTES,
      AREA.ends,
    );
    for (let i = 0; i < probes.length; i++) {
      const start = AREA.lists + i * LIST_BYTES;
      const length = ((this.#ends[i] as number) - start) / 4;
      if (length > 0) take(i, new Uint32Array(this.#kernel.memory.buffer, start, length));
    }
  }
}

/** What sums of entries of some size tell of the scores of a probe whose absolute numbers add up to `reach`. */
function estimate(
  { slope, kept, weights, squares }: typeof UPPER | typeof BOTH,
  length: number,
  reach: number,
  step: number,
  deviations: number,
): CodeEstimate {
  const unit = 1 / (slope * Math.sqrt(length));
  const tableError = unit * step * Math.sqrt((squares * length) / GROUP / 12);
  const margin = deviations * codeDeviation(kept, length, tableError);
  return { base: -weights * reach * unit, step: step * unit, margin };
}

/** The sum of a vector's absolute numbers, and the largest such sum of a chunk. */
function reachOf(rotated: Float32Array): [all: number, fullest: number] {
  let [all, sum, fullest] = [0, 0, 0];
  for (let i = 0; i < rotated.length; i++) {
    if (i % (CHUNK * GROUP) === 0) sum = 0;
    sum += Math.abs(rotated[i] as number);
    all += Math.abs(rotated[i] as number);
    fullest = Math.max(fullest, sum);
  }
  return [all, fullest];
}
