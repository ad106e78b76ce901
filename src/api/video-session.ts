import type { BrowserObject } from '../core/browser-object.ts';
import { NearFaceError } from '../core/errors.ts';
import type { HostPicture } from '../core/wire-image.ts';
import { EventQueue } from '../video/event-queue.ts';
import type { TrackedFace, Untold, VideoEvent, VideoStats } from '../video/events.ts';
import type { Frame, FrameSource, SourceEvent, SourceInfo } from '../video/frame-source.ts';
import { SessionMeter } from '../video/session-meter.ts';
import { skippedText, sourceText } from '../video/source-text.ts';
import type { OverlayStream } from '../platform/port.ts';
import { EventLane } from './event-lane.ts';
import type { Following, SessionParts, SessionStart } from './session-parts.ts';
import { resolveOverlay } from './resolve-watch.ts';
import type { OverlayOptions } from './watch-options.ts';

/** A file's frames wait while so many events are unread. */
const MOST_UNREAD = 512;
/** A worker that dies so often in a row is not started again. */
export const MOST_DEATHS = 3;
/** How often progress and drops are told, in ms. */
const TELL_EVERY_MS = 1000;
/** When a session is stopped, storing and posting what it has reported may take so long; what is not done by then is told of as not done. */
const STOP_MS = 2000;

/**
 * Follows the faces of one camera or video. An async iterable of events, for one reader; events wait until they are read, and a file
 * waits with them. It ends with the event `ended`; what fails for good is thrown to the reader.
 */
export class VideoSession implements AsyncIterable<VideoEvent>, AsyncDisposable {
  /** Settles when the source is open and its first frame is awaited; rejects as the reader would be told. */
  readonly opened: Promise<SourceInfo>;
  readonly #start: SessionStart;
  readonly #events = new EventQueue<VideoEvent>();
  readonly #stopper = new AbortController();
  /** Aborts when a stopped session waits no longer. */
  readonly #deadline = new AbortController();
  #deadlineTimer: ReturnType<typeof setTimeout> | undefined;
  readonly #meter: SessionMeter;
  readonly #running: Promise<void>;
  #parts: SessionParts | undefined;
  #source: FrameSource<HostPicture> | undefined;
  #following: Following | undefined;
  /** Of a live source, one for each reaction. */
  #lanes: readonly EventLane[] = [];
  readonly #overlays: OverlayStream[] = [];
  #isPaused = false;
  #isOver = false;
  /** The last frame that was taken: its time in the video, and when that was here. */
  #shown = { index: 0, timeMs: 0, at: 0 };

