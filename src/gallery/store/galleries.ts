import {
  cannotDeleteDefault,
  galleryDamaged,
  galleryExists,
  galleryFull,
  galleryNotFound,
  modelMismatch,
} from '../gallery-errors.ts';
import { removeFromGallery } from './removal.ts';
import {
  addBytes,
  bytesOf,
  DEFAULT_GALLERY,
  newGallery,
  type ReadTx,
  type StoredFace,
  type StoredGallery,
  type WriteTx,
} from './schema.ts';
import { readFaces } from './records.ts';
import { galleryRow, wholeGallery } from './rows.ts';

/** Faces taken out at a time when a whole gallery goes. */
const DELETE_SLICE = 1024;

/** The gallery of that name. @throws NearFaceError `GALLERY_NOT_FOUND`, `STORAGE_FAILED` if its row is damaged */
export async function readGallery(tx: ReadTx, name: string): Promise<StoredGallery> {
  const row = await tx.objectStore('galleries').get(tx.sealer.tag(name));
  const gallery = row && wholeGallery(tx.sealer, row);
  if (gallery) return gallery;
  if (row) throw galleryDamaged(name);
  const galleries = await listGalleries(tx);
  throw galleryNotFound(
    name,
    galleries.map((gallery) => gallery.name),
  );
}

/** All galleries whose rows are whole, by name. */
export async function listGalleries(tx: ReadTx): Promise<readonly StoredGallery[]> {
  const rows = await tx.objectStore('galleries').getAll();
  return rows
    .map((row) => wholeGallery(tx.sealer, row))
    .filter((gallery) => gallery !== undefined)
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** Makes an empty gallery. @throws NearFaceError `GALLERY_EXISTS` */
export async function createGallery(
  tx: WriteTx,
  name: string,
  capacity: number | null,
): Promise<StoredGallery> {
  const store = tx.objectStore('galleries');
  if (await store.getKey(tx.sealer.tag(name))) throw galleryExists(name);
  const gallery = newGallery(name, capacity);
  await store.add(galleryRow(tx.sealer, gallery));
  return gallery;
}

/** Deletes a gallery, and the faces that are in no other. @throws NearFaceError */
export async function deleteGallery(tx: WriteTx, name: string, checkAborted: () => void): Promise<void> {
  if (name === DEFAULT_GALLERY) throw cannotDeleteDefault(name);
  await readGallery(tx, name);
  const tag = tx.sealer.tag(name);
  const seqs = tx.index.inGallery(tag);
  for (let from = 0; from < seqs.length; from += DELETE_SLICE) {
    checkAborted();
    await removeFromGallery(tx, name, await readFaces(tx, seqs.subarray(from, from + DELETE_SLICE)));
  }
  await tx.objectStore('galleries').delete(tag);
  tx.note({ kind: 'gone', gallery: tag });
}

/**
 * Counts more faces of a model into a gallery.
 * @throws NearFaceError `GALLERY_NOT_FOUND`, `MODEL_MISMATCH`, `GALLERY_FULL`
 */
export async function countIn(
  tx: WriteTx,
  name: string,
  modelId: string,
  faces: readonly StoredFace[],
): Promise<void> {
  const adding = faces.length;
  const gallery = await readGallery(tx, name);
  if (gallery.modelId !== null && gallery.modelId !== modelId)
    throw modelMismatch(name, gallery.modelId, modelId);
  const count = gallery.count + adding;
  if (gallery.capacity !== null && count > gallery.capacity)
    throw galleryFull(name, gallery.capacity, gallery.count, adding);
  const counted = { ...gallery, count, modelId, bytes: addBytes(gallery.bytes, bytesOf(faces)) };
  await tx.objectStore('galleries').put(galleryRow(tx.sealer, counted));
}
