/** When a shot of a track is reported (VIDEO.md §2.2, §2.3). Times are of the video, in ms. */
export interface ShotRules {
  /** Whether shots are reported while the face is seen; else one, the best, when it has left. */
  readonly realtime: boolean;
  /** Least score of a reported shot, 0..1. */
  readonly minShotScore: number;
  /** Each further report of a track beats the last by this. */
  readonly scoreStep: number;
  /** Least time between two reports of a track. */
  readonly delayMs: number;
  /** The bar falls back after so long; 0: never. */
  readonly refreshMs: number;
}

export const DEFAULT_SHOT_RULES: ShotRules = Object.freeze({
  realtime: true,
  minShotScore: 0.3,
  scoreStep: 0.05,
  delayMs: 0,
  refreshMs: 0,
});

/** A face of a track at a moment; `shot` is whatever is kept of it. */
export interface Shot<T> {
  readonly timeMs: number;
  /** Of quality, 0..1. */
  readonly score: number;
  readonly shot: T;
}

/** What is known of a track's shots. Immutable; begin with {@link NO_SHOTS}. */
export interface ShotState<T> {
  /** The best shot that passes the least score; offline, the one that will be reported. */
  readonly best: Shot<T> | undefined;
  readonly reported: { readonly timeMs: number; readonly score: number } | undefined;
}

export const NO_SHOTS: ShotState<never> = Object.freeze({ best: undefined, reported: undefined });

/** The score that a shot must reach at a time to be reported at once; Infinity while none is. */
export function shotBar(
  { reported }: ShotState<unknown>,
  timeMs: number,
  { realtime, minShotScore, scoreStep, delayMs, refreshMs }: ShotRules,
): number {
  if (!realtime) return Infinity;
  if (!reported) return minShotScore;
  const since = timeMs - reported.timeMs;
  if (since < delayMs) return Infinity;
  if (refreshMs > 0 && since >= refreshMs) return minShotScore;
  return reported.score + scoreStep;
}

/** The track after a shot, and the shot if it is reported now. A score that is no number is none. */
export function takeShot<T>(
  state: ShotState<T>,
  shot: Shot<T>,
  rules: ShotRules,
): [ShotState<T>, Shot<T> | undefined] {
  if (!(shot.score >= rules.minShotScore)) return [state, undefined];
  const best = state.best && state.best.score >= shot.score ? state.best : shot;
  if (!(shot.score >= shotBar(state, shot.timeMs, rules))) return [{ ...state, best }, undefined];
  const { timeMs, score } = shot;
  return [{ best, reported: { timeMs, score } }, shot];
}

/**
 * The track after its face left, or its source ended: offline its best shot is reported; in real time the bar falls back, so
 * that a face that returns is reported anew.
 */
export function leaveShots<T>(
  state: ShotState<T>,
  { realtime }: ShotRules,
): [ShotState<T>, Shot<T> | undefined] {
  return [NO_SHOTS, realtime ? undefined : state.best];
}
