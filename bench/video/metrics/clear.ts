import { assign } from '../../../src/video/assignment.ts';
import { EPSILON, type ScoredFrame, type ScoredSequence } from './frames.ts';

/** Counts of CLEAR MOT. */
export interface ClearCounts {
  readonly found: number;
  readonly missed: number;
  readonly falseFound: number;
  readonly switches: number;
  /** Sum of the IoU of what was found. */
  readonly overlap: number;
}

/** Least IoU of a match. */
const THRESHOLD = 0.5;
/** So much more than any IoU is it worth to go on as in the frame before. */
const CONTINUITY = 1000;

/**
 * CLEAR MOT (Bernardin and Stiefelhagen, 2008) as TrackEval's `metrics/clear.py` counts it: each frame is matched so that tracks
 * go on as in the frame before, and then by IoU; a person's switch is counted against the last track it ever had.
 */
export function clearCounts({ frames, people }: ScoredSequence): ClearCounts {
  const lastTrack = new Int32Array(people).fill(-1);
  let trackBefore = new Int32Array(people).fill(-1);
  let [found, missed, falseFound, switches, overlap] = [0, 0, 0, 0, 0];
  for (const frame of frames) {
    const { truth, answer } = frame;
    // As there: what a frame without either was preceded by still counts as the frame before.
    if (truth.length === 0 || answer.length === 0) {
      missed += truth.length;
      falseFound += answer.length;
      continue;
    }
    const matches = matchFrame(frame, trackBefore);
    trackBefore = new Int32Array(people).fill(-1);
    for (const [row, column] of matches) {
      const [person, track] = [truth[row]!, answer[column]!];
      if (lastTrack[person]! >= 0 && lastTrack[person] !== track) switches++;
      lastTrack[person] = track;
      trackBefore[person] = track;
      overlap += frame.similarity[row]![column]!;
    }
    found += matches.length;
    missed += truth.length - matches.length;
    falseFound += answer.length - matches.length;
  }
  return { found, missed, falseFound, switches, overlap };
}

function matchFrame({ truth, answer, similarity }: ScoredFrame, before: Int32Array): [number, number][] {
  const scores = truth.flatMap((person, row) =>
    answer.map((track, column) => {
      const overlap = similarity[row]![column]!;
      if (overlap < THRESHOLD - EPSILON) return 0;
      return overlap + (before[person] === track ? CONTINUITY : 0);
    }),
  );
  const columns = assign(
    scores.map((score) => -score),
    truth.length,
    answer.length,
  );
  return truth.flatMap((_, row): [number, number][] => {
    const column = columns[row]!;
    return column >= 0 && scores[row * answer.length + column]! > EPSILON ? [[row, column]] : [];
  });
}

/** MOTA: 1 − (missed + false + switches) / true boxes. */
export function mota({ found, missed, falseFound, switches }: ClearCounts): number {
  return (found - falseFound - switches) / Math.max(1, found + missed);
}

/** MOTP: mean IoU of what was found. */
export function motp({ found, overlap }: ClearCounts): number {
  return overlap / Math.max(1, found);
}

/** Counts of several sequences together. */
export function addClear(all: readonly ClearCounts[]): ClearCounts {
  const sum = (of: (counts: ClearCounts) => number): number =>
    all.reduce((total, each) => total + of(each), 0);
  return {
    found: sum(({ found }) => found),
    missed: sum(({ missed }) => missed),
    falseFound: sum(({ falseFound }) => falseFound),
    switches: sum(({ switches }) => switches),
    overlap: sum(({ overlap }) => overlap),
  };
}
