import type { MeasuredFace } from '../core/frames.ts';
import type { BestShot, VideoSight } from './events.ts';
import { shotScore } from './shot-score.ts';

/** What a measured face is as a shot; undefined where angle, quality, embedding or pictures were not measured. */
export function shotOf({ face, pictures }: MeasuredFace, sight: VideoSight): BestShot | undefined {
  const { angle, quality, embedding, modelId, reliability, position } = face;
  const { attributes, liveness, landmarks, mesh, crop: aligned } = face;
  const { crop, thumbnail, photo } = pictures;
  if (!angle || !quality || !embedding || !modelId || !crop || !thumbnail) return undefined;
  return {
    ...sight,
    score: shotScore({ quality, angle, position }),
    ...{ angle, quality, crop, thumbnail, embedding, modelId },
    ...(reliability !== undefined && { reliability }),
    ...(photo && { photo }),
    ...(aligned && { aligned }),
    ...(attributes && { attributes }),
    ...(liveness && { liveness }),
    ...(landmarks && { landmarks }),
    ...(mesh && { mesh }),
  };
}
