/** A file's frames: one in so many is searched whole, so that a face is seen within two frames of its coming. */
const EVERY_FRAMES = 3;
/** After the first search of a file and of each cut, when every face is new, so many frames more are searched: what one shows badly, the next may show. */
const NEW_FRAMES = 2;
/** A live source: so long after the last search the next is due, and so many times as long as it took: a sixth of the time at most. */
const LEAST_MS = 120;
const TIMES_AS_LONG = 6;
/** Where there is something more urgent, the search waits up to so many times longer. */
const LONGER_IF_PRESSED = 2;

/** When whole frames are searched for faces that are not tracked yet. */
export interface SearchPlan {
  /** Frames since the last search, those in which nothing moved included; Infinity before the first. */
  readonly framesSince: number;
  /** When it was, in ms of the video, and how long it took, in ms. */
  readonly timeMs: number;
  readonly tookMs: number;
  /** How many of the next frames are searched in any case. */
  readonly next: number;
}

export const NO_SEARCH_YET: SearchPlan = Object.freeze({
  framesSince: Infinity,
  timeMs: -Infinity,
  tookMs: 0,
  next: 0,
});

/**
 * Whether this frame is searched whole.
 *
 * @param live - of a live source, whether there is something more urgent: it is searched as the machine can; undefined of a file: by the frames alone,
 *   which is the same in every run
 */
export function isSearchDue(
  plan: SearchPlan,
  timeMs: number,
  live: { readonly isPressed: boolean } | undefined,
): boolean {
  if (!live) return plan.next > 0 || plan.framesSince + 1 >= EVERY_FRAMES;
  const pauseMs = Math.max(LEAST_MS, TIMES_AS_LONG * plan.tookMs);
  return timeMs - plan.timeMs >= (live.isPressed ? LONGER_IF_PRESSED * pauseMs : pauseMs);
}

/** The plan after a search. `isCut`: of the first frame after a cut. */
export function searched(plan: SearchPlan, timeMs: number, tookMs: number, isCut: boolean): SearchPlan {
  const isNew = isCut || plan.framesSince === Infinity;
  return { framesSince: 0, timeMs, tookMs, next: isNew ? NEW_FRAMES : Math.max(0, plan.next - 1) };
}

/** The plan after a frame that was not searched. */
export function skipped(plan: SearchPlan): SearchPlan {
  return { ...plan, framesSince: plan.framesSince + 1 };
}
