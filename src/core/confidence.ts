import { checkCalibration } from './calibration.ts';
import { badParam, NearFaceError } from './errors.ts';
import type { Calibration } from './manifest.ts';
import type { Threshold, ThresholdName } from './types.ts';

/** `confidence` at the named levels; the false match rates are 1e-5, 1e-3 and 1e-1. */
export const THRESHOLDS: Readonly<Record<ThresholdName, number>> = Object.freeze({
  strict: 0.7834,
  medium: 0.6616,
  low: 0.569,
  none: 0,
});

/** The `confidence` from which a pair counts as the same person unless the caller says otherwise. */
export const DEFAULT_THRESHOLD = 0.75;

const LEVELS: readonly (readonly [log10Fmr: number, confidence: number])[] = [
  [-1, THRESHOLDS.low],
  [-3, THRESHOLDS.medium],
  [-5, THRESHOLDS.strict],
];

/** A threshold worked out for one model. */
export interface ResolvedThreshold {
  /**
   * The cosine that two faces of reliability 1 need; in a {@link Comparison}, what the pair that decided needed, by the
   * reliabilities of its faces. Above 1 no two such faces reach it.
   */
  readonly cosine: number;
  /** Absent for a model without a calibration. */
  readonly confidence?: number;
}

/**
 * Turns cosine into `confidence` for one model and back, for faces of reliability 1. The measured points (cosine at each false match rate)
 * become knots of a monotone cubic (Fritsch and Carlson, 1980): confidence is linear in log10 FMR between the
 * named levels, 0 at cosine −1 and 1 at cosine 1.
 */
export class ConfidenceCurve {
  readonly #points: readonly { readonly log10Fmr: number; readonly cosine: number }[];
  readonly #x: readonly number[];
  readonly #y: readonly number[];
  readonly #slopes: readonly number[];

  constructor(calibration: Calibration) {
    const { points: measured } = checkCalibration(calibration, 'calibration');
    const points = measured.map(({ fmr, cosine }) => ({ log10Fmr: Math.log10(fmr), cosine }));
    this.#points = points;
    this.#x = [-1, ...points.map(({ cosine }) => cosine), 1];
    this.#y = [0, ...points.map(({ log10Fmr }) => confidenceAt(log10Fmr)), 1];
    this.#slopes = monotoneSlopes(this.#x, this.#y);
  }

  /** `confidence` 0..1 of a cosine −1..1. */
  confidence(cosine: number): number {
    const x = Math.min(1, Math.max(-1, cosine));
    const i = this.#segmentOf(this.#x, x);
    return this.#evaluate(i, x);
  }

  /** The cosine whose confidence is `confidence`; inverse of {@link ConfidenceCurve.confidence}. */
  cosine(confidence: number): number {
    const i = this.#segmentOf(this.#y, confidence);
    let low = this.#x[i]!;
    let high = this.#x[i + 1]!;
    for (let step = 0; step < 52; step++) {
      const middle = (low + high) / 2;
      if (this.#evaluate(i, middle) < confidence) low = middle;
      else high = middle;
    }
    return high;
  }

  /** The cosine that a share `fmr` of pairs of different people exceeds; beyond the measured points, extrapolated. */
  cosineAtFmr(fmr: number): number {
    const target = Math.log10(fmr);
    const points = this.#points;
    let i = 0;
    while (i < points.length - 2 && points[i + 1]!.log10Fmr > target) i++;
    const [a, b] = [points[i]!, points[i + 1]!];
    const t = (target - a.log10Fmr) / (b.log10Fmr - a.log10Fmr);
    return Math.min(1, Math.max(-1, a.cosine + t * (b.cosine - a.cosine)));
  }

  #segmentOf(knots: readonly number[], value: number): number {
    let i = 0;
    while (i < knots.length - 2 && knots[i + 1]! <= value) i++;
    return i;
  }

