import type { BrowserObject } from '../core/browser-object.ts';
import { NearFaceError } from '../core/errors.ts';
import type { HostPicture, WireInput } from '../core/wire-image.ts';
import { EventQueue } from '../video/event-queue.ts';
import type { TrackedFace, VideoEvent, VideoStats } from '../video/events.ts';
import { type Follower } from '../video/follower.ts';
import type { Frame, FrameSource, SourceEvent, SourceInfo } from '../video/frame-source.ts';
import { SessionMeter } from '../video/session-meter.ts';
import { sourceText } from '../video/source-text.ts';
import type { OverlayStream } from '../platform/port.ts';
import { type OverlayOptions, resolveOverlay } from './watch-options.ts';

/** What a session is made of. */
export interface SessionParts {
  /** Opens the source, told what happens to it. */
  open(onEvent: (event: SourceEvent) => void, signal: AbortSignal): Promise<FrameSource<HostPicture>>;
  /** Makes what follows faces, once the source is known. */
  follow(info: SourceInfo): Follower<WireInput>;
  /** A picture as it is sent to the stages. */
  send(picture: HostPicture): WireInput;
  /** What is done with an event beside telling it: enrolling, posting. Further events that come of it. */
  act(event: VideoEvent, signal: AbortSignal): Promise<readonly VideoEvent[]>;
  /** A stream of the frames with boxes drawn over them. */
  overlay(width: number, height: number): OverlayStream;
  readonly now: () => number;
}

/** A file's frames wait while so many events are unread. */
const MOST_UNREAD = 512;
/** A worker that dies so often in a row is not started again. */
const MOST_DEATHS = 3;
/** How often progress and drops are told, in ms. */
const TELL_EVERY_MS = 1000;

/**
 * Follows the faces of one camera or video. An async iterable of events, for one reader; events wait until they are read, and a file
 * waits with them. It ends with the event `ended`; what fails for good is thrown to the reader.
 */
export class VideoSession implements AsyncIterable<VideoEvent>, AsyncDisposable {
  /** Settles when the source is open and its first frame is awaited; rejects as the reader would be told. */
  readonly opened: Promise<SourceInfo>;
  readonly #parts: SessionParts;
  readonly #events = new EventQueue<VideoEvent>();
  readonly #stopper = new AbortController();
  readonly #meter: SessionMeter;
  readonly #running: Promise<void>;
  #source: FrameSource<HostPicture> | undefined;
  #follower: Follower<WireInput> | undefined;
  readonly #overlays: OverlayStream[] = [];
  #isPaused = false;
  /** The last frame that was taken: its time in the video, and when that was here. */
  #shown = { timeMs: 0, at: 0 };

  /** @internal */
  constructor(parts: SessionParts, signal: AbortSignal | undefined) {
    this.#parts = parts;
    this.#meter = new SessionMeter(parts.now);
    const stop = (): void => this.#stopper.abort();
    if (signal?.aborted) stop();
    signal?.addEventListener('abort', stop, { once: true });
    this.opened = this.#open();
    this.opened.catch(() => undefined);
    this.#running = this.#run().finally(() => signal?.removeEventListener('abort', stop));
  }

  /** What is known of the source; absent before it is open. */
  get source(): SourceInfo | undefined {
    return this.#source?.info;
  }

  /** What was done so far. */
  get stats(): VideoStats {
    return this.#meter.stats(this.#follower?.counts, this.#source?.dropped ?? 0);
  }

