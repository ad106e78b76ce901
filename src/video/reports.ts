import type { Box } from '../core/types.ts';
import { containsCentre } from '../geometry/boxes.ts';
import type { BestShot, BestShotEvent } from './events.ts';
import type { FollowOptions } from './follow-options.ts';

/** What of a track was reported. */
interface Reported {
  /** The score that a further report must reach. */
  bar: number;
  reportedMs: number;
  /** Of a file: the best, until the track ends. */
  best?: BestShot;
}

/** Which shots are reported, and when: real-time or once a track, within the bounds. */
export class Reports {
  readonly #options: FollowOptions;
  readonly #tracks = new Map<number, Reported>();

  constructor(options: FollowOptions) {
    this.#options = options;
  }

  /** Whether a face at a box is told of. */
  isWithin(box: Box): boolean {
    const { roi, minFaceSize = 0, maxFaceSize = Infinity } = this.#options;
    const shorter = Math.min(box.width, box.height);
    const longer = Math.max(box.width, box.height);
    if (shorter < minFaceSize || longer > maxFaceSize) return false;
    return !roi || containsCentre(roi, box);
  }

  shot(trackId: number, shot: BestShot): BestShotEvent[] {
    const { realtime, minShotScore, scoreStep, delayMs, refreshMs } = this.#options;
    const state = this.#tracks.get(trackId) ?? { bar: minShotScore, reportedMs: -Infinity };
    this.#tracks.set(trackId, state);
    if (!realtime) {
      if (shot.score >= minShotScore && shot.score > (state.best?.score ?? 0)) state.best = shot;
      return [];
    }
    if (refreshMs > 0 && shot.timeMs - state.reportedMs >= refreshMs) state.bar = minShotScore;
    if (shot.score < state.bar || shot.timeMs - state.reportedMs < delayMs) return [];
    state.bar = shot.score + scoreStep;
    state.reportedMs = shot.timeMs;
    return [this.#event(trackId, shot)];
  }

  left(trackId: number): BestShotEvent[] {
    const state = this.#tracks.get(trackId);
    this.#tracks.delete(trackId);
    return state?.best ? [this.#event(trackId, state.best)] : [];
  }

  #event(trackId: number, shot: BestShot): BestShotEvent {
    const { cameraId } = this.#options;
    return { type: 'best-shot', trackId, ...(cameraId !== undefined && { cameraId }), ...shot };
  }
}
