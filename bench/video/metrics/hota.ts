import { assign } from '../../../src/video/assignment.ts';
import { EPSILON, type ScoredFrame, type ScoredSequence, zeros } from './frames.ts';

/** IoU levels α, 0.05 to 0.95, over which HOTA is the mean. */
export const ALPHAS: readonly number[] = Array.from({ length: 19 }, (_, i) => 0.05 * (i + 1));

/** Counts of HOTA at one level. */
export interface HotaCounts {
  readonly found: number;
  readonly missed: number;
  readonly falseFound: number;
  /** Mean over what was found of how well the person's and the track's whole ways agree. */
  readonly association: number;
  /** Sum of the IoU of what was found. */
  readonly overlap: number;
}

/** Detection, association and localisation, each the mean over the levels. */
export interface Hota {
  readonly hota: number;
  readonly detA: number;
  readonly assA: number;
  readonly locA: number;
}

interface Totals {
  readonly ofPerson: Float64Array;
  readonly ofTrack: Float64Array;
  /** Jaccard index of each person's way and each track's. */
  readonly alignment: readonly Float64Array[];
}

/** HOTA (Luiten et al., 2021) as TrackEval's `metrics/hota.py` counts it, per level α. */
export function hotaCounts(sequence: ScoredSequence): HotaCounts[] {
  const totals = alignSequence(sequence);
  const matched = sequence.frames.map((frame) => matchFrame(frame, totals.alignment));
  const boxes = totals.ofPerson.reduce((sum, count) => sum + count, 0);
  const answers = totals.ofTrack.reduce((sum, count) => sum + count, 0);
  return ALPHAS.map((alpha) => {
    const together = zeros(sequence.people, sequence.tracks);
    let [found, overlap] = [0, 0];
    sequence.frames.forEach(({ truth, answer, similarity }, i) => {
      for (const [row, column] of matched[i]!) {
        const near = similarity[row]![column]!;
        if (near < alpha - EPSILON) continue;
        found++;
        overlap += near;
        together[truth[row]!]![answer[column]!]! += 1;
      }
    });
    const association = associationOf(together, totals) / Math.max(1, found);
    return { found, missed: boxes - found, falseFound: answers - found, association, overlap };
  });
}

/** The figures of one sequence, or of {@link addHota}. */
export function hotaOf(counts: readonly HotaCounts[]): Hota {
  const mean = (of: (counts: HotaCounts) => number): number =>
    counts.reduce((sum, each) => sum + of(each), 0) / counts.length;
  const detA = ({ found, missed, falseFound }: HotaCounts): number =>
    found / Math.max(1, found + missed + falseFound);
  return {
    hota: mean((each) => Math.sqrt(detA(each) * each.association)),
    detA: mean(detA),
    assA: mean(({ association }) => association),
    locA: mean(({ overlap, found }) => (found > 0 ? overlap / found : 1)),
  };
}

/** Several sequences together: counts are added, association is the mean by what was found. */
export function addHota(all: readonly (readonly HotaCounts[])[]): HotaCounts[] {
  return ALPHAS.map((_, i) => {
    const level = all.map((counts) => counts[i]!);
    const sum = (of: (counts: HotaCounts) => number): number =>
      level.reduce((total, each) => total + of(each), 0);
    const found = sum((each) => each.found);
    return {
      found,
      missed: sum(({ missed }) => missed),
      falseFound: sum(({ falseFound }) => falseFound),
      association: sum((each) => each.association * each.found) / Math.max(1, found),
      overlap: sum(({ overlap }) => overlap),
    };
  });
}

function alignSequence({ frames, people, tracks }: ScoredSequence): Totals {
  const together = zeros(people, tracks);
  const ofPerson = new Float64Array(people);
  const ofTrack = new Float64Array(tracks);
  for (const { truth, answer, similarity } of frames) {
    const ofColumn = answer.map((_, column) => similarity.reduce((sum, row) => sum + row[column]!, 0));
    truth.forEach((person, row) => {
      ofPerson[person]! += 1;
      const ofRow = similarity[row]!.reduce((sum, value) => sum + value, 0);
      answer.forEach((track, column) => {
        const near = similarity[row]![column]!;
        const union = ofRow + ofColumn[column]! - near;
        if (union > EPSILON) together[person]![track]! += near / union;
      });
    });
    for (const track of answer) ofTrack[track]! += 1;
  }
  const alignment = together.map((row, person) =>
    row.map((value, track) => value / (ofPerson[person]! + ofTrack[track]! - value)),
  );
  return { ofPerson, ofTrack, alignment };
}

function matchFrame(
  { truth, answer, similarity }: ScoredFrame,
  alignment: readonly Float64Array[],
): [number, number][] {
  const costs = truth.flatMap((person, row) =>
    answer.map((track, column) => -alignment[person]![track]! * similarity[row]![column]!),
  );
  const columns = assign(costs, truth.length, answer.length);
  return truth.flatMap((_, row): [number, number][] => (columns[row]! < 0 ? [] : [[row, columns[row]!]]));
}

function associationOf(together: readonly Float64Array[], { ofPerson, ofTrack }: Totals): number {
  let sum = 0;
  together.forEach((row, person) =>
    row.forEach((count, track) => {
      sum += (count * count) / Math.max(1, ofPerson[person]! + ofTrack[track]! - count);
    }),
  );
  return sum;
}
