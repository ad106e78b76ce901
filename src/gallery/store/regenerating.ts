import { badParam } from '../../core/errors.ts';
import {
  assumedReliability,
  byteReliability,
  reliabilityByte,
  storedReliability,
  type StoredReliability,
} from '../../core/reliability.ts';
import type { PreparedFace } from '../face-input.ts';
import { addFaces } from './faces.ts';
import { wholePictures } from './queries.ts';
import { eraseFaces } from './removal.ts';
import { allFaces, blockOf } from './records.ts';
import type { ReadTx, RegeneratedRow, StoredFace, WriteTx } from './schema.ts';
import type { Encode } from './segment-rows.ts';
import { readVectors } from './segments.ts';

/** A face whose embedding is to be made anew, with its crop if one was kept. */
export interface StaleFace {
  readonly seq: number;
  readonly id: string;
  /** The model that made its embedding. */
  readonly modelId: string;
  /** That embedding, of unit length; absent where it is damaged. */
  readonly vector?: Float32Array<ArrayBuffer>;
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
  /** Faces whose embedding another model made, or is damaged. */
  readonly stale: number;
  /** Those of them whose new embedding is there already. */
  readonly made: number;
}

/** The next faces of other models than `modelId`, or with damaged embeddings, that have no new embedding yet. */
export async function nextStale(
  tx: ReadTx,
  modelId: string,
  afterSeq: number,
  count: number,
): Promise<readonly StaleFace[]> {
  const found: StaleFace[] = [];
  for await (const face of allFaces(tx, blockOf(afterSeq))) {
    const { seq, id, modelId: made } = face;
    if (seq <= afterSeq || !isStale(tx, face, modelId)) continue;
    if (await tx.objectStore('regenerated').getKey([seq, modelId])) continue;
    const [crop] = await wholePictures(tx, face, ['crop']);
    const vector = (await readVectors(tx, made, [seq])).get(seq);
    const { reliability, reliabilityAssumed } = storedReliability(face);
    found.push({
      ...{ seq, id, modelId: made },
      ...(vector && { vector }),
      ...(!reliabilityAssumed && { reliability }),
      ...(crop && { crop }),
    });
    if (found.length === count) break;
  }
  return found;
}

function isStale(tx: ReadTx, { seq, modelId: made }: StoredFace, modelId: string): boolean {
  return made !== modelId || tx.index.damaged.has(seq);
}

export async function countStale(tx: ReadTx, modelId: string): Promise<StaleCounts> {
  let stale = tx.index.damaged.countOf(modelId);
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
 * Puts the new embeddings in the place of the old ones, all at once: each face is taken out and stored again with the
 * same id, record and pictures. Faces without a new one are deleted, or refused.
 *
 * @throws NearFaceError `BAD_PARAM` if a face has no new embedding and `missing` is `keep`
 */
export async function swapRegenerated(
  tx: WriteTx,
  modelId: string,
  missing: 'keep' | 'delete',
  encode: Encode,
): Promise<{ readonly swapped: number; readonly deleted: number }> {
  const stale: StoredFace[] = [];
  for await (const face of allFaces(tx)) if (isStale(tx, face, modelId)) stale.push(face);
  const fresh: PreparedFace[] = [];
  for (const face of stale) {
    const row = await tx.objectStore('regenerated').get([face.seq, modelId]);
    if (!row) continue;
    const bytes = tx.sealer.open(row.bytes).slice();
    const vector = new Float32Array(bytes.buffer);
    const pictures = await wholePictures(tx, face);
    const { seq: _seq, pictureBytes: _bytes, pictures: _kinds, ...facts } = face;
    const { reliability: _old, reliabilityAssumed: _assumed, ...record } = facts;
    fresh.push({ ...record, ...reliabilityIn(tx, row), modelId, vector, pictures });
  }
  const again = new Set(fresh.map(({ id }) => id));
  // A damaged face that the model in use made can stay as it is.
  const leaving = stale.filter(
    (face) => again.has(face.id) || face.modelId !== modelId || missing === 'delete',
  );
  const deleted = leaving.length - fresh.length;
  if (deleted > 0 && missing === 'keep') {
    const text = "faces whose crops were kept, or missing: 'delete', which deletes the others";
    throw badParam('missing', `${deleted} faces without a crop in which a face is found`, text);
  }
  // They are gone before they are stored again, so that their ids are free.
  for (const stays of [true, false])
    await eraseFaces(
      tx,
      leaving.filter(({ id }) => again.has(id) === stays),
      !stays,
    );
  if (fresh.length > 0) await addFaces(tx, fresh, encode);
  await tx.objectStore('regenerated').clear();
  return { swapped: fresh.length, deleted };
}

/** What is known of a new embedding's reliability; the old one's says nothing of it. */
function reliabilityIn({ sealer }: ReadTx, { reliability }: RegeneratedRow): StoredReliability {
  const byte = reliability && sealer.open(reliability)[0];
  return byte === undefined ? assumedReliability() : { reliability: byteReliability(byte) };
}
