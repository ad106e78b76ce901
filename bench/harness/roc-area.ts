/** A score and whether it should be high. */
export interface Scored {
  readonly score: number;
  readonly positive: boolean;
}

/** Area under the ROC curve: how often a positive outranks a negative, ties counting half (Mann–Whitney U). */
export function areaUnderRoc(scores: readonly Scored[]): number {
  const sorted = scores.toSorted((a, b) => a.score - b.score);
  const positives = scores.filter(({ positive }) => positive).length;
  let rankSum = 0;
  for (let i = 0; i < sorted.length;) {
    let end = i;
    while (end < sorted.length && sorted[end]!.score === sorted[i]!.score) end++;
    const middle = (i + 1 + end) / 2;
    rankSum += middle * sorted.slice(i, end).filter(({ positive }) => positive).length;
    i = end;
  }
  return (rankSum - (positives * (positives + 1)) / 2) / (positives * (scores.length - positives));
}
