import type { Box } from '../../../src/core/types.ts';

/** A box of a frame and whose it is: a person's number in the truth, a track's in an answer. */
export interface NamedBox {
  readonly id: number;
  readonly box: Box;
}

/** The truth and the answer of one frame. */
export interface MetricFrame {
  readonly truth: readonly NamedBox[];
  readonly answer: readonly NamedBox[];
}

/** A frame with its IoU of each true box (row) with each answered one (column), ids counted from 0. */
export interface ScoredFrame {
  readonly truth: readonly number[];
  readonly answer: readonly number[];
  readonly similarity: readonly (readonly number[])[];
}

/** A sequence as the metrics take it: similarities once for all, and ids that index arrays. */
export interface ScoredSequence {
  readonly frames: readonly ScoredFrame[];
  readonly people: number;
  readonly tracks: number;
}

/** Numbers frames' ids from 0, and measures their boxes against each other by `similarity` (0..1). */
export function scoreFrames(
  frames: readonly MetricFrame[],
  similarity: (a: Box, b: Box) => number,
): ScoredSequence {
  const people = new Map<number, number>();
  const tracks = new Map<number, number>();
  const numberIn = (numbers: Map<number, number>, id: number): number => {
    if (!numbers.has(id)) numbers.set(id, numbers.size);
    return numbers.get(id)!;
  };
  const scored = frames.map(({ truth, answer }) => ({
    truth: truth.map(({ id }) => numberIn(people, id)),
    answer: answer.map(({ id }) => numberIn(tracks, id)),
    similarity: truth.map((a) => answer.map((b) => similarity(a.box, b.box))),
  }));
  return { frames: scored, people: people.size, tracks: tracks.size };
}

/** Least difference of numbers near 1, as numpy's `finfo('float').eps`. */
export const EPSILON = 2 ** -52;

export function zeros(rows: number, columns: number): Float64Array[] {
  return Array.from({ length: rows }, () => new Float64Array(columns));
}
