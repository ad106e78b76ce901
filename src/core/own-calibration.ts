/** What {@link Gallery.calibrate} tells. */
import type { FaceRecord } from './records.ts';
import type { ThresholdName } from './types.ts';

/** A share of pairs, and between what it lies with 95 % certainty. */
export interface MeasuredRate {
  /** Pairs that went wrong, of all `pairs`. */
  readonly rate: number;
  /** Lower end of the interval (Wilson, 1927), for as many independent pairs as these are worth. */
  readonly low: number;
  /** Upper end. */
  readonly high: number;
  /** How many went wrong. */
  readonly errors: number;
  /** How many there were. */
  readonly pairs: number;
  /** Whether ten or more went wrong; with fewer, all that is known is that the rate is hardly above `high`. */
  readonly isKnown: boolean;
}

/** What a threshold means in a gallery. */
export interface MeasuredPoint {
  /** From which `confidence` on two faces are one person. */
  readonly confidence: number;
  /** Two people who are taken for one. */
  readonly falseMatch: MeasuredRate;
  /** Two faces of one person who are taken for two. */
  readonly falseNonMatch: MeasuredRate;
}

/** What a named level means in a gallery. */
export interface MeasuredLevel extends MeasuredPoint {
  /** The level. */
  readonly name: Exclude<ThresholdName, 'none'>;
  /** The false match rate that the level promises for strangers at large. */
  readonly promised: number;
}

/** Two faces that were compared. */
export interface MeasuredPair {
  /** One of them. */
  readonly a: FaceRecord;
  /** The other. */
  readonly b: FaceRecord;
  /** Of both, −1..1. */
  readonly cosine: number;
  /** Of both, 0..1. */
  readonly confidence: number;
}

/** How many pairs there were by their confidence: the curves of both kinds. */
export interface ConfidenceHistogram {
  /** Pairs of one person whose confidence is from `i / length` to `(i + 1) / length`. */
  readonly genuine: readonly number[];
  /** Pairs of two people, likewise. */
  readonly impostor: readonly number[];
}

/** What the levels mean for the people of a gallery. */
export interface OwnCalibration {
  /** From the lowest to the strictest. */
  readonly levels: readonly MeasuredLevel[];
  /**
   * The level that misses fewest of the gallery's people among those whose false match rate is not above the one asked for, by the upper
   * end of its interval; where none is known to be, the strictest, and `meets` is false.
   */
  readonly recommended: { readonly name: Exclude<ThresholdName, 'none'>; readonly meets: boolean };
  /** Faces that were compared, all with each other. */
  readonly faces: number;
  /** People whose faces they are. */
  readonly people: number;
  /** How many of them have several. */
  readonly peopleWithSeveral: number;
  /** What any other confidence means as a threshold: those from 0 on, in steps of 1/200. */
  readonly curve: readonly MeasuredPoint[];
  /** Pairs by confidence. */
  readonly histogram: ConfidenceHistogram;
  /** The pairs of two people that are most alike, surest first: false matches, or wrong names. */
  readonly likestStrangers: readonly MeasuredPair[];
  /** The pairs of one person that are least alike, least first: bad photos, or wrong names. */
  readonly unlikestOfOne: readonly MeasuredPair[];
}
