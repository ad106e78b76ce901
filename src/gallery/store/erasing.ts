import {
  DEFAULT_GALLERY,
  EMPTY_STATE,
  newGallery,
  readState,
  type StoreName,
  type WriteTx,
} from './schema.ts';
import { galleryRow } from './rows.ts';

const EMPTIED: readonly StoreName[] = [
  'galleries',
  'faces',
  'vectors',
  'metas',
  'pictures',
  'jobs',
  'jobItems',
  'regenerated',
  'changes',
];

/** Deletes everything but the default gallery, which is empty then, and the keys of an encrypted database. */
export async function eraseAll(tx: WriteTx): Promise<void> {
  const { nextSeq, revision } = await readState(tx);
  await Promise.all(EMPTIED.map(async (name) => tx.objectStore(name).clear()));
  await tx.objectStore('galleries').add(galleryRow(tx.sealer, newGallery(DEFAULT_GALLERY, null)));
  await tx.objectStore('state').put({ ...EMPTY_STATE, nextSeq, revision }, 'state');
  tx.note({ kind: 'reload' });
}
