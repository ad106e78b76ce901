/** Counts of matches among pairs of faces, by what the pairs are. */

/** A face with what decides whether a pair of it is genuine. */
export interface Sample {
  readonly person: string;
  readonly image: string;
  readonly embedding: Float32Array;
  readonly reliability: number;
}

/** The levels that are counted, with the false match rate that each promises. */
export const LEVELS = [
  ['low', 0.569, 1e-1],
  ['medium', 0.6616, 1e-3],
  ['strict', 0.7834, 1e-5],
] as const;

/** How `confidence` is worked out. */
export type ConfidenceOf = (cosine: number, a: number, b: number) => number;

/** What a cell of the table holds. */
export interface Cell {
  readonly impostors: number;
  readonly genuine: number;
  /** At each of {@link LEVELS}. */
  readonly falseMatches: readonly number[];
  readonly trueMatches: readonly number[];
}

/** A pair of different people that is above a cosine, to be looked at. */
export interface ListedPair {
  readonly a: string;
  readonly b: string;
  readonly cosine: number;
}

/**
 * All pairs of two lists of faces, each once. Two faces of one image are never a genuine pair; `exclude` says which pairs of
 * different names may yet be one person, and are left out.
 */
export function countPairs(
  first: readonly Sample[],
  second: readonly Sample[],
  confidenceOf: ConfidenceOf,
  exclude: (a: Sample, b: Sample) => boolean = () => false,
): Cell {
  const [falseMatches, trueMatches] = [LEVELS.map(() => 0), LEVELS.map(() => 0)];
  let [impostors, genuine] = [0, 0];
  const same = first === second;
  first.forEach((a, i) => {
    for (let j = same ? i + 1 : 0; j < second.length; j++) {
      const b = second[j]!;
      const isGenuine = a.person === b.person;
      if (isGenuine ? a.image === b.image : exclude(a, b)) continue;
      if (isGenuine) genuine++;
      else impostors++;
      const cosine = dot(a.embedding, b.embedding);
      // Nothing below it is a match at any level.
      if (cosine < 0.15) continue;
      const confidence = confidenceOf(cosine, a.reliability, b.reliability);
      const counts = isGenuine ? trueMatches : falseMatches;
      LEVELS.forEach(([, level], k) => {
        if (confidence >= level) counts[k]!++;
      });
    }
  });
  return { impostors, genuine, falseMatches, trueMatches };
}

/** Pairs of different images above a cosine. */
export function listPairs(faces: readonly Sample[], above: number): ListedPair[] {
  const listed: ListedPair[] = [];
  faces.forEach((a, i) => {
    for (let j = i + 1; j < faces.length; j++) {
      const cosine = dot(a.embedding, faces[j]!.embedding);
      if (cosine > above) listed.push({ a: a.image, b: faces[j]!.image, cosine });
    }
  });
  return listed.sort((a, b) => b.cosine - a.cosine);
}

/** The upper end of the 95 % interval of a rate, of `count` in `total`. Source: Wilson, 1927. */
export function upperBound(count: number, total: number): number {
  if (total === 0) return 1;
  const z = 1.96;
  const rate = count / total;
  const middle = rate + (z * z) / (2 * total);
  const spread = z * Math.sqrt((rate * (1 - rate) + (z * z) / (4 * total)) / total);
  return (middle + spread) / (1 + (z * z) / total);
}

/** The lower end of it. */
export function lowerBound(count: number, total: number): number {
  return total === 0 ? 0 : Math.max(0, 1 - upperBound(total - count, total));
}

export function dot(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}
