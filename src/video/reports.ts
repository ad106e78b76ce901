import { DEFAULT_THRESHOLD } from '../core/confidence.ts';
import { dedupe, type Report } from './dedupe.ts';
import type { BestShot, BestShotEvent, Untold } from './events.ts';
import type { FollowOptions } from './follow-options.ts';
import { leaveShots, NO_SHOTS, type Shot, type ShotState, takeShot } from './shot.ts';

/** Which shots of all tracks are reported, and when. */
export class Reports {
  readonly #options: FollowOptions;
  readonly #states = new Map<number, ShotState<BestShot>>();
  #recent: readonly Report<BestShot>[] = [];

  constructor(options: FollowOptions) {
    this.#options = options;
  }

  /** A track's face was measured. */
  shot(trackId: number, shot: BestShot): Untold<BestShotEvent>[] {
    const { timeMs, score } = shot;
    const state = this.#states.get(trackId) ?? NO_SHOTS;
    const [next, reported] = takeShot(state, { timeMs, score, shot }, this.#options);
    this.#states.set(trackId, next);
    return this.#report(trackId, reported);
  }

  /** A track has ended, or turned out to be the older one `same`, whose its shots are then. */
  left(trackId: number, same?: number): Untold<BestShotEvent>[] {
    const state = this.#states.get(trackId);
    this.#states.delete(trackId);
    if (!state) return [];
    if (same !== undefined)
      return state.best && !this.#options.realtime ? this.shot(same, state.best.shot) : [];
    return this.#report(trackId, leaveShots(state, this.#options)[1]);
  }

  #report(trackId: number, reported: Shot<BestShot> | undefined): Untold<BestShotEvent>[] {
    if (!reported) return [];
    const { shot, timeMs } = reported;
    const { dedupe: rules } = this.#options;
    if (rules) {
      const report = { trackId, timeMs, box: shot.box, person: shot };
      const [recent, isReported] = dedupe(this.#recent, report, rules, (a, b) => this.#isSame(a, b));
      this.#recent = recent;
      if (!isReported) return [];
    }
    return [{ type: 'best-shot', trackId, ...shot }];
  }

  #isSame(a: BestShot, b: BestShot): boolean {
    const { appearance } = this.#options.tracker;
    if (!appearance) return false;
    const cosine = a.embedding.reduce((sum, value, i) => sum + value * b.embedding[i]!, 0);
    return appearance.judge(cosine, a.reliability ?? 1, b.reliability ?? 1) >= DEFAULT_THRESHOLD;
  }
}
