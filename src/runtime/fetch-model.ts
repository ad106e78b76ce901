import { AssetError } from '../core/asset-error.ts';
import { NearFaceError } from '../core/errors.ts';
import type { ModelEntry } from '../core/manifest.ts';
import { sha256 } from '../core/sha256.ts';
import type { ModelCache, ReadAsset } from '../platform/port.ts';

/** A model file that passed its check. */
export interface ModelFile {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly cached: boolean;
}

/** Where model files come from. */
export interface ModelSource {
  readonly modelCache: ModelCache;
  readonly readAsset: ReadAsset;
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
  { modelCache: cache, readAsset }: ModelSource,
  report: ReportBytes,
  signal?: AbortSignal,
): Promise<ModelFile> {
  const { sha256: expected } = entry;
  const known = expected === undefined ? undefined : await cache.get(expected);
  if (known && (await sha256(known)) === expected) {
    report(known.length, known.length);
    return { bytes: known, cached: true };
  }
  const bytes = await download(readAsset, entry, url, report, signal);
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

/** Reads `url` whole, refusing more than the entry's size. @throws NearFaceError `MODEL_LOAD_FAILED`, `MODEL_INTEGRITY`, `ABORTED` */
export async function download(
  readAsset: ReadAsset,
  entry: Pick<ModelEntry, 'id' | 'bytes'>,
  url: string,
  report: ReportBytes,
  signal?: AbortSignal,
): Promise<Uint8Array<ArrayBuffer>> {
  const maxBytes = entry.bytes ?? MAX_MODEL_BYTES;
  try {
    return await readAsset(url, { maxBytes, report: (done) => report(done, entry.bytes ?? 0), signal });
  } catch (error) {
    if (error instanceof NearFaceError || !(error instanceof AssetError)) throw error;
    if (!error.isTooLarge) throw loadFailed(entry.id, url, error.message, error.cause);
    const text = `The model ${entry.id} at ${url} is larger than ${maxBytes} bytes; copy the models folder again`;
    throw new NearFaceError('MODEL_INTEGRITY', text, { model: entry.id, url, limit: maxBytes });
  }
}

function loadFailed(id: string, url: string, why: string, cause?: unknown): NearFaceError {
  const text = `${id} could not be loaded from ${url}: ${why}. Put the library's dist folder there, or set assets`;
  return new NearFaceError('MODEL_LOAD_FAILED', text, { model: id, url }, cause);
}
