import { overallQuality } from '../core/quality-score.ts';
import type { Face } from '../core/types.ts';

/** From this shorter side of its box on, in pixels, a face fills the crop that is embedded. */
const FULL_SIZE = 100;

/**
 * How good a shot is, 0..1: {@link overallQuality}, which is of sharpness, light, pose and what covers the face, times √(s / 100) where the
 * shorter side s of the box is below 100 pixels, since the crop that is embedded is then made of fewer pixels than it has.
 *
 * @throws NearFaceError `BAD_PARAM` as {@link overallQuality}
 */
export function shotScore(face: Pick<Face, 'quality' | 'angle' | 'position'>): number {
  const { width, height } = face.position;
  return overallQuality(face) * Math.sqrt(Math.min(1, Math.min(width, height) / FULL_SIZE));
}
