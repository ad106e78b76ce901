import { NearFaceError } from '../../core/errors.ts';
import { readGallery } from './galleries.ts';
import { rowsOfPhoto } from './queries.ts';
import { eraseFaces } from './removal.ts';
import { faceOf } from './rows.ts';
import { type ReadTx, readState, type StoredState, type WriteTx } from './schema.ts';

/** Faces taken back in one transaction. */
const SLICE = 1024;

/** Notes that an import has begun. Answers the number that its first face gets, or a later one. */
export async function beginImport(tx: WriteTx, gallery: string, id: string): Promise<number> {
  await readGallery(tx, gallery);
  const state = await readState(tx);
  if (state.importing) throw disturbed();
  await putState(tx, { importing: { id, ranges: [] } });
  return state.nextSeq;
}

/** Notes which faces a batch of it has stored, in the transaction that stores them. */
export async function noteImported(tx: WriteTx, id: string, seqs: readonly number[]): Promise<void> {
  const importing = await ownMark(tx, id);
  const range = [seqs[0] as number, seqs.at(-1) as number] as const;
  await putState(tx, { importing: { id, ranges: [...importing.ranges, range] } });
}

/** From now on the imported faces are like any others. */
export async function endImport(tx: WriteTx, id: string): Promise<void> {
  await ownMark(tx, id);
  await removeMark(tx);
}

/**
 * Takes back some of the faces of an import that did not end: the one named, or whichever there is. They go for good,
 * whatever galleries they were put into meanwhile. Returns whether all are gone.
 */
export async function takeBackImport(tx: WriteTx, id?: string): Promise<boolean> {
  const { importing } = await readState(tx);
  if (!importing || (id !== undefined && importing.id !== id)) return true;
  const range = importing.ranges.at(-1);
  if (!range) {
    await removeMark(tx);
    return true;
  }
  const rows = await tx.objectStore('faces').getAll(IDBKeyRange.bound(...range), SLICE);
  await eraseFaces(
    tx,
    rows.map((row) => faceOf(tx.sealer, row)),
  );
  if (rows.length < SLICE)
    await putState(tx, { importing: { ...importing, ranges: importing.ranges.slice(0, -1) } });
  return false;
}

/** Whether a gallery has a face of a photo with a number below `beforeSeq`. */
export async function hadPhoto(
  tx: ReadTx,
  gallery: string,
  photoHash: string,
  beforeSeq: number,
): Promise<boolean> {
  const rows = await rowsOfPhoto(tx, gallery, photoHash);
  return rows.some(({ seq }) => seq < beforeSeq);
}

async function ownMark(tx: WriteTx, id: string): Promise<NonNullable<StoredState['importing']>> {
  const { importing } = await readState(tx);
  if (importing?.id === id) return importing;
  throw disturbed();
}

function disturbed(): NearFaceError {
  return new NearFaceError(
    'STORAGE_FAILED',
    'Nothing was imported: the database was erased meanwhile, or another page opened it or imports into it; import the file again',
  );
}

async function removeMark(tx: WriteTx): Promise<void> {
  const { importing: _, ...state } = await readState(tx);
  await tx.objectStore('state').put(state, 'state');
}

async function putState(tx: WriteTx, change: Pick<StoredState, 'importing'>): Promise<void> {
  const state = await readState(tx);
  await tx.objectStore('state').put({ ...state, ...change }, 'state');
}