  #evaluate(i: number, x: number): number {
    const h = this.#x[i + 1]! - this.#x[i]!;
    const t = (x - this.#x[i]!) / h;
    const [y0, y1] = [this.#y[i]!, this.#y[i + 1]!];
    const [m0, m1] = [this.#slopes[i]! * h, this.#slopes[i + 1]! * h];
    const value =
      y0 * (1 + 2 * t) * (1 - t) ** 2 +
      m0 * t * (1 - t) ** 2 +
      y1 * t * t * (3 - 2 * t) +
      m1 * t * t * (t - 1);
    return Math.min(1, Math.max(0, value));
  }
}

/**
 * The cosine (and confidence) from which a hit counts. `fpir` spreads the allowed share of false identifications
 * over `galleryFaces` comparisons: FMR = 1 − (1 − fpir)^(1/N).
 */
export function resolveThreshold(
  threshold: Threshold,
  curve: ConfidenceCurve | undefined,
  galleryFaces = 1,
): ResolvedThreshold {
  const plain = plainCosine(threshold);
  if (plain !== undefined) return { cosine: plain, ...(curve && { confidence: curve.confidence(plain) }) };
  if (!curve) throw needsCalibration(threshold);
  if (typeof threshold === 'object' && 'fpir' in threshold) {
    const fmr = -Math.expm1(Math.log1p(-threshold.fpir) / Math.max(1, galleryFaces));
    const cosine = curve.cosineAtFmr(fmr);
    return { cosine, confidence: curve.confidence(cosine) };
  }
  const confidence = typeof threshold === 'number' ? threshold : THRESHOLDS[threshold as ThresholdName];
  return { cosine: confidence <= 0 ? -1 : curve.cosine(confidence), confidence };
}

/** The cosine that a threshold names by itself, whatever the calibration and the reliabilities; nothing for the others. */
export function plainCosine(threshold: Threshold): number | undefined {
  if (typeof threshold !== 'object') return undefined;
  if ('cosine' in threshold) return threshold.cosine;
  if ('distance' in threshold) return cosineAtDistance(threshold.distance);
  if ('similarity' in threshold) return cosineAtDistance(distanceFromSimilarity(threshold.similarity));
  return undefined;
}

/** Rounded down, so that a pair is never farther apart than its own distance. */
function cosineAtDistance(distance: number): number {
  return Math.max(-1, 1 - distance ** 2 / 2 - 4 * Number.EPSILON);
}

/** The fields of thresholds that are objects, each with what it may be. */
const FIELDS: Readonly<Record<string, (value: number) => boolean>> = {
  cosine: (value) => value >= -1 && value <= 1,
  distance: (value) => value >= 0 && value <= 2,
  similarity: (value) => value >= 0 && value <= 1,
  fpir: (value) => value > 0 && value < 1,
};

const OBJECTS = '{ cosine: -1..1 }, { distance: 0..2 } or { similarity: 0..1 }';

/** Checks a {@link Threshold} that a caller gave. */
export function checkThreshold(value: unknown, path: string): Threshold {
  if (typeof value === 'string' && Object.hasOwn(THRESHOLDS, value)) return value as ThresholdName;
  if (typeof value === 'number' && value >= 0 && value <= 1) return value;
  if (typeof value === 'object' && value !== null && Object.keys(value).length === 1) {
    const [[name, given]] = Object.entries(value) as [[string, unknown]];
    const isValid = Object.hasOwn(FIELDS, name) ? FIELDS[name] : undefined;
    if (typeof given === 'number' && isValid?.(given)) return { [name]: given } as unknown as Threshold;
  }
  const expected = `'strict', 'medium', 'low', 'none', a confidence 0..1, ${OBJECTS}, or { fpir: 0..1 }`;
  throw badParam(path, value, expected);
}

/**
 * Similarity on the exponential scale `exp(d^7 · ln 0.5 / a^7)`, 1 for the same vector and 0.5 at `d = a`.
 *
 * @param d - L2 distance of two unit-length embeddings, 0..2
 * @param a - the distance whose similarity is one half
 */
export function similarityFromDistance(d: number, a = 1.23): number {
  if (!(d >= 0)) throw badParam('d', d, 'a distance of 0 or more');
  if (!(a > 0)) throw badParam('a', a, 'a distance above 0');
  return Math.exp((d ** 7 * Math.log(0.5)) / a ** 7);
}

/** The distance whose similarity on that scale is `s`, at most 2, which is as far as two unit vectors can be apart. */
function distanceFromSimilarity(s: number, a = 1.23): number {
  return Math.min(2, a * (Math.log(s) / Math.log(0.5)) ** (1 / 7));
}

function confidenceAt(log10Fmr: number): number {
  const i = log10Fmr > -3 ? 0 : 1;
  const [[x0, y0], [x1, y1]] = [LEVELS[i]!, LEVELS[i + 1]!];
  return y0 + ((log10Fmr - x0) / (x1 - x0)) * (y1 - y0);
}

/** Derivatives at the knots that keep a cubic Hermite spline monotone. */
function monotoneSlopes(x: readonly number[], y: readonly number[]): number[] {
  const secants = x.slice(1).map((x1, i) => (y[i + 1]! - y[i]!) / (x1 - x[i]!));
  const inner = secants.slice(1).map((right, i) => {
    const left = secants[i]!;
    return left * right <= 0 ? 0 : (2 * left * right) / (left + right);
  });
  return [secants[0]!, ...inner, secants.at(-1)!];
}

function needsCalibration(threshold: Threshold): NearFaceError {
  const text =
    `threshold ${JSON.stringify(threshold)} needs a calibrated embedding model, and the one in use has none; ` +
    `give { cosine } instead, or add a calibration to the model's entry`;
  return new NearFaceError('BAD_PARAM', text, { param: 'threshold', value: threshold });
}

/** The same where two faces are compared, and no gallery is searched: `fpir` says nothing there. */
export function checkPairThreshold(value: unknown, path: string): Threshold {
  const threshold = checkThreshold(value, path);
  if (typeof threshold !== 'object' || !('fpir' in threshold)) return threshold;
  throw badParam(
    path,
    value,
    `'strict', 'medium', 'low', 'none', a confidence 0..1, ${OBJECTS}; { fpir } is for identify and search, where a gallery's size is known`,
  );
}
