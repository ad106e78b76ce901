import type { EncodedPacket } from 'mediabunny';
import { PresentationOrder } from '../../../video/presentation-order.ts';

/** One use of a decoder, from a key frame on. Owns the frames until they are taken. */
export class DecoderRun {
  /** What the decoder refused. */
  failure: { readonly error: unknown } | undefined;
  isFlushed = false;
  readonly #order = new PresentationOrder<VideoFrame>();
  readonly #decoder: VideoDecoder;
  #isFlushing = false;
  #isClosed = false;
  #wake: () => void = () => undefined;

  constructor(config: VideoDecoderConfig) {
    this.#decoder = new VideoDecoder({
      output: (frame) => this.#take(frame),
      error: (error) => this.#fail(error),
    });
    try {
      this.#decoder.configure(config);
    } catch (error) {
      this.#fail(error);
    }
  }

  /** Packets that went in and whose frames are not ready. */
  get pending(): number {
    return this.#order.pending;
  }

  feed(packet: EncodedPacket): void {
    if (this.failure) return;
    this.#order.expect(packet.timestamp);
    try {
      this.#decoder.decode(packet.toEncodedVideoChunk());
    } catch (error) {
      this.#fail(error);
    }
  }

  /** No more packets: every frame comes out. */
  flush(): void {
    if (this.#isFlushing || this.failure) return;
    this.#isFlushing = true;
    this.#decoder.flush().then(
      () => this.#end(),
      (error) => this.#fail(error),
    );
  }

  /** The next frame in the order of presentation with its exact time in seconds, if it is ready; the taker closes it. */
  take(): { readonly time: number; readonly picture: VideoFrame } | undefined {
    return this.#order.take();
  }

  /** Waits for something to happen, for `ms` at most; answers whether it did. */
  async change(ms: number): Promise<boolean> {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const happened = await new Promise<boolean>((resolve) => {
      this.#wake = () => resolve(true);
      timer = setTimeout(() => resolve(false), ms);
    });
    clearTimeout(timer);
    return happened;
  }

  close(): void {
    this.#isClosed = true;
    if (this.#decoder.state !== 'closed') this.#decoder.close();
    for (const frame of this.#order.clear()) frame.close();
    this.#wake();
  }

  #take(frame: VideoFrame): void {
    if (this.#isClosed) return frame.close();
    this.#order.push(frame, frame.timestamp / 1e6);
    this.#wake();
  }

  #end(): void {
    this.#order.flush();
    this.isFlushed = true;
    this.#wake();
  }

  #fail(error: unknown): void {
    this.failure ??= { error };
    this.#wake();
  }
}
