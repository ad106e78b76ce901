/** What every database makes of galleries: how their faces are counted, and which they refuse. */
import type { GalleryPatch } from '../core/records.ts';
import { galleryFull, modelMismatch } from './gallery-errors.ts';
import type { Scope } from './port.ts';
import { addBytes, bytesOf, type FaceCount, type StoredFace, type StoredGallery } from './stored.ts';

/** Whether a face that is looked for there is found. */
export function isIn(scope: Scope, { galleries }: Pick<StoredFace, 'galleries'>): boolean {
  return scope === null || galleries.includes(scope);
}

/** Refuses faces that a gallery cannot take. @throws NearFaceError `MODEL_MISMATCH`, `GALLERY_FULL` */
export function checkRoomIn(gallery: StoredGallery, modelId: string, adding: number): void {
  const { name, capacity, count } = gallery;
  if (gallery.modelId !== null && gallery.modelId !== modelId)
    throw modelMismatch(name, gallery.modelId, modelId);
  if (capacity !== null && count + adding > capacity) throw galleryFull(name, capacity, count, adding);
}

/** A gallery after a patch. */
export function patchedGallery({ label, ...kept }: StoredGallery, patch: GalleryPatch): StoredGallery {
  const next = patch.label === undefined ? label : patch.label;
  return next === null || next === undefined ? kept : { ...kept, label: next };
}

/** A gallery with more faces of a model. @throws NearFaceError `MODEL_MISMATCH`, `GALLERY_FULL` */
export function countedIn(
  gallery: StoredGallery,
  modelId: string,
  { faces, bytes }: FaceCount,
): StoredGallery {
  checkRoomIn(gallery, modelId, faces);
  return { ...gallery, count: gallery.count + faces, modelId, bytes: addBytes(gallery.bytes, bytes) };
}

/** A gallery without faces that leave it; an empty one takes any model again. */
export function countedOut(gallery: StoredGallery, leaving: readonly StoredFace[]): StoredGallery {
  const count = gallery.count - leaving.length;
  const bytes = addBytes(gallery.bytes, bytesOf(leaving), -1);
  return { ...gallery, count, bytes, modelId: count > 0 ? gallery.modelId : null };
}
