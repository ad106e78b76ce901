import { NearFaceError } from '../../core/errors.ts';
import type { PreparedFace } from '../face-input.ts';
import { readGallery } from './galleries.ts';
import { facesOfPhoto } from './queries.ts';
import { blockOf, facesOf, nextBlocks, readFaces } from './records.ts';
import { eraseFaces } from './removal.ts';
import { readVectors } from './segments.ts';
import type { ReadTx, StoredState, WriteTx } from './schema.ts';

/** Blocks of records that are taken back in one transaction. */
const SLICE_BLOCKS = 32;

/** Notes that an import has begun. Answers the number that its first face gets, or a later one. */
export async function beginImport(tx: WriteTx, gallery: string, id: string): Promise<number> {
  await readGallery(tx, gallery);
  if (tx.state.importing) throw disturbed();
  tx.state = { ...tx.state, importing: { id, ranges: [] } };
  return tx.state.nextSeq;
}

/** Notes which faces a batch of it has stored, in the transaction that stores them. */
export function noteImported(tx: WriteTx, id: string, seqs: readonly number[]): void {
  const importing = ownMark(tx, id);
  const range = [seqs[0] as number, seqs.at(-1) as number] as const;
  tx.state = { ...tx.state, importing: { id, ranges: [...importing.ranges, range] } };
}

/** From now on the imported faces are like any others. */
export function endImport(tx: WriteTx, id: string): void {
  ownMark(tx, id);
  removeMark(tx);
}

/**
 * Takes back some of the faces of an import that did not end: the one named, or whichever there is. They go for good,
 * whatever galleries they were put into meanwhile. Returns whether all are gone.
 */
export async function takeBackImport(tx: WriteTx, id?: string): Promise<boolean> {
  const { importing } = tx.state;
  if (!importing || (id !== undefined && importing.id !== id)) return true;
  const range = importing.ranges.at(-1);
  if (!range) {
    removeMark(tx);
    return true;
  }
  const [first, last] = range;
  const blocks = await nextBlocks(tx, blockOf(first), SLICE_BLOCKS);
  const faces = blocks.flatMap((block) => facesOf(tx.sealer, block));
  const some = faces.filter(({ seq }) => seq >= first && seq <= last);
  await eraseFaces(tx, some);
  if (some.length === 0)
    tx.state = { ...tx.state, importing: { ...importing, ranges: importing.ranges.slice(0, -1) } };
  return false;
}

/** Whether a gallery has a face of a photo with a number below `beforeSeq`. */
export async function hadPhoto(
  tx: ReadTx,
  gallery: string,
  photoHash: string,
  beforeSeq: number,
): Promise<boolean> {
  const faces = await facesOfPhoto(tx, gallery, photoHash);
  return faces.some(({ seq }) => seq < beforeSeq);
}

/** Whether a gallery has a face of this id and vector with a number below `beforeSeq`. */
export async function hadFace(
  tx: ReadTx,
  gallery: string,
  { id, modelId, vector }: Pick<PreparedFace, 'id' | 'modelId' | 'vector'>,
  beforeSeq: number,
): Promise<boolean> {
  const candidates = await readFaces(tx, tx.index.withIds([tx.sealer.tag(id)]));
  const face = candidates.find((other) => other.id === id);
  if (!face || face.seq >= beforeSeq || face.modelId !== modelId || !face.galleries.includes(gallery))
    return false;
  const stored = (await readVectors(tx, modelId, [face.seq])).get(face.seq);
  // One whose vector is damaged is known all the same.
  if (!stored) return true;
  return stored.length === vector.length && stored.every((x, i) => x === vector[i]);
}

function ownMark(tx: WriteTx, id: string): NonNullable<StoredState['importing']> {
  const { importing } = tx.state;
  if (importing?.id === id) return importing;
  throw disturbed();
}

function disturbed(): NearFaceError {
  return new NearFaceError(
    'STORAGE_FAILED',
    'Nothing was imported: the database was erased meanwhile, or another page opened it or imports into it; import the file again',
  );
}

function removeMark(tx: WriteTx): void {
  const { importing: _, ...state } = tx.state;
  tx.state = state;
}
