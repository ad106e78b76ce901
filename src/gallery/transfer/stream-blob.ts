/** Bytes that are put together in memory; the browser may keep what is a `Blob` on the disk. */
const PART_BYTES: number = 8 * 2 ** 20;

/**
 * All bytes of a stream. Unlike `Response.blob()`, which rejects with a `TypeError` of its own, this rejects with the
 * stream's error.
 */
export async function blobOf(stream: ReadableStream<Uint8Array<ArrayBuffer>>, type: string): Promise<Blob> {
  const reader = stream.getReader();
  const parts: Blob[] = [];
  let [gathered, length] = [[] as Uint8Array<ArrayBuffer>[], 0];
  for (;;) {
    const { done, value } = await reader.read();
    if (value) {
      gathered.push(value);
      length += value.length;
    }
    if (done || length >= PART_BYTES) {
      parts.push(new Blob(gathered));
      [gathered, length] = [[], 0];
    }
    if (done) return new Blob(parts, { type });
  }
}
