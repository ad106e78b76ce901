import type { Box, Point } from '../core/types.ts';
import { iou } from './boxes.ts';

/** A face as a detector proposes it, in whichever frame its decoder states. */
export interface Candidate {
  readonly box: Box;
  /** The detector's certainty, 0..1. */
  readonly score: number;
  /** The detector's facial points; empty for detectors that have none. */
  readonly points: readonly Point[];
}

/**
 * Greedy non-maximum suppression: by falling score (ties keep their order), drops every candidate whose IoU with
 * one already kept exceeds `maxIou`. Applying it twice changes nothing. Cost: kept × candidates.
 */
export function greedyNms<T extends Candidate>(
  candidates: readonly T[],
  maxIou: number,
  limit: number = Infinity,
): T[] {
  const kept: T[] = [];
  for (const candidate of byFallingScore(candidates)) {
    if (kept.length >= limit) break;
    if (kept.every((other) => iou(other.box, candidate.box) <= maxIou)) kept.push(candidate);
  }
  return kept;
}

/**
 * Blended non-maximum suppression, as BlazeFace uses it instead of suppression: every cluster around a best
 * candidate becomes one, with the score-weighted mean of the boxes and points and the best score.
 * Source: Bazarevsky et al., "BlazeFace", 2019, §3.5.
 */
export function blendedNms(
  candidates: readonly Candidate[],
  maxIou: number,
  limit: number = Infinity,
): Candidate[] {
  const blended: Candidate[] = [];
  let rest = byFallingScore(candidates);
  while (rest.length > 0 && blended.length < limit) {
    const best = rest[0]!;
    const cluster: Candidate[] = [best];
    const others: Candidate[] = [];
    for (const other of rest.slice(1)) {
      (iou(best.box, other.box) > maxIou ? cluster : others).push(other);
    }
    blended.push(blend(cluster));
    rest = others;
  }
  return blended;
}

function byFallingScore<T extends Candidate>(candidates: readonly T[]): T[] {
  return [...candidates].sort((a, b) => b.score - a.score);
}

function blend(cluster: readonly Candidate[]): Candidate {
  const best = cluster[0]!;
  const total = cluster.reduce((sum, { score }) => sum + score, 0);
  if (cluster.length === 1 || total <= 0) return best;
  const mean = (value: (candidate: Candidate) => number): number =>
    cluster.reduce((sum, candidate) => sum + candidate.score * value(candidate), 0) / total;
  return {
    box: {
      left: mean(({ box }) => box.left),
      top: mean(({ box }) => box.top),
      width: mean(({ box }) => box.width),
      height: mean(({ box }) => box.height),
    },
    score: best.score,
    points: best.points.map((point, i) => ({
      x: mean(({ points }) => points[i]?.x ?? point.x),
      y: mean(({ points }) => points[i]?.y ?? point.y),
    })),
  };
}
