import { abortedError, NearFaceError, throwIfAborted } from '../../../core/errors.ts';
import { Link, type StartDecoder } from './link.ts';
import type { FramesReply } from './wire.ts';

interface Pending {
  readonly give: (image: ImageBitmap) => void;
  readonly fail: (error: NearFaceError) => void;
}

/** Decodes images in the worker that decodes files, which is started for the first one. One that dies is replaced by the next call. */
export class PictureDecoder {
  readonly #start: StartDecoder;
  readonly #pending = new Map<number, Pending>();
  #link: Link | undefined;
  #id = 0;

  constructor(start: StartDecoder) {
    this.#start = start;
  }

  /** @throws NearFaceError `IMAGE_DECODING_FAILED`, `IMAGE_TOO_LARGE`, `WORKER_DIED`, `BACKEND_UNAVAILABLE`, `ABORTED` */
  decode(blob: Blob, signal: AbortSignal | undefined): Promise<ImageBitmap> {
    return new Promise((give, reject) => {
      throwIfAborted(signal);
      const id = ++this.#id;
      const abort = (): void => fail(abortedError(signal?.reason));
      const settled = (): void => {
        this.#pending.delete(id);
        signal?.removeEventListener('abort', abort);
      };
      const fail = (error: NearFaceError): void => (settled(), reject(error));
      signal?.addEventListener('abort', abort, { once: true });
      this.#pending.set(id, { give: (image) => (settled(), give(image)), fail });
      (this.#link ??= this.#connect()).post({ type: 'picture', id, blob });
    });
  }

  async close(): Promise<void> {
    const link = this.#link;
    this.#link = undefined;
    for (const { fail } of [...this.#pending.values()]) fail(abortedError('closed'));
    await link?.close();
  }

  #connect(): Link {
    const link = new Link(this.#start);
    link.listen(
      (reply) => this.#settle(reply),
      (error) => {
        link.end();
        if (this.#link === link) this.#link = undefined;
        for (const { fail } of [...this.#pending.values()]) fail(error);
      },
    );
    return link;
  }

  #settle(reply: FramesReply): void {
    if (reply.type !== 'picture' && reply.type !== 'no-picture') return;
    const pending = this.#pending.get(reply.id);
    if (reply.type === 'no-picture') pending?.fail(NearFaceError.fromWire(reply.error));
    else if (pending) pending.give(reply.image);
    else reply.image.close();
  }
}
