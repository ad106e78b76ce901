import type { GalleryPatch } from '../../core/records.ts';
import { galleryExists, galleryNotFound } from '../gallery-errors.ts';
import { countedIn, countedOut, patchedGallery } from '../gallery-rules.ts';
import { bytesOf, newGallery, type StoredFace, type StoredGallery } from '../stored.ts';
import type { MemoryTx } from './memory-tx.ts';
import { NumberSet } from './number-set.ts';

/** All galleries, by name. */
export function listGalleries({ galleries }: MemoryTx): readonly StoredGallery[] {
  return [...galleries.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** @throws NearFaceError `GALLERY_NOT_FOUND` */
export function readGallery(tx: MemoryTx, name: string): StoredGallery {
  const gallery = tx.galleries.get(name);
  if (gallery) return gallery;
  const names = listGalleries(tx).map((other) => other.name);
  throw galleryNotFound(name, names);
}

/** @throws NearFaceError `GALLERY_EXISTS` */
export function createGallery(
  tx: MemoryTx,
  name: string,
  capacity: number | null,
  label?: string,
): StoredGallery {
  if (tx.galleries.has(name)) throw galleryExists(name);
  const gallery = newGallery(name, capacity, label);
  putGallery(tx, gallery);
  return gallery;
}

/** Changes what is said of a gallery. @throws NearFaceError `GALLERY_NOT_FOUND` */
export function updateGallery(tx: MemoryTx, name: string, patch: GalleryPatch): StoredGallery {
  const gallery = patchedGallery(readGallery(tx, name), patch);
  putGallery(tx, gallery);
  return gallery;
}

/** Counts faces of a model into a gallery. @throws NearFaceError `GALLERY_NOT_FOUND`, `MODEL_MISMATCH`, `GALLERY_FULL` */
export function countIn(tx: MemoryTx, name: string, modelId: string, faces: readonly StoredFace[]): void {
  const count = { faces: faces.length, bytes: bytesOf(faces) };
  putGallery(tx, countedIn(readGallery(tx, name), modelId, count));
}

/** Counts faces out of a gallery. */
export function countOut(tx: MemoryTx, name: string, faces: readonly StoredFace[]): void {
  putGallery(tx, countedOut(readGallery(tx, name), faces));
}

export function putGallery(tx: MemoryTx, gallery: StoredGallery): void {
  tx.journal.set(tx.galleries, gallery.name, gallery);
}

/** The faces that are seen in a gallery. */
export function membersOf({ members }: MemoryTx, gallery: string): NumberSet {
  return members.get(gallery) ?? new NumberSet();
}
