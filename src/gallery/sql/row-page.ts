import type { FaceMemory } from '../port.ts';
import { isUnit } from '../wholeness.ts';
import { FACTS_BYTES, FactsReader } from './face-facts.ts';

/** Their search codes are made when they are there. */
const NO_CODES = new Uint8Array(0);

/**
 * Faces of one model on their way into the engine's memory, in columns from the beginning: a million faces of which each is an object
 * first keep the collector of garbage busy for longer than all else. Texts stand for themselves, as nothing is encrypted by us.
 */
export class RowPage {
  readonly #modelId: string;
  readonly #dimension: number;
  readonly #into: Pick<FaceMemory, 'reserve' | 'add'>;
  readonly #rows: number;
  readonly #seqs: Float64Array;
  readonly #times: Float64Array;
  readonly #ids: Uint32Array;
  readonly #metas: Float64Array;
  readonly #persons: Float64Array;
  readonly #photos: Uint32Array;
  readonly #cameras: Float64Array;
  readonly #expiries: Float64Array;
  readonly #reliabilities: Uint8Array<ArrayBuffer>;
  readonly #vectors: Float32Array<ArrayBuffer>;
  readonly #vectorBytes: Uint8Array;
  readonly #facts = new FactsReader();
  readonly #groups = new Map<string, Uint8Array>();
  #count = 0;

  /** @param rows - faces that it takes at most */
  constructor(modelId: string, dimension: number, rows: number, into: Pick<FaceMemory, 'reserve' | 'add'>) {
    this.#modelId = modelId;
    this.#dimension = dimension;
    this.#into = into;
    this.#rows = rows;
    this.#seqs = new Float64Array(rows);
    this.#times = new Float64Array(rows);
    this.#ids = new Uint32Array(rows);
    this.#metas = new Float64Array(rows);
    this.#persons = new Float64Array(rows);
    this.#photos = new Uint32Array(rows);
    this.#cameras = new Float64Array(rows);
    this.#expiries = new Float64Array(rows);
    this.#reliabilities = new Uint8Array(rows);
    this.#vectors = new Float32Array(rows * dimension);
    this.#vectorBytes = new Uint8Array(this.#vectors.buffer);
  }

  /** Whether it must be flushed before it can take another face. */
  get isFull(): boolean {
    return this.#count === this.#rows;
  }

  /**
   * Takes a face, unless its vector or its facts are damaged.
   *
   * @param galleries - those in which it is found
   * @returns whether it was taken
   */
  take(
    seq: number,
    facts: Uint8Array | null,
    vector: Uint8Array | null,
    galleries: readonly string[],
  ): boolean {
    const row = this.#count;
    const from = row * this.#dimension;
    if (vector?.length !== 4 * this.#dimension || facts?.length !== FACTS_BYTES) return false;
    this.#vectorBytes.set(vector, 4 * from);
    if (!isUnit(this.#vectors, from, from + this.#dimension)) return false;
    const face = this.#facts;
    face.read(facts);
    this.#seqs[row] = seq;
    this.#times[row] = face.time;
    this.#ids[row] = face.id;
    this.#metas[row] = face.meta;
    this.#persons[row] = face.person;
    this.#photos[row] = face.photo;
    this.#cameras[row] = face.camera;
    this.#expiries[row] = face.expires;
    this.#reliabilities[row] = face.reliability;
    for (const name of galleries) this.#join(name, row);
    this.#count++;
    return true;
  }

  #join(name: string, row: number): void {
    let bits = this.#groups.get(name);
    if (!bits) this.#groups.set(name, (bits = new Uint8Array(Math.ceil(this.#rows / 8))));
    bits[row >> 3] = (bits[row >> 3] as number) | (1 << (row & 7));
  }

  /** Puts what was taken into the memory. @throws NearFaceError `STORAGE_FULL` */
  flush(): void {
    const count = this.#count;
    if (count === 0) return;
    this.#into.reserve(this.#modelId, this.#dimension, count);
    this.#into.add(this.#modelId, this.#dimension, {
      seqs: this.#seqs.subarray(0, count),
      times: this.#times.subarray(0, count),
      ids: this.#ids.subarray(0, count),
      metas: this.#metas.subarray(0, count),
      persons: this.#persons.subarray(0, count),
      photos: this.#photos.subarray(0, count),
      cameras: this.#cameras.subarray(0, count),
      expiries: this.#expiries.subarray(0, count),
      reliabilities: this.#reliabilities.subarray(0, count),
      vectors: this.#vectors.subarray(0, count * this.#dimension),
      codes: NO_CODES,
      groups: Array.from(this.#groups, ([name, bits]) => ({ name, bits })),
    });
    this.#count = 0;
    this.#groups.clear();
  }
}
