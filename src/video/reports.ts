import { DEFAULT_THRESHOLD } from '../core/confidence.ts';
import { dot } from '../core/dot.ts';
import { dedupe, type Report } from './dedupe.ts';
import type { BestShot, BestShotEvent, Untold } from './events.ts';
import type { FollowOptions } from './follow-options.ts';
import { leaveShots, NO_SHOTS, type Shot, type ShotState, takeShot } from './shot.ts';

/** What reported faces are compared by. */
type Compared = Pick<BestShot, 'embedding' | 'reliability'>;

/** What is known of the tracks' reports, as plain data but for pictures. */
export interface ReportsState {
  readonly states: ReadonlyMap<number, ShotState<BestShot>>;
  readonly recent: readonly Report<Compared>[];
}

/** Which shots of all tracks are reported, and when. */
export class Reports {
  readonly #options: FollowOptions;
  readonly #states = new Map<number, ShotState<BestShot>>();
  #recent: readonly Report<Compared>[] = [];

  constructor(options: FollowOptions) {
    this.#options = options;
  }

  /** All that is known. */
  save(): ReportsState {
    return { states: this.#states, recent: this.#recent };
  }

  /** Goes on from what was known. */
  restore({ states, recent }: ReportsState): void {
    for (const [trackId, state] of states) this.#states.set(trackId, state);
    this.#recent = recent;
  }

  /** A track's face was measured. */
  shot(trackId: number, shot: BestShot): Untold<BestShotEvent>[] {
    const { timeMs, score } = shot;
    const state = this.#states.get(trackId) ?? NO_SHOTS;
    const [next, reported] = takeShot(state, { timeMs, score, shot }, this.#options);
    this.#states.set(trackId, next);
    return this.#report(trackId, reported);
  }

  /** A track is not to be reported. What was reported of it stays told. */
  forget(trackId: number): void {
    this.#states.delete(trackId);
  }

  /** A track has ended, or turned out to be the older one `same`, whose its shots are then. */
  left(trackId: number, same?: number): Untold<BestShotEvent>[] {
    const state = this.#states.get(trackId);
    this.#states.delete(trackId);
    if (!state) return [];
    if (same !== undefined && this.#options.realtime) return this.#raiseBar(same, state);
    if (same !== undefined) return state.best ? this.shot(same, state.best.shot) : [];
    return this.#report(trackId, leaveShots(state, this.#options)[1]);
  }

  /** What was reported of a track that was an older one all the time was reported of that. */
  #raiseBar(trackId: number, { reported }: ShotState<BestShot>): [] {
    const older = this.#states.get(trackId) ?? NO_SHOTS;
    if (reported && !(older.reported && older.reported.score >= reported.score))
      this.#states.set(trackId, { ...older, reported });
    return [];
  }

  #report(trackId: number, reported: Shot<BestShot> | undefined): Untold<BestShotEvent>[] {
    if (!reported) return [];
    const { shot, timeMs } = reported;
    const { dedupe: rules } = this.#options;
    if (rules) {
      const { box, embedding, reliability } = shot;
      const person = { embedding, ...(reliability !== undefined && { reliability }) };
      const report = { trackId, timeMs, box, person };
      const isSame = (a: Compared, b: Compared): boolean => this.#isSame(a, b);
      const [recent, isReported] = dedupe(this.#recent, report, rules, isSame, this.#since(timeMs));
      this.#recent = recent;
      if (!isReported) return [];
    }
    return [{ type: 'best-shot', trackId, ...shot }];
  }

  /** The earliest time that a report to come may be of: tracks that are there may be reported by what they showed before. */
  #since(timeMs: number): number {
    let since = timeMs;
    if (!this.#options.realtime)
      for (const { best } of this.#states.values()) since = Math.min(since, best?.timeMs ?? since);
    return since;
  }

  #isSame(a: Compared, b: Compared): boolean {
    const { appearance } = this.#options.tracker;
    if (!appearance) return false;
    return (
      appearance.judge(dot(a.embedding, b.embedding), a.reliability ?? 1, b.reliability ?? 1) >=
      DEFAULT_THRESHOLD
    );
  }
}
