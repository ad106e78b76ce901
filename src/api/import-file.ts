import { badParam, NearFaceError } from '../core/errors.ts';
import { sendableBlob } from '../core/sendable-blob.ts';
import { blobOf } from '../core/stream-blob.ts';

/**
 * The file that an import reads, twice: a stream is put into a `Blob` first, which the browser keeps on the disk if it
 * is large.
 *
 * @throws NearFaceError `BAD_PARAM` for anything else, and for a stream that fails; `ABORTED`
 */
export async function importFile(file: unknown, signal: AbortSignal | undefined): Promise<Blob> {
  const isBlob = file instanceof Blob;
  if (!isBlob && (!(file instanceof ReadableStream) || file.locked))
    throw badParam('file', file, 'a File, a Blob, or a ReadableStream of bytes that nobody else reads');
  try {
    if (isBlob) return await sendableBlob(file, signal);
    return await blobOf(file as ReadableStream<Uint8Array>, '', signal);
  } catch (error) {
    if (error instanceof NearFaceError) throw error;
    const message = error instanceof Error ? error.message : String(error);
    const text = `file: the ${isBlob ? 'file' : 'stream'} could not be read (${message}); open it again`;
    throw new NearFaceError('BAD_PARAM', text, { param: 'file' }, error);
  }
}
