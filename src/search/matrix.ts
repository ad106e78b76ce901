import { NearFaceError } from '../core/errors.ts';
import { Bitmap } from './bitmap.ts';
import { FloatRows } from './rows.ts';
import { CodeScan, FullScan, type Scan, type ScanOptions } from './scan.ts';
import { SeqIndex } from './seq-index.ts';
import type { Crew, SearchThreads } from './threads/crew.ts';
import { type Precision, Vectors } from './vectors.ts';

/** Shorter vectors are always scored in full: a code says too little of them. */
const MIN_CODED_DIMENSION = 64;

/** Up to this many rows the two passes gain nothing. */
const MIN_CODED_ROWS = 4096;

export type { Precision };

/** Members of a group among some rows, a bit each. */
export interface RowGroup {
  readonly name: string;
  readonly bits: Uint8Array;
}

/** Faces to put into a matrix. */
export interface NewRows {
  readonly seqs: ArrayLike<number>;
  /** Row by row. */
  readonly vectors: Float32Array;
  /** When they were enrolled, in milliseconds since 1970. */
  readonly times?: ArrayLike<number>;
  /** Their codes as {@link Codes.codesOf} gives them, if they are known: making them takes most of the time. */
  readonly codes?: Uint8Array;
  readonly groups?: readonly RowGroup[];
}

/** Which faces of some groups a search looks at. */
export interface RowFilter {
  /** Only these. */
  readonly seqs?: Iterable<number>;
  /** Only those enrolled at this time or later, in milliseconds since 1970. */
  readonly from?: number;
  /** Only those enrolled before this time. */
  readonly until?: number;
}

/**
 * The vectors of one model in WASM memory, a row per face: a compact code for the first pass of a search and the
 * vector for the second. Faces are known by their sequence numbers and belong to any number of groups
 * (galleries). Rows are always dense: the last row moves into that of a deleted face, at once or, while a scan is
 * under way, as soon as it has ended.
 */
export class SearchMatrix {
  readonly dimension: number;
  readonly #vectors: Vectors;
  readonly #index = new SeqIndex();
  readonly #groups = new Map<string, Bitmap>();
  /** Rows of deleted faces that are not filled yet. */
  readonly #holes: number[] = [];
  /** When each row's face was enrolled. */
  #times = new Float64Array(64);
  #usedRows = 0;
  #scans = 0;

  /** @param threads - for searches of many faces on several threads */
  constructor(
    module: WebAssembly.Module,
    dimension: number,
    precision: Precision = 'float',
    threads?: SearchThreads,
  ) {
    this.dimension = dimension;
    this.#vectors = new Vectors(module, dimension, precision, threads);
  }

  get precision(): Precision {
    return this.#vectors.rows instanceof FloatRows ? 'float' : 'byte';
  }

