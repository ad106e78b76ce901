/** What the tests of searches share. */
import type { SearchMatrix } from './matrix.ts';
import { scalarDot } from './scalar.ts';
import type { Scan } from './scan.ts';
import type { Match } from './top-k.ts';

/** Seeded numbers from −0.5 to 0.5 (mulberry32). */
export function random(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32 - 0.5;
  };
}

/** A random direction. */
export function unitVector(dimension: number, next: () => number): Float32Array {
  const vector = Float32Array.from({ length: dimension }, next);
  const length = Math.sqrt(scalarDot(vector, vector)) || 1;
  return vector.map((x) => x / length);
}

/** Searches a group in steps as short as can be. */
export function scanAll(
  matrix: SearchMatrix,
  group: string,
  probes: Float32Array[],
  limit: number,
  minScore: number = -Infinity,
  exact: boolean = false,
): Promise<readonly (readonly Match[])[]> {
  const run = (scan: Scan): readonly (readonly Match[])[] => {
    while (!scan.run(0));
    return scan.results();
  };
  return matrix.scan(matrix.select([group]), probes, { limit, minScore, exact }, run);
}
