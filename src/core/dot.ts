/** The dot product of two vectors of one length: of unit ones, their cosine. */
export function dot(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}

/** A score of unit vectors as a cosine: rounding, or a template's length, does not take it beyond 1. */
export function toCosine(score: number): number {
  return Math.min(1, Math.max(-1, score));
}

/** L2 distance, 0..2, of two unit vectors of this cosine. */
export function distanceOf(cosine: number): number {
  return Math.sqrt(Math.max(0, 2 - 2 * cosine));
}
