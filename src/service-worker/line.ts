import { readPiece } from '../core/read-piece.ts';
import type { BodyMessage } from './messages.ts';

type Bytes = Uint8Array<ArrayBuffer>;

/** One side of a channel: a body goes each way, a piece whenever the other side asks for one, so that nothing piles up. */
export class Line<Out extends { readonly kind: string }, In extends { readonly kind: string }> {
  /** The other side's body. */
  readonly incoming: ReadableStream<Bytes>;
  readonly #port: MessagePort;
  readonly #onOther: (message: Exclude<In, BodyMessage>) => void;
  #controller: ReadableStreamDefaultController<Bytes> | undefined;
  #came: (() => void) | undefined;
  #outgoing: ReadableStreamDefaultReader<Bytes> | undefined;
  #onCancel: (() => void) | undefined;

  /** @param onOther - told of what is not about bodies */
  constructor(port: MessagePort, onOther: (message: Exclude<In, BodyMessage>) => void) {
    this.#port = port;
    this.#onOther = onOther;
    this.incoming = new ReadableStream<Bytes>(
      {
        start: (controller) => {
          this.#controller = controller;
        },
        pull: () => {
          this.#post({ kind: 'pull' });
          return new Promise<void>((came) => (this.#came = came));
        },
        cancel: () => {
          this.#controller = undefined;
          this.#post({ kind: 'cancel' });
        },
      },
      { highWaterMark: 0 },
    );
    port.onmessage = ({ data }: MessageEvent<In | BodyMessage>) => this.#take(data);
  }

  say(message: Out): void {
    this.#port.postMessage(message);
  }

  /** Sends a body as it is asked for. `onCancel`: the other side wants no more of it. */
  send(body: ReadableStream<Bytes>, onCancel?: () => void): void {
    this.#outgoing = body.getReader();
    this.#onCancel = onCancel;
  }

  /** Ends both bodies: the other side is gone, or nobody listens any more. */
  fail(error: unknown): void {
    this.#end((controller) => controller.error(error));
    void this.#outgoing?.cancel(error).catch(() => undefined);
  }

  close(): void {
    this.#port.close();
  }

  #take(message: In | BodyMessage): void {
    const about = message as BodyMessage;
    switch (about.kind) {
      case 'pull':
        return void this.#sendPiece();
      case 'cancel':
        this.#onCancel?.();
        return void this.#outgoing?.cancel().catch(() => undefined);
      case 'piece':
        this.#controller?.enqueue(about.bytes);
        return this.#came?.();
      case 'end':
        return this.#end((controller) => controller.close());
      case 'broken':
        return this.#end((controller) => controller.error(new TypeError('The body broke off')));
      default:
        this.#onOther(message as Exclude<In, BodyMessage>);
    }
  }

  #end(end: (controller: ReadableStreamDefaultController<Bytes>) => void): void {
    const controller = this.#controller;
    this.#controller = undefined;
    if (controller) end(controller);
    this.#came?.();
  }

  async #sendPiece(): Promise<void> {
    if (!this.#outgoing) return;
    try {
      const { done, value } = await readPiece(this.#outgoing);
      if (done) return this.#post({ kind: 'end' });
      // A part of a buffer is copied; all of it would be sent otherwise.
      const bytes = value.byteLength === value.buffer.byteLength ? value : value.slice();
      this.#post({ kind: 'piece', bytes }, [bytes.buffer]);
    } catch {
      this.#post({ kind: 'broken' });
    }
  }

  #post(message: BodyMessage, transfer: Transferable[] = []): void {
    this.#port.postMessage(message, transfer);
  }
}
