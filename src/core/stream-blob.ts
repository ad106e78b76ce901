import { badParam, throwIfAborted } from './errors.ts';
import { readPiece } from './read-piece.ts';

/** Bytes that are put together in memory; the browser may keep what is a `Blob` on the disk. */
const PART_BYTES: number = 8 * 2 ** 20;

/**
 * All bytes of a stream, which is cancelled if `signal` aborts or a piece is not bytes. Unlike `Response.blob()`, which
 * rejects with a `TypeError` of its own, this rejects with the stream's error.
 *
 * @throws NearFaceError `ABORTED`, `BAD_PARAM` for pieces that are not bytes
 */
export async function blobOf(
  stream: ReadableStream<Uint8Array>,
  type: string,
  signal?: AbortSignal,
): Promise<Blob> {
  throwIfAborted(signal);
  const reader = stream.getReader();
  // Cancelling ends a read that waits.
  const cancel = (): void => void reader.cancel().catch(() => undefined);
  signal?.addEventListener('abort', cancel, { once: true });
  try {
    const parts: Blob[] = [];
    for await (const part of partsOf(reader)) parts.push(new Blob(part));
    throwIfAborted(signal);
    return new Blob(parts, { type });
  } catch (error) {
    cancel();
    throw error;
  } finally {
    signal?.removeEventListener('abort', cancel);
  }
}

async function* partsOf(
  reader: ReadableStreamDefaultReader<Uint8Array>,
): AsyncGenerator<Uint8Array<ArrayBuffer>[], void> {
  let [part, length] = [[] as Uint8Array<ArrayBuffer>[], 0];
  for (;;) {
    const { done, value } = await readPiece(reader);
    if (done) break;
    if (!(value instanceof Uint8Array)) throw badParam('stream', value, 'a stream of Uint8Array');
    part.push(value as Uint8Array<ArrayBuffer>);
    length += value.length;
    if (length < PART_BYTES) continue;
    yield part;
    [part, length] = [[], 0];
  }
  yield part;
}
