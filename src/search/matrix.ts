import { NearFaceError } from '../core/errors.ts';
import { Bitmap } from './bitmap.ts';
import { type Kernel, LAYOUT, ROW_ALIGN, startKernel } from './kernel/kernel.ts';
import { MatrixScan, type ScanOptions } from './scan.ts';

const PAGE_BYTES = 65536;
const MAX_PAGES = 65536;

/**
 * The vectors of one model in WASM memory, a row per face. A row is found by the face's sequence number, is
 * reused after the face is deleted, and belongs to any number of groups (galleries) that can be searched.
 */
export class SearchMatrix {
  readonly dimension: number;
  readonly #kernel: Kernel;
  readonly #rowFloats: number;
  readonly #rowOf = new Map<number, number>();
  readonly #freeRows: number[] = [];
  readonly #groups = new Map<string, Bitmap>();
  #seqs = new Float64Array(64);
  #usedRows = 0;

  constructor(module: WebAssembly.Module, dimension: number) {
    this.dimension = dimension;
    this.#kernel = startKernel(module);
    this.#rowFloats = Math.ceil(dimension / ROW_ALIGN) * ROW_ALIGN;
  }

  /** Faces in the matrix. */
  get size(): number {
    return this.#rowOf.size;
  }

  /** Bytes of WASM memory held. */
  get bytes(): number {
    return this.#kernel.memory.buffer.byteLength;
  }

  has(seq: number): boolean {
    return this.#rowOf.has(seq);
  }

  /** Faces in a group. */
  groupSize(group: string): number {
    return this.#groups.get(group)?.size ?? 0;
  }

  /** Makes room for `count` more faces, so that adding them cannot fail. @throws NearFaceError `STORAGE_FULL` */
  reserve(count: number): void {
    const rows = this.#usedRows + Math.max(0, count - this.#freeRows.length);
    const needed = Math.ceil((LAYOUT.rows + rows * this.#rowFloats * 4) / PAGE_BYTES);
    const { memory } = this.#kernel;
    const pages = memory.buffer.byteLength / PAGE_BYTES;
    if (needed > pages) this.#growMemory(needed, pages);
    if (rows > this.#seqs.length) {
      const grown = new Float64Array(Math.max(rows, this.#seqs.length * 2));
      grown.set(this.#seqs);
      this.#seqs = grown;
    }
  }

  #growMemory(needed: number, pages: number): void {
    const generous = Math.min(MAX_PAGES, Math.max(needed, Math.ceil(pages * 1.25)));
    for (const goal of [generous, needed]) {
      if (goal > MAX_PAGES) break;
      try {
        this.#kernel.memory.grow(goal - pages);
        return;
      } catch {
        // The browser has not that much left in one piece: the smaller goal is tried, then told.
      }
    }
    throw new NearFaceError(
      'STORAGE_FULL',
      `Memory for ${this.size} faces of ${this.dimension} numbers is all that can be had; delete faces, or use another database`,
      { faces: this.size, bytes: this.bytes },
    );
  }

  /** Adds a face; `vector` is copied. The sequence number must be new. */
  add(seq: number, vector: Float32Array, groups: Iterable<string> = []): void {
    this.reserve(1);
    const row = this.#freeRows.pop() ?? this.#usedRows++;
    this.#rowOf.set(seq, row);
    this.#seqs[row] = seq;
    this.#row(row).set(vector);
    for (const group of groups) this.#group(group).add(row);
  }

  /** Takes a face out and zeroes its row; nothing happens if it is not there. */
  remove(seq: number): void {
    const row = this.#rowOf.get(seq);
    if (row === undefined) return;
    this.#rowOf.delete(seq);
    this.#seqs[row] = 0;
    this.#row(row).fill(0);
    for (const group of this.#groups.values()) group.delete(row);
    this.#freeRows.push(row);
  }

  /** Puts a face into a group or takes it out; nothing happens if the face is not there. */
  setMember(group: string, seq: number, member: boolean): void {
    const row = this.#rowOf.get(seq);
    if (row === undefined) return;
    if (member) this.#group(group).add(row);
    else this.#groups.get(group)?.delete(row);
  }

  /** Forgets a group; its faces stay. */
  dropGroup(group: string): void {
    this.#groups.delete(group);
  }

  /** Starts a search for `probes` among the faces of a group. */
  startScan(group: string, probes: readonly Float32Array[], options: ScanOptions): MatrixScan {
    const view = {
      kernel: this.#kernel,
      rowBytes: this.#rowFloats * 4,
      filter: this.#groups.get(group) ?? new Bitmap(),
      rowCount: () => this.#usedRows,
      seqAt: (row: number) => this.#seqs[row] as number,
    };
    return new MatrixScan(view, probes, options);
  }

  #group(name: string): Bitmap {
    let group = this.#groups.get(name);
    if (!group) this.#groups.set(name, (group = new Bitmap()));
    return group;
  }

  #row(row: number): Float32Array {
    const { buffer } = this.#kernel.memory;
    return new Float32Array(buffer, LAYOUT.rows + row * this.#rowFloats * 4, this.#rowFloats);
  }
}