  /**
   * The faces in the picture now. Of a live source, where they are taken to be at this moment; of others, where they are in the frame that
   * was looked at last.
   */
  get faces(): readonly TrackedFace[] {
    const follower = this.#follower;
    if (!follower) return [];
    if (this.#source?.info.kind !== 'live') return follower.faces;
    return follower.facesAt(this.#shown.timeMs + this.#parts.now() - this.#shown.at);
  }

  /** Looks at no frame until {@link VideoSession.resume}. Frames of a live source go by meanwhile. */
  pause(): void {
    this.#isPaused = true;
    this.#source?.pause();
    this.#meter.pause();
  }

  /** Goes on after {@link VideoSession.pause}. */
  resume(): void {
    this.#isPaused = false;
    this.#source?.resume();
    this.#meter.resume();
  }

  /**
   * A stream of the frames that are looked at, with boxes, names and trails drawn over them, fitted into `width` × `height` pixels, for a
   * `<video>` or a recorder. It ends with the session.
   *
   * @throws NearFaceError `BAD_PARAM`; `BACKEND_UNAVAILABLE` outside of a page, and where the browser makes no streams of canvases
   */
  overlayStream(options: OverlayOptions): BrowserObject<'MediaStream'> {
    const { width, height } = resolveOverlay(options);
    const overlay = this.#parts.overlay(width, height);
    this.#overlays.push(overlay);
    return overlay.stream as BrowserObject<'MediaStream'>;
  }

  /** Ends the session: tracks end, their last reports and `ended` can still be read. Safe to call twice. */
  async stop(): Promise<VideoStats> {
    this.#stopper.abort();
    await this.#running;
    return this.stats;
  }

  /** The same as {@link VideoSession.stop}, for `await using`. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  /** The events, for one reader: a second one gets those that the first leaves. Leaving a loop over them stops the session. */
  [Symbol.asyncIterator](): AsyncIterator<VideoEvent, undefined> {
    return {
      next: () => this.#events.next(),
      return: async () => {
        await this.stop();
        return { done: true, value: undefined };
      },
    };
  }

  async #open(): Promise<SourceInfo> {
    const source = await this.#parts.open((event) => this.#heard(event), this.#stopper.signal);
    this.#source = source;
    this.#follower = this.#parts.follow(source.info);
    if (this.#isPaused) source.pause();
    if (source.info.way === 'seeking') this.#tell(sourceText('seeking', 0, source.info));
    return source.info;
  }

  /** Never rejects: what fails is told to the reader, after all that was seen before. */
  async #run(): Promise<void> {
    const { signal } = this.#stopper;
    let failure: { readonly error: unknown } | undefined;
    try {
      await this.opened;
      await this.#follow(signal);
    } catch (error) {
      // Stopping is no failure.
      if (!signal.aborted || !isAborted(error)) failure = { error };
    }
    try {
      await this.#end();
    } catch (error) {
      failure ??= { error };
    }
    for (const overlay of this.#overlays) overlay.end();
    await this.#source?.close().catch(() => undefined);
    if (failure) return this.#events.fail(failure.error);
    this.#tell({ type: 'ended', stats: this.stats });
    this.#events.end();
  }

  async #follow(signal: AbortSignal): Promise<void> {
    const source = this.#source!;
    let deaths = 0;
    for (;;) {
      if (source.info.kind !== 'live') await this.#events.untilFewerThan(MOST_UNREAD);
      const frame = await source.next(signal);
      if (!frame) return;
      try {
        await this.#see(frame, signal);
        deaths = 0;
      } catch (error) {
        if (!isDeath(error) || ++deaths >= MOST_DEATHS) throw error;
        this.#tell(sourceText('recovered', frame.index, source.info));
      } finally {
        frame.close();
      }
      this.#report(source);
    }
  }

  async #see(frame: Frame<HostPicture>, signal: AbortSignal): Promise<void> {
    const { index, timeMs } = frame;
    this.#shown = { timeMs, at: this.#parts.now() };
    // Over the frame that is shown, faces are where they are taken to be by then.
    for (const overlay of this.#overlays) overlay.draw(frame.image, this.#follower!.facesAt(timeMs));
    const started = this.#parts.now();
    const image = this.#parts.send(frame.image);
    const events = await this.#follower!.see({ ...frame, image }, signal);
    this.#meter.saw(index, this.#parts.now() - started);
    for (const event of events) await this.#act(event, signal);
  }

  async #act(event: VideoEvent, signal: AbortSignal): Promise<void> {
    this.#tell(event);
    for (const further of await this.#parts.act(event, signal)) this.#tell(further);
  }

  /** All tracks end. What comes of their last reports is done also where the session was stopped. */
  async #end(): Promise<void> {
    const { signal } = new AbortController();
    for (const event of this.#follower?.end() ?? []) await this.#act(event, signal);
    this.#report(this.#source, true);
  }

  /** Tells of drops and progress, now and then. */
  #report(source: FrameSource<HostPicture> | undefined, isLast = false): void {
    if (!source) return;
    const { dropped, info } = source;
    for (const event of this.#meter.report(dropped, info, isLast ? 0 : TELL_EVERY_MS)) this.#tell(event);
  }

  #heard(event: SourceEvent): void {
    if (event.type === 'ended') return;
    this.#tell(sourceText(event.type, event.index, this.#source?.info, event));
  }

  #tell(event: VideoEvent): void {
    this.#events.push(event);
  }
}

function isAborted(error: unknown): boolean {
  return error instanceof NearFaceError && error.code === 'ABORTED';
}

/** Whether a worker died, which is started again by the next call. */
function isDeath(error: unknown): boolean {
  return error instanceof NearFaceError && error.code === 'WORKER_DIED';
}