  /** @internal */
  constructor(start: SessionStart) {
    const { now, signal } = start;
    this.#start = start;
    this.#meter = new SessionMeter(now);
    this.#stopper.signal.addEventListener('abort', () => {
      this.#deadlineTimer = setTimeout(() => this.#deadline.abort(), STOP_MS);
    });
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
    return this.#meter.stats(this.#following?.follower.counts, this.#source?.dropped ?? 0);
  }

  /**
   * The faces in the picture now. Of a live source, where they are taken to be at this moment; of others, where they are in the frame that
   * was looked at last.
   */
  get faces(): readonly TrackedFace[] {
    const follower = this.#following?.follower;
    if (!follower) return [];
    if (!this.#isLive) return this.#named(follower.faces);
    return this.#named(follower.facesAt(this.#shown.timeMs + this.#start.now() - this.#shown.at));
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
    const overlay = this.#start.overlay(width, height);
    this.#overlays.push(overlay);
    if (this.#isOver) overlay.end();
    return overlay.stream as BrowserObject<'MediaStream'>;
  }

  /**
   * Ends the session: tracks end, their last reports and `ended` can still be read. Storing and posting what was reported may take two seconds
   * more; what is not done by then is not done, and its event says so. Safe to call twice.
   */
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
    const { signal } = this.#stopper;
    const parts = await this.#start.load();
    this.#parts = parts;
    const source = await parts.open((event) => this.#heard(event), signal);
    this.#source = source;
    this.#following = parts.follow(source.info);
    if (this.#isLive) this.#lanes = this.#following.reactions.map(() => new EventLane());
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
    this.#isOver = true;
    for (const overlay of this.#overlays) overlay.end();
    await this.#source?.close().catch(() => undefined);
    this.#meter.end();
    clearTimeout(this.#deadlineTimer);
    if (failure) return this.#events.fail(failure.error);
    this.#tell({ type: 'ended', stats: this.stats });
    this.#events.end();
  }

  async #follow(signal: AbortSignal): Promise<void> {
    const source = this.#source!;
    let deaths = 0;
    /** Index of the frame that is asked for, where none was dropped. */
    let index = 0;
    for (;;) {
      if (!this.#isLive) await this.#events.untilFewerThan(MOST_UNREAD, signal);
      if (signal.aborted) return;
      let next: Frame<HostPicture> | undefined;
      try {
        next = await source.next(signal);
        if (!next) return;
        index = next.index;
        await this.#see(next, signal);
        deaths = 0;
      } catch (error) {
        const isImages = source.info.kind === 'images';
        // Images that follow are decoded by another worker; files have replaced theirs by themselves, as often as that may help.
        const isMended = isDeath(error) && (next !== undefined || isImages) && ++deaths < MOST_DEATHS;
        const isSkipped = isImages && isOfImage(error);
        if (!isMended && !isSkipped) throw error;
        this.#tell(isSkipped ? skippedText(index, error) : sourceText('recovered', index, source.info));
      } finally {
        next?.close();
      }
      index++;
      this.#report(source);
    }
  }

  async #see(frame: Frame<HostPicture>, signal: AbortSignal): Promise<void> {
    const { index, timeMs } = frame;
    const { follower } = this.#following!;
    this.#shown = { index, timeMs, at: this.#start.now() };
    // Over the frame that is shown, faces are where they are taken to be by then.
    for (const overlay of this.#overlays) overlay.draw(frame.image, this.#named(follower.facesAt(timeMs)));
    const started = this.#start.now();
    const image = this.#parts!.send(frame.image);
    const events = await follower.see({ ...frame, image }, signal);
    this.#meter.saw(index, this.#start.now() - started);
    for (const event of events) await this.#act(event);
  }

  /** Tells an event and does what is to be done with it. What was begun is ended also where the session is stopped. */
  async #act(untold: Untold): Promise<void> {
    const event = this.#tell(untold);
    for (const [i, react] of this.#following!.reactions.entries()) {
      const work = async (): Promise<void> => {
        for (const further of await react(event, this.#deadline.signal)) this.#tell(further);
      };
      await (this.#lanes[i]?.add(work) ?? work());
    }
  }

  /** All tracks end. What comes of their last reports is done also where the session was stopped. */
  async #end(): Promise<void> {
    for (const event of (await this.#following?.follower.end()) ?? []) await this.#act(event);
    for (const lane of this.#lanes) await lane.done();
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

  /** Events that know no frame of their own are told of the one that was taken last. Answers what reactions are given. */
  #tell(untold: Untold): VideoEvent {
    const { cameraId } = this.#start;
    const { index, timeMs } = this.#shown;
    const event = {
      timeMs: timeMs + (this.#following?.startTime ?? 0),
      frameIndex: index,
      ...(cameraId !== undefined && { cameraId }),
      ...untold,
    } as VideoEvent;
    const told = this.#following?.people?.name(event) ?? event;
    this.#events.push(this.#following?.tell?.(told) ?? told);
    return told;
  }

  #named(faces: readonly TrackedFace[]): readonly TrackedFace[] {
    const people = this.#following?.people;
    if (!people) return faces;
    return faces.map((face) => {
      const personId = people.personOf(face.trackId);
      return personId === undefined ? face : { ...face, personId };
    });
  }

  get #isLive(): boolean {
    return this.#source?.info.kind === 'live';
  }
}

function isAborted(error: unknown): boolean {
  return error instanceof NearFaceError && error.code === 'ABORTED';
}

/** Whether an image cannot be read, which says nothing of those that follow. */
function isOfImage(error: unknown): error is NearFaceError {
  return (
    error instanceof NearFaceError &&
    (error.code === 'IMAGE_DECODING_FAILED' || error.code === 'IMAGE_TOO_LARGE')
  );
}

/** Whether a worker died, which is started again by the next call. */
export function isDeath(error: unknown): boolean {
  return error instanceof NearFaceError && error.code === 'WORKER_DIED';
}
