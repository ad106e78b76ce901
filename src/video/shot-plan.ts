import type { FrameFace } from '../core/frames.ts';
import type { Leisure } from './live-pace.ts';

/**
 * How often a track is measured, to see whether its shot improved: soon after one that is better than all before, then ever less often. A
 * file is measured often enough that the best tenth of a few seconds is not missed; a live source as it can. All times are of the video.
 */
const FIRST_EVERY_MS = 120;
const SLOWER_BY = 1.5;
const LAST_EVERY_MS = { file: 400, live: 1500 };
/** A face that looks better by this factor than when it was measured last is measured at once, but for the least time between. */
const BETTER_BY = 1.1;
const LEAST_EVERY_MS = 100;
/** Eyes so many pixels apart show the embedding model all that it looks at; more is no better. */
const ENOUGH_APART = 30;
/** Most faces measured in one frame, so that a crowd does not hold up the next: of a live source the next frame waits. */
const MOST_AT_ONCE = { file: 3, live: 1 };
/** A live source: measuring shots that may be better takes a fifth of the time at most. */
const TIMES_AS_LONG = 5;

/** When a track was measured, and what promise its face had then. */
export interface ShotPlan {
  readonly measuredMs: number;
  readonly everyMs: number;
  /** The best promise that was measured. */
  readonly promise: number;
}

/** A tracked face of this frame. */
export interface Candidate {
  readonly trackId: number;
  readonly face: FrameFace;
  readonly plan: ShotPlan | undefined;
}

/**
 * How good a shot a face promises to be before it is measured: the distance of its eyes in pixels, which falls as it is small or turned
 * away, up to where it is enough, times the detector's certainty, which falls with blur and what covers it.
 */
export function promiseOf({ box, eyes, score }: FrameFace): number {
  const apart = eyes
    ? Math.hypot(eyes[1].x - eyes[0].x, eyes[1].y - eyes[0].y)
    : 0.3 * Math.min(box.width, box.height);
  return Math.min(ENOUGH_APART, apart) * score;
}

/** A live source's last measuring. */
export interface LastMeasuring {
  /** In ms of the video. */
  readonly timeMs: number;
  readonly tookMs: number;
}

/** What a live source leaves time for. */
export interface LiveTime {
  readonly last: LastMeasuring | undefined;
  readonly leisure: Leisure;
}

/**
 * Which tracks are measured in this frame: those never measured first, then those that promise to be better by most, then those
 * that were not for longest.
 *
 * @param live - of a source whose frames come in their own time; undefined of a file
 */
export function planShots(
  candidates: readonly Candidate[],
  timeMs: number,
  live: LiveTime | undefined,
): Candidate[] {
  const urgencies = candidates.map((candidate) => [candidate, urgencyOf(candidate, timeMs)] as const);
  const hasJust = live?.last && timeMs - live.last.timeMs < TIMES_AS_LONG * live.last.tookMs;
  const leisure = live && hasJust && live.leisure === 'any' ? 'first' : (live?.leisure ?? 'any');
  if (leisure === 'none') return [];
  return urgencies
    .filter(([{ plan }, urgency]) => urgency > 0 && (leisure === 'any' || !plan))
    .sort(([a, first], [b, second]) => second - first || a.trackId - b.trackId)
    .slice(0, live ? MOST_AT_ONCE.live : MOST_AT_ONCE.file)
    .map(([candidate]) => candidate);
}

/** 0: not now. */
function urgencyOf({ face, plan }: Candidate, timeMs: number): number {
  if (!plan) return Infinity;
  const since = timeMs - plan.measuredMs;
  const better = promiseOf(face) / plan.promise;
  if (better >= BETTER_BY && since >= LEAST_EVERY_MS) return 10 * better;
  return since >= plan.everyMs ? Math.min(1, since / LAST_EVERY_MS.live) : 0;
}

/** The plan of a track that was measured now. `live`: of a source whose frames come in their own time. */
export function afterShot(
  plan: ShotPlan | undefined,
  face: FrameFace,
  timeMs: number,
  { isBetter, live }: { readonly isBetter: boolean; readonly live: boolean },
): ShotPlan {
  const most = live ? LAST_EVERY_MS.live : LAST_EVERY_MS.file;
  const every = !plan || isBetter ? FIRST_EVERY_MS : Math.min(most, plan.everyMs * SLOWER_BY);
  return { measuredMs: timeMs, everyMs: every, promise: Math.max(plan?.promise ?? 0, promiseOf(face)) };
}
