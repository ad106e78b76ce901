import type { DroppedEvent, ProgressEvent, Untold, VideoStats } from './events.ts';
import type { FollowCounts } from './follower.ts';
import type { SourceInfo } from './frame-source.ts';

/** Latencies that count for the percentiles. */
const KEPT = 200;
const NONE: FollowCounts = { processed: 0, still: 0, searches: 0, looks: 0, measured: 0, tracks: 0 };

/** Counts what a session does, and how long that takes. Times in ms. */
export class SessionMeter {
  readonly #now: () => number;
  readonly #latencies: number[] = [];
  #started: number;
  #pausedAt: number | undefined;
  #hasEnded = false;
  #paused = 0;
  #frames = 0;
  #processed = 0;
  #toldMs: number;
  #toldDropped = 0;

  constructor(now: () => number) {
    this.#now = now;
    this.#started = now();
    this.#toldMs = this.#started;
  }

  pause(): void {
    this.#pausedAt ??= this.#now();
  }

  resume(): void {
    if (this.#pausedAt === undefined || this.#hasEnded) return;
    this.#paused += this.#now() - this.#pausedAt;
    this.#pausedAt = undefined;
  }

  /** Time counts no further. */
  end(): void {
    this.pause();
    this.#hasEnded = true;
  }

  /** A frame was looked at in so many ms. */
  saw(index: number, ms: number): void {
    this.#frames = index + 1;
    this.#processed++;
    this.#latencies.push(ms);
    if (this.#latencies.length > KEPT) this.#latencies.shift();
  }

  /** Frames dropped since the last report, and how far a file is; none sooner than `everyMs` after the last. */
  report(dropped: number, info: SourceInfo, everyMs: number): Untold<DroppedEvent | ProgressEvent>[] {
    const now = this.#now();
    if (now - this.#toldMs < everyMs) return [];
    this.#toldMs = now;
    const events: Untold<DroppedEvent | ProgressEvent>[] = [];
    const frames = dropped - this.#toldDropped;
    this.#toldDropped = dropped;
    if (frames > 0) events.push({ type: 'dropped', frames });
    if (info.kind !== 'live') events.push(this.#progress(info));
    return events;
  }

  stats(counts: FollowCounts | undefined, dropped: number): VideoStats {
    const sorted = [...this.#latencies].sort((a, b) => a - b);
    const at = (share: number): number =>
      sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0;
    return {
      ...(counts ?? NONE),
      frames: Math.max(this.#frames, (counts ?? NONE).processed + dropped),
      dropped,
      elapsedMs: this.#elapsed,
      perSecond: this.#perSecond,
      latencyMs: { median: at(0.5), p95: at(0.95) },
    };
  }

  #progress({ frames = 0 }: SourceInfo): Untold<ProgressEvent> {
    const done = this.#frames;
    const perSecond = this.#elapsed > 0 ? (1000 * done) / this.#elapsed : 0;
    const left = frames > 0 && perSecond > 0 ? (1000 * Math.max(0, frames - done)) / perSecond : undefined;
    return { type: 'progress', done, total: frames, perSecond, ...(left !== undefined && { msLeft: left }) };
  }

  get #elapsed(): number {
    return (this.#pausedAt ?? this.#now()) - this.#started - this.#paused;
  }

  get #perSecond(): number {
    return this.#elapsed > 0 ? (1000 * this.#processed) / this.#elapsed : 0;
  }
}
