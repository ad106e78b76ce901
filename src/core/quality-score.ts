import { badParam } from './errors.ts';
import type { Quality } from './quality.ts';
import type { Angle, Face } from './types.ts';

/** What can be amiss with a face, each 0 where nothing is and rising with it. */
export interface QualityFaults {
  /** Turned aside: (yaw / 30°)². */
  readonly turned: number;
  /** Head thrown back, in 20°. */
  readonly up: number;
  /** Head down by more than 6°, in 20°. */
  readonly down: number;
  /** Tilted, in 20°. */
  readonly tilted: number;
  readonly blurred: number;
  readonly dark: number;
  readonly bright: number;
  readonly mouthOpen: number;
  /** 0 where nothing is known of the eyes. */
  readonly eyesClosed: number;
  readonly covered: number;
  readonly misfit: number;
}

/**
 * What one unit of each fault takes off the cosine of two photos of the same person. Fitted to the genuine pairs of half of
 * the people of lfw-dev by `npm run bench:quality -- --fit`, none below 0, and measured on the other half.
 */
export const QUALITY_COSTS: Readonly<QualityFaults> = Object.freeze({
  turned: 0.0147,
  up: 0.0454,
  down: 0.0365,
  tilted: 0.0577,
  blurred: 0.0612,
  dark: 0.0748,
  bright: 0.1265,
  mouthOpen: 0.0089,
  eyesClosed: 0.0232,
  covered: 0.6789,
  misfit: 0.5279,
});

/** A loss of this much cosine leaves a score of 1/e. */
const COSINE_SCALE = 0.1;

/**
 * How well a face will match another photo of the same person, 0..1, in one number: `exp(−loss / 0.1)`, where the loss is how
 * much lower the cosine of the two is expected to be than between flawless photos, by the face's quality and pose. For
 * choosing among photos, and to leave out the worst; docs/benchmarks.md tells what that does to the error rates.
 *
 * @throws NearFaceError `BAD_PARAM` if the face has not both: ask with `returnDetails: { quality: true, angle: true }`
 */
export function overallQuality(face: Pick<Face, 'quality' | 'angle'>): number {
  const { quality, angle } = face;
  const wanted = 'a face with quality and angle (returnDetails: { quality: true, angle: true })';
  if (!quality) throw badParam('face.quality', quality, wanted);
  if (!angle) throw badParam('face.angle', angle, wanted);
  const faults = qualityFaults(quality, angle);
  return Math.exp(-lossOf(faults, QUALITY_COSTS) / COSINE_SCALE);
}

/** What faults take off the cosine, by what one unit of each costs. */
export function lossOf(faults: QualityFaults, costs: Readonly<QualityFaults>): number {
  return (Object.keys(costs) as (keyof QualityFaults)[]).reduce(
    (sum, fault) => sum + costs[fault] * faults[fault],
    0,
  );
}

/** What is amiss with a face. */
export function qualityFaults(quality: Quality, { yaw, pitch, roll }: Angle): QualityFaults {
  return {
    turned: (yaw / 30) ** 2,
    up: Math.max(0, -pitch) / 20,
    down: Math.max(0, pitch - 6) / 20,
    tilted: Math.abs(roll) / 20,
    blurred: 1 - quality.sharpness,
    dark: Math.max(0, -quality.brightness),
    bright: Math.max(0, quality.brightness),
    mouthOpen: 1 - quality.mouthClosed,
    eyesClosed: 1 - (quality.eyesOpen ?? 1),
    covered: 1 - quality.completeness.total,
    misfit: 1 - quality.alignment,
  };
}
