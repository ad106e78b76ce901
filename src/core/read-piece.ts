/** Longer than any read; the timer never fires to any effect. */
const HOLD_MS = 2 ** 30;

/**
 * The next piece of a stream. A timer refers to the reader while it waits: Chromium frees the body of a response or a
 * blob that is reachable from the pending read's own promise only, and that promise then never settles. (Of its own
 * accord it keeps a body alive for `arrayBuffer()` and the like, not for a reader; https://crbug.com/1292744.)
 */
export async function readPiece<T>(
  reader: ReadableStreamDefaultReader<T>,
): Promise<ReadableStreamReadResult<T>> {
  const hold = setInterval(() => reader, HOLD_MS);
  try {
    return await reader.read();
  } finally {
    clearInterval(hold);
  }
}
