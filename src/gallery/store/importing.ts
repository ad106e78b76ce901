import { readGallery } from './galleries.ts';
import { removeFromGallery } from './removal.ts';
import { readState, type StoredState, type WriteTx } from './schema.ts';
import { faceOf } from './rows.ts';

/** Faces taken back in one transaction. */
const SLICE = 1024;

/** Notes that an import has begun. */
export async function beginImport(tx: WriteTx, gallery: string): Promise<void> {
  await readGallery(tx, gallery);
  await putState(tx, { importing: { gallery: tx.sealer.tag(gallery), ranges: [] } });
}

/** Notes which faces a batch of it has stored, in the transaction that stores them. */
export async function noteImported(tx: WriteTx, seqs: readonly number[]): Promise<void> {
  const { importing } = await readState(tx);
  if (!importing || seqs.length === 0) return;
  const range = [seqs[0] as number, seqs.at(-1) as number] as const;
  await putState(tx, { importing: { ...importing, ranges: [...importing.ranges, range] } });
}

/** From now on the imported faces are like any others. */
export async function endImport(tx: WriteTx): Promise<void> {
  const { importing: _, ...state } = await readState(tx);
  await tx.objectStore('state').put(state, 'state');
}

/** Takes back some of the faces of an import that did not end. Returns whether all are gone. */
export async function takeBackImport(tx: WriteTx): Promise<boolean> {
  const { importing } = await readState(tx);
  const range = importing?.ranges.at(-1);
  if (!importing || !range) {
    await endImport(tx);
    return true;
  }
  const rows = await tx.objectStore('faces').getAll(IDBKeyRange.bound(...range), SLICE);
  const faces = rows.map((row) => faceOf(tx.sealer, row));
  const name = faces[0]?.galleries.find((gallery) => tx.sealer.tag(gallery) === importing.gallery);
  const there = faces.filter((face) => name !== undefined && face.galleries.includes(name));
  if (name !== undefined && there.length > 0) await removeFromGallery(tx, name, there);
  else await putState(tx, { importing: { ...importing, ranges: importing.ranges.slice(0, -1) } });
  return false;
}

async function putState(tx: WriteTx, change: Pick<StoredState, 'importing'>): Promise<void> {
  const state = await readState(tx);
  await tx.objectStore('state').put({ ...state, ...change }, 'state');
}
