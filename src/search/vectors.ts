import { Codes } from './codes.ts';
import { BLOCK_ROWS, type Kernel } from './kernel/kernel.ts';
import { Planes } from './planes.ts';
import { ByteRows, FloatRows, type Rows } from './rows.ts';
import { Crew, SHARED_ROWS, type SearchThreads, startSharedKernel } from './threads/crew.ts';

/** How the second pass keeps its vectors: `float` in full precision, `byte` in a quarter of the memory. */
export type Precision = 'float' | 'byte';

/** The codes and rows of one matrix, and the crew that scans them once there are many. */
export class Vectors {
  readonly #module: WebAssembly.Module;
  readonly #dimension: number;
  #codes: Codes;
  #rows: Rows;
  /** Absent where one thread searches. */
  #threads: SearchThreads | undefined;
  #crew: Crew | undefined;
  #planes: Planes | undefined;

  constructor(
    module: WebAssembly.Module,
    dimension: number,
    precision: Precision,
    threads: SearchThreads | undefined,
  ) {
    this.#module = module;
    this.#dimension = dimension;
    this.#threads = threads;
    this.#codes = new Codes(module, dimension);
    this.#rows =
      precision === 'float'
        ? new FloatRows(module, dimension)
        : new ByteRows(module, this.#codes.shape.padded);
  }

  get codes(): Codes {
    return this.#codes;
  }

  get rows(): Rows {
    return this.#rows;
  }

  /** For searches of many probes. */
  get planes(): Planes {
    this.#planes ??= new Planes(this.#module, this.#codes);
    return this.#planes;
  }

  /** Helpers, once there are so many rows that they are worth it. */
  get crew(): Crew | undefined {
    return this.#crew;
  }

  /** Bytes of memory held. */
  get bytes(): number {
    return this.#codes.bytes + this.#rows.bytes;
  }

  /** Makes room. Returns whether the browser had it. */
  reserve(rows: number): boolean {
    return this.#codes.reserve(rows) && this.#rows.reserve(rows);
  }

  /** Writes vectors into the rows from `first` on; their codes are made unless they are given. */
  write(first: number, vectors: Float32Array, codes?: Uint8Array): void {
    if (codes && this.#rows instanceof FloatRows) this.#rows.write(first, vectors);
    else this.#writeRotated(first, vectors, codes === undefined);
    if (codes) this.#codes.place(codes, first);
  }

  #writeRotated(first: number, vectors: Float32Array, encode: boolean): void {
    const [most, dimension] = [this.#codes.stagedRows, this.#dimension];
    for (let from = 0; from * dimension < vectors.length; from += most) {
      const some = vectors.subarray(from * dimension, (from + most) * dimension);
      const rotated = this.#codes.stage(some, dimension);
      if (encode) this.#codes.encodeStaged(some.length / dimension, first + from);
      this.#rows.write(first + from, some, rotated);
    }
  }

  move(from: number, to: number): void {
    this.#codes.move(from, to);
    this.#rows.move(from, to);
  }

  /** Overwrites a row with zeros. */
  erase(row: number): void {
    this.#codes.erase(row);
    this.#rows.erase(row);
  }

  /** Gives up full precision of the first `used` rows, which are all; no scan may be under way. */
  narrow(used: number): void {
    if (!(this.#rows instanceof FloatRows)) return;
    const rows = new ByteRows(this.#module, this.#codes.shape.padded);
    if (!rows.reserve(used)) return;
    for (let first = 0; first < used; first += this.#codes.stagedRows) {
      const vectors = this.#rows.read(first, Math.min(this.#codes.stagedRows, used - first));
      rows.write(first, vectors, this.#codes.stage(vectors, this.#dimension));
    }
    this.#rows = rows;
    if (!this.#crew || !this.#threads) return;
    // The helpers hold the memory that is given up.
    this.#crew.dispose();
    this.#crew = new Crew(this.#threads, this.#codes.kernel, undefined);
  }

  /**
   * Moves what is scanned into shared memory and starts helpers, if `rows` are enough and the browser lets it; the
   * first `used` are all that there are, and no scan may be under way. Nothing happens the second time.
   */
  share(rows: number, used: number): void {
    const threads = this.#threads;
    if (!threads || this.#crew || rows < (threads.fromRows ?? SHARED_ROWS)) return;
    const codes = this.#sharedCodes(threads, rows, used);
    const floats = codes && this.#sharedRows(threads, rows, used);
    if (!codes || (!floats && this.#rows instanceof FloatRows)) {
      this.#threads = undefined;
      return;
    }
    this.#codes = codes;
    this.#planes = undefined;
    if (floats) this.#rows = floats;
    this.#crew = new Crew(threads, codes.kernel, floats?.kernel);
  }

  #sharedCodes(threads: SearchThreads, rows: number, used: number): Codes | undefined {
    const kernel = startSharedKernel(threads);
    const codes = kernel && new Codes(threads.module, this.#dimension, kernel);
    if (!codes?.reserve(rows)) return undefined;
    const bytes = Math.ceil(used / BLOCK_ROWS) * BLOCK_ROWS * codes.codeBytes;
    copyData(this.#codes.kernel, codes.kernel, bytes);
    return codes;
  }

  #sharedRows(threads: SearchThreads, rows: number, used: number): FloatRows | undefined {
    if (!(this.#rows instanceof FloatRows)) return undefined;
    const kernel = startSharedKernel(threads);
    const floats = kernel && new FloatRows(threads.module, this.#dimension, kernel);
    if (!floats?.reserve(rows)) return undefined;
    copyData(this.#rows.kernel, floats.kernel, used * floats.rowBytes);
    return floats;
  }

  /** Ends the helpers. Safe to call twice; searches then run on one thread. */
  dispose(): void {
    this.#crew?.dispose();
    this.#threads = undefined;
  }
}

function copyData(from: Kernel, to: Kernel, bytes: number): void {
  new Uint8Array(to.memory.buffer, to.data, bytes).set(new Uint8Array(from.memory.buffer, from.data, bytes));
}
