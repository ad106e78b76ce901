import type { SecretRotations } from '../core/secret-rotation.ts';
import { type NewRows, SearchMatrix } from '../search/matrix.ts';
import type { SearchThreads } from '../search/threads/crew.ts';
import type { FaceKeys } from './face-keys.ts';

/** Up to this many faces of a model are in memory in full precision: 1.5 GB with 192 numbers. */
const FLOAT_FACES = 2_000_000;

const FLOAT_BYTES = 4;

/** What {@link Matrices} are made with. */
export interface MatrixOptions {
  /** The compiled search kernel. */
  readonly kernel: WebAssembly.Module;
  /** A model with more faces keeps bytes in memory and full precision in the database. Default: two million. */
  readonly floatFaces?: number | undefined;
  /**
   * Bytes of memory that a model's vectors may take up; one whose vectors take more has none in memory, and the database finds faces.
   * Default: any number.
   */
  readonly searchBytes?: number | undefined;
  /** For searches on several threads. */
  readonly threads?: SearchThreads | undefined;
}

/** One search matrix per model; a face's vector is there once, whatever galleries it is in. */
export class Matrices {
  readonly #options: MatrixOptions;
  readonly #rotations: SecretRotations | undefined;
  readonly #floatFaces: number;
  readonly #searchBytes: number;
  readonly #byModel = new Map<string, SearchMatrix>();

  /** @param rotations - what the vectors that are added are rotated by */
  constructor(options: MatrixOptions, rotations?: SecretRotations) {
    this.#options = options;
    this.#rotations = rotations;
    this.#floatFaces = options.floatFaces ?? FLOAT_FACES;
    this.#searchBytes = options.searchBytes ?? Infinity;
  }

  /** Bytes of memory held. */
  get bytes(): number {
    return [...this.#byModel.values()].reduce((sum, matrix) => sum + matrix.bytes, 0);
  }

  /** The matrix of a model, if it has faces. */
  get(modelId: string): SearchMatrix | undefined {
    return this.#byModel.get(modelId);
  }

  /** Makes room for `count` more faces of a model. @throws NearFaceError `STORAGE_FULL` */
  reserve(modelId: string, dimension: number, count: number): SearchMatrix {
    let matrix = this.#byModel.get(modelId);
    // A model whose faces are all gone may come back with another dimension.
    if (matrix?.dimension !== dimension) matrix = undefined;
    const few = (matrix?.size ?? 0) + count <= this.#floatFaces;
    if (!matrix) {
      const { kernel, threads } = this.#options;
      this.#byModel.get(modelId)?.dispose();
      const rotation = this.#rotations?.of(modelId, dimension);
      matrix = new SearchMatrix(kernel, dimension, few ? 'float' : 'byte', threads, rotation);
      this.#byModel.set(modelId, matrix);
    }
    const faces = matrix.size + count;
    if (!few) matrix.narrow();
    if (faces * (matrix.codeBytes + dimension * (few ? FLOAT_BYTES : 1)) > this.#searchBytes)
      matrix.dropVectors();
    matrix.reserve(count);
    return matrix;
  }

  [Symbol.iterator](): Iterator<SearchMatrix> {
    return this.#byModel.values();
  }

  /** Adds faces of a model whose vectors have `dimension` numbers. */
  addAll(modelId: string, dimension: number, rows: NewRows): void {
    this.reserve(modelId, dimension, rows.seqs.length).addAll(rows);
  }

  /** Takes a face out; the last one of a model takes its memory with it. */
  remove(seq: number): void {
    for (const [modelId, matrix] of this.#byModel) {
      matrix.remove(seq);
      if (matrix.size > 0) continue;
      this.#byModel.delete(modelId);
      matrix.dispose();
    }
  }

  setMember(gallery: string, seq: number, member: boolean): void {
    for (const matrix of this.#byModel.values()) matrix.setMember(gallery, seq, member);
  }

  /** Puts a face into these galleries and no others, and changes what it is found by. */
  change({ seq, galleries, id, meta, person, photo, camera, expires }: FaceKeys): void {
    const found = { ids: [id], metas: [meta], persons: [person], photos: [photo], cameras: [camera] };
    const facts = { ...found, expiries: [expires] };
    for (const matrix of this.#byModel.values()) matrix.change(seq, galleries, facts);
  }

  dropGallery(gallery: string): void {
    for (const matrix of this.#byModel.values()) matrix.dropGroup(gallery);
  }

  /** Ends the threads of searches. Safe to call twice. */
  dispose(): void {
    for (const matrix of this.#byModel.values()) matrix.dispose();
  }
}
