import { untilAborted } from '../core/until-aborted.ts';
import type { Frame, FrameSource, SourceInfo } from './frame-source.ts';
import { Pause } from './pause.ts';

/** The wall's time, and how it is waited for. */
export interface Clock {
  now(): number;
  sleep(ms: number): Promise<void>;
}

const wall: Clock = {
  now: () => performance.now(),
  sleep: (ms) => new Promise((done) => setTimeout(done, ms)),
};

/** A recorded source as a camera would give it: each frame at its time, and those that are late by a frame are dropped and counted. */
export class PacedFrames<Image> implements FrameSource<Image> {
  readonly #source: FrameSource<Image>;
  readonly #clock: Clock;
  readonly #pause = new Pause();
  /** The wall's time of the frame at 0 ms; none before the first frame, and after a pause. */
  #start: number | undefined;
  /** Frames that were taken from the source and not given, in their order. */
  readonly #held: Frame<Image>[] = [];
  #failure: { readonly error: unknown } | undefined;
  #dropped = 0;
  #isClosed = false;

  constructor(source: FrameSource<Image>, clock: Clock = wall) {
    this.#source = source;
    this.#clock = clock;
  }

  get info(): SourceInfo {
    return this.#source.info;
  }

  get dropped(): number {
    return this.#dropped + this.#source.dropped;
  }

  async next(signal?: AbortSignal): Promise<Frame<Image> | undefined> {
    for (;;) {
      while (this.#pause.isOn && !this.#isClosed) await this.#pause.over(signal);
      const frame = await this.#newest(signal);
      if (!frame) return undefined;
      await this.#waitFor(frame, signal);
      if (this.#isClosed) {
        frame.close();
        this.#restart();
        return undefined;
      }
      if (!this.#pause.isOn) return frame;
      this.#held.unshift(frame);
    }
  }

  async seek(frameIndex: number): Promise<void> {
    await this.#source.seek?.(frameIndex);
    this.#restart();
  }

  pause(): void {
    this.#pause.begin();
    this.#source.pause();
  }

  /** Goes on where it was paused: no frame is late by the pause. */
  resume(): void {
    this.#start = undefined;
    this.#source.resume();
    this.#pause.end();
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#restart();
    this.#pause.end();
    await this.#source.close();
  }

  /** The next frame, but for those that are late by a frame. */
  async #newest(signal: AbortSignal | undefined): Promise<Frame<Image> | undefined> {
    let frame = await this.#take(signal);
    while (frame && frame.timeMs <= this.#shown(frame)) {
      const after: Frame<Image> | undefined = await this.#peek(frame, signal);
      if (!after || after.timeMs > this.#shown(frame)) {
        if (after) this.#held.push(after);
        return frame;
      }
      frame.close();
      this.#dropped++;
      frame = after;
    }
    return frame;
  }

  /** The source's time that is to be shown now: that of the first frame at its beginning. */
  #shown({ timeMs }: Frame<Image>): number {
    const now = this.#clock.now();
    this.#start ??= now - timeMs;
    return now - this.#start;
  }

  async #take(signal: AbortSignal | undefined): Promise<Frame<Image> | undefined> {
    const held = this.#held.shift();
    if (held) return held;
    const failure = this.#failure;
    this.#failure = undefined;
    if (failure) throw failure.error;
    return this.#source.next(signal);
  }

  /** The frame after the one in hand. That it cannot be had is told once the one in hand was given. */
  async #peek(frame: Frame<Image>, signal: AbortSignal | undefined): Promise<Frame<Image> | undefined> {
    const held = this.#held.shift();
    if (held || this.#failure) return held;
    try {
      return await this.#source.next(signal);
    } catch (error) {
      if (signal?.aborted) {
        this.#held.unshift(frame);
        throw error;
      }
      this.#failure = { error };
      return undefined;
    }
  }

  async #waitFor(frame: Frame<Image>, signal: AbortSignal | undefined): Promise<void> {
    const ms = frame.timeMs - this.#shown(frame);
    if (ms <= 0) return;
    try {
      await untilAborted(this.#clock.sleep(ms), signal);
    } catch (error) {
      this.#held.unshift(frame);
      throw error;
    }
  }

  #restart(): void {
    for (const frame of this.#held.splice(0)) frame.close();
    this.#failure = undefined;
    this.#start = undefined;
  }
}
