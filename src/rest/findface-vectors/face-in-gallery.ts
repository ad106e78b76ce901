import type { Gallery } from '../../api/gallery.ts';
import type { FaceRecord } from '../../core/records.ts';
import { faceOfNumber } from '../findface/face-ids.ts';
import { hasCode, notFound } from '../problem.ts';

/** The face of a gallery of an id that a client knows. @throws RestError 404 */
export async function faceInGallery(gallery: Gallery, id: number): Promise<FaceRecord> {
  try {
    return await gallery.get(String(id));
  } catch (error) {
    if (!hasCode(error, 'FACE_NOT_FOUND')) throw error;
  }
  const record = await faceOfNumber(gallery, id);
  if (record) return record;
  throw notFound(`No face ${id} is in the gallery ${gallery.name}`);
}