  /** Threads that a search of so many faces runs on now. */
  threadsFor(faces: number): number {
    return 1 + (this.#crewFor(faces)?.size ?? 0);
  }

  /** Faces in the matrix. */
  get size(): number {
    return this.#index.size;
  }

  /** Bytes of memory held. */
  get bytes(): number {
    return this.#vectors.bytes + this.#index.bytes + this.#times.byteLength;
  }

  /** Bytes of a face's code. */
  get codeBytes(): number {
    return this.#vectors.codes.codeBytes;
  }

  /** How far a score may be off what full precision gives; 0 if it is that. */
  get margin(): number {
    return this.#vectors.rows.margin;
  }

  has(seq: number): boolean {
    return this.#index.rowOf(seq) >= 0;
  }

  /** The row of a face, -1 if it has none. It holds while a scan is under way. */
  rowOf(seq: number): number {
    return this.#index.rowOf(seq);
  }

  /** Faces in some rows, in the order of the rows. */
  seqsOf(rows: Bitmap): readonly number[] {
    const seqs: number[] = [];
    for (let row = 0; row < this.#usedRows; row++) if (rows.has(row)) seqs.push(this.#index.seqAt(row));
    return seqs;
  }

  /** Faces in a group. */
  groupSize(group: string): number {
    return this.#groups.get(group)?.size ?? 0;
  }

  /** Makes room for `count` more faces, so that adding them cannot fail. @throws NearFaceError `STORAGE_FULL` */
  reserve(count: number): void {
    const rows = this.#usedRows + count;
    if (this.#scans === 0) this.#vectors.share(rows, this.#usedRows);
    if (!this.#vectors.reserve(rows)) {
      throw new NearFaceError(
        'STORAGE_FULL',
        `Memory for ${this.size} faces of ${this.dimension} numbers is all that can be had; delete faces, or use another database`,
        { faces: this.size, bytes: this.bytes },
      );
    }
    this.#index.reserve(rows);
    if (rows <= this.#times.length) return;
    const times = new Float64Array(Math.max(rows, Math.ceil(this.#times.length * 1.25)));
    times.set(this.#times);
    this.#times = times;
  }

  /** Adds a face; `vector` is copied. The sequence number must be new. */
  add(seq: number, vector: Float32Array, groups: Iterable<string> = [], time = 0): void {
    const bits = Uint8Array.of(1);
    const members = Array.from(groups, (name) => ({ name, bits }));
    this.addAll({ seqs: [seq], vectors: vector, times: [time], groups: members });
  }

  /** Adds faces. Their sequence numbers must be new. */
  addAll(rows: NewRows): void {
    const { seqs, vectors, times, codes } = rows;
    this.reserve(seqs.length);
    const first = this.#usedRows;
    const known = codes?.length === seqs.length * this.codeBytes ? codes : undefined;
    this.#vectors.write(first, vectors, known);
    for (let i = 0; i < seqs.length; i++) {
      this.#index.set(seqs[i] as number, first + i);
      this.#times[first + i] = times?.[i] ?? 0;
    }
    for (const { name, bits } of rows.groups ?? []) {
      const group = this.#group(name);
      for (let i = 0; i < seqs.length; i++)
        if (((bits[i >> 3] as number) >> (i & 7)) & 1) group.add(first + i);
    }
    this.#usedRows += seqs.length;
  }

  /** Gives up full precision, and three quarters of the rows' memory; while a scan is under way, nothing happens. */
  narrow(): void {
    if (this.#scans === 0) this.#vectors.narrow(this.#usedRows);
  }

  /** Ends the threads beside this one. Safe to call twice; searches then run on one. */
  dispose(): void {
    this.#vectors.dispose();
  }

  /** Takes a face out and overwrites what was kept of it; nothing happens if it is not there. */
  remove(seq: number): void {
    const row = this.#index.rowOf(seq);
    if (row < 0) return;
    this.#index.delete(seq);
    for (const group of this.#groups.values()) group.delete(row);
    this.#vectors.erase(row);
    this.#holes.push(row);
    if (this.#scans === 0) this.#fillHoles();
  }

  /** Puts a face into a group or takes it out; nothing happens if the face is not there. */
  setMember(group: string, seq: number, member: boolean): void {
    const row = this.#index.rowOf(seq);
    if (row < 0) return;
    if (member) this.#group(group).add(row);
    else this.#groups.get(group)?.delete(row);
  }

  /** Forgets a group; its faces stay. */
  dropGroup(group: string): void {
    this.#groups.delete(group);
  }

  /**
   * The rows of the faces that are in one of `groups` at least and pass the filter. It holds for a scan that is
   * started at once.
   */
  select(groups: readonly string[], { seqs, from = -Infinity, until = Infinity }: RowFilter = {}): Bitmap {
    const ofGroups = groups.map((name) => this.#groups.get(name) ?? new Bitmap());
    const timed = from !== -Infinity || until !== Infinity;
    if (!seqs && !timed) return ofGroups.length === 1 ? (ofGroups[0] as Bitmap) : Bitmap.union(ofGroups);
    const chosen = new Bitmap();
    const choose = (row: number): void => {
      const time = this.#times[row] as number;
      if (time >= from && time < until && ofGroups.some((group) => group.has(row))) chosen.add(row);
    };
    if (!seqs) for (let row = 0; row < this.#usedRows; row++) choose(row);
    for (const seq of seqs ?? []) {
      const row = this.#index.rowOf(seq);
      if (row >= 0) choose(row);
    }
    return chosen;
  }

  /** Some of the faces in some rows, spread evenly over them. */
  sample(rows: Bitmap, count: number): readonly number[] {
    const step = Math.max(1, rows.size / count);
    const seqs: number[] = [];
    for (let row = 0, n = 0; row < this.#usedRows && seqs.length < count; row++)
      if (rows.has(row) && n++ >= seqs.length * step) seqs.push(this.#index.seqAt(row));
    return seqs;
  }

  /**
   * Searches for `probes` among the rows of `filter`: `run` is called with a scan that it runs to its end, and may
   * wait in between. No row moves meanwhile.
   */
  async scan<T>(
    filter: Bitmap,
    probes: readonly Float32Array[],
    options: ScanOptions,
    run: (scan: Scan) => Promise<T> | T,
  ): Promise<T> {
    this.#scans++;
    try {
      return await run(this.#start(filter, probes, options));
    } finally {
      if (--this.#scans === 0) this.#fillHoles();
    }
  }

  #start(filter: Bitmap, probes: readonly Float32Array[], options: ScanOptions): Scan {
    const view = {
      filter,
      rowCount: () => this.#usedRows,
      seqAt: (row: number) => this.#index.seqAt(row),
    };
    const { codes, rows } = this.#vectors;
    const coded = this.dimension >= MIN_CODED_DIMENSION && filter.size >= MIN_CODED_ROWS && !options.exact;
    const crew = this.#crewFor(filter.size);
    if (rows instanceof FloatRows && !coded) return new FullScan(view, rows, probes, options, crew);
    // With `exact` every row is a candidate, and this thread scores them.
    return new CodeScan(view, codes, rows, probes, options, options.exact ? undefined : crew);
  }

  #crewFor(faces: number): Crew | undefined {
    const { crew } = this.#vectors;
    return crew && faces >= crew.fromRows ? crew : undefined;
  }

  /** Moves the last rows into the rows of deleted faces. */
  #fillHoles(): void {
    // The highest first, so that a hole at the end is cut off and never moved.
    for (const hole of this.#holes.sort((a, b) => b - a)) {
      const last = --this.#usedRows;
      if (hole === last) continue;
      this.#vectors.move(last, hole);
      this.#index.move(last, hole);
      this.#times[hole] = this.#times[last] as number;
      for (const group of this.#groups.values()) {
        if (!group.has(last)) continue;
        group.add(hole);
        group.delete(last);
      }
      this.#vectors.erase(last);
    }
    this.#holes.length = 0;
  }

  #group(name: string): Bitmap {
    let group = this.#groups.get(name);
    if (!group) this.#groups.set(name, (group = new Bitmap()));
    return group;
  }
}
