import { abortedError, NearFaceError, throwIfAborted } from '../../../core/errors.ts';
import { untilAborted } from '../../../core/until-aborted.ts';
import { FrameQueue } from '../../../video/frame-queue.ts';
import type { Frame, FrameSource, SourceEvent, SourceInfo } from '../../../video/frame-source.ts';
import { checkFrameIndex } from '../../../video/frame-times.ts';
import { type FileToDecode, Link, type Opened, type StartDecoder } from './link.ts';
import { livePicture, type Picture } from './picture.ts';
import type { FrameReply, FramesReply, WireTimes } from './wire.ts';

/** Frames that are decoded and on their way, or wait here. */
const IN_FLIGHT = 4;
/** A worker that died this often at one frame will not get beyond it. */
const MOST_DEATHS = 3;

/** An open file, in the page: the decoding goes on in a worker, a few frames ahead. A worker that dies is replaced. */
export class FileFrames implements FrameSource<Picture> {
  readonly dropped = 0;
  readonly info: SourceInfo;
  /** When the frames are shown. */
  readonly times: WireTimes | undefined;
  readonly #file: FileToDecode;
  readonly #start: StartDecoder;
  readonly #onEvent: ((event: SourceEvent) => void) | undefined;
  readonly #queue = new FrameQueue<Picture>();
  #link: Link;
  #run = 0;
  /** The frame that comes next. */
  #next = 0;
  #deaths = 0;
  #isReading = false;
  /** The last frame is here, or was taken. */
  #hasEnded = false;
  #isClosed = false;

  private constructor(
    opened: Opened,
    link: Link,
    file: FileToDecode,
    start: StartDecoder,
    onEvent: ((event: SourceEvent) => void) | undefined,
  ) {
    this.info = opened.info;
    this.times = opened.times;
    this.#link = link;
    this.#file = file;
    this.#start = start;
    this.#onEvent = onEvent;
    this.#listen();
  }

  /** @throws NearFaceError `VIDEO_DECODING_FAILED`, `BACKEND_UNAVAILABLE`, `WORKER_DIED`, `ABORTED` */
  static async open(
    file: FileToDecode,
    start: StartDecoder,
    {
      signal,
      onEvent,
    }: { signal?: AbortSignal | undefined; onEvent?: ((event: SourceEvent) => void) | undefined } = {},
  ): Promise<FileFrames> {
    throwIfAborted(signal);
    const link = new Link(start);
    try {
      const opened = await untilAborted(link.open(file), signal);
      return new FileFrames(opened, link, file, start, onEvent);
    } catch (error) {
      link.end();
      throw error;
    }
  }

  async next(signal?: AbortSignal): Promise<Frame<Picture> | undefined> {
    if (signal?.aborted) throw abortedError(signal.reason);
    if (!this.#isReading) this.#read(this.#next);
    const frame = await this.#queue.next(signal);
    if (frame) this.#link.post({ type: 'want', run: this.#run, frames: 1 });
    else this.#tellEnd();
    return frame;
  }

  async seek(frameIndex: number): Promise<void> {
    checkFrameIndex(frameIndex, this.info.frames);
    if (!this.#isClosed) this.#read(frameIndex);
  }

  pause(): void {
    this.#queue.pause();
  }

  resume(): void {
    this.#queue.resume();
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#isReading = true;
    this.#queue.close();
    await this.#link.close();
  }

  #read(from: number): void {
    this.#isReading = true;
    this.#queue.restart();
    this.#next = from;
    this.#deaths = 0;
    this.#hasEnded = false;
    this.#ask();
  }

  #ask(): void {
    this.#run++;
    this.#link.post({ type: 'read', run: this.#run, from: this.#next });
    const frames = Math.max(1, IN_FLIGHT - this.#queue.length);
    this.#link.post({ type: 'want', run: this.#run, frames });
  }

  #listen(): void {
    this.#link.listen(
      (reply) => this.#take(reply),
      (error) => void this.#replace(error),
    );
  }

  #take(reply: FramesReply): void {
    if (reply.type === 'frame') return this.#offer(reply);
    if (!('run' in reply) || reply.run !== this.#run) return;
    if (reply.type === 'failed') return this.#queue.fail(NearFaceError.fromWire(reply.error));
    this.#hasEnded = true;
    this.#queue.end();
  }

  /** Once, when the last frame was taken. */
  #tellEnd(): void {
    if (this.#hasEnded && !this.#isClosed) this.#onEvent?.({ type: 'ended', index: this.#next });
    this.#hasEnded = false;
  }

  #offer({ run, index, timeMs, image }: FrameReply): void {
    if (run !== this.#run || this.#isClosed) return image.close();
    this.#next = index + 1;
    this.#deaths = 0;
    this.#queue.push({ index, timeMs, ...livePicture(image) });
  }

  /** Goes on where the worker was that died; what it had sent is here. */
  async #replace(error: NearFaceError): Promise<void> {
    this.#link.end();
    if (this.#isClosed) return;
    // A file on which one worker works for ever keeps the next one busy too.
    const isOfFile = error.code !== 'WORKER_DIED';
    if (isOfFile || ++this.#deaths >= MOST_DEATHS) return this.#queue.fail(error);
    try {
      this.#link = new Link(this.#start);
      await this.#link.open(this.#file);
    } catch (failure) {
      this.#link.end();
      return this.#queue.fail(failure);
    }
    if (this.#isClosed) return this.#link.end();
    this.#listen();
    if (this.#isReading) this.#ask();
  }
}
