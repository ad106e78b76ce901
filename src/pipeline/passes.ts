import type { Box } from '../core/types.ts';
import { tiles } from '../image/letterbox.ts';

/** One look at an image: regions in its pixels, each scaled into an input of `size`. */
export interface Pass {
  readonly regions: readonly Box[];
  /** Input size; the network's own where it is left out. */
  readonly size?: readonly [width: number, height: number];
  /** Larger faces, by their longer side in pixels of the image, are another pass's business. */
  readonly maxFace: number;
}

/** What the passes are planned for; lengths in pixels of the image. */
export interface PassPlan {
  readonly width: number;
  readonly height: number;
  /** The smallest face wanted. */
  readonly minFace: number;
  /** The network's own input size. */
  readonly size: readonly [width: number, height: number];
  /** Whether the network takes other sizes, in multiples of 32. */
  readonly anySize: boolean;
}

/** The smallest face, in input pixels, that a network sees reliably. */
const MIN_FACE_IN_INPUT = 12;
/** The most input pixels of one fine look; larger images are tiled. */
const MAX_FINE_PIXELS = 640 * 480;
/** Sides of inputs are multiples of it, so that no stride cuts a cell. */
const STRIDE = 32;

/**
 * The looks that find every face from `minFace` on: the whole image at the network's own number of pixels, and, if
 * that would make the smallest faces too small to see, the image again, finer, in tiles that overlap by the
 * largest face that the first look misses.
 */
export function planPasses(plan: PassPlan): Pass[] {
  const { width, height, minFace } = plan;
  const whole = { left: 0, top: 0, width, height };
  const coarseSize = plan.anySize ? fittingSize(width, height, plan.size[0] * plan.size[1]) : plan.size;
  const coarseScale = Math.max(width / coarseSize[0], height / coarseSize[1]);
  const coarse: Pass = { regions: [whole], size: coarseSize, maxFace: Infinity };
  const fineScale = Math.max(1, minFace / MIN_FACE_IN_INPUT);
  if (coarseScale <= fineScale) return [coarse];
  const seenByCoarse = MIN_FACE_IN_INPUT * coarseScale;
  return [coarse, finePass(plan, fineScale, seenByCoarse)];
}

function finePass(plan: PassPlan, scale: number, overlap: number): Pass {
  const { width, height } = plan;
  const maxFace = 2 * overlap;
  if (plan.anySize && (width / scale) * (height / scale) <= MAX_FINE_PIXELS) {
    const whole = { left: 0, top: 0, width, height };
    const size = [roundUp(width / scale), roundUp(height / scale)] as const;
    return { regions: [whole], size, maxFace };
  }
  const size = plan.anySize ? ([640, 480] as const) : plan.size;
  const tileOverlap = Math.min(overlap, (size[0] * scale) / 2, (size[1] * scale) / 2);
  return { regions: tiles(width, height, size[0] * scale, size[1] * scale, tileOverlap), size, maxFace };
}

/** The size of about `pixels` pixels that wastes the least of itself on an image of this shape. */
function fittingSize(width: number, height: number, pixels: number): readonly [number, number] {
  const aspect = Math.min(4, Math.max(1 / 4, width / height));
  const side = Math.sqrt(pixels * aspect);
  const columns = Math.max(STRIDE, Math.round(side / STRIDE) * STRIDE);
  return [columns, Math.max(STRIDE, Math.round(columns / aspect / STRIDE) * STRIDE)];
}

function roundUp(length: number): number {
  return Math.max(STRIDE, Math.ceil(length / STRIDE) * STRIDE);
}
