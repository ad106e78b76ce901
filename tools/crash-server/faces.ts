/** Embeddings of a run: each follows from the face's id, so that a torn one can be told. */
import { xorshift32 } from '../../src/search/xorshift.ts';

/** The unit vector of a face. */
export function vectorOf(id: number, dimension: number): Float32Array<ArrayBuffer> {
  // The first numbers of neighbouring seeds are alike.
  const next = xorshift32((Math.imul(id, 0x9e3779b1) ^ (id / 2 ** 16)) >>> 0 || 1);
  for (let i = 0; i < 8; i++) next();
  const vector = Float32Array.from({ length: dimension }, () => next() / 2 ** 31 - 1);
  const length = Math.hypot(...vector);
  return vector.map((x) => x / length);
}

/** How alike two unit vectors are, -1..1. */
export function cosineOf(a: Float32Array, b: Float32Array): number {
  return a.length === b.length ? a.reduce((sum, x, i) => sum + x * (b[i] as number), 0) : NaN;
}
