/**
 * Whether a face itself is before the camera, or a picture of one is held there. Told from one picture, by what prints show; see
 * docs/liveness.md for what was measured and what was not.
 */
export interface Liveness {
  /** `live` from a score of 0.5 on. */
  readonly value: 'live' | 'spoof';
  /** 0 surely a picture of a face .. 1 surely a face. */
  readonly score: number;
}

/** Liveness is told of faces whose longer side is at least so many pixels. */
export const MIN_LIVENESS_SIZE = 48;

/** From which score on a face counts as live. */
export const LIVE_SCORE = 0.5;

/** Whether a face passes a gate: liveness that could not be told passes none. */
export function passesLiveness(liveness: Liveness | undefined, least: number): boolean {
  return liveness !== undefined && liveness.score >= least;
}

/** The answer for a score. */
export function livenessOf(score: number): Liveness {
  return { value: score >= LIVE_SCORE ? 'live' : 'spoof', score };
}
