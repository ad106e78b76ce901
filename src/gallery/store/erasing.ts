import {
  DEFAULT_GALLERY,
  EMPTY_STATE,
  newGallery,
  readState,
  STORES,
  type StoreName,
  type WriteTx,
} from './schema.ts';
import { galleryRow } from './rows.ts';

/** What is not emptied: the counters, which are put anew, and the keys. */
const KEPT: ReadonlySet<StoreName> = new Set<StoreName>(['state', 'keys']);

/** Deletes everything but the default gallery, which is empty then, and the keys of an encrypted database. */
export async function eraseAll(tx: WriteTx): Promise<void> {
  const { nextSeq, revision } = await readState(tx);
  const emptied = STORES.filter((name) => !KEPT.has(name));
  await Promise.all(emptied.map(async (name) => tx.objectStore(name).clear()));
  await tx.objectStore('galleries').add(galleryRow(tx.sealer, newGallery(DEFAULT_GALLERY, null)));
  await tx.objectStore('state').put({ ...EMPTY_STATE, nextSeq, revision }, 'state');
  tx.note({ kind: 'reload' });
}
