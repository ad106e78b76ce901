import type { Box } from '../core/types.ts';

/** When a face counts as one that was reported before, under another track (VIDEO.md §2.4). */
export interface DedupeRules {
  /** How long a report is remembered, in ms of the video. */
  readonly windowMs: number;
  /** So many reports of a person in the window are enough. */
  readonly maxDuplicates: number;
  /** Faces whose centres lie further apart are not compared, in pixels. */
  readonly maxShiftPx: number;
}

/** A face that was reported, or would be. `person` is what faces are compared by; it is kept as long as it may be asked for. */
export interface Report<P> {
  readonly trackId: number;
  readonly timeMs: number;
  readonly box: Box;
  readonly person: P;
}

/**
 * Whether a face is reported, and the reports to remember from then on. Those of the same track do not count: each track reports
 * by its own rules. Tracks are reported when they have left, so that a report may be of an earlier time than one before it.
 *
 * @param reports - remembered so far
 * @param isSame - whether two faces are the same person
 * @param sinceMs - no report to come is of an earlier time
 */
export function dedupe<P>(
  reports: readonly Report<P>[],
  report: Report<P>,
  { windowMs, maxDuplicates, maxShiftPx }: DedupeRules,
  isSame: (a: P, b: P) => boolean,
  sinceMs: number,
): [reports: readonly Report<P>[], isReported: boolean] {
  const recent = reports.filter(({ timeMs }) => sinceMs - timeMs <= windowMs);
  const duplicates = recent.filter(
    (other) =>
      other.trackId !== report.trackId &&
      Math.abs(report.timeMs - other.timeMs) <= windowMs &&
      shift(other.box, report.box) <= maxShiftPx &&
      isSame(other.person, report.person),
  );
  if (duplicates.length > 0 && duplicates.length >= maxDuplicates) return [recent, false];
  return [[...recent, report], true];
}

function shift(a: Box, b: Box): number {
  const x = a.left + a.width / 2 - b.left - b.width / 2;
  const y = a.top + a.height / 2 - b.top - b.height / 2;
  return Math.sqrt(x * x + y * y);
}
