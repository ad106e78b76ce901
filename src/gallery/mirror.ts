import type { SecretRotations } from '../core/secret-rotation.ts';
import { Codes } from '../search/codes.ts';
import { SearchMatrix } from '../search/matrix.ts';
import { FaceIndex } from './face-index.ts';
import type { FaceRows } from './face-rows.ts';
import { Matrices, type MatrixOptions } from './matrices.ts';
import type { FaceMemory, MemoryChange, Refill } from './port.ts';
import { Quarantine } from './quarantine.ts';

/** The vectors of the database in memory, and what their faces are found by: the database tells it every change. */
export class Mirror implements FaceMemory {
  readonly lookup: FaceIndex = new FaceIndex(
    () => this.#matrices,
    () => this.#damaged,
  );
  readonly #kernel: WebAssembly.Module;
  /** By dimension. */
  readonly #encoders = new Map<number, Codes>();
  readonly #newMatrices: (rotations?: SecretRotations) => Matrices;
  #matrices: Matrices;
  #damaged = new Quarantine();

  constructor(options: MatrixOptions) {
    this.#kernel = options.kernel;
    this.#newMatrices = (rotations) => new Matrices(options, rotations);
    this.#matrices = this.#newMatrices();
  }

  /** An empty matrix beside one of those that mirror the database, rotated as it is, for as long as its owner keeps it. */
  newMatrix({ dimension, rotation }: SearchMatrix): SearchMatrix {
    return new SearchMatrix(this.#kernel, dimension, 'float', undefined, rotation);
  }

  /** Bytes of memory held. */
  get bytes(): number {
    return this.#matrices.bytes;
  }

  /** The matrix of a model, if it has faces. */
  get(modelId: string): SearchMatrix | undefined {
    return this.#matrices.get(modelId);
  }

  has(modelId: string, seq: number): boolean {
    return this.get(modelId)?.has(seq) ?? false;
  }

  reserve(modelId: string, dimension: number, count: number): void {
    this.#matrices.reserve(modelId, dimension, count);
  }

  readonly encode = (vectors: Float32Array, dimension: number): Uint8Array<ArrayBuffer> => {
    let encoder = this.#encoders.get(dimension);
    if (!encoder) this.#encoders.set(dimension, (encoder = new Codes(this.#kernel, dimension)));
    return encoder.codesOf(vectors, dimension);
  };

  add(modelId: string, dimension: number, rows: FaceRows): void {
    this.#matrices.addAll(modelId, dimension, rows);
  }

  /** Notes which camera (the hash of its tag) saw a face, where that is not known. */
  setCamera(seq: number, camera: number): void {
    for (const matrix of this.#matrices) {
      const [row, { cameras }] = [matrix.rowOf(seq), matrix.facts];
      if (row >= 0 && Number.isNaN(cameras.at(row))) cameras.set(row, camera);
    }
  }

  refill(rotations?: SecretRotations): Refill {
    const matrices = this.#newMatrices(rotations);
    return {
      reserve: (modelId, dimension, count) => void matrices.reserve(modelId, dimension, count),
      add: (modelId, dimension, rows) => matrices.addAll(modelId, dimension, rows),
      has: (modelId, seq) => matrices.get(modelId)?.has(seq) ?? false,
      end: (damaged) => {
        this.#matrices.dispose();
        this.#matrices = matrices;
        this.#damaged = new Quarantine(damaged);
      },
      cancel: () => matrices.dispose(),
    };
  }

  apply(change: MemoryChange): void {
    switch (change.kind) {
      case 'left':
        for (const seq of change.stay) {
          this.#matrices.setMember(change.gallery, seq, false);
          this.#damaged.leave(change.gallery, seq);
        }
        for (const seq of change.erased) {
          this.#matrices.remove(seq);
          this.#damaged.remove(seq);
        }
        break;
      case 'changed':
        for (const face of change.faces) {
          this.#matrices.change(face);
          this.#damaged.change(face);
        }
        break;
      case 'gone':
        this.#matrices.dropGallery(change.gallery);
        this.#damaged.leave(change.gallery);
        break;
      case 'shown':
        for (const [first, last] of change.ranges)
          for (let seq = first; seq <= last; seq++) {
            this.#matrices.setMember(change.gallery, seq, true);
            this.#damaged.join(change.gallery, seq);
          }
    }
  }

  /** Ends the threads of searches. */
  dispose(): void {
    this.#matrices.dispose();
  }
}
