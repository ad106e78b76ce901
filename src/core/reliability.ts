import type { Quality } from './quality.ts';
import type { Box } from './types.ts';

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

/** What is stored of a face's reliability: what is said of it, or else what its quality tells, or else what is assumed. */
export function storedReliability(face: {
  readonly reliability?: number | undefined;
  readonly reliabilityAssumed?: boolean | undefined;
  readonly quality?: Quality | undefined;
  readonly box?: Box | undefined;
}): StoredReliability {
  if (face.reliability !== undefined) {
    const reliability = roundReliability(face.reliability);
    return face.reliabilityAssumed ? { reliability, reliabilityAssumed: true } : { reliability };
  }
  const fromQuality = face.quality ? reliabilityOfQuality(face.quality, face.box) : NaN;
  return Number.isFinite(fromQuality) ? { reliability: roundReliability(fromQuality) } : assumedReliability();
}

/** Linear in what quality tells, fitted to the reliabilities of half of lfw-dev's people, as they are and made worse. */
const QUALITY_FIT = {
  sharpness: 0.312,
  alignment: 0.703,
  size: 0.641,
  dark: 0.15,
  bright: 0.286,
  offset: -0.047,
};
/** Below this shorter side, in pixels, a face is the less reliable the smaller it is. */
const SMALL = 60;

/**
 * The reliability of a face of an earlier version, of which the quality and perhaps the box alone are stored. On the half of
 * lfw-dev's people that it was not fitted to, it correlates at 0.80 with the reliability proper and is off by 0.17 on average;
 * masks, which quality tells little of, are overrated (0.56 for 0.31). NaN if the quality lacks what is needed.
 */
export function reliabilityOfQuality(
  { sharpness, alignment, brightness }: Quality,
  box: Pick<Box, 'width' | 'height'> | undefined,
): number {
  const side = box ? Math.min(box.width, box.height) : SMALL;
  const { offset, size, dark, bright } = QUALITY_FIT;
  const told =
    QUALITY_FIT.sharpness * sharpness +
    QUALITY_FIT.alignment * alignment +
    size * Math.min(0, Math.log(side / SMALL)) -
    dark * Math.max(0, -brightness) -
    bright * Math.max(0, brightness) +
    offset;
  return Math.min(1, Math.max(0, told));
}
