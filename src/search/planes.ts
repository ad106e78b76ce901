import type { Bitmap } from './bitmap.ts';
import { type CodeEstimate, type Codes, codeMargin } from './codes.ts';
import { BLOCK_ROWS, type Kernel, startKernel } from './kernel/kernel.ts';

/** Probes that are looked up together. */
export const QUAD = 4;

/** Rows of a tile: two blocks, or a word of the filter. */
export const TILE_ROWS: number = 2 * BLOCK_ROWS;

/** Numbers of a group, whose bits of a plane are looked up at once: those of a code byte. */
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
  /** For every four numbers an entry for each of their 16 codes in a plane. */
  readonly entries: Uint8Array;
  /** The probe, rotated. */
  readonly rotated: Float32Array;
}

/** Four probes at most, and the tables of all. */
export interface PlaneQuad {
  readonly tables: Uint8Array;
  readonly probes: readonly PlaneProbe[];
}

/**
 * What the bits of a code say of a standard normal number z that was cut at 0 and ±0.98. The upper bit, as ±1, is
 * its sign; twice that and the lower bit, as ±1, make the levels −3, −1, 1 and 3. `slope` is the mean of z × level and
 * `kept` its square over the mean of level², the share of the variance that is kept: 0.2 % less than with the best
 * levels. The sum of the weights is `reach`, that of their squares `power`.
 */
const UPPER = { slope: 0.79788, kept: 0.63662, reach: 1, power: 1 } as const;
const BOTH = { slope: 1.78357, kept: 0.88111, reach: 3, power: 5 } as const;

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

  /** The entries of a probe: for each code of four bits the sum of the numbers, each with its bit as ±1, from zero up. */
  prepare(vector: Float32Array): PlaneProbe {
    const rotated = this.#codes.stage(vector, vector.length).slice();
    const groups = rotated.length / GROUP;
    const [reach, fullest] = reachOf(rotated);
    // Rounding adds half at most to an entry.
    const step = (2 * fullest) / (MAX_BYTE - CHUNK / 2) || 1;
    const entries = new Uint8Array(groups * 16);
    const sums = new Float64Array(16);
    for (let group = 0; group < groups; group++) {
      // The least sum has the bits of all negative numbers set.
      let negative = 0;
      for (let i = 0; i < GROUP; i++) {
        const twice = (2 * (rotated[group * GROUP + i] as number)) / step;
        const bit = 1 << i;
        if (twice < 0) negative |= bit;
        for (let code = 0; code < bit; code++) sums[code | bit] = (sums[code] as number) + Math.abs(twice);
      }
      for (let code = 0; code < 16; code++)
        entries[group * 16 + (code ^ negative)] = Math.round(sums[code] as number);
    }
    const estimate = ({ slope, kept, ...weights }: typeof UPPER | typeof BOTH): CodeEstimate => {
      const unit = 1 / (slope * Math.sqrt(rotated.length));
      const tableError = unit * step * Math.sqrt((weights.power * groups) / 12);
      const margin = codeMargin(kept, rotated.length, tableError);
      return { base: -weights.reach * reach * unit, step: step * unit, margin };
    };
    return { ...estimate(BOTH), upper: estimate(UPPER), entries, rotated };
  }

  /** Puts the tables of four probes at most side by side. */
  quad(probes: readonly PlaneProbe[]): PlaneQuad {
    const tables = new Uint8Array(this.#codes.codeBytes * 16 * QUAD);
    probes.forEach(({ entries }, i) => {
      for (let from = 0; from < entries.length; from += 16)
        tables.set(entries.subarray(from, from + 16), from * QUAD + i * 16);
    });
    return { tables, probes };
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
      this.#limits[i] = leastSum(probe.upper, least);
      this.#limits[QUAD + i] = leastSum(probe, least);
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

/** The least sum of a row that may score `wanted`. */
function leastSum({ base, step, margin }: CodeEstimate, wanted: number): number {
  return Math.min(OUT_OF_REACH, Math.max(0, Math.ceil((wanted - margin - base) / step)));
}

/** The sum of a vector's absolute numbers, and the largest such sum of a chunk. */
function reachOf(rotated: Float32Array): [all: number, fullest: number] {
  let [all, fullest] = [0, 0];
  for (let from = 0; from < rotated.length; from += CHUNK * GROUP) {
    let sum = 0;
    for (const x of rotated.subarray(from, from + CHUNK * GROUP)) sum += Math.abs(x);
    all += sum;
    fullest = Math.max(fullest, sum);
  }
  return [all, fullest];
}
