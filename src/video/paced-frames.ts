import { untilAborted } from '../core/until-aborted.ts';
import type { Frame, FrameSource, SourceInfo } from './frame-source.ts';

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
  /** The wall's time of the frame at 0 ms. */
  #start: number | undefined;
  #held: Frame<Image> | undefined;
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
    let frame = await this.#take(signal);
    if (!frame) return undefined;
    this.#start ??= this.#clock.now() - frame.timeMs;
    while (frame.timeMs <= this.#late()) {
      const after: Frame<Image> | undefined = await this.#peek(frame, signal);
      if (!after || after.timeMs > this.#late()) {
        this.#held = after;
        return frame;
      }
      frame.close();
      this.#dropped++;
      frame = after;
    }
    await this.#waitFor(frame, signal);
    if (!this.#isClosed) return frame;
    frame.close();
    return undefined;
  }

  async seek(frameIndex: number): Promise<void> {
    await this.#source.seek?.(frameIndex);
    this.#restart();
  }

  pause(): void {
    this.#source.pause();
  }

  /** Goes on where it was paused: no frame is late by the pause. */
  resume(): void {
    this.#start = undefined;
    this.#source.resume();
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#restart();
    await this.#source.close();
  }

  #late(): number {
    return this.#clock.now() - (this.#start ?? 0);
  }

  async #take(signal: AbortSignal | undefined): Promise<Frame<Image> | undefined> {
    const [held, failure] = [this.#held, this.#failure];
    this.#held = undefined;
    if (held) return held;
    this.#failure = undefined;
    if (failure) throw failure.error;
    return this.#source.next(signal);
  }

  /** The frame after the one in hand. That it cannot be had is told once the one in hand was given. */
  async #peek(frame: Frame<Image>, signal: AbortSignal | undefined): Promise<Frame<Image> | undefined> {
    try {
      return await this.#source.next(signal);
    } catch (error) {
      if (!signal?.aborted) this.#failure = { error };
      else this.#held = frame;
      if (signal?.aborted) throw error;
      return undefined;
    }
  }

  async #waitFor(frame: Frame<Image>, signal: AbortSignal | undefined): Promise<void> {
    try {
      await untilAborted(this.#clock.sleep(frame.timeMs - this.#late()), signal);
    } catch (error) {
      this.#held = frame;
      throw error;
    }
  }

  #restart(): void {
    this.#held?.close();
    this.#held = undefined;
    this.#failure = undefined;
    this.#start = undefined;
  }
}
