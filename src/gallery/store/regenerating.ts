import { badParam } from '../../core/errors.ts';
import {
  assumedReliability,
  byteReliability,
  reliabilityByte,
  storedReliability,
  type StoredReliability,
} from '../../core/reliability.ts';
import { wrongDimension } from '../gallery-errors.ts';
import { listGalleries } from './galleries.ts';
import { readStoredPicture } from './queries.ts';
import { eraseFaces } from './removal.ts';
import { blockOf, facesOf, nextBlocks, putRecords, readFaces } from './records.ts';
import { galleryRow, keysOf } from './rows.ts';
import {
  addBytes,
  bytesOf,
  countBytes,
  EMPTY_STATE,
  type FaceBytes,
  type ReadTx,
  type RegeneratedRow,
  type StoredFace,
  type WriteTx,
} from './schema.ts';
import type { Encode } from './segment-rows.ts';
import { appendRows, readVector, segmentAfter } from './segments.ts';

/** A face whose embedding is to be made anew, with its crop if one was kept. */
export interface StaleFace {
  readonly seq: number;
  readonly id: string;
  /** The model that made its embedding. */
  readonly modelId: string;
  /** That embedding, of unit length. */
  readonly vector: Float32Array<ArrayBuffer>;
  /** Where it was measured. */
  readonly reliability?: number;
  readonly crop?: { readonly type: string; readonly bytes: ArrayBuffer };
}

/** A face's new embedding, of unit length. */
export interface FreshEmbedding {
  readonly seq: number;
  readonly vector: Float32Array<ArrayBuffer>;
  /** 0..1. */
  readonly reliability?: number;
}

/** How far the faces of other models than one are. */
export interface StaleCounts {
  /** Faces whose embedding another model made. */
  readonly stale: number;
  /** Those of them whose new embedding is there already. */
  readonly made: number;
}

/** Blocks of records read at a time. */
const SLICE_BLOCKS = 8;

/** Faces that are deleted at a time. */
const ERASED_AT_ONCE = 1024;

/** The next faces of other models than `modelId` that have no new embedding yet. */
export async function nextStale(
  tx: ReadTx,
  modelId: string,
  afterSeq: number,
  count: number,
): Promise<readonly StaleFace[]> {
  const found: StaleFace[] = [];
  for await (const faces of slicesOfFaces(tx, blockOf(afterSeq))) {
    for (const face of faces) {
      const { seq, id, modelId: made } = face;
      if (seq <= afterSeq || made === modelId) continue;
      if (await tx.objectStore('regenerated').getKey([seq, modelId])) continue;
      const crop = await readStoredPicture(tx, seq, 'crop');
      const { reliability, reliabilityAssumed } = storedReliability(face);
      found.push({
        ...{ seq, id, modelId: made, vector: await readVector(tx, face) },
        ...(!reliabilityAssumed && { reliability }),
        ...(crop && { crop }),
      });
      if (found.length === count) return found;
    }
  }
  return found;
}

/** All faces from a block on, in the order of their numbers, some at a time. */
async function* slicesOfFaces(tx: ReadTx, from = 0): AsyncGenerator<readonly StoredFace[], void> {
  for (let next = from; ;) {
    const blocks = await nextBlocks(tx, next, SLICE_BLOCKS);
    const last = blocks.at(-1);
    if (!last) return;
    yield blocks.flatMap((block) => facesOf(tx.sealer, block));
    next = last.block + 1;
  }
}

export async function countStale(tx: ReadTx, modelId: string): Promise<StaleCounts> {
  let stale = 0;
  for (const [id, { faces }] of tx.state.models) if (id !== modelId) stale += faces;
  const made = await tx.objectStore('regenerated').index('modelId').count(modelId);
  return { stale, made };
}

/** Keeps new embeddings beside the old ones, which still answer. */
export async function putRegenerated(
  tx: WriteTx,
  modelId: string,
  made: readonly FreshEmbedding[],
): Promise<void> {
  const { seal } = tx.sealer;
  for (const { seq, vector, reliability } of made) {
    const bytes = seal(new Uint8Array(vector.buffer, vector.byteOffset, vector.byteLength));
    const known = reliability !== undefined && {
      reliability: seal(Uint8Array.of(reliabilityByte(reliability))),
    };
    await tx.objectStore('regenerated').put({ modelId, seq, bytes, ...known });
  }
}

/**
 * Puts the new embeddings in the place of the old ones, all at once; nothing else of a face changes, and its pictures are not
 * touched. Faces without a new one are deleted, or refused. What is in memory at a time does not grow with the database.
 *
 * @param onSlice - called now and then; it may throw to end it
 * @throws NearFaceError `BAD_PARAM` if a face has no new embedding and `missing` is `keep`, or one of another length
 */
