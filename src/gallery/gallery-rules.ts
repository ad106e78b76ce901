/** What every database makes of galleries: how their faces are counted, and which they refuse. */
import { galleryFull, modelMismatch } from './gallery-errors.ts';
import { addBytes, bytesOf, type FaceCount, type StoredFace, type StoredGallery } from './stored.ts';

/** Refuses faces that a gallery cannot take. @throws NearFaceError `MODEL_MISMATCH`, `GALLERY_FULL` */
export function checkRoomIn(gallery: StoredGallery, modelId: string, adding: number): void {
  const { name, capacity, count } = gallery;
  if (gallery.modelId !== null && gallery.modelId !== modelId)
    throw modelMismatch(name, gallery.modelId, modelId);
  if (capacity !== null && count + adding > capacity) throw galleryFull(name, capacity, count, adding);
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
