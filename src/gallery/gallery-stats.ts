import type { GalleryStats } from '../core/records.ts';
import type { SearchMatrix } from '../search/matrix.ts';
import type { Mirror } from './mirror.ts';
import type { GalleryDatabase } from './port.ts';

/** What a gallery holds and takes up, and where its faces are searched. @throws NearFaceError `GALLERY_NOT_FOUND` */
export async function describe(
  database: GalleryDatabase,
  mirror: Mirror,
  gallery: string,
): Promise<{ readonly stats: GalleryStats; readonly matrix: SearchMatrix | undefined }> {
  const { gallery: stored, models } = await database.describeGallery(gallery);
  const { label, count, modelId, bytes } = stored;
  const model = modelId === null ? undefined : models.get(modelId);
  const matrix = modelId === null ? undefined : mirror.get(modelId);
  const stats = {
    ...(label !== undefined && { label }),
    faces: count,
    segments: model?.segments ?? 0,
    bytes: { ...bytes, vectors: count * (model?.dimension ?? 0) * 4 },
    memoryBytes: mirror.bytes,
    modelId,
    dimension: model?.dimension ?? null,
    code: matrix?.hasVectors ? { bytesPerFace: matrix.codeBytes, rows: matrix.precision } : null,
    searchThreads: matrix?.threadsFor(count) ?? 1,
  };
  return { stats, matrix };
}
