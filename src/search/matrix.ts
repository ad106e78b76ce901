import { NearFaceError } from '../core/errors.ts';
import type { SecretRotation } from '../core/secret-rotation.ts';
import { BATCH_PROBES, BatchScan } from './batch-scan.ts';
import { Bitmap } from './bitmap.ts';
import { type Facts, RowFacts, type RowFilter } from './row-facts.ts';
import { FloatRows } from './rows.ts';
import { CodeScan, FullScan, type Scan, type ScanOptions } from './scan.ts';
import { SeqIndex } from './seq-index.ts';
import type { Crew, SearchThreads } from './threads/crew.ts';
import { type Precision, Vectors } from './vectors.ts';

/** Shorter vectors are always scored in full: a code says too little of them. */
const MIN_CODED_DIMENSION = 64;

/** Up to this many rows the two passes gain nothing. */
const MIN_CODED_ROWS = 4096;

/** How far a dot product of unit vectors in half precision may be off: 2⁻¹¹ of each number, and what the sums are off. */
const HALF_MARGIN = 1e-3;

export type { Precision };

/** Which of some rows are in a group of faces, a bit each. */
export interface RowGroup {
  readonly name: string;
  readonly bits: Uint8Array;
}

/** Faces to put into a matrix. */
export interface NewRows extends Facts {
  readonly seqs: ArrayLike<number>;
  /** Row by row. */
  readonly vectors: Float32Array;
  /** Their codes as {@link Codes.codesOf} gives them, if they are known: making them takes most of the time. */
  readonly codes?: Uint8Array;
  readonly groups?: readonly RowGroup[];
}

/**
 * The vectors of one model in WASM memory, a row per face: a compact code for the first pass of a search and the
 * vector for the second. Faces are known by their sequence numbers and belong to any number of groups: the
 * engine makes one of each gallery. Rows are always dense: the last row moves into that of a deleted face, at once or, while a scan is
 * under way, as soon as it has ended.
 *
 * Its rows may be rotated by a secret: faces come as rows, rotated by whoever keeps them; probes are given, and vectors are answered, as they
 * are without.
 */
export class SearchMatrix {
  readonly dimension: number;
  /** What the rows are rotated by. */
  readonly rotation: SecretRotation | undefined;
  /** What the face in each row is found by. */
  readonly facts: RowFacts = new RowFacts();
  /** Absent where the vectors are not in memory. */
  #vectors: Vectors | undefined;
  readonly #index = new SeqIndex();
  readonly #groups = new Map<string, Bitmap>();
  /** Rows of deleted faces that are not filled yet. */
  readonly #holes: number[] = [];
  #usedRows = 0;
  #version: object = {};
  #scans = 0;

  /** @param threads - for searches of many faces on several threads */
  constructor(
    module: WebAssembly.Module,
    dimension: number,
    precision: Precision = 'float',
    threads?: SearchThreads,
    rotation?: SecretRotation,
  ) {
    this.dimension = dimension;
    this.rotation = rotation;
    this.#vectors = new Vectors(module, dimension, precision, threads);
  }

  get precision(): Precision {
    return this.#vectors?.rows instanceof FloatRows ? 'float' : 'byte';
  }

