import type { EmbeddingProbe } from '../api/compare.ts';
import { similarityFromDistance } from '../core/confidence.ts';
import type { Call } from './route.ts';

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

/** How alike two embeddings are, 0..1. */
export async function similarityOf(
  { nf, signal }: Pick<Call<unknown, unknown, unknown>, 'nf' | 'signal'>,
  a: EmbeddingProbe,
  b: EmbeddingProbe,
): Promise<number> {
  return alikeness(await nf.compare(a, b, { threshold: 'none', signal }));
}
