import { FrameQueue } from './frame-queue.ts';
import type { Frame, FrameSource, FrameWay, SourceEvent, SourceInfo, SourceOptions } from './frame-source.ts';
import { LiveClock } from './live-clock.ts';

/** How many frames of a live source wait at most where every one is wanted: about half a second. */
const MOST_WAITING = 16;
const STALL_MS = 3000;

/** A picture of a live source, with its size and how it is let go of. */
export interface LivePicture<Image> {
  readonly image: Image;
  readonly width: number;
  readonly height: number;
  readonly close: () => void;
}

/** What stops a live source's pictures from coming. */
export type StopFeed = () => void;

/** A source that gives pictures by itself; whatever makes them calls {@link LiveFrames.offer}, and the others as things happen. */
export class LiveFrames<Image> implements FrameSource<Image> {
  readonly #queue: FrameQueue<Image>;
  readonly #clock = new LiveClock();
  readonly #stallMs: number;
  readonly #canJump: boolean;
  readonly #onEvent: ((event: SourceEvent) => void) | undefined;
  #info: SourceInfo;
  #stop: StopFeed | undefined;
  #index = 0;
  #missed = 0;
  #isPaused = false;
  #isWaiting = false;
  #hasStalled = false;
  #isOver = false;
  #lastMs: number = performance.now();
  #watch: ReturnType<typeof setTimeout> | undefined;

  /** @param canJump - whether somebody can move the source to another of its own times */
  constructor(
    info: SourceInfo,
    { dropFrames = true, stallMs = STALL_MS, onEvent }: SourceOptions,
    canJump: boolean = false,
  ) {
    this.#info = info;
    this.#canJump = canJump;
    this.#stallMs = stallMs;
    this.#onEvent = onEvent;
    this.#queue = new FrameQueue(dropFrames ? 1 : MOST_WAITING);
    this.#watchFor(stallMs);
  }

  get info(): SourceInfo {
    return this.#info;
  }

  get dropped(): number {
    return this.#queue.dropped + this.#missed;
  }

  /** What to call when it is closed or over. */
  set stop(stop: StopFeed) {
    if (this.#isOver) stop();
    else this.#stop = stop;
  }

  next(signal?: AbortSignal): Promise<Frame<Image> | undefined> {
    return this.#queue.next(signal);
  }

  pause(): void {
    this.#isPaused = true;
    this.#queue.pause();
  }

  resume(): void {
    if (!this.#isPaused) return;
    this.#isPaused = false;
    // What was seen before the pause is old now.
    this.#queue.drop();
    this.#queue.resume();
  }

  async close(): Promise<void> {
    this.#finish();
    this.#queue.close();
  }

  /**
   * Takes a picture over.
   *
   * @param ownMs - its time in the source
   * @param missed - pictures that the source has shown since the last one and that were not offered
   */
  offer({ image, width, height, close }: LivePicture<Image>, ownMs: number, missed: number = 0): void {
    if (this.#isOver) return close();
    this.#lastMs = performance.now();
    if (this.#hasStalled) this.#tell({ type: 'resumed', index: this.#index });
    this.#hasStalled = false;
    this.#index += missed;
    if (!this.#isPaused) this.#missed += missed;
    const { timeMs, jumped } = this.#clock.at(ownMs, this.#lastMs);
    // A camera cannot be moved: its clock was set anew.
    if (jumped && this.#canJump) this.#tell({ type: 'jumped', index: this.#index, ...jumped });
    this.#measure(width, height);
    const index = this.#index++;
    if (this.#isPaused) close();
    else this.#queue.push({ index, timeMs, width, height, image, close });
  }

  /** Its pictures are made in another way from now on. */
  goBy(way: FrameWay): void {
    this.#info = { ...this.#info, way };
  }

  /** Nothing is expected meanwhile, as while a `<video>` is paused. */
  wait(isWaiting: boolean): void {
    this.#isWaiting = isWaiting;
    this.#lastMs = performance.now();
  }

  /** The owner of a camera switches it off and on. */
  mute(isMuted: boolean): void {
    if (this.#isOver || this.#isWaiting === isMuted) return;
    this.wait(isMuted);
    this.#tell({ type: isMuted ? 'muted' : 'unmuted', index: this.#index });
  }

  /** It has no more pictures; with a reason if they were taken away. */
  end(reason?: string): void {
    if (!this.#finish()) return;
    if (reason !== undefined) this.#tell({ type: 'taken-away', index: this.#index, reason });
    this.#tell({ type: 'ended', index: this.#index });
    this.#queue.end();
  }

  /** Its pictures cannot be read. */
  fail(error: unknown): void {
    if (this.#finish()) this.#queue.fail(error);
  }

  #measure(width: number, height: number): void {
    const { width: before, height: high } = this.#info;
    if (width === before && height === high) return;
    this.#info = { ...this.#info, width, height };
    if (before > 0) this.#tell({ type: 'resized', index: this.#index, width, height });
  }

  #finish(): boolean {
    if (this.#isOver) return false;
    this.#isOver = true;
    clearTimeout(this.#watch);
    this.#stop?.();
    return true;
  }

  /** One timer, not one for each frame. */
  #watchFor(ms: number): void {
    this.#watch = setTimeout(() => {
      const forMs = performance.now() - this.#lastMs;
      const isLate = forMs >= this.#stallMs;
      if (isLate && !this.#hasStalled && !this.#isWaiting) {
        this.#hasStalled = true;
        this.#tell({ type: 'stalled', index: this.#index, forMs });
      }
      this.#watchFor(isLate ? this.#stallMs : this.#stallMs - forMs);
    }, ms);
  }

  #tell(event: SourceEvent): void {
    this.#onEvent?.(event);
  }
}