  /** Whether vectors are in memory, and can be searched there. */
  get hasVectors(): boolean {
    return this.#vectors !== undefined;
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
    return (this.#vectors?.bytes ?? 0) + this.#index.bytes + this.facts.bytes;
  }

  /** Bytes of a face's code; 0 where there are none. */
  get codeBytes(): number {
    return this.#vectors?.codes.codeBytes ?? 0;
  }

  /** How far a score may be off what full precision gives; 0 if it is that. */
  get margin(): number {
    return this.#vectors?.rows.margin ?? HALF_MARGIN;
  }

  has(seq: number): boolean {
    return this.#index.rowOf(seq) >= 0;
  }

  /** The row of a face, -1 if it has none. It holds while a scan is under way. */
  rowOf(seq: number): number {
    return this.#index.rowOf(seq);
  }

  /** Rows below this number may hold faces. */
  get rowCount(): number {
    return this.#usedRows;
  }

  /** The face in a row; 0 if it was deleted and the row is not filled yet. */
  seqAt(row: number): number {
    return this.#index.seqAt(row);
  }

  /** Another object after every change. */
  get version(): object {
    return this.#version;
  }

  /** Faces in some rows, in the order of the rows. */
  seqsOf(rows: Bitmap): readonly number[] {
    const seqs: number[] = [];
    for (let row = 0; row < this.#usedRows; row++) if (rows.has(row)) seqs.push(this.#index.seqAt(row));
    return seqs;
  }

  /** The rows of some faces, without those that are not there. */
  rowsOf(seqs: Iterable<number>): Bitmap {
    const rows = new Bitmap();
    for (const seq of seqs) {
      const row = this.rowOf(seq);
      if (row >= 0) rows.add(row);
    }
    return rows;
  }

  /**
   * Copies of some faces' vectors in full precision, without those that are not there; `undefined` if the matrix
   * keeps bytes.
   */
  vectorsOf(seqs: readonly number[]): ReadonlyMap<number, Float32Array> | undefined {
    const [rows, { rotation }] = [this.rowVectorsOf(seqs), this];
    if (!rows || !rotation) return rows;
    return new Map(Array.from(rows, ([seq, row]) => [seq, rotation.applyBack(row)]));
  }

  /** The same as they lie here, rotated. */
  rowVectorsOf(seqs: readonly number[]): ReadonlyMap<number, Float32Array> | undefined {
    const rows = this.#vectors?.rows;
    if (!(rows instanceof FloatRows)) return undefined;
    return new Map(seqs.filter((seq) => this.has(seq)).map((seq) => [seq, rows.read(this.rowOf(seq), 1)]));
  }

  /** Faces in a group. */
  groupSize(group: string): number {
    return this.#groups.get(group)?.size ?? 0;
  }

  /** Makes room for `count` more faces, so that adding them cannot fail. @throws NearFaceError `STORAGE_FULL` */
  reserve(count: number): void {
    const rows = this.#usedRows + count;
    if (this.#scans === 0) this.#vectors?.share(rows, this.#usedRows);
    if (this.#vectors && !this.#vectors.reserve(rows)) {
      throw new NearFaceError(
        'STORAGE_FULL',
        `Memory for ${this.size} faces of ${this.dimension} numbers is all that can be had; delete faces, or use another database`,
        { faces: this.size, bytes: this.bytes },
      );
    }
    this.#index.reserve(rows);
    this.facts.reserve(rows);
  }

  /** Adds a face; `vector` is copied. The sequence number must be new. */
  add(seq: number, vector: Float32Array, groups: Iterable<string> = [], time = 0): void {
    const bits = Uint8Array.of(1);
    const members = Array.from(groups, (name) => ({ name, bits }));
    this.addAll({ seqs: [seq], vectors: vector, times: [time], groups: members });
  }

  /** Adds faces. Their sequence numbers must be new. */
  addAll(rows: NewRows): void {
    const { seqs, vectors, codes } = rows;
    this.reserve(seqs.length);
    const first = this.#usedRows;
    const known = codes?.length === seqs.length * this.codeBytes ? codes : undefined;
    this.#vectors?.write(first, vectors, known);
    for (let i = 0; i < seqs.length; i++) this.#index.set(seqs[i] as number, first + i);
    this.facts.write(first, seqs.length, rows);
    for (const { name, bits } of rows.groups ?? []) {
      const group = this.#group(name);
      for (let i = 0; i < seqs.length; i++)
        if (((bits[i >> 3] as number) >> (i & 7)) & 1) group.add(first + i);
    }
    this.#usedRows += seqs.length;
    this.#version = {};
  }

  /** Gives up full precision, and three quarters of the rows' memory; while a scan is under way, nothing happens. */
  narrow(): void {
    if (this.#scans === 0) this.#vectors?.narrow(this.#usedRows);
  }

  /** Gives up all vectors: what faces are found by stays, and they are searched for elsewhere. Nothing happens while a scan is under way. */
  dropVectors(): void {
    if (this.#scans > 0) return;
    this.#vectors?.dispose();
    this.#vectors = undefined;
  }

  /** Ends the threads beside this one. Safe to call twice; searches then run on one. */
  dispose(): void {
    this.#vectors?.dispose();
  }

  /** Takes a face out and overwrites what was kept of it; nothing happens if it is not there. */
  remove(seq: number): void {
    const row = this.#index.rowOf(seq);
    if (row < 0) return;
    this.#version = {};
    this.#index.delete(seq);
    for (const group of this.#groups.values()) group.delete(row);
    this.#erase(row);
    this.#holes.push(row);
    if (this.#scans === 0) this.#fillHoles();
  }

  /** Puts a face into a group or takes it out; nothing happens if the face is not there. */
  setMember(group: string, seq: number, member: boolean): void {
    const row = this.#index.rowOf(seq);
    if (row < 0) return;
    this.#version = {};
    if (member) this.#group(group).add(row);
    else this.#groups.get(group)?.delete(row);
  }

  /** Puts a face into these groups and no others, and changes what it is found by; nothing happens if it is not there. */
  change(seq: number, groups: readonly string[], facts: Facts): void {
    const row = this.#index.rowOf(seq);
    if (row < 0) return;
    for (const name of new Set([...this.#groups.keys(), ...groups]))
      this.setMember(name, seq, groups.includes(name));
    const { times, reliabilities } = this.facts;
    this.facts.write(row, 1, { times: [times.at(row)], reliabilities: [reliabilities.at(row)], ...facts });
  }

  /** Forgets a group; its faces stay. */
  dropGroup(group: string): void {
    this.#version = {};
    this.#groups.delete(group);
  }

  /**
   * The rows of the faces that are in one of `groups` at least and pass the filter. It holds for a scan that is
   * started at once.
   */
  select(groups: readonly string[], filter: RowFilter = {}): Bitmap {
    const ofGroups = groups.map((name) => this.#groups.get(name) ?? new Bitmap());
    const passes = this.facts.test(filter);
    if (!passes) return ofGroups.length === 1 ? (ofGroups[0] as Bitmap) : Bitmap.union(ofGroups);
    const chosen = new Bitmap();
    for (let row = 0; row < this.#usedRows; row++)
      if (passes(row) && ofGroups.some((group) => group.has(row))) chosen.add(row);
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
      const { rotation } = this;
      const turned = rotation && !options.asRows ? probes.map((probe) => rotation.apply(probe)) : probes;
      return await run(this.#start(filter, turned, options));
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
    if (!this.#vectors) throw new Error('the vectors are not in memory');
    const { codes, rows } = this.#vectors;
    const coded = this.dimension >= MIN_CODED_DIMENSION && filter.size >= MIN_CODED_ROWS && !options.exact;
    const crew = this.#crewFor(filter.size);
    if (rows instanceof FloatRows && !coded) return new FullScan(view, rows, probes, options, crew);
    if (probes.length >= BATCH_PROBES && !options.exact)
      return new BatchScan(view, this.#vectors.planes, rows, probes, options);
    // With `exact` every row is a candidate, and this thread scores them.
    return new CodeScan(view, codes, rows, probes, options, options.exact ? undefined : crew);
  }

  #crewFor(faces: number): Crew | undefined {
    const crew = this.#vectors?.crew;
    return crew && faces >= crew.fromRows ? crew : undefined;
  }

  /** Moves the last rows into the rows of deleted faces. */
  #fillHoles(): void {
    if (this.#holes.length > 0) this.#version = {};
    // The highest first, so that a hole at the end is cut off and never moved.
    for (const hole of this.#holes.sort((a, b) => b - a)) {
      const last = --this.#usedRows;
      if (hole === last) continue;
      this.#vectors?.move(last, hole);
      this.#index.move(last, hole);
      this.facts.move(last, hole);
      for (const group of this.#groups.values()) {
        if (!group.has(last)) continue;
        group.add(hole);
        group.delete(last);
      }
      this.#erase(last);
    }
    this.#holes.length = 0;
  }

  #erase(row: number): void {
    this.#vectors?.erase(row);
    this.facts.erase(row);
  }

  #group(name: string): Bitmap {
    let group = this.#groups.get(name);
    if (!group) this.#groups.set(name, (group = new Bitmap()));
    return group;
  }
}
