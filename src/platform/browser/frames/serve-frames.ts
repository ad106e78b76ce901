import { NearFaceError } from '../../../core/errors.ts';
import { decodePicture } from './decode-picture.ts';
import { FileDecoder, type FileFrame } from './file-decoder.ts';
import type { FramesReply, FramesRequest } from './wire.ts';

/** Decodes one file for whoever holds the other end of `port`, until that asks it to close. */
export function serveFrames(port: MessagePort): void {
  const server = new FramesServer(port);
  port.onmessage = ({ data }: MessageEvent<FramesRequest>) => void server.answer(data);
}

class FramesServer {
  readonly #port: MessagePort;
  #opening: Promise<FileDecoder> | undefined;
  #run = 0;
  #stop = new AbortController();
  #wanted = 0;
  #onWanted: () => void = () => undefined;
  /** The browser can send frames as they are. */
  #sendsFrames = true;

  constructor(port: MessagePort) {
    this.#port = port;
  }

  async answer(request: FramesRequest): Promise<void> {
    switch (request.type) {
      case 'open':
        return this.#open(request.source, request.name);
      case 'read':
        return this.#read(request.run, request.from);
      case 'want':
        if (request.run !== this.#run) return;
        this.#wanted += request.frames;
        return this.#onWanted();
      case 'picture':
        return this.#decode(request.id, request.blob);
      case 'ping':
        return this.#post({ type: 'pong' });
      case 'close':
        return this.#close();
    }
  }

  async #open(source: Blob | string, name: string): Promise<void> {
    try {
      this.#opening = FileDecoder.open(source, name);
      const { info, times } = await this.#opening;
      this.#post({ type: 'opened', info, times: times && { times: times.times, end: times.end } });
    } catch (error) {
      this.#fail(0, error);
    }
  }

  async #read(run: number, from: number): Promise<void> {
    this.#stop.abort();
    this.#onWanted();
    this.#stop = new AbortController();
    this.#run = run;
    this.#wanted = 0;
    const { signal } = this.#stop;
    try {
      const decoder = await this.#opening!;
      await this.#hasWanted(signal);
      for await (const frame of decoder.frames(from, signal)) {
        await this.#send(frame, run, signal);
        await this.#hasWanted(signal);
      }
      if (!signal.aborted) this.#post({ type: 'ended', run });
    } catch (error) {
      if (!signal.aborted) this.#fail(run, error);
    }
  }

  async #hasWanted(signal: AbortSignal): Promise<void> {
    while (this.#wanted === 0 && !signal.aborted)
      await new Promise<void>((resolve) => (this.#onWanted = resolve));
    if (!signal.aborted) this.#wanted--;
  }

  async #send({ index, timeMs, frame }: FileFrame, run: number, signal: AbortSignal): Promise<void> {
    if (signal.aborted) return frame.close();
    const { displayWidth: width, displayHeight: height } = frame;
    const about = { type: 'frame', run, index, timeMs, width, height } as const;
    if (this.#sendsFrames) {
      try {
        return this.#post({ ...about, image: frame }, [frame]);
      } catch {
        this.#sendsFrames = false;
      }
    }
    const image = await createImageBitmap(frame).finally(() => frame.close());
    this.#post({ ...about, image }, [image]);
  }

  async #decode(id: number, blob: Blob): Promise<void> {
    try {
      const image = await decodePicture(blob);
      this.#post({ type: 'picture', id, image }, [image]);
    } catch (error) {
      const coded = NearFaceError.from(error, 'IMAGE_DECODING_FAILED', 'The image could not be decoded');
      this.#post({ type: 'no-picture', id, error: coded.toWire() });
    }
  }

  async #close(): Promise<void> {
    this.#stop.abort();
    this.#onWanted();
    const decoder = await this.#opening?.catch(() => undefined);
    decoder?.close();
    this.#post({ type: 'closed' });
    this.#port.close();
  }

  #fail(run: number, error: unknown): void {
    const coded = NearFaceError.from(error, 'VIDEO_DECODING_FAILED', 'The video could not be decoded');
    this.#post({ type: 'failed', run, error: coded.toWire() });
  }

  #post(reply: FramesReply, transfer: Transferable[] = []): void {
    this.#port.postMessage(reply, transfer);
  }
}
