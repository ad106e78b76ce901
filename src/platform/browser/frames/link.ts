import { NearFaceError } from '../../../core/errors.ts';
import { withinMs } from '../../../core/within-ms.ts';
import { videoError } from '../../../video/video-error.ts';
import type { FramesReply, FramesRequest } from './wire.ts';

/** How long a worker may take to let go of what it holds. */
const CLOSE_MS = 1000;
/** How often a worker is asked whether it still answers: a file may be made so that reading it never ends. */
const PING_MS = 4000;
/** One that leaves so many questions unanswered is ended. */
const MOST_UNANSWERED = 5;

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

/** The answer to a file that could be opened. */
export type Opened = Extract<FramesReply, { type: 'opened' }>;

/** One worker and the port to it. */
export class Link {
  readonly #thread: DecoderThread;
  #name: string | undefined;
  #onReply: (reply: FramesReply) => void = () => undefined;
  #onDied: (error: NearFaceError) => void = () => undefined;
  readonly #pinging: ReturnType<typeof setInterval>;
  #unanswered = 0;
  #isOver = false;

  constructor(start: StartDecoder) {
    this.#thread = start((error) => {
      if (!this.#isOver) this.#onDied(error);
    });
    this.#thread.port.onmessage = ({ data }: MessageEvent<FramesReply>) => {
      this.#unanswered = 0;
      if (data.type !== 'pong') this.#onReply(data);
    };
    this.#pinging = setInterval(() => this.#ping(), PING_MS);
  }

  listen(onReply: (reply: FramesReply) => void, onDied: (error: NearFaceError) => void): void {
    this.#onReply = onReply;
    this.#onDied = onDied;
  }

  open({ source, name }: FileToDecode): Promise<Opened> {
    this.#name = name;
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
    const closed = new Promise<void>((resolve) => {
      this.listen(
        (reply) => {
          if ('image' in reply) reply.image.close();
          if (reply.type === 'closed') resolve();
        },
        () => resolve(),
      );
      this.post({ type: 'close' });
    });
    await withinMs(closed, CLOSE_MS, undefined);
    this.end();
  }

  end(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    clearInterval(this.#pinging);
    this.#thread.port.close();
    this.#thread.end();
  }

  #ping(): void {
    if (this.#unanswered++ < MOST_UNANSWERED) return this.post({ type: 'ping' });
    if (this.#name !== undefined)
      return this.#onDied(
        videoError(
          this.#name,
          'reading it does not end; the file may be damaged: get it again, or convert it',
        ),
      );
    const text = 'The video worker no longer answers; read the pictures again';
    this.#onDied(new NearFaceError('WORKER_DIED', text, { worker: 'video' }));
  }
}
