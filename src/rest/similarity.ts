import { similarityFromDistance } from '../core/confidence.ts';

/** How alike two faces are, 0..1: the confidence, or where the model is not calibrated what is commonly made of the distance. */
export function alikeness({
  confidence,
  distance,
}: {
  readonly confidence?: number;
  readonly distance: number;
}): number {
  return confidence ?? similarityFromDistance(distance);
}
