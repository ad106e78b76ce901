import { growMemory, type Kernel, LAYOUT, ROW_ALIGN, startKernel } from './kernel/kernel.ts';

/** The vectors of a matrix in WASM memory, for the second pass. */
export interface Rows {
  readonly bytes: number;
  /** How far a score may be off what full precision gives; 0 if it is that. */
  readonly margin: number;
  /** Makes room. Returns whether the browser had it. */
  reserve(rows: number): boolean;
  /** Writes vectors into the rows from `first` on; they are given as they came and rotated. */
  write(first: number, vectors: Float32Array, rotated: Float32Array): void;
  move(from: number, to: number): void;
  /** Overwrites a row with zeros. */
  erase(row: number): void;
  /** A probe, as it came and rotated, for {@link Rows.score}. */
  prepare(probe: { readonly vector: Float32Array; readonly rotated: Float32Array }): RowProbe;
  /** The scores of some rows; a view that the next call overwrites. */
  score(probe: RowProbe, list: Uint32Array): Float32Array;
}

/** A probe as the kernel reads it beside rows of a kind. */
export interface RowProbe {
  readonly bytes: Uint8Array;
  /** What the kernel's sum of products is multiplied by. */
  readonly scale: number;
}

/** Vectors in full precision. */
export class FloatRows implements Rows {
  readonly kernel: Kernel;
  readonly margin = 0;
  readonly rowBytes: number;
  readonly #dimension: number;

  constructor(module: WebAssembly.Module, dimension: number, kernel: Kernel = startKernel(module)) {
    this.kernel = kernel;
    this.#dimension = dimension;
    this.rowBytes = Math.ceil(dimension / ROW_ALIGN) * ROW_ALIGN * 4;
  }

  get bytes(): number {
    return this.kernel.memory.buffer.byteLength;
  }

  reserve(rows: number): boolean {
    return growMemory(this.kernel, rows * this.rowBytes);
  }

  write(first: number, vectors: Float32Array): void {
    const stride = this.rowBytes / 4;
    const rows = new Float32Array(this.kernel.memory.buffer, this.kernel.data + first * this.rowBytes);
    if (stride === this.#dimension) return rows.set(vectors);
    for (let i = 0; i * this.#dimension < vectors.length; i++)
      rows.set(vectors.subarray(i * this.#dimension, (i + 1) * this.#dimension), i * stride);
  }

  /** Copies of some vectors, one after the other. */
  read(first: number, count: number): Float32Array {
    const stride = this.rowBytes / 4;
    const from = this.kernel.data + first * this.rowBytes;
    const rows = new Float32Array(this.kernel.memory.buffer, from, count * stride);
    const vectors = new Float32Array(count * this.#dimension);
    for (let i = 0; i < count; i++)
      vectors.set(rows.subarray(i * stride, i * stride + this.#dimension), i * this.#dimension);
    return vectors;
  }

  move(from: number, to: number): void {
    moveRow(this.kernel, this.rowBytes, from, to);
  }

  erase(row: number): void {
    eraseRow(this.kernel, this.rowBytes, row);
  }

  prepare({ vector }: { readonly vector: Float32Array }): RowProbe {
    const padded = new Float32Array(this.rowBytes / 4);
    padded.set(vector);
    return { bytes: new Uint8Array(padded.buffer), scale: 1 };
  }

  score(probe: RowProbe, list: Uint32Array): Float32Array {
    const { memory, exports } = this.kernel;
    placeProbe(this.kernel, probe);
    new Uint32Array(memory.buffer, LAYOUT.out, list.length).set(list);
    exports.scoreRows(LAYOUT.probe, this.kernel.data, this.rowBytes, LAYOUT.out, list.length, LAYOUT.scores);
    return new Float32Array(memory.buffer, LAYOUT.scores, list.length);
  }
}

/** Bytes reach to this many standard deviations of a rotated vector's numbers. */
const BYTE_REACH = 4.5;

/**
 * A probe's largest number, rounded to 16 bits: its rounding is a hundredth of that of bytes, and 4096 products of
 * such numbers with bytes of a unit vector sum up to less than 2³¹.
 */
const PROBE_REACH = 8191;

/** Rotated vectors rounded to signed bytes: a quarter of the memory, scores good to three digits. */
export class ByteRows implements Rows {
  readonly margin: number;
  readonly #kernel: Kernel;
  readonly #padded: number;
  readonly #rowBytes: number;
  readonly #scale: number;

  constructor(module: WebAssembly.Module, padded: number) {
    this.#kernel = startKernel(module);
    this.#padded = padded;
    this.#rowBytes = Math.ceil(padded / 16) * 16;
    this.#scale = (127 * Math.sqrt(padded)) / BYTE_REACH;
    // Rounding is off by a step/√12 in each of `padded` numbers, weighted by a unit vector; five deviations.
    this.margin = (5 / this.#scale) * Math.sqrt(1 / 12);
  }

  get bytes(): number {
    return this.#kernel.memory.buffer.byteLength;
  }

  reserve(rows: number): boolean {
    return growMemory(this.#kernel, rows * this.#rowBytes);
  }

  write(first: number, _vectors: Float32Array, rotated: Float32Array): void {
    const { memory, exports, data } = this.#kernel;
    new Float32Array(memory.buffer, LAYOUT.staged, rotated.length).set(rotated);
    for (let i = 0; i * this.#padded < rotated.length; i++) {
      const from = LAYOUT.staged + i * this.#padded * 4;
      exports.toBytes(from, this.#padded, this.#scale, data + (first + i) * this.#rowBytes);
    }
  }

  move(from: number, to: number): void {
    moveRow(this.#kernel, this.#rowBytes, from, to);
  }

  erase(row: number): void {
    eraseRow(this.#kernel, this.#rowBytes, row);
  }

  prepare({ rotated }: { readonly rotated: Float32Array }): RowProbe {
    const largest = rotated.reduce((most, x) => Math.max(most, Math.abs(x)), 0);
    const step = largest / PROBE_REACH || 1;
    const words = new Int16Array(this.#rowBytes);
    for (let i = 0; i < rotated.length; i++) words[i] = Math.round((rotated[i] as number) / step);
    return { bytes: new Uint8Array(words.buffer), scale: step / this.#scale };
  }

  score(probe: RowProbe, list: Uint32Array): Float32Array {
    const { memory, exports, data } = this.#kernel;
    placeProbe(this.#kernel, probe);
    new Uint32Array(memory.buffer, LAYOUT.out, list.length).set(list);
    const { probe: at, out, scores } = LAYOUT;
    exports.scoreBytes(at, data, this.#rowBytes, out, list.length, scores, probe.scale);
    return new Float32Array(memory.buffer, scores, list.length);
  }
}

/** Puts a probe where the kernel reads it. */
export function placeProbe({ memory }: Kernel, { bytes }: RowProbe): void {
  new Uint8Array(memory.buffer, LAYOUT.probe, bytes.length).set(bytes);
}

function moveRow({ memory, data }: Kernel, rowBytes: number, from: number, to: number): void {
  const start = data + from * rowBytes;
  new Uint8Array(memory.buffer).copyWithin(data + to * rowBytes, start, start + rowBytes);
}

function eraseRow({ memory, data }: Kernel, rowBytes: number, row: number): void {
  new Uint8Array(memory.buffer, data + row * rowBytes, rowBytes).fill(0);
}
