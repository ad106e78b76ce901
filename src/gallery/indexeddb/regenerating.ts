import { rotated, rotatedBack } from '../../core/secret-rotation.ts';
import { byteReliability, reliabilityByte } from '../../core/reliability.ts';
import { reembedded, refuseWithout, staleFace } from '../face-rules.ts';
import { wrongDimension } from '../gallery-errors.ts';
import { isHidden } from '../hidden-faces.ts';
import { listGalleries } from './galleries.ts';
import { wholePictures } from './queries.ts';
import { eraseFaces } from './removal.ts';
import { blockOf, putRecords, readFaces, slicesOfFaces } from './records.ts';
import { mendGalleries } from './mending.ts';
import { galleryRow } from './rows.ts';
import { countBytes, EMPTY_STATE, facesIn, type ReadTx, type WriteTx } from './schema.ts';
import { appendRows, countMissing, readVectors, segmentAfter, vectorIn } from './segments.ts';
import { addBytes, bytesOf, type FaceBytes, type StoredFace } from '../stored.ts';
import type { Encode } from '../face-rows.ts';
import type { FreshEmbedding, StaleCounts, StaleFace, Swapped } from '../port.ts';
import { keysOf } from '../face-keys.ts';
import { isUnit } from '../wholeness.ts';

/** Faces that are deleted at a time. */
const ERASED_AT_ONCE = 1024;

/** The next faces of other models than `modelId`, or with damaged embeddings, that have no new embedding yet. */
export async function nextStale(
  tx: ReadTx,
  modelId: string,
  afterSeq: number,
  count: number,
): Promise<readonly StaleFace[]> {
  const found: StaleFace[] = [];
  for await (const faces of slicesOfFaces(tx, blockOf(afterSeq))) {
    for (const face of faces) {
      const { seq, modelId: made } = face;
      const isNext = seq > afterSeq && isStale(tx, face, modelId) && !isHidden(tx.state, seq);
      if (!isNext || (await newOf(tx, seq, modelId))) continue;
      const [crop] = await wholePictures(tx, face, ['crop']);
      const vector = (await readVectors(tx, made, [seq])).get(seq);
      found.push(staleFace(face, vector, crop && { type: crop.type, bytes: crop.bytes }));
      if (found.length === count) return found;
    }
  }
  return found;
}

function isStale(tx: ReadTx, { seq, modelId: made }: StoredFace, modelId: string): boolean {
  return made !== modelId || tx.index.damaged.has(seq);
}

export async function countStale(tx: ReadTx, modelId: string): Promise<StaleCounts> {
  let stale = tx.index.damaged.countOf(modelId);
  for (const [id, { faces }] of tx.state.models) if (id !== modelId) stale += faces;
  const hidden = tx.state.importing?.hidden;
  if (hidden && hidden.modelId !== modelId) stale -= hidden.faces;
  const made = await tx.objectStore('regenerated').index('modelId').count(modelId);
  return { stale, made };
}

/**
 * Keeps new embeddings beside the old ones, which still answer; those of faces that are gone are not kept.
 *
 * @throws NearFaceError `BAD_PARAM` for one of another length than the model's others
 */
export async function putRegenerated(
  tx: WriteTx,
  modelId: string,
  made: readonly FreshEmbedding[],
): Promise<void> {
  const faces = await readFaces(
    tx,
    made.map(({ seq }) => seq),
  );
  const there = new Set(faces.map(({ seq }) => seq));
  await putNew(
    tx,
    modelId,
    made.filter(({ seq }) => there.has(seq)),
  );
}

async function putNew(tx: WriteTx, modelId: string, made: readonly FreshEmbedding[]): Promise<void> {
  const { seal, rotations } = tx.sealer;
  const dimension = tx.state.models.get(modelId)?.dimension;
  for (const { seq, vector, reliability } of made) {
    if (dimension !== undefined && vector.length !== dimension)
      throw wrongDimension(`the new vector of face ${seq}`, vector.length, dimension, modelId);
    const { buffer, byteOffset, byteLength } = rotated(rotations, modelId, vector);
    const bytes = seal(new Uint8Array(buffer, byteOffset, byteLength));
    const known = reliability !== undefined && {
      reliability: seal(Uint8Array.of(reliabilityByte(reliability))),
    };
    await tx.objectStore('regenerated').put({ modelId, seq, bytes, ...known });
  }
}

/**
 * Puts the new embeddings in the place of the old ones, all at once; nothing else of a face changes, and its pictures are not
 * touched. Faces without a new one are deleted, or refused. Those of the model whose embeddings turn out to be damaged only now stay
 * as damaged: nobody has tried to mend them. What is in memory at a time does not grow with the database.
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
): Promise<Swapped> {
  await mendGalleries(tx);
  const { stale, without } = await lookForNew(tx, modelId, missing === 'keep', onSlice);
  refuseWithout(without.length, missing);
  for (let from = 0; from < without.length; from += ERASED_AT_ONCE) {
    onSlice();
    await eraseFaces(tx, await readFaces(tx, without.slice(from, from + ERASED_AT_ONCE)));
  }
  const done = { swapped: stale - without.length, deleted: without.length };
  if (done.swapped > 0 || tx.state.models.has(modelId)) await swapAll(tx, modelId, encode, onSlice);
  await tx.objectStore('regenerated').clear();
  return done;
}

/** Every face whose record can be read has a new embedding, or one of the model. */
async function swapAll(tx: WriteTx, modelId: string, encode: Encode, onSlice: () => void): Promise<void> {
  await setAside(tx, modelId);
  await tx.objectStore('vectors').clear();
  const stored = facesIn(tx.state);
  const { dimension } = tx.state.models.get(modelId) ?? {};
  tx.state = { ...tx.state, models: new Map() };
  const swap: Swap = { modelId, dimension, encode, bytes: new Map() };
  for await (const faces of slicesOfFaces(tx)) {
    onSlice();
    await swapSlice(tx, swap, faces);
  }
  // Faces that are damaged, whether that was known before or not.
  const missing = stored - facesIn(tx.state);
  if (missing > 0) countMissing(tx, modelId, dimension ?? 0, missing);
  for (const gallery of await listGalleries(tx)) {
    if (gallery.modelId === null) continue;
    const bytes = addBytes(gallery.bytes, swap.bytes.get(gallery.name) ?? EMPTY_STATE.bytes);
    await tx.objectStore('galleries').put(galleryRow(tx.sealer, { ...gallery, modelId, bytes }));
  }
}

