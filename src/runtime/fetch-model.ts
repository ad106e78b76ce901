import { abortedError, NearFaceError } from '../core/errors.ts';
import type { ModelEntry } from '../core/manifest.ts';
import { readPiece } from '../core/read-piece.ts';
import { sha256 } from '../core/sha256.ts';
import type { ModelCache } from './cache.ts';

/** A model file that passed its check. */
export interface ModelFile {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly cached: boolean;
}

/** Told how many bytes of how many are there; `total` is 0 while unknown. */
export type ReportBytes = (done: number, total: number) => void;

/** The largest model file that is read when an entry does not say its size. */
const MAX_MODEL_BYTES = 512 * 2 ** 20;

/**
 * Reads a model file from the cache or from `url`, checks its sha256 if the entry has one, and caches it.
 *
 * @throws NearFaceError `MODEL_LOAD_FAILED`, `MODEL_INTEGRITY`, `ABORTED`
 */
export async function fetchModel(
  entry: ModelEntry,
  url: string,
  cache: ModelCache,
  report: ReportBytes,
  signal?: AbortSignal,
): Promise<ModelFile> {
  const { sha256: expected } = entry;
  const known = expected === undefined ? undefined : await cache.get(expected);
  if (known && (await sha256(known)) === expected) {
    report(known.length, known.length);
    return { bytes: known, cached: true };
  }
  const bytes = await download(entry, url, report, signal);
  if (expected !== undefined) {
    await checkDigest(entry, url, bytes);
    await cache.put(expected, bytes);
  }
  return { bytes, cached: false };
}

/** @throws NearFaceError `MODEL_INTEGRITY` unless `bytes` have the entry's sha256 */
export async function checkDigest(
  entry: ModelEntry,
  url: string,
  bytes: Uint8Array<ArrayBuffer>,
): Promise<void> {
  const found = await sha256(bytes);
  if (found === entry.sha256) return;
  const size = entry.bytes === undefined ? '' : `, ${entry.bytes} bytes expected`;
  const text =
    `The model ${entry.id} at ${url} is not the file that the manifest describes (${bytes.length} bytes${size}; ` +
    `sha256 ${found}); it was changed or cut short. Copy the models folder again`;
  throw new NearFaceError('MODEL_INTEGRITY', text, { model: entry.id, url, expected: entry.sha256, found });
}

/** Fetches `url` whole, refusing more than the entry's size. */
export async function download(
  entry: Pick<ModelEntry, 'id' | 'bytes'>,
  url: string,
  report: ReportBytes,
  signal?: AbortSignal,
): Promise<Uint8Array<ArrayBuffer>> {
  try {
    const response = await fetch(url, signal ? { signal } : {});
    if (!response.ok) throw loadFailed(entry.id, url, `the server answered ${response.status}`);
    return await readBounded(response, entry, url, report);
  } catch (error) {
    if (signal?.aborted) throw abortedError(signal.reason);
    if (error instanceof NearFaceError) throw error;
    throw loadFailed(entry.id, url, error instanceof Error ? error.message : String(error), error);
  }
}

async function readBounded(
  response: Response,
  entry: Pick<ModelEntry, 'id' | 'bytes'>,
  url: string,
  report: ReportBytes,
): Promise<Uint8Array<ArrayBuffer>> {
  const limit = entry.bytes ?? MAX_MODEL_BYTES;
  const chunks: Uint8Array[] = [];
  let length = 0;
  const reader = response.body!.getReader();
  for (;;) {
    const { done, value } = await readPiece(reader);
    if (done) break;
    chunks.push(value);
    length += value.length;
    if (length > limit) {
      await reader.cancel();
      const text = `The model ${entry.id} at ${url} is larger than ${limit} bytes; copy the models folder again`;
      throw new NearFaceError('MODEL_INTEGRITY', text, { model: entry.id, url, limit });
    }
    report(length, entry.bytes ?? 0);
  }
  const bytes = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.length;
  }
  return bytes;
}

function loadFailed(id: string, url: string, why: string, cause?: unknown): NearFaceError {
  const text = `${id} could not be loaded from ${url}: ${why}. Serve the library's dist folder there, or set assets`;
  return new NearFaceError('MODEL_LOAD_FAILED', text, { model: id, url }, cause);
}
