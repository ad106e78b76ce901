/**
 * Strangers of one group who are most alike, as numbers: what a test holds a calibration to without the photos. `bench:confidence` writes
 * them (`--strangers FILE`); strangers.test.ts reads them.
 */
import { createHash } from 'node:crypto';
import type { ModelEntry } from '../../src/core/manifest.ts';
import { dot, LEVELS, type ConfidenceOf, type Sample } from './cells.ts';

/** More pairs than this many times what `medium` promises are not kept. */
export const KEPT_TIMES = 4;

/** The pairs of strangers of one group of people. */
export interface GroupStrangers {
  readonly name: string;
  /** How many pairs there are. */
  readonly pairs: number;
  /** Those of the highest confidence, the highest first: the cosine, and both reliabilities as bytes. */
  readonly likest: readonly (readonly [cosine: number, a: number, b: number])[];
}

/** What {@link writeStrangers} writes. */
export interface Strangers {
  readonly model: string;
  /** {@link fitOf} of the model whose embeddings were measured. */
  readonly fit: string;
  readonly groups: readonly GroupStrangers[];
}

/** Digest of all that a model's cosines and reliabilities come from, in hex. */
export function fitOf({ sha256, fusedWith, common, reliability }: ModelEntry): string {
  const text = JSON.stringify([sha256, fusedWith?.sha256, fusedWith?.weight, common, reliability]);
  return createHash('sha256').update(text).digest('hex');
}

/** The strangers of a group by falling confidence; `exclude` says which pairs may be one person. */
export function strangersOf(
  name: string,
  faces: readonly Sample[],
  confidenceOf: ConfidenceOf,
  exclude: (a: Sample, b: Sample) => boolean,
): GroupStrangers {
  const pairs = faces.flatMap((a, i) =>
    faces
      .slice(i + 1)
      .filter((b) => !exclude(a, b))
      .map((b) => [dot(a.embedding, b.embedding), a.reliability, b.reliability] as const),
  );
  const kept = Math.ceil(KEPT_TIMES * LEVELS[1][2] * pairs.length);
  const likest = pairs
    .map((pair) => ({ pair, confidence: confidenceOf(...pair) }))
    .sort((a, b) => b.confidence - a.confidence)
    .slice(0, kept)
    .map(({ pair: [cosine, a, b] }) => [Number(cosine.toFixed(4)), byteOf(a), byteOf(b)] as const);
  return { name, pairs: pairs.length, likest };
}

function byteOf(reliability: number): number {
  return Math.round(255 * reliability);
}
