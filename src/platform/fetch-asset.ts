import { AssetError } from '../core/asset-error.ts';
import { abortedError } from '../core/errors.ts';
import { readPiece } from '../core/read-piece.ts';
import type { ReadAsset, ReportLength } from './port.ts';

/** Reads a file by `fetch`, which every host has. */
export const fetchAsset: ReadAsset = async (url, { maxBytes = Infinity, report, signal } = {}) => {
  try {
    const response = await fetch(url, signal ? { signal } : {});
    if (!response.ok) {
      // An answer that nobody reads would hold its connection.
      await response.body?.cancel();
      throw new AssetError(`the server answered ${response.status}`, { status: response.status });
    }
    return await readBounded(response, maxBytes, report);
  } catch (error) {
    if (signal?.aborted) throw abortedError(signal.reason);
    if (error instanceof AssetError) throw error;
    throw new AssetError(error instanceof Error ? error.message : String(error), { cause: error });
  }
};

async function readBounded(
  response: Response,
  maxBytes: number,
  report: ReportLength = () => undefined,
): Promise<Uint8Array<ArrayBuffer>> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  const reader = response.body!.getReader();
  for (;;) {
    const { done, value } = await readPiece(reader);
    if (done) break;
    chunks.push(value);
    length += value.length;
    if (length > maxBytes) {
      await reader.cancel();
      throw new AssetError(`it is larger than ${maxBytes} bytes`, { isTooLarge: true });
    }
    report(length);
  }
  const bytes = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.length;
  }
  return bytes;
}
