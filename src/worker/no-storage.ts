import type { StorageUsage } from '../core/records.ts';

/** What a database that cannot be takes up. */
export const NO_STORAGE: StorageUsage = {
  kind: 'memory',
  faces: 0,
  bytes: { vectors: 0, pictures: 0, records: 0 },
  usageBytes: 0,
  quotaBytes: 0,
  persisted: false,
  encrypted: false,
  lost: false,
  damaged: { galleries: 0, faces: 0 },
};
