import { abortedError } from '../core/errors.ts';
import type { Frame } from './frame-source.ts';

interface Waiter<Image> {
  readonly give: (frame: Frame<Image> | undefined) => void;
  readonly fail: (error: unknown) => void;
}

/** Frames that wait to be taken, and takers that wait for frames. Of more than `limit` frames the oldest are dropped, closed and counted. */
export class FrameQueue<Image> {
  /** How many frames were dropped. */
  dropped = 0;
  readonly #limit: number;
  readonly #frames: Frame<Image>[] = [];
  readonly #waiters: Waiter<Image>[] = [];
  #isPaused = false;
  /** What comes after the last frame. */
  #end: { readonly error?: unknown } | undefined;

  constructor(limit: number = Infinity) {
    this.#limit = limit;
  }

  /** How many frames wait. */
  get length(): number {
    return this.#frames.length;
  }

  /** Owns `frame` from now on. */
  push(frame: Frame<Image>): void {
    if (this.#end) return frame.close();
    this.#frames.push(frame);
    this.#serve();
    while (this.#frames.length > this.#limit) {
      this.#frames.shift()!.close();
      this.dropped++;
    }
  }

  /** The next frame, `undefined` at the end. @throws NearFaceError `ABORTED`; what {@link FrameQueue.fail} was given */
  next(signal?: AbortSignal): Promise<Frame<Image> | undefined> {
    return new Promise((give, fail) => {
      if (signal?.aborted) return fail(abortedError(signal.reason));
      const abort = (): void => {
        this.#waiters.splice(this.#waiters.indexOf(waiter), 1);
        fail(abortedError(signal?.reason));
      };
      const settled = (): void => signal?.removeEventListener('abort', abort);
      const waiter: Waiter<Image> = {
        give: (frame) => (settled(), give(frame)),
        fail: (error) => (settled(), fail(error)),
      };
      signal?.addEventListener('abort', abort, { once: true });
      this.#waiters.push(waiter);
      this.#serve();
    });
  }

  /** While paused nothing is given; the end is still told. */
  pause(): void {
    this.#isPaused = true;
  }

  resume(): void {
    this.#isPaused = false;
    this.#serve();
  }

  /** No frame comes any more; those that wait are still given. */
  end(): void {
    this.#end ??= {};
    this.#serve();
  }

  /** As {@link FrameQueue.end}, but the end is an error, told once. */
  fail(error: unknown): void {
    this.#end ??= { error };
    this.#serve();
  }

  /** Closes what waits, uncounted, and forgets the end: other frames will come. */
  restart(): void {
    this.drop();
    this.#end = undefined;
  }

  /** Closes what waits; who waits is told that it has ended. */
  close(): void {
    this.drop();
    this.#end = {};
    this.#isPaused = false;
    this.#serve();
  }

  /** Closes what waits, uncounted. */
  drop(): void {
    for (const frame of this.#frames.splice(0)) frame.close();
  }

  #serve(): void {
    while (this.#waiters.length > 0) {
      const hasFrame = this.#frames.length > 0;
      if (hasFrame ? this.#isPaused : !this.#end) return;
      const waiter = this.#waiters.shift()!;
      if (hasFrame) waiter.give(this.#frames.shift());
      else if (this.#end && 'error' in this.#end) this.#tell(waiter, this.#end.error);
      else waiter.give(undefined);
    }
  }

  #tell(waiter: Waiter<Image>, error: unknown): void {
    this.#end = {};
    waiter.fail(error);
  }
}
