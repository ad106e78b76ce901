import type { AnalysisRequest } from '../core/analysis.ts';
import type { Face } from '../core/types.ts';
import { scaleBox } from '../geometry/boxes.ts';
import { estimateAngle } from '../geometry/pose.ts';
import type { DecodedImage } from '../image/decoded-image.ts';
import { warpToRgba } from '../image/warp.ts';
import { landmarks106, meshPoints } from '../stages/landmarks-106.ts';
import type { FaceInWork } from './face-in-work.ts';
import type { FoundFace } from './found-face.ts';
import { attributesOf } from './measure-details.ts';
import { measureFaces } from './measure-faces.ts';
import type { Models } from './models.ts';
import type { StageTimer } from './stopwatch.ts';

/** A face to be measured: found by {@link find}, or wherever else its box came from. */
export interface FaceToMeasure {
  readonly image: DecodedImage;
  /** In pixels of the image's pyramid. */
  readonly found: FoundFace;
  /** Whether the image is an aligned crop. */
  readonly isAligned?: boolean;
}

/**
 * The details of faces, of one image or several, in their order; lengths of the answer are in pixels of the whole image. All faces go
 * through the models in common batches.
 *
 * @throws NearFaceError `ABORTED`
 */
export async function measure(
  models: Models,
  faces: readonly FaceToMeasure[],
  details: AnalysisRequest['details'],
  stopwatch: StageTimer,
  signal?: AbortSignal,
): Promise<Face[]> {
  const inWork = faces.map(({ image, found, isAligned = false }): FaceInWork => {
    return { image, found, isAligned, seen: {} };
  });
  await measureFaces(models, inWork, details, stopwatch, signal);
  return inWork.map((face) => toFace(models, face, details));
}

function toFace(models: Models, face: FaceInWork, details: AnalysisRequest['details']): Face {
  const { found, image, mesh, seen, quality, alignment, embedding, reliability } = face;
  const attributes = attributesOf(face, details.attributes);
  const { scale } = image;
  const points = mesh && mesh.points.map((value) => value * scale);
  const finePoints = seen.fineMesh?.points.map((value) => value * scale);
  const { entry, size } = models.embedder;
  return {
    position: scaleBox(found.box, scale),
    score: found.score,
    ...(points && details.angle && { angle: estimateAngle(points, models.canonicalFace) }),
    ...(finePoints && details.landmarks && { landmarks: landmarks106(finePoints) }),
    ...(finePoints && details.mesh && { mesh: meshPoints(finePoints) }),
    ...(quality && details.quality && { quality }),
    ...(details.attributes.length > 0 && { attributes }),
    ...(seen.liveness && { liveness: seen.liveness }),
    ...(embedding && { embedding: embedding.vector, modelId: entry.id }),
    ...(reliability !== undefined && { reliability }),
    ...(alignment && details.crop && { crop: warpToRgba(image.pyramid, alignment, size, size) }),
  };
}
