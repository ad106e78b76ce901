import type { IDBPTransaction } from 'idb';
import { NearFaceError, throwIfAborted } from '../../core/errors.ts';
import type { FaceKeys } from '../face-keys.ts';
import type { Change, GalleryDb, ReadTx, StoreName, WriteTx } from './schema.ts';

/** What keeps in memory what is in the database. */
export interface Follower {
  /** Takes in what was written since, by other pages; false if too much was. */
  stepIn(tx: Omit<ReadTx, 'index'>): Promise<boolean>;
  /** Reads everything anew. */
  reload(): Promise<void>;
}

/** What a transaction that is complete has changed. */
export interface Written<T> {
  readonly value: T;
  readonly changes: readonly Change[];
  /** What changed faces are found by now, by their numbers. */
  readonly keys: ReadonlyMap<number, FaceKeys>;
  readonly revision: number;
}

/** Changes that are kept for other pages; one that is further behind reads everything anew. */
export const KEPT_CHANGES = 1000;

/** Notes for other pages what a transaction changed, beside the last `kept` changes. */
export async function logChanges(tx: WriteTx, changes: readonly Change[], kept: number): Promise<void> {
  const revision = tx.state.revision + 1;
  tx.state = { ...tx.state, revision };
  await tx.objectStore('changes').put(changes, revision);
  await tx.objectStore('changes').delete(IDBKeyRange.upperBound(revision - kept));
}

type RawTx = IDBPTransaction<GalleryDb, StoreName[], 'readwrite'>;

/** Runs a transaction to its end: all of it, or nothing. */
export async function complete<T>(
  tx: RawTx,
  job: () => Promise<T>,
  signal: AbortSignal | undefined,
): Promise<T> {
  const done = tx.done.then(() => undefined);
  done.catch(() => undefined);
  try {
    const result = await job();
    throwIfAborted(signal);
    tx.commit();
    await done;
    return result;
  } catch (error) {
    abortQuietly(tx);
    const undone = await done.then(
      () => undefined,
      (reason: unknown) => reason,
    );
    // A failed request may surface as a plain AbortError; the transaction knows the quota's error.
    throw isQuotaError(undone) ? undone : error;
  }
}

/** Aborts a transaction that may have ended. */
export function abortQuietly(tx: { abort(): void }): void {
  try {
    tx.abort();
  } catch {
    // It has ended by itself: a failed request aborts its transaction.
  }
}

/** Whether the browser refused to store more. */
export function isQuotaError(error: unknown): boolean {
  return error instanceof DOMException && error.name === 'QuotaExceededError';
}

/** Chromium names a user's setting in words only. */
function isRefusal(error: unknown): boolean {
  if (typeof indexedDB === 'undefined') return true;
  if (!(error instanceof DOMException)) return false;
  const { name, message } = error;
  return /^(SecurityError|InvalidStateError)$/.test(name) || /denied permission/i.test(message);
}

/** What says why a database cannot be opened or deleted. */
export function openError(error: unknown, name: string): NearFaceError {
  if (isRefusal(error)) {
    const text =
      'The browser gives this page no storage, so that no galleries can be kept (a sandboxed frame needs ' +
      'allow-same-origin, a frame of another site the permission of the user)';
    return new NearFaceError('STORAGE_FAILED', text, { database: name, storage: 'refused' }, error);
  }
  if (error instanceof DOMException && error.name === 'VersionError') {
    return new NearFaceError(
      'STORAGE_FAILED',
      `The database ${name} was made by a newer version of nearface; update the library on this page`,
      { database: name },
      error,
    );
  }
  return NearFaceError.from(
    error,
    'STORAGE_FAILED',
    `The database ${name} could not be opened (does the browser allow storage here?)`,
  );
}
