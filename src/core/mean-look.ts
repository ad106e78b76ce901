import { ASSUMED_RELIABILITY } from './reliability.ts';

/** A face's embedding, of unit length, and how far it can be trusted, 0..1. */
export interface Look {
  readonly embedding: Float32Array;
  readonly reliability?: number | undefined;
}

/** The mean of several embeddings of one face, weighted by their reliabilities: a track's, or a person's template. Immutable. */
export interface MeanLook {
  /** Sum of reliability × embedding. */
  readonly sum: Float64Array;
  readonly weight: number;
  readonly squares: number;
  readonly count: number;
  /** When the last was added, in ms of the video. */
  readonly timeMs: number;
}

/** The mean with one more embedding. Worthless ones (reliability 0) leave it. */
export function addLook(mean: MeanLook | undefined, look: Look, timeMs: number): MeanLook | undefined {
  if (!(reliabilityOf(look) > 0)) return mean;
  const before = mean?.sum.length === look.embedding.length ? mean : undefined;
  const after = addTo(before && { ...before, sum: before.sum.slice() }, look);
  return after && { ...after, timeMs };
}

/** The mean of some embeddings of one length; nothing where none is worth anything. */
export function meanOfLooks(looks: Iterable<Look>): MeanLook | undefined {
  let mean: MeanLook | undefined;
  for (const look of looks) mean = addTo(mean, look);
  return mean;
}

/** Adds an embedding into the sum itself. */
function addTo(mean: MeanLook | undefined, look: Look): MeanLook | undefined {
  const weight = reliabilityOf(look);
  if (!(weight > 0)) return mean;
  const { sum, ...before } = mean ?? { ...NOTHING, sum: new Float64Array(look.embedding.length) };
  for (let i = 0; i < sum.length; i++) sum[i]! += weight * look.embedding[i]!;
  return {
    sum,
    weight: before.weight + weight,
    squares: before.squares + weight * weight,
    count: before.count + 1,
    timeMs: before.timeMs,
  };
}

const NOTHING = { weight: 0, squares: 0, count: 0, timeMs: 0 };

/** The mean without one of its embeddings; nothing where none is left. */
export function withoutLook(mean: MeanLook, look: Look): MeanLook | undefined {
  const weight = reliabilityOf(look);
  if (mean.count <= 1 || !(weight > 0)) return mean.count <= 1 ? undefined : mean;
  return {
    sum: mean.sum.map((value, i) => value - weight * look.embedding[i]!),
    weight: mean.weight - weight,
    squares: mean.squares - weight * weight,
    count: mean.count - 1,
    timeMs: mean.timeMs,
  };
}

/** The mean of both. */
export function joinLooks(a: MeanLook | undefined, b: MeanLook | undefined): MeanLook | undefined {
  if (!a || !b || a.sum.length !== b.sum.length) return b ?? a;
  return {
    sum: a.sum.map((value, i) => value + b.sum[i]!),
    weight: a.weight + b.weight,
    squares: a.squares + b.squares,
    count: a.count + b.count,
    timeMs: Math.max(a.timeMs, b.timeMs),
  };
}

/** The mean as a unit vector; undefined where its parts cancel out. */
export function unitOf({ sum }: MeanLook): Float32Array<ArrayBuffer> | undefined {
  const length = lengthOf(sum);
  if (!(length > 0)) return undefined;
  // A loop: `from` with a function takes ten times as long.
  const unit = new Float32Array(sum.length);
  for (let i = 0; i < sum.length; i++) unit[i] = sum[i]! / length;
  return unit;
}

/** How alike the embeddings of a mean are, 0..1: the mean of their cosines with it, weighted as they are; 1 where all are the same. */
export function coherenceOf({ sum, weight }: MeanLook): number {
  return weight > 0 ? Math.min(1, lengthOf(sum) / weight) : 0;
}

/** The reliability of a mean: that of its parts, weighted as they are. */
export function reliabilityOfMean({ squares, weight }: MeanLook): number {
  return Math.min(1, squares / weight);
}

/** How far an embedding can be trusted, 0..1; what is assumed, of one that came without. */
export function reliabilityOf({ reliability }: Look): number {
  return Math.min(1, Math.max(0, reliability ?? ASSUMED_RELIABILITY));
}

function lengthOf(sum: Float64Array): number {
  let squares = 0;
  for (const value of sum) squares += value * value;
  return Math.sqrt(squares);
}
