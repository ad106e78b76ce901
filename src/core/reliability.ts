import { overallQuality } from './quality-score.ts';
import type { Quality } from './quality.ts';

/** Faces of a lower reliability are not enrolled from photos unless the caller says otherwise. */
export const DEFAULT_MIN_RELIABILITY = 0.1;

/**
 * What is taken where nothing is known of a face but its embedding, and no calibration says what to take: in stored faces of
 * earlier versions, and for models without `calibration.byReliability`. Once released it must not change: a segment that is
 * rewritten holds the byte, while the records of its faces still say nothing.
 */
export const ASSUMED_RELIABILITY = 0.75;

/** Reliabilities are kept in as many steps, a byte each, so that a record and a search's column say the same. */
export const RELIABILITY_STEPS = 255;

/** The reliability of a stored face. */
export interface StoredReliability {
  /** A multiple of 1/255. */
  readonly reliability: number;
  /** Where it was not measured. */
  readonly reliabilityAssumed?: true;
}

/** A reliability as a byte. */
export function reliabilityByte(reliability: number): number {
  return Math.round(Math.min(1, Math.max(0, reliability)) * RELIABILITY_STEPS);
}

/** The reliability that a byte stands for. */
export function byteReliability(byte: number): number {
  return byte / RELIABILITY_STEPS;
}

/** The nearest reliability that can be stored; every confidence is computed from such. */
export function roundReliability(reliability: number): number {
  return byteReliability(reliabilityByte(reliability));
}

/** A face of which nothing is known but its embedding. */
export function assumedReliability(reliability: number = ASSUMED_RELIABILITY): StoredReliability {
  return { reliability: roundReliability(reliability), reliabilityAssumed: true };
}

/**
 * What is stored of a face's reliability: what is said of it, or else what its quality tells, or else what is assumed. The
 * quality's pose is not stored with it, so the face is taken for one that looks straight ahead.
 */
export function storedReliability(face: {
  readonly reliability?: number | undefined;
  readonly reliabilityAssumed?: boolean | undefined;
  readonly quality?: Quality | undefined;
}): StoredReliability {
  if (face.reliability !== undefined) {
    const reliability = roundReliability(face.reliability);
    return face.reliabilityAssumed ? { reliability, reliabilityAssumed: true } : { reliability };
  }
  const fromQuality = face.quality ? reliabilityOfQuality(face.quality) : NaN;
  return Number.isFinite(fromQuality) ? { reliability: roundReliability(fromQuality) } : assumedReliability();
}

/** The reliability of a face of an earlier version, of which the quality alone is stored: its overall quality when frontal. */
export function reliabilityOfQuality(quality: Quality): number {
  return overallQuality({ quality, angle: { yaw: 0, pitch: 0, roll: 0, centerX: 0, centerY: 0 } });
}
