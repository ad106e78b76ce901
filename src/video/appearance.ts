import { THRESHOLDS } from '../core/confidence.ts';
import { type Look, type MeanLook, reliabilityOf, reliabilityOfMean } from '../core/mean-look.ts';
import type { Box } from '../core/types.ts';
import { containment } from '../geometry/boxes.ts';

/** How two embeddings are judged to be of one person. */
export interface Appearance {
  /** `confidence` 0..1 of a cosine of faces of two reliabilities: `PairConfidence.confidence` of the embedding model. */
  readonly judge: (cosine: number, reliabilityA: number, reliabilityB: number) => number;
  /** From this confidence on two faces of one scene, seconds apart, are the same person. */
  readonly same: number;
  /** Below it they are not. */
  readonly different: number;
}

/**
 * The cosines at which the embedding model's false match rate is 1e-1 and 1e-3, where no calibration is at hand
 * (`mobilefacenet-2` in models/manifest.json).
 */
const COSINE_LOW = 0.2357;
const COSINE_MEDIUM = 0.4697;

/**
 * A face is looked for among the few that left the picture within the last seconds, not in a gallery: at a false match rate of
 * 1e-3 (`medium`) a stranger who comes in is taken for one of ten who left once in a hundred times, a third of the cosine that
 * `strict` asks of strangers being forgiven. Below `low`, where nine in ten pairs of strangers are, it is not the same.
 */
export const DEFAULT_APPEARANCE: Appearance = Object.freeze({
  judge: (cosine: number) => confidenceWithout(cosine),
  same: THRESHOLDS.medium,
  different: THRESHOLDS.low,
});

/** A face less reliable is like nobody, not even itself: that it differs says nothing. */
export const MIN_RELIABILITY_TO_DIFFER = 0.45;

/** Straight through the two levels and the ends: the shape of a {@link ConfidenceCurve} without its calibration. */
function confidenceWithout(cosine: number): number {
  const { low, medium } = THRESHOLDS;
  const ends: [number, number, number, number] =
    cosine < COSINE_LOW
      ? [-1, 0, COSINE_LOW, low]
      : cosine < COSINE_MEDIUM
        ? [COSINE_LOW, low, COSINE_MEDIUM, medium]
        : [COSINE_MEDIUM, medium, 1, 1];
  const [x0, y0, x1, y1] = ends;
  return Math.min(1, Math.max(0, y0 + ((cosine - x0) / (x1 - x0)) * (y1 - y0)));
}

/**
 * How far a face's embedding can be trusted of which a part may lie beyond the picture's edge: the network that tells it sees nothing there, and
 * trusts half a face too much. By the share of the box within the picture, squared.
 */
export function reliabilityWithin(
  reliability: number | undefined,
  box: Box,
  { width, height }: Pick<Box, 'width' | 'height'>,
): number | undefined {
  return reliability && reliability * containment(box, { left: 0, top: 0, width, height }) ** 2;
}

/** What appearance says of a face and a track. */
export interface Verdict {
  readonly confidence: number;
  readonly isSame: boolean;
  /** That they are two people; not merely that it cannot be told. */
  readonly isDifferent: boolean;
  /** From −1, two people, to 1, the same; 0 where it cannot be told. */
  readonly weight: number;
}

/** Compares a face with a track's mean; undefined where they cannot be compared. */
export function judgeLook(
  { judge, same, different }: Appearance,
  look: Look,
  mean: MeanLook,
): Verdict | undefined {
  const { embedding } = look;
  if (embedding.length !== mean.sum.length) return undefined;
  let [product, squares] = [0, 0];
  for (let i = 0; i < embedding.length; i++) {
    const value = mean.sum[i]!;
    product += value * embedding[i]!;
    squares += value * value;
  }
  if (!(squares > 0)) return undefined;
  const reliability = reliabilityOf(look);
  const meanReliability = reliabilityOfMean(mean);
  const confidence = judge(product / Math.sqrt(squares), reliability, meanReliability);
  const canDiffer = Math.min(reliability, meanReliability) >= MIN_RELIABILITY_TO_DIFFER;
  const isSame = confidence >= same;
  const isDifferent = canDiffer && confidence < different;
  const middle = (same + different) / 2;
  const slope = (same - different) / 2;
  const raw = slope > 0 ? Math.min(1, Math.max(-1, (confidence - middle) / slope)) : isSame ? 1 : -1;
  return { confidence, isSame, isDifferent, weight: canDiffer ? raw : Math.max(0, raw) };
}
