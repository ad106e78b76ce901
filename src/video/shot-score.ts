import { lossOf, QUALITY_COSTS, qualityFaults, type QualityFaults } from '../core/quality-score.ts';
import type { Quality } from '../core/quality.ts';
import type { Angle, Box } from '../core/types.ts';

/** What is measured of a face that is scored. */
export interface ScoredFace {
  readonly quality: Quality;
  readonly angle: Angle;
  readonly position: Box;
}

/**
 * What faults take off the cosine of one face in two pictures, where `overallQuality` is of two pictures of any day: faces that are tilted
 * are aligned and lose nothing, and what is blurred or small costs what it does to the same photo. `misfit` and the two constants below are
 * fitted to photos of lfw-dev that were blurred, made smaller and spoilt otherwise (model-factory/train/shot-score.py); the rest is of
 * {@link QUALITY_COSTS}.
 */
const COSTS: Readonly<QualityFaults> = { ...QUALITY_COSTS, tilted: 0, blurred: 0, misfit: 0.375 };
/** × (1 − sharpness)⁴: from a sharpness of one half on, blur takes little away, below it ever more. */
const BLUR_COST = 0.406;
/** × ln(60 / s) where the shorter side s of the box is below 60 pixels. */
const SMALL_COST = 0.117;
const FULL_SIZE = 60;
/** A loss of 0.3, after which few faces are known at `medium` any more, leaves a score of 0.3. */
const COSINE_SCALE = 0.25;

/**
 * How good a shot is, 0..1: `exp(−loss / 0.25)`, where the loss is how much lower the cosine to another picture of the person is than that of
 * a flawless shot, by size, sharpness, light, pose, closed eyes and what covers the face.
 */
export function shotScore({ quality, angle, position }: ScoredFace): number {
  const blur = BLUR_COST * (1 - quality.sharpness) ** 4;
  const side = Math.max(1, Math.min(position.width, position.height));
  const small = SMALL_COST * Math.max(0, Math.log(FULL_SIZE / side));
  return Math.exp(-(lossOf(qualityFaults(quality, angle), COSTS) + blur + small) / COSINE_SCALE);
}
