import { abortedError, NearFaceError, throwIfAborted } from '../../../core/errors.ts';
import { untilAborted } from '../../../core/until-aborted.ts';
import { FrameQueue } from '../../../video/frame-queue.ts';
import type { Frame, FrameSource, SourceEvent, SourceInfo } from '../../../video/frame-source.ts';
import { checkFrameIndex } from '../../../video/frame-times.ts';
import { livePicture, type Picture } from './picture.ts';
import type { FrameReply, FramesReply, FramesRequest, WireTimes } from './wire.ts';

/** Frames that are decoded and on their way, or wait here. */
const IN_FLIGHT = 4;
/** A worker that died this often at one frame will not get beyond it. */
const MOST_DEATHS = 3;

/** Starts a worker that decodes: its end of a port, and how to end it. `died` is called if it ends by itself. */
export type StartDecoder = (died: (error: NearFaceError) => void) => DecoderThread;

/** A worker that decodes. */
export interface DecoderThread {
  readonly port: MessagePort;
  end(): void;
}

/** What is to be decoded. */
export interface FileToDecode {
  readonly source: Blob | string;
  /** For messages. */
  readonly name: string;
}

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
    this.#onEvent?.({ type: 'ended', index: this.#next });
    this.#queue.end();
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
    if (++this.#deaths >= MOST_DEATHS) return this.#queue.fail(error);
    try {
      this.#link = new Link(this.#start);
      await this.#link.open(this.#file);
    } catch (failure) {
      return this.#queue.fail(failure);
    }
    if (this.#isClosed) return this.#link.end();
    this.#listen();
    if (this.#isReading) this.#ask();
  }
}

type Opened = Extract<FramesReply, { type: 'opened' }>;

/** One worker and the port to it. */
class Link {
  readonly #thread: DecoderThread;
  #onReply: (reply: FramesReply) => void = () => undefined;
  #onDied: (error: NearFaceError) => void = () => undefined;
  #isOver = false;

  constructor(start: StartDecoder) {
    this.#thread = start((error) => {
      if (!this.#isOver) this.#onDied(error);
    });
    this.#thread.port.onmessage = ({ data }: MessageEvent<FramesReply>) => this.#onReply(data);
  }

  listen(onReply: (reply: FramesReply) => void, onDied: (error: NearFaceError) => void): void {
    this.#onReply = onReply;
    this.#onDied = onDied;
  }

  open({ source, name }: FileToDecode): Promise<Opened> {
    return new Promise((resolve, reject) => {
      this.listen((reply) => {
        if (reply.type === 'opened') resolve(reply);
        if (reply.type === 'failed') reject(NearFaceError.fromWire(reply.error));
      }, reject);
      this.post({ type: 'open', source, name });
    });
  }

  post(request: FramesRequest): void {
    if (!this.#isOver) this.#thread.port.postMessage(request);
  }

  /** Lets the worker end; frames that are still on their way are closed here. */
  async close(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.listen(
        (reply) => {
          if (reply.type === 'frame') reply.image.close();
          if (reply.type === 'closed') resolve();
        },
        () => resolve(),
      );
      this.post({ type: 'close' });
    });
    this.end();
  }

  end(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#thread.port.close();
    this.#thread.end();
  }
}
