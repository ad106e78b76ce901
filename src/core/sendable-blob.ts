import { blobOf } from './stream-blob.ts';

/**
 * A blob that can be sent to another thread: in Node one that stands for a file (`fs.openAsBlob`) cannot, and is read. The rest of a
 * file that was changed or removed meanwhile rejects with what the host says.
 */
export async function sendableBlob(blob: Blob, signal?: AbortSignal): Promise<Blob> {
  try {
    structuredClone(blob);
    return blob;
  } catch {
    return blobOf(blob.stream(), blob.type, signal);
  }
}
