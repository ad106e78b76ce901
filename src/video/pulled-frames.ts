import { abortedError } from '../core/errors.ts';
import { SerialQueue } from '../core/serial-queue.ts';
import type { Frame, FrameSource, SourceEvent, SourceInfo } from './frame-source.ts';
import { checkFrameIndex } from './frame-times.ts';
import { Pause } from './pause.ts';

/** A source whose frames are made one after the other, each when it is asked for. */
export abstract class PulledFrames<Image> implements FrameSource<Image> {
  readonly dropped = 0;
  abstract readonly info: SourceInfo;
  readonly #onEvent: ((event: SourceEvent) => void) | undefined;
  readonly #turns = new SerialQueue();
  readonly #pause = new Pause();
  /** The frame that comes next. */
  #index = 0;
  #hasEnded = false;
  #isClosed = false;

  protected constructor(onEvent: ((event: SourceEvent) => void) | undefined) {
    this.#onEvent = onEvent;
  }

  /** What is made when it is closed is given to nobody. */
  protected get isClosed(): boolean {
    return this.#isClosed;
  }

  /** Makes a frame; undefined behind the last. It is asked for again where `signal` was aborted meanwhile. */
  protected abstract make(index: number, signal: AbortSignal | undefined): Promise<Frame<Image> | undefined>;

  /** Lets go of what frames are made of; once. */
  protected abstract letGo(): Promise<void>;

  next(signal?: AbortSignal): Promise<Frame<Image> | undefined> {
    return this.#turns.run(async () => {
      while (this.#pause.isOn && !this.#isClosed) await this.#pause.over(signal);
      if (this.#isClosed) return undefined;
      const index = this.#index;
      const frame = await this.#made(index, signal);
      if (signal?.aborted || this.#isClosed) frame?.close();
      if (signal?.aborted) throw abortedError(signal.reason);
      if (this.#isClosed) return undefined;
      if (!frame) return this.#end();
      this.goOn(index + 1);
      return frame;
    }, signal);
  }

  pause(): void {
    this.#pause.begin();
  }

  resume(): void {
    this.#pause.end();
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.resume();
    await this.letGo();
  }

  /** Goes to a frame, after those that were asked for. @throws NearFaceError `BAD_PARAM` if there is none, of `count` */
  protected async goTo(frameIndex: number, count: number | undefined): Promise<void> {
    checkFrameIndex(frameIndex, count);
    await this.#turns.run(() => this.goOn(frameIndex));
  }

  /** This frame comes next. */
  protected goOn(index: number): void {
    this.#index = index;
    this.#hasEnded = false;
  }

  /** What fails as it is closed is not missed. */
  async #made(index: number, signal: AbortSignal | undefined): Promise<Frame<Image> | undefined> {
    try {
      return await this.make(index, signal);
    } catch (error) {
      if (this.#isClosed && !signal?.aborted) return undefined;
      throw error;
    }
  }

  #end(): undefined {
    if (!this.#hasEnded) this.#onEvent?.({ type: 'ended', index: this.#index });
    this.#hasEnded = true;
  }
}