export async function swapRegenerated(
  tx: WriteTx,
  modelId: string,
  missing: 'keep' | 'delete',
  encode: Encode,
  onSlice: () => void = () => {},
): Promise<{ readonly swapped: number; readonly deleted: number }> {
  const { stale, without } = await lookForNew(tx, modelId, onSlice);
  if (without.length > 0 && missing === 'keep') {
    const text = "faces whose crops were kept, or missing: 'delete', which deletes the others";
    throw badParam('missing', `${without.length} faces without a crop in which a face is found`, text);
  }
  for (let from = 0; from < without.length; from += ERASED_AT_ONCE) {
    onSlice();
    await eraseFaces(tx, await readFaces(tx, without.slice(from, from + ERASED_AT_ONCE)));
  }
  await setAside(tx, modelId);
  await tx.objectStore('vectors').clear();
  tx.state = { ...tx.state, models: new Map() };
  const bytes = new Map<string, FaceBytes>();
  for await (const faces of slicesOfFaces(tx)) {
    onSlice();
    await swapSlice(tx, modelId, faces, encode, bytes);
  }
  for (const gallery of await listGalleries(tx)) {
    const more = bytes.get(gallery.name);
    const swapped = more && { ...gallery, modelId, bytes: addBytes(gallery.bytes, more) };
    if (swapped) await tx.objectStore('galleries').put(galleryRow(tx.sealer, swapped));
  }
  await tx.objectStore('regenerated').clear();
  return { swapped: stale - without.length, deleted: without.length };
}

/** How many faces other models have embedded, and those of them that have no new embedding. */
async function lookForNew(
  tx: ReadTx,
  modelId: string,
  onSlice: () => void,
): Promise<{ readonly stale: number; readonly without: readonly number[] }> {
  let stale = 0;
  const without: number[] = [];
  for await (const faces of slicesOfFaces(tx)) {
    onSlice();
    const seqs = faces.filter((face) => face.modelId !== modelId).map(({ seq }) => seq);
    stale += seqs.length;
    const store = tx.objectStore('regenerated');
    const keys = await Promise.all(seqs.map(async (seq) => store.getKey([seq, modelId])));
    without.push(...seqs.filter((_, i) => !keys[i]));
  }
  return { stale, without };
}

/** Lays the vectors that the new model has made already beside the others. */
async function setAside(tx: WriteTx, modelId: string): Promise<void> {
  for (let segment = await segmentAfter(tx, modelId); segment;) {
    const { seqs, dimension, vectors } = segment;
    const own = Array.from(seqs, (seq, row) => ({
      seq,
      vector: vectors.slice(row * dimension, (row + 1) * dimension),
    }));
    await putRegenerated(tx, modelId, own);
    segment = await segmentAfter(tx, modelId, segment.first);
  }
}

/** Gives some faces their new embeddings. Adds what their records take up more to `bytes`, by gallery. */
async function swapSlice(
  tx: WriteTx,
  modelId: string,
  before: readonly StoredFace[],
  encode: Encode,
  bytes: Map<string, FaceBytes>,
): Promise<void> {
  const store = tx.objectStore('regenerated');
  const made = await Promise.all(before.map(async ({ seq }) => store.get([seq, modelId])));
  const after = before.map((face, i) => withNew(tx, face, modelId, made[i] as RegeneratedRow));
  const rows = after.map((face, i) => {
    const vector = new Float32Array(tx.sealer.open((made[i] as RegeneratedRow).bytes).slice().buffer);
    const { timestamp, reliability } = face;
    return { ...keysOf(tx.sealer, face), timestamp, reliability, vector };
  });
  const dimension = tx.state.models.get(modelId)?.dimension ?? rows[0]?.vector.length ?? 0;
  const other = rows.find(({ vector }) => vector.length !== dimension);
  if (other)
    throw wrongDimension(`the new vector of face ${other.seq}`, other.vector.length, dimension, modelId);
  await appendRows(tx, modelId, rows, encode);
  await putRecords(tx, after);
  countBytes(tx, before, -1);
  countBytes(tx, after, 1);
  for (const [i, face] of after.entries()) {
    const more = addBytes(bytesOf([face]), bytesOf([before[i] as StoredFace]), -1);
    for (const name of face.galleries) bytes.set(name, addBytes(bytes.get(name) ?? EMPTY_STATE.bytes, more));
  }
}

/** A face as its new embedding makes it; one that the model has embedded before stays as it is. */
function withNew(tx: ReadTx, face: StoredFace, modelId: string, row: RegeneratedRow): StoredFace {
  if (face.modelId === modelId) return face;
  const { reliability: _old, reliabilityAssumed: _assumed, ...kept } = face;
  return { ...kept, ...reliabilityIn(tx, row), modelId };
}

/** What is known of a new embedding's reliability; the old one's says nothing of it. */
function reliabilityIn({ sealer }: ReadTx, { reliability }: RegeneratedRow): StoredReliability {
  const byte = reliability && sealer.open(reliability)[0];
  return byte === undefined ? assumedReliability() : { reliability: byteReliability(byte) };
}
