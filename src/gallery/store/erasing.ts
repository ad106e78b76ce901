import { DEFAULT_GALLERY, EMPTY_STATE, newGallery, STORES, type StoreName, type WriteTx } from './schema.ts';
import { galleryRow } from './rows.ts';

/** What is not emptied: the counters, which are put anew, and the keys. */
const KEPT: ReadonlySet<StoreName> = new Set<StoreName>(['state', 'keys']);

/** Deletes everything but the default gallery, which is empty then, and the keys of an encrypted database. */
export async function eraseAll(tx: WriteTx): Promise<void> {
  const { models: _models, bytes: _bytes, importing: _importing, ...kept } = tx.state;
  const emptied = STORES.filter((name) => !KEPT.has(name));
  await Promise.all(emptied.map(async (name) => tx.objectStore(name).clear()));
  await tx.objectStore('galleries').add(galleryRow(tx.sealer, newGallery(DEFAULT_GALLERY, null)));
  tx.state = { ...EMPTY_STATE, ...kept };
  tx.note({ kind: 'reload' });
}
