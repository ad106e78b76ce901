import type { CommonDirections } from './manifest.ts';

/** An embedding of unit length, and what it had along each common direction before that was limited, −1..1. */
export interface LimitedEmbedding {
  readonly vector: Float32Array<ArrayBuffer>;
  readonly along: readonly number[];
}

/**
 * Limits what a unit-length embedding has along each of the directions that strangers have in common, and scales the rest to unit
 * length again. What an embedding has the other way round is left alone: nothing gathers there.
 */
export function limitCommon(
  embedding: Float32Array<ArrayBuffer>,
  { limit, directions }: CommonDirections,
): LimitedEmbedding {
  const along = directions.map((direction) => direction.reduce((sum, x, i) => sum + x * embedding[i]!, 0));
  const vector = embedding.slice();
  directions.forEach((direction, k) => {
    const excess = along[k]! - limit;
    if (excess > 0) for (let i = 0; i < vector.length; i++) vector[i]! -= excess * direction[i]!;
  });
  const length = Math.hypot(...vector);
  // An embedding that is nothing but common has no direction left: it stays what it was.
  return { vector: length > 1e-6 ? vector.map((x) => x / length) : embedding.slice(), along };
}
