import { badParam } from '../core/errors.ts';

/** Rates that files have, as quotients of integers. */
const RATES: readonly number[] = [
  12,
  15,
  24000 / 1001,
  24,
  25,
  30000 / 1001,
  30,
  48,
  50,
  60000 / 1001,
  60,
  90,
  100,
  120000 / 1001,
  120,
];

/** Containers write times in steps of a millisecond (WebM) or finer: an interval is wrong by this much at most, in seconds. */
const STEP = 0.0011;

/** By so much times may differ that are one, in seconds. */
const ROUNDING = 1e-5;

/** When the frames of a file are shown: the way from a frame's number to its time and back. */
export class FrameTimes {
  /** Seconds, rising. */
  readonly times: Float64Array;
  /** How long the last frame is shown, in seconds. */
  readonly #lastDuration: number;

  /**
   * @param times - of the file's packets in seconds, in any order; those below 0 only prepare the first frame and are not shown
   * @param lastDuration - how long the last frame is shown, in seconds; 0 if nobody knows
   */
  constructor(times: ArrayLike<number>, lastDuration: number = 0) {
    const sorted = Float64Array.from(times).sort();
    const first = sorted.findIndex((time) => time >= -STEP / 2);
    this.times = first < 0 ? sorted : sorted.subarray(first);
    this.#lastDuration = lastDuration;
  }

  get count(): number {
    return this.times.length;
  }

  /** When the first frame is shown, in seconds. */
  get first(): number {
    return this.times[0] ?? 0;
  }

  /** From the first frame's start to the last one's end. */
  get durationMs(): number {
    return (this.end - this.first) * 1000;
  }

  /** When the last frame ends, in seconds. */
  get end(): number {
    const { count } = this;
    if (count === 0) return 0;
    return this.times[count - 1]! + (this.#lastDuration || (this.#meanInterval() ?? 0));
  }

  /**
   * Frames a second: the known rate if the mean is one within what rounding of the times allows, else the mean. Undefined for fewer
   * than two frames.
   */
  get fps(): number | undefined {
    const interval = this.#meanInterval();
    if (!interval) return undefined;
    const mean = 1 / interval;
    const tolerance = Math.max(2e-4, STEP / (interval * (this.count - 1))) * mean;
    const nearest = RATES.reduce((best, rate) =>
      Math.abs(rate - mean) < Math.abs(best - mean) ? rate : best,
    );
    return Math.abs(nearest - mean) <= tolerance ? nearest : mean;
  }

  /** Whether some frames are shown for longer than others. */
  get isVariable(): boolean {
    const interval = this.#meanInterval() ?? 0;
    return this.times.some((time, k) => k > 0 && Math.abs(time - this.times[k - 1]! - interval) > STEP);
  }

  /** The frame that is shown at `time`, in seconds; -1 before the first. */
  indexAt(time: number): number {
    let [low, high] = [0, this.count];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.times[middle]! <= time + ROUNDING) low = middle + 1;
      else high = middle;
    }
    return low - 1;
  }

  /** The same of the frames from number `next` on, where several may have one time: the first that has. */
  indexFrom(next: number, time: number): number {
    const isNext = next < this.count && Math.abs(this.times[next]! - time) <= ROUNDING;
    return isNext ? next : this.indexAt(time);
  }

  /** Time of a frame since the first one, in milliseconds. */
  timeMs(index: number): number {
    return ((this.times[index] ?? this.end) - this.first) * 1000;
  }

  /** A time at which this frame is shown, in seconds: after `share` of its own time, 0..1. */
  within(index: number, share: number): number {
    const start = this.times[index] ?? this.end;
    return start + share * ((this.times[index + 1] ?? this.end) - start);
  }

  #meanInterval(): number | undefined {
    const { count } = this;
    return count < 2 ? undefined : (this.times[count - 1]! - this.times[0]!) / (count - 1);
  }
}

/** @throws NearFaceError `BAD_PARAM` unless it is the number of a frame, of `count` if that is known */
export function checkFrameIndex(index: number, count: number | undefined): void {
  if (Number.isSafeInteger(index) && index >= 0 && (count === undefined || index < count)) return;
  const range = count === undefined ? '0 or more' : `0 to ${count - 1}`;
  throw badParam('frameIndex', index, `the number of a frame, an integer of ${range}`);
}
