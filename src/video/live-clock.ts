/** A source whose own time is further ahead of the wall's than this was moved. */
const JUMP_MS = 1000;

/** Where a frame of a live source lies in time. */
export interface LiveTime {
  /** Since the first frame; never falls. */
  readonly timeMs: number;
  /** The source's own time went back, or ahead by more than {@link JUMP_MS} beyond what has passed. */
  readonly jumped?: { readonly fromMs: number; readonly toMs: number };
}

/** Makes one time that never goes back out of a source's own time, which does when somebody moves a `<video>`. */
export class LiveClock {
  #last: { readonly ownMs: number; readonly nowMs: number } | undefined;
  #timeMs = 0;

  /**
   * @param ownMs - the frame's time in the source
   * @param nowMs - the wall's time, from any beginning
   */
  at(ownMs: number, nowMs: number): LiveTime {
    const last = this.#last;
    this.#last = { ownMs, nowMs };
    if (!last) return { timeMs: 0 };
    const own = ownMs - last.ownMs;
    const passed = Math.max(0, nowMs - last.nowMs);
    const hasJumped = own < 0 || own > 4 * passed + JUMP_MS;
    // A source whose time stands still goes by the wall's.
    this.#timeMs += own > 0 && !hasJumped ? own : passed;
    if (!hasJumped) return { timeMs: this.#timeMs };
    return { timeMs: this.#timeMs, jumped: { fromMs: last.ownMs, toMs: ownMs } };
  }
}
