import { wrongDimension } from '../gallery-errors.ts';
import type { PreparedFace } from '../face-input.ts';
import { groupBy } from '../group-by.ts';
import {
  type ReadTx,
  readState,
  SEGMENT_ROWS,
  type StoredSegment,
  type StoredState,
  type WriteTx,
} from './schema.ts';

/** Where a vector lies. */
export interface Place {
  readonly segment: number;
  readonly row: number;
}

/**
 * Gives each face a sequence number and appends its vector to the tail segment of its model. Everything is
 * read inside the transaction, so that two pages cannot hand out a number or a row twice.
 */
export async function appendVectors(
  tx: WriteTx,
  faces: readonly PreparedFace[],
): Promise<readonly (Place & { readonly seq: number })[]> {
  const state = await readState(tx);
  const counters = { nextSegment: state.nextSegment };
  const models = new Map(state.models);
  const places: (Place & { seq: number })[] = [];
  const numbered = faces.map((face, index) => ({ face, index, seq: state.nextSeq + index }));
  for (const [modelId, ofModel] of groupBy(numbered, ({ face }) => face.modelId)) {
    const known = models.get(modelId);
    const dimension = known?.dimension ?? ofModel[0].face.vector.length;
    for (const { face, index } of ofModel)
      if (face.vector.length !== dimension)
        throw wrongDimension(`faces[${index}].vector`, face.vector.length, dimension, modelId);
    const tail = new Tail(modelId, dimension, known && (await tx.objectStore('segments').get(known.tail)));
    for (const { face, index, seq } of ofModel) {
      if (tail.isFull) await tail.next(tx, counters);
      places[index] = { seq, segment: tail.no, row: tail.append(seq, face.vector) };
    }
    await tail.save(tx);
    models.set(modelId, { dimension, tail: tail.no, faces: (known?.faces ?? 0) + ofModel.length });
  }
  const next: StoredState = { ...state, ...counters, models, nextSeq: state.nextSeq + faces.length };
  await tx.objectStore('state').put(next, 'state');
  return places;
}

/** The segment of a model that takes new rows. */
class Tail {
  no = 0;
  readonly #modelId: string;
  readonly #dimension: number;
  #seqs: number[] = [];
  #live = 0;
  #old: Float32Array = new Float32Array(0);
  #added: Float32Array[] = [];

  constructor(modelId: string, dimension: number, segment: StoredSegment | undefined) {
    this.#modelId = modelId;
    this.#dimension = dimension;
    if (!segment) return;
    this.no = segment.no;
    this.#seqs = [...segment.seqs];
    this.#live = segment.live;
    this.#old = segment.vectors;
  }

  /** Also when there is no segment yet. */
  get isFull(): boolean {
    return this.no === 0 || this.#seqs.length >= SEGMENT_ROWS;
  }

  append(seq: number, vector: Float32Array): number {
    this.#added.push(vector);
    this.#live++;
    return this.#seqs.push(seq) - 1;
  }

  async next(tx: WriteTx, counters: { nextSegment: number }): Promise<void> {
    if (this.#added.length > 0) await this.save(tx);
    this.no = counters.nextSegment++;
    this.#seqs = [];
    this.#live = 0;
    this.#old = new Float32Array(0);
    this.#added = [];
  }

  async save(tx: WriteTx): Promise<void> {
    const vectors = new Float32Array(this.#seqs.length * this.#dimension);
    vectors.set(this.#old);
    this.#added.forEach((vector, i) => vectors.set(vector, this.#old.length + i * this.#dimension));
    const segment: StoredSegment = {
      no: this.no,
      modelId: this.#modelId,
      dimension: this.#dimension,
      seqs: Float64Array.from(this.#seqs),
      vectors,
      live: this.#live,
    };
    await tx.objectStore('segments').put(segment);
  }
}

/** Overwrites vectors with zeros, and removes segments that have no others. */
export async function eraseVectors(tx: WriteTx, places: readonly Place[]): Promise<void> {
  if (places.length === 0) return;
  const state = await readState(tx);
  const models = new Map(state.models);
  let { deletedRows } = state;
  for (const [no, inSegment] of groupBy(places, ({ segment }) => segment)) {
    const segment = await tx.objectStore('segments').get(no);
    if (!segment) throw new Error(`segment ${no} is missing`);
    const rows = inSegment.map(({ row }) => row);
    const left = await eraseRows(tx, segment, rows);
    deletedRows += left > 0 ? rows.length : segment.live - segment.seqs.length;
    const model = models.get(segment.modelId);
    const faces = (model?.faces ?? 0) - rows.length;
    if (model && faces > 0) models.set(segment.modelId, { ...model, faces });
    else models.delete(segment.modelId);
  }
  await tx.objectStore('state').put({ ...state, models, deletedRows }, 'state');
}

async function eraseRows(tx: WriteTx, segment: StoredSegment, rows: readonly number[]): Promise<number> {
  const live = segment.live - rows.length;
  if (live === 0) {
    await tx.objectStore('segments').delete(segment.no);
    return 0;
  }
  for (const row of rows) {
    segment.seqs[row] = 0;
    segment.vectors.fill(0, row * segment.dimension, (row + 1) * segment.dimension);
  }
  await tx.objectStore('segments').put({ ...segment, live });
  return live;
}

/** A copy of one vector. */
export async function readVector(tx: ReadTx, place: Place): Promise<Float32Array<ArrayBuffer>> {
  const segment = await tx.objectStore('segments').get(place.segment);
  if (!segment) throw new Error(`segment ${place.segment} is missing`);
  const { dimension, vectors } = segment;
  return Float32Array.from(vectors.subarray(place.row * dimension, (place.row + 1) * dimension));
}
