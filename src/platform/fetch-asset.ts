import { AssetError } from '../core/asset-error.ts';
import { abortedError } from '../core/errors.ts';
import { joinBytes } from '../core/join-bytes.ts';
import { readPiece } from '../core/read-piece.ts';
import type { ReadAsset, ReportLength } from './port.ts';

/** What a server answered. */
export interface Fetched {
  /** Its bytes, in the pieces that they came in. */
  readonly pieces: readonly Uint8Array<ArrayBuffer>[];
  readonly length: number;
  /** The media type that the server gave; empty if it gave none. */
  readonly type: string;
}

/** Reads a file by `fetch`, which every host has. */
export const fetchAsset: ReadAsset = async (url, options) => {
  const { pieces } = await fetchPieces(url, options);
  return joinBytes(pieces);
};

/** The same, not put together; `init` is fetch's own. @throws AssetError, NearFaceError `ABORTED` */
export async function fetchPieces(
  url: string,
  { maxBytes = Infinity, report, signal }: Parameters<ReadAsset>[1] = {},
  init: RequestInit = {},
): Promise<Fetched> {
  try {
    const response = await fetch(url, signal ? { ...init, signal } : init);
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
}

async function readBounded(
  response: Response,
  maxBytes: number,
  report: ReportLength = () => undefined,
): Promise<Fetched> {
  const pieces: Uint8Array<ArrayBuffer>[] = [];
  let length = 0;
  const type = response.headers.get('content-type') ?? '';
  // An answer without content (204) has no body.
  if (!response.body) return { pieces, length, type };
  const reader = response.body.getReader();
  for (;;) {
    const { done, value } = await readPiece(reader);
    if (done) break;
    pieces.push(value);
    length += value.length;
    if (length > maxBytes) {
      await reader.cancel();
      throw new AssetError(`it is larger than ${maxBytes} bytes`, { isTooLarge: true });
    }
    report(length);
  }
  return { pieces, length, type };
}
