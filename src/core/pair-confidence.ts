import { ConfidenceCurve, plainCosine, resolveThreshold } from './confidence.ts';
import type { Calibration, ReliabilityCalibration } from './manifest.ts';
import { ASSUMED_RELIABILITY, byteReliability, RELIABILITY_STEPS, roundReliability } from './reliability.ts';
import type { Threshold } from './types.ts';

/**
 * What a pair is held against: its cosine as it is, or its confidence. A pair passes whose own value is not below: no other
 * comparison decides, so that a pair never fails at its own confidence.
 */
export type Level =
  | { readonly by: 'cosine'; readonly cosine: number }
  | { readonly by: 'confidence'; readonly confidence: number };

/** How the cosines of two faces of some reliabilities are moved and spread against those of faces of reliability 1. */
interface Spread {
  readonly shift: number;
  readonly scale: number;
}

const AS_MEASURED: Spread = { shift: 0, scale: 1 };

/**
 * Turns the cosine of two faces into `confidence` by how reliable both are: faces of which little can be seen are more alike by
 * chance, and a named level is to keep its false match rate among them too. The calibration tells by how much; the cosine less
 * its shift, over its scale, is the *equivalent* cosine of two faces of reliability 1, which the {@link ConfidenceCurve} is for.
 * It does not matter which face is `a` and which is `b`. Without `byReliability`, reliabilities change nothing.
 */
export class PairConfidence {
  readonly #curve: ConfidenceCurve;
  readonly #byReliability: ReliabilityCalibration | undefined;
  /** The cosine at the lowest false match rate that was measured. */
  readonly #strictest: number;

  /** @throws NearFaceError `BAD_PARAM` naming the field of the calibration */
  constructor(calibration: Calibration) {
    this.#curve = new ConfidenceCurve(calibration);
    this.#byReliability = calibration.byReliability;
    this.#strictest = Math.max(...calibration.points.map(({ cosine }) => cosine));
  }

  /** What is taken for the reliability of a face of which none is known. */
  get assumed(): number {
    return roundReliability(this.#byReliability?.assumed ?? ASSUMED_RELIABILITY);
  }

  /** `confidence` 0..1 of a cosine of faces of the reliabilities `a` and `b`. */
  confidence(cosine: number, a: number, b: number): number {
    return this.#curve.confidence(this.#equivalent(cosine, this.#spreadOf(a, b)));
  }

  /** The cosine whose confidence is `confidence`. Above 1 no two such faces reach it. */
  cosine(confidence: number, a: number, b: number): number {
    return this.#needed(confidence <= 0 ? -1 : this.#curve.cosine(confidence), this.#spreadOf(a, b));
  }

  /** The cosines of {@link PairConfidence.cosine} for a probe, by the byte of the stored face's reliability. */
  levelsFor(confidence: number, probe: number): Float64Array<ArrayBuffer> {
    const equivalent = confidence <= 0 ? -1 : this.#curve.cosine(confidence);
    return Float64Array.from({ length: RELIABILITY_STEPS + 1 }, (_, byte) =>
      this.#needed(equivalent, this.#spreadOf(probe, byteReliability(byte))),
    );
  }

  /** The level that a threshold is among `faces` stored faces. @throws NearFaceError `BAD_PARAM` without a calibration */
  static levelFor(threshold: Threshold, confidence: PairConfidence | undefined, faces: number): Level {
    const resolved = resolveThreshold(threshold, confidence && confidence.#curve, faces);
    const isPlain = plainCosine(threshold) !== undefined;
    if (isPlain || resolved.confidence === undefined) return { by: 'cosine', cosine: resolved.cosine };
    return { by: 'confidence', confidence: resolved.confidence };
  }

  /** The cosine between two faces of reliability 1 that says as much: the inverse of {@link PairConfidence.#needed}. */
  #equivalent(cosine: number, spread: Spread): number {
    if (isAsMeasured(spread)) return cosine;
    const strictest = this.#strictest;
    const needed = spread.shift + spread.scale * strictest;
    const fitted = (cosine - spread.shift) / spread.scale;
    if (cosine <= needed || needed >= 1) return fitted;
    const straight = strictest + ((cosine - needed) * (1 - strictest)) / (1 - needed);
    return Math.min(straight, Math.max(fitted, 1 - (1 - cosine) / NEARLY_ONE_PICTURE));
  }

  /**
   * The cosine that faces of some reliability need to say as much as `equivalent` does between two of reliability 1. Above the
   * strictest measured rate it goes on as it was fitted, at least straight to 1, and at most so high that two pictures which
   * are nearly one are still told to be. Where already the strictest rate needs 1 or more, no pair reaches it.
   */
  #needed(equivalent: number, spread: Spread): number {
    if (isAsMeasured(spread) || equivalent <= -1) return equivalent;
    const strictest = this.#strictest;
    const needed = spread.shift + spread.scale * strictest;
    const fitted = spread.shift + spread.scale * equivalent;
    if (equivalent <= strictest || needed >= 1) return fitted;
    const straight = needed + ((equivalent - strictest) * (1 - needed)) / (1 - strictest);
    return Math.max(straight, Math.min(fitted, 1 - NEARLY_ONE_PICTURE * (1 - equivalent)));
  }

  /** Bilinear between the knots. */
  #spreadOf(a: number, b: number): Spread {
    if (!this.#byReliability) return AS_MEASURED;
    const { knots, shift, scale } = this.#byReliability;
    // The lower first, so that the rounding is the same for both orders.
    const [low, high] = [placeOf(knots, Math.min(a, b)), placeOf(knots, Math.max(a, b))];
    return { shift: between(shift, low, high), scale: between(scale, low, high) };
  }
}

/** Pictures whose cosine falls short of 1 by this share of what faces of reliability 1 may fall short count as much. */
const NEARLY_ONE_PICTURE = 0.02;

/** Then a cosine is what it is, to the last bit. */
function isAsMeasured({ shift, scale }: Spread): boolean {
  return shift === 0 && scale === 1;
}

/** Whether a pair is at or above a level. */
export function passesLevel(
  level: Level,
  { cosine, confidence }: { readonly cosine: number; readonly confidence?: number },
): boolean {
  if (level.by === 'cosine') return cosine >= level.cosine;
  return confidence !== undefined && confidence >= level.confidence;
}

/** A knot, and how far it is from there to the next. */
interface Place {
  readonly knot: number;
  readonly part: number;
}

function placeOf(knots: readonly number[], reliability: number): Place {
  let knot = 0;
  while (knot < knots.length - 2 && (knots[knot + 1] as number) <= reliability) knot++;
  const [from, to] = [knots[knot] as number, knots[knot + 1] as number];
  return { knot, part: Math.min(1, Math.max(0, (reliability - from) / (to - from))) };
}

function between(table: readonly (readonly number[])[], a: Place, b: Place): number {
  const along = (row: number): number => {
    const [from, to] = [table[row]?.[b.knot] as number, table[row]?.[b.knot + 1] as number];
    return from + b.part * (to - from);
  };
  const [from, to] = [along(a.knot), along(a.knot + 1)];
  return from + a.part * (to - from);
}
