/**
 * The figures of biometric verification, from scores where a higher one means more alike. A pair is accepted when
 * its score is above the threshold. Terms as in ISO/IEC 19795-1.
 */

/** Scores of pairs of one person (genuine) and of two (impostor). */
export interface Scores {
  readonly genuine: Float32Array;
  readonly impostor: Float32Array;
}

/** A scored pair of a verification protocol. */
export interface ScoredPair {
  readonly fold: number;
  readonly same: boolean;
  readonly score: number;
}

/** k-fold verification accuracy. */
export interface FoldAccuracy {
  readonly mean: number;
  /** Accuracy of each fold, with the threshold of the others. */
  readonly folds: readonly { readonly fold: number; readonly threshold: number; readonly accuracy: number }[];
}

/** A point of the ROC. */
export interface RocPoint {
  readonly fmr: number;
  /** Scores above it are accepted. */
  readonly threshold: number;
  /** True accept rate: share of genuine scores above the threshold. */
  readonly tar: number;
}

/** Copies of the scores, each sorted upwards. */
export function sortScores({ genuine, impostor }: Scores): Scores {
  return { genuine: genuine.toSorted(), impostor: impostor.toSorted() };
}

/**
 * The lowest threshold that accepts at most the share `fmr` of the impostors. With n scores, floor(fmr·n) of them
 * lie above it.
 *
 * @param impostorSorted - upwards
 */
export function thresholdAtFmr(impostorSorted: Float32Array, fmr: number): number {
  const n = impostorSorted.length;
  if (n === 0) throw new Error('no impostor scores');
  // 1e-9 keeps 0.001 · 1000 from becoming 0.999….
  const above = Math.min(n - 1, Math.floor(fmr * n + 1e-9));
  return impostorSorted[n - 1 - above]!;
}

/** Share of scores above `threshold`. @param sorted - upwards */
export function shareAbove(sorted: Float32Array, threshold: number): number {
  if (sorted.length === 0) throw new Error('no scores');
  return (sorted.length - upperBound(sorted, threshold)) / sorted.length;
}

/** The true accept rate at each false match rate. @param sorted - see {@link sortScores} */
export function rocPoints(sorted: Scores, fmrs: readonly number[]): readonly RocPoint[] {
  return fmrs.map((fmr) => {
    const threshold = thresholdAtFmr(sorted.impostor, fmr);
    return { fmr, threshold, tar: shareAbove(sorted.genuine, threshold) };
  });
}

/**
 * Equal error rate, with the threshold just below each genuine score in turn: where FMR and FNMR come closest, the
 * mean of the two.
 */
export function equalErrorRate({ genuine, impostor }: Scores): number {
  let best = { gap: Infinity, rate: 1 };
  for (const [rejected, score] of genuine.entries()) {
    const fnmr = rejected / genuine.length;
    const fmr = (impostor.length - lowerBound(impostor, score)) / impostor.length;
    const gap = Math.abs(fmr - fnmr);
    if (gap < best.gap) best = { gap, rate: (fmr + fnmr) / 2 };
  }
  return best.rate;
}

/** Verification accuracy of each fold with the threshold that is best on all the other folds. */
export function foldAccuracy(pairs: readonly ScoredPair[]): FoldAccuracy {
  const names = [...new Set(pairs.map(({ fold }) => fold))].sort((a, b) => a - b);
  const folds = names.map((fold) => {
    const threshold = bestThreshold(pairs.filter((pair) => pair.fold !== fold));
    return {
      fold,
      threshold,
      accuracy: accuracyAt(
        pairs.filter((pair) => pair.fold === fold),
        threshold,
      ),
    };
  });
  return { mean: folds.reduce((sum, { accuracy }) => sum + accuracy, 0) / folds.length, folds };
}

/** Share of pairs that `threshold` puts on the right side. */
export function accuracyAt(pairs: readonly ScoredPair[], threshold: number): number {
  return pairs.filter(({ score, same }) => score > threshold === same).length / pairs.length;
}

/** The threshold with the most pairs right; of several as good, the middle of the widest gap between two scores. */
export function bestThreshold(pairs: readonly ScoredPair[]): number {
  const sorted = pairs.toSorted((a, b) => a.score - b.score);
  let right = sorted.filter(({ same }) => same).length;
  let best = { right, gap: 0, threshold: (sorted[0]?.score ?? 0) - 1 };
  for (const [i, { score, same }] of sorted.entries()) {
    right += same ? -1 : 1;
    const next = sorted[i + 1]?.score ?? score + Number.EPSILON;
    if (next === score) continue;
    const gap = next - score;
    if (right > best.right || (right === best.right && gap > best.gap))
      best = { right, gap, threshold: score + gap / 2 };
  }
  return best.threshold;
}

/**
 * Cosine of every pair of the vectors, told apart by whether the two have the same label.
 *
 * @param vectors - of unit length, one after the other, `labels.length` × dimension
 */
export function allPairScores(vectors: Float32Array, labels: readonly string[]): Scores {
  const n = labels.length;
  const dimension = vectors.length / n;
  const total = (n * (n - 1)) / 2;
  const same = countSamePairs(labels);
  const scores = { genuine: new Float32Array(same), impostor: new Float32Array(total - same) };
  const filled = { genuine: 0, impostor: 0 };
  for (let i = 0; i < n; i++) {
    for (let j = i + 1; j < n; j++) {
      const kind = labels[i] === labels[j] ? 'genuine' : 'impostor';
      scores[kind][filled[kind]++] = dot(vectors, i * dimension, j * dimension, dimension);
    }
  }
  return scores;
}

/** Dot product of two rows of `dimension` numbers. */
export function dot(vectors: Float32Array, a: number, b: number, dimension: number): number {
  let sum = 0;
  for (let k = 0; k < dimension; k++) sum += vectors[a + k]! * vectors[b + k]!;
  return sum;
}

function countSamePairs(labels: readonly string[]): number {
  const counts = new Map<string, number>();
  for (const label of labels) counts.set(label, (counts.get(label) ?? 0) + 1);
  return [...counts.values()].reduce((sum, count) => sum + (count * (count - 1)) / 2, 0);
}

/** Index of the first value above `threshold`. */
function upperBound(sorted: Float32Array, threshold: number): number {
  return firstIndex(sorted, (value) => value > threshold);
}

/** Index of the first value not below `threshold`. */
function lowerBound(sorted: Float32Array, threshold: number): number {
  return firstIndex(sorted, (value) => value >= threshold);
}

function firstIndex(sorted: Float32Array, holds: (value: number) => boolean): number {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (holds(sorted[middle]!)) high = middle;
    else low = middle + 1;
  }
  return low;
}
