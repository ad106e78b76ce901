import {
  cannotDeleteDefault,
  galleryExists,
  galleryFull,
  galleryNotFound,
  modelMismatch,
} from '../gallery-errors.ts';
import { removeFromGallery, type Removed } from './removal.ts';
import { DEFAULT_GALLERY, newGallery, type ReadTx, type StoredGallery, type WriteTx } from './schema.ts';

/** Faces taken out at a time when a whole gallery goes. */
const DELETE_SLICE = 1024;

/** The gallery of that name. @throws NearFaceError `GALLERY_NOT_FOUND` */
export async function readGallery(tx: ReadTx, name: string): Promise<StoredGallery> {
  const gallery = await tx.objectStore('galleries').get(name);
  if (gallery) return gallery;
  throw galleryNotFound(name, await tx.objectStore('galleries').getAllKeys());
}

/** Makes an empty gallery. @throws NearFaceError `GALLERY_EXISTS` */
export async function createGallery(
  tx: WriteTx,
  name: string,
  capacity: number | null,
): Promise<StoredGallery> {
  const store = tx.objectStore('galleries');
  if (await store.getKey(name)) throw galleryExists(name);
  const gallery = newGallery(name, capacity);
  await store.add(gallery);
  return gallery;
}

/** Deletes a gallery, and the faces that are in no other. @throws NearFaceError */
export async function deleteGallery(
  tx: WriteTx,
  name: string,
  checkAborted: () => void,
): Promise<readonly Removed[]> {
  if (name === DEFAULT_GALLERY) throw cannotDeleteDefault(name);
  await readGallery(tx, name);
  const removed: Removed[] = [];
  for (;;) {
    checkAborted();
    const faces = await tx.objectStore('faces').index('galleries').getAll(name, DELETE_SLICE);
    if (faces.length === 0) break;
    removed.push(...(await removeFromGallery(tx, name, faces)));
  }
  await tx.objectStore('galleries').delete(name);
  return removed;
}

/**
 * Counts `adding` more faces of a model into a gallery.
 * @throws NearFaceError `GALLERY_NOT_FOUND`, `MODEL_MISMATCH`, `GALLERY_FULL`
 */
export async function countIn(tx: WriteTx, name: string, modelId: string, adding: number): Promise<void> {
  const gallery = await readGallery(tx, name);
  if (gallery.modelId !== null && gallery.modelId !== modelId)
    throw modelMismatch(name, gallery.modelId, modelId);
  const count = gallery.count + adding;
  if (gallery.capacity !== null && count > gallery.capacity)
    throw galleryFull(name, gallery.capacity, gallery.count, adding);
  await tx.objectStore('galleries').put({ ...gallery, count, modelId });
}
