import type { EmbeddingProbe } from '../api/compare.ts';
import type { Faces } from '../api/faces.ts';
import type { FaceRecord } from '../core/records.ts';

/** A stored face as it is compared with others. @throws NearFaceError `FACE_NOT_FOUND` */
export async function storedProbe(
  faces: Pick<Faces, 'embedding'>,
  { id, modelId, reliability }: FaceRecord,
): Promise<EmbeddingProbe> {
  return { embedding: await faces.embedding(id), modelId, reliability };
}
