/** Very large sets: 100,000 synthetic faces, and these over again changed into other people of the same kind. */
import type { SearchMatrix } from '../../src/search/matrix.ts';
import { syntheticFaces, syntheticProbes } from './synthetic-faces.ts';

/** Faces that are made; the others are these over again, changed. */
export const VARIANT_ROWS = 100_000;

/** Puts the same `rows` faces, all in the group `g`, into some matrices. Returns the milliseconds that adding took. */
export function fillLarge(matrices: readonly SearchMatrix[], rows: number, dimension: number): number {
  const base = syntheticFaces(VARIANT_ROWS, dimension, 1);
  for (const matrix of matrices) matrix.reserve(rows);
  const bits = new Uint8Array(VARIANT_ROWS / 8).fill(255);
  const vectors = new Float32Array(base.length);
  let ms = 0;
  for (let first = 0; first < rows; first += VARIANT_ROWS) {
    moveAlong(base, vectors, dimension, first / VARIANT_ROWS);
    const count = Math.min(VARIANT_ROWS, rows - first);
    const started = performance.now();
    const seqs = Float64Array.from({ length: count }, (_, i) => first + i + 1);
    const some = vectors.subarray(0, count * dimension);
    for (const matrix of matrices) matrix.addAll({ seqs, vectors: some, groups: [{ name: 'g', bits }] });
    ms += performance.now() - started;
  }
  return ms;
}

/** The same faces with their numbers moved along and some signs turned. */
export function moveAlong(base: Float32Array, target: Float32Array, dimension: number, by: number): void {
  for (let row = 0; row < base.length; row += dimension)
    for (let i = 0; i < dimension; i++)
      target[row + i] =
        (base[row + ((i + by) % dimension)] as number) * (by > 0 && (i * by) % 7 < 3 ? -1 : 1);
}

/** A probe of one of the first 100,000 faces' people. */
export interface LargeProbe {
  readonly probe: Float32Array;
  /** Whether a face is of the probe's person. */
  isRight(seq: number): boolean;
}

export function largeProbes(dimension: number, count: number): readonly LargeProbe[] {
  const probes = syntheticProbes(syntheticFaces(VARIANT_ROWS, dimension, 1), dimension, count, 2);
  return probes.map((probe, n) => {
    const person = Math.floor(Math.floor(((n + 0.5) / count) * VARIANT_ROWS) / 5);
    return { probe, isRight: (seq) => seq <= VARIANT_ROWS && Math.floor((seq - 1) / 5) === person };
  });
}