/** What there is to swap. */
interface ToSwap {
  /** Faces that other models have embedded, or whose embeddings are damaged. */
  readonly stale: number;
  /** Numbers of those that have no new embedding and cannot stay without one. */
  readonly without: readonly number[];
}

/** What slices are swapped with. */
interface Swap {
  readonly modelId: string;
  /** Of the model, if it has embedded faces before. */
  readonly dimension: number | undefined;
  readonly encode: Encode;
  /** What the records take up more, by gallery. */
  readonly bytes: Map<string, FaceBytes>;
}

/** @param keep - whether damaged faces of the model stay, where they have no new embedding */
async function lookForNew(tx: ReadTx, modelId: string, keep: boolean, onSlice: () => void): Promise<ToSwap> {
  let [stale, damaged] = [0, 0];
  const without: number[] = [];
  for await (const faces of slicesOfFaces(tx)) {
    onSlice();
    for (const face of faces.filter((each) => isStale(tx, each, modelId))) {
      stale++;
      if (await newOf(tx, face.seq, modelId)) continue;
      if (keep && face.modelId === modelId) damaged++;
      else without.push(face.seq);
    }
  }
  return { stale: stale - damaged, without };
}

/**
 * The new embedding of a face, and how reliable it is where that was measured; nothing where there is none, or it is damaged.
 *
 * @param dimension - of the model, if that is known
 */
async function newOf(
  tx: ReadTx,
  seq: number,
  modelId: string,
  dimension: number | undefined = tx.state.models.get(modelId)?.dimension,
): Promise<{ readonly vector: Float32Array<ArrayBuffer>; readonly reliability?: number } | undefined> {
  const row = await tx.objectStore('regenerated').get([seq, modelId]);
  if (!row) return undefined;
  try {
    const bytes = tx.sealer.open(row.bytes).slice();
    const [byte] = row.reliability ? tx.sealer.open(row.reliability) : [];
    const stored = new Float32Array(bytes.buffer);
    const isWhole = stored.length === (dimension ?? stored.length) && isUnit(stored, 0, stored.length);
    if (!isWhole) return undefined;
    const vector = rotatedBack(tx.sealer.rotations, modelId, stored);
    return { vector, ...(byte !== undefined && { reliability: byteReliability(byte) }) };
  } catch {
    return undefined;
  }
}

/** Lays the vectors that the new model has made already beside the others. */
async function setAside(tx: WriteTx, modelId: string): Promise<void> {
  for (let segment = await segmentAfter(tx, modelId); segment;) {
    const { seqs, first } = segment;
    const own: FreshEmbedding[] = [];
    for (const [row, seq] of seqs.entries()) own.push({ seq, vector: vectorIn(tx, segment, row) });
    await putNew(tx, modelId, own);
    segment = await segmentAfter(tx, modelId, first);
  }
}

/** Gives some faces their new embeddings. */
async function swapSlice(
  tx: WriteTx,
  { modelId, dimension: known, encode, bytes }: Swap,
  before: readonly StoredFace[],
): Promise<void> {
  const made = await Promise.all(before.map(({ seq }) => newOf(tx, seq, modelId, known)));
  const after = before.map((face, i) => withNew(face, modelId, made[i]));
  const rows = after.flatMap((face, i) => {
    const { timestamp, reliability } = face;
    const vector = made[i]?.vector;
    return vector ? [{ ...keysOf(tx.sealer, face), timestamp, reliability, vector }] : [];
  });
  const dimension = tx.state.models.get(modelId)?.dimension ?? rows[0]?.vector.length ?? 0;
  const other = rows.find(({ vector }) => vector.length !== dimension);
  if (other)
    throw wrongDimension(`the new vector of face ${other.seq}`, other.vector.length, dimension, modelId);
  if (rows.length > 0) await appendRows(tx, modelId, rows, encode);
  await putRecords(tx, after);
  countBytes(tx, before, -1);
  countBytes(tx, after, 1);
  for (const [i, face] of after.entries()) {
    const more = addBytes(bytesOf([face]), bytesOf([before[i] as StoredFace]), -1);
    for (const name of face.galleries) bytes.set(name, addBytes(bytes.get(name) ?? EMPTY_STATE.bytes, more));
  }
}

/** A face as its new embedding makes it; one that the model has embedded before stays as it is, if its embedding was not damaged. */
function withNew(
  face: StoredFace,
  modelId: string,
  made: { readonly reliability?: number } | undefined,
): StoredFace {
  const isOwn = face.modelId === modelId && made?.reliability === undefined;
  if (!made || isOwn) return face;
  return reembedded(face, modelId, made);
}
