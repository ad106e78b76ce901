import { type LabelledPair, personOf } from '../harness/lfw.ts';
import type { EmbeddedPhoto } from '../harness/embed-page.ts';
import { subjectOf, type SubjectRule } from '../harness/subject.ts';
import {
  allPairScores,
  dot,
  equalErrorRate,
  foldAccuracy,
  type FoldAccuracy,
  rocPoints,
  type RocPoint,
  sortScores,
} from '../harness/statistics.ts';

/** What a rule's faces give. */
export interface Measures {
  readonly rule: SubjectRule;
  readonly accuracy: FoldAccuracy;
  /** Over the protocol's pairs. */
  readonly pairs: {
    readonly roc: readonly RocPoint[];
    readonly eer: number;
    readonly genuine: number;
    readonly impostor: number;
  };
  /** Over every pair of photos in the set. */
  readonly all: {
    readonly roc: readonly RocPoint[];
    readonly eer: number;
    readonly genuine: number;
    readonly impostor: number;
  };
}

/** A score that no threshold accepts, for pairs with a photo in which no face was found. */
const NO_FACE_SCORE = -2;
const PAIR_FMRS = [1e-1, 1e-2, 1e-3];
/** Ten impostors must lie above the threshold for a rate to be stated. */
const LEAST_ABOVE = 10;
const ALL_FMRS = [1e-1, 1e-2, 1e-3, 1e-4, 1e-5, 1e-6];

/** Verification figures when each photo's subject is chosen by `rule`. */
export function measure(
  photos: readonly EmbeddedPhoto[],
  labelled: readonly LabelledPair[],
  rule: SubjectRule,
): Measures {
  const found = photos.flatMap(({ image, ...photo }) => {
    const face = subjectOf({ image, ...photo }, rule);
    return face ? [{ image, embedding: face.embedding }] : [];
  });
  const dimension = found[0]?.embedding.length ?? 0;
  const vectors = new Float32Array(found.length * dimension);
  const rowOf = new Map<string, number>();
  for (const [row, { image, embedding }] of found.entries()) {
    vectors.set(embedding, row * dimension);
    rowOf.set(image, row);
  }
  const scored = labelled.map(({ fold, image1, image2, same }) => {
    const [a, b] = [rowOf.get(image1), rowOf.get(image2)];
    const score =
      a === undefined || b === undefined
        ? NO_FACE_SCORE
        : dot(vectors, a * dimension, b * dimension, dimension);
    return { fold, same, score };
  });
  const scoresOf = (same: boolean): Float32Array =>
    Float32Array.from(scored.filter((pair) => pair.same === same).map(({ score }) => score));
  const pairs = sortScores({ genuine: scoresOf(true), impostor: scoresOf(false) });
  const all = sortScores(
    allPairScores(
      vectors,
      found.map(({ image }) => personOf(image)),
    ),
  );
  const fmrs = ALL_FMRS.filter((fmr) => fmr * all.impostor.length >= LEAST_ABOVE);
  const counted = (scores: typeof all, rates: readonly number[]): Measures['all'] => ({
    roc: rocPoints(scores, rates),
    eer: equalErrorRate(scores),
    genuine: scores.genuine.length,
    impostor: scores.impostor.length,
  });
  return { rule, accuracy: foldAccuracy(scored), pairs: counted(pairs, PAIR_FMRS), all: counted(all, fmrs) };
}

/** The true accept rate at `fmr`. */
export function tarAt(roc: readonly RocPoint[], fmr: number): number {
  return roc.find((point) => point.fmr === fmr)?.tar ?? NaN;
}
