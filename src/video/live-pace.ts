import type { FrameTime } from './track.ts';

/** A follower that is later than this has frames waiting, in ms. */
const BEHIND_MS = 8;

/** What more a frame of a live source leaves time for: any shot, those of faces of which there is none yet, or none. */
export type Leisure = 'any' | 'first' | 'none';

/**
 * Whether a live source's frames are kept up with. Each frame is looked at in time if no two long tasks (a whole search, faces that
 * are told apart, a shot that is measured) fall on one frame, nor on those that follow while the first is made up for: what can wait, waits.
 */
export class LivePace {
  readonly #now: () => number;
  #last: FrameTime | undefined;
  #startedMs = 0;
  #tookMs = 0;
  #behindMs = 0;
  #leisure: Leisure = 'any';
  #hasEmbedded = false;
  #embeddedBefore = false;

  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  /** A frame is looked at. After frames that were dropped nothing is to be made up for. */
  begin(frame: FrameTime): void {
    const last = this.#last;
    const hasDropped = !last || frame.index > last.index + 1;
    const late = hasDropped ? 0 : this.#behindMs + this.#tookMs - (frame.timeMs - last.timeMs);
    this.#behindMs = Math.max(0, late);
    this.#leisure = this.#isBehind ? 'first' : 'any';
    this.#embeddedBefore = this.#hasEmbedded;
    this.#hasEmbedded = false;
    this.#last = frame;
    this.#startedMs = this.#now();
  }

  /** It was searched whole, or its faces were told apart. */
  hasDone(task: 'search' | 'embed'): void {
    this.#hasEmbedded ||= task === 'embed';
    if (task === 'search') this.#leisure = 'none';
    else if (this.#leisure === 'any') this.#leisure = 'first';
  }

  /** That was all. */
  end(): void {
    this.#tookMs = this.#now() - this.#startedMs;
  }

  /** Whether earlier frames took longer than until this one came. */
  get #isBehind(): boolean {
    return this.#behindMs > BEHIND_MS;
  }

  /** Whether a whole search had better wait: frames do, or faces were told apart in the last frame and may have to be in this one, too. */
  get isPressed(): boolean {
    return this.#isBehind || this.#embeddedBefore;
  }

  /** What shots may be measured in this frame. */
  get leisure(): Leisure {
    return this.#leisure;
  }
}
