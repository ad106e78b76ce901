import { NearFaceError } from '../../core/errors.ts';
import { originStorage } from '../../platform/browser/storage.ts';
import type { StoredState } from './schema.ts';
import { storedBytes } from '../stored.ts';

/**
 * Refuses what is known to take more room than there is, before it is begun.
 *
 * @param what - what takes it, as the beginning of a sentence
 * @throws NearFaceError `STORAGE_FULL`
 */
export async function checkRoom(bytes: number, what: string): Promise<void> {
  const { usage, quota } = await originStorage.estimate();
  if (quota === 0 || bytes <= quota - usage) return;
  throw new NearFaceError(
    'STORAGE_FULL',
    `${what} take ${megabytes(bytes)}, and the browser gives this site ${megabytes(quota - usage)} more; ` +
      'give them in smaller parts, delete faces or galleries, or free space on the disk',
    { bytes, usageBytes: usage, quotaBytes: quota },
  );
}

/** The error of a database that may not grow: it says how much is used by what. */
export async function storageFull(error: unknown, state: StoredState): Promise<NearFaceError> {
  const { usage, quota } = await originStorage.estimate();
  const { faces, bytes } = storedBytes(state);
  const used = quota > 0 ? `${megabytes(usage)} of ${megabytes(quota)} are in use; ` : '';
  const kinds = `vectors ${megabytes(bytes.vectors)}, pictures ${megabytes(bytes.pictures)}, records ${megabytes(bytes.records)}`;
  return new NearFaceError(
    'STORAGE_FULL',
    `The browser gives this site no more storage (${used}${faces} faces: ${kinds}); delete faces or galleries, keep fewer pictures (option keep), or free space on the disk`,
    { usageBytes: usage, quotaBytes: quota, faces, bytes },
    error,
  );
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(bytes < 1e7 ? 1 : 0)} MB`;
}
