import { assign } from '../../../src/video/assignment.ts';
import { type ScoredSequence, zeros } from './frames.ts';

/** Counts of the identity metrics. */
export interface IdentityCounts {
  /** Boxes of the right identity, in the one matching of people with tracks over the whole sequence that has the fewest errors. */
  readonly right: number;
  readonly missed: number;
  readonly falseFound: number;
}

/** Least IoU of a match. */
const THRESHOLD = 0.5;
const FORBIDDEN = 1e10;

/** Identity counts (Ristani et al., 2016) as TrackEval's `metrics/identity.py` has them. */
export function identityCounts({ frames, people, tracks }: ScoredSequence): IdentityCounts {
  const together = zeros(people, tracks);
  const ofPerson = new Float64Array(people);
  const ofTrack = new Float64Array(tracks);
  for (const { truth, answer, similarity } of frames) {
    truth.forEach((person, row) => {
      ofPerson[person]! += 1;
      answer.forEach((track, column) => {
        if (similarity[row]![column]! >= THRESHOLD) together[person]![track]! += 1;
      });
    });
    for (const track of answer) ofTrack[track]! += 1;
  }
  const size = people + tracks;
  const missed = zeros(size, size);
  const falseFound = zeros(size, size);
  for (let i = 0; i < size; i++)
    for (let j = 0; j < size; j++) {
      const both = i < people && j < tracks ? together[i]![j]! : 0;
      if (i < people) missed[i]![j] = j < tracks || j === tracks + i ? ofPerson[i]! - both : FORBIDDEN;
      if (j < tracks) falseFound[i]![j] = i < people || i === people + j ? ofTrack[j]! - both : FORBIDDEN;
    }
  const costs = missed.flatMap((row, i) => [...row].map((value, j) => value + falseFound[i]![j]!));
  const columns = assign(costs, size, size);
  let [idMissed, idFalse] = [0, 0];
  columns.forEach((column, row) => {
    idMissed += missed[row]![column]!;
    idFalse += falseFound[row]![column]!;
  });
  const boxes = ofPerson.reduce((sum, count) => sum + count, 0);
  return { right: boxes - idMissed, missed: idMissed, falseFound: idFalse };
}

/** IDF1: 2 right / (2 right + false + missed). */
export function idf1({ right, missed, falseFound }: IdentityCounts): number {
  return right / Math.max(1, right + 0.5 * falseFound + 0.5 * missed);
}

/** Counts of several sequences together. */
export function addIdentity(all: readonly IdentityCounts[]): IdentityCounts {
  const sum = (of: (counts: IdentityCounts) => number): number =>
    all.reduce((total, each) => total + of(each), 0);
  return {
    right: sum(({ right }) => right),
    missed: sum(({ missed }) => missed),
    falseFound: sum(({ falseFound }) => falseFound),
  };
}
