/** Jobs and their photos in their stores. */
import type { JobItem } from '../../core/jobs.ts';
import { forgotten, withKind, withoutPhoto } from '../job-steps.ts';
import type { JobItemTable, JobTable } from '../job-tables.ts';
import type { AnyStoredJob, StoredJobItem } from '../port.ts';
import { fromBytes, toBytes } from './rows.ts';
import type { JobItemRow, JobRow, WriteTx } from './schema.ts';
import type { Sealer } from './sealer.ts';

function jobRow(sealer: Sealer, job: AnyStoredJob): JobRow {
  if (!sealer.encrypted) return { id: job.id, job };
  return { id: job.id, sealed: sealer.seal(toBytes(job)) };
}

function jobOf(sealer: Sealer, row: JobRow): AnyStoredJob {
  return withKind((row.sealed ? fromBytes(sealer.open(row.sealed)) : row.job) as AnyStoredJob);
}

function itemRow(sealer: Sealer, job: string, { photo, ...item }: StoredJobItem): JobItemRow {
  const ids = item.ids.map(sealer.tag);
  const keys = { job, index: item.index, status: item.status, ids, photo: sealer.seal(photo) };
  return sealer.encrypted ? { ...keys, sealed: sealer.seal(toBytes(item)) } : { ...keys, item };
}

function itemOf(sealer: Sealer, row: JobItemRow): StoredJobItem {
  const item = row.sealed ? fromBytes(sealer.open(row.sealed)) : row.item;
  return { ...(item as Omit<StoredJobItem, 'photo'>), photo: sealer.open(row.photo) };
}

/** A row under other keys. */
export const resealedJob = (from: Sealer, to: Sealer, row: JobRow): JobRow => jobRow(to, jobOf(from, row));

/** The same for a photo. */
export const resealedItem = (from: Sealer, to: Sealer, row: JobItemRow): JobItemRow =>
  itemRow(to, row.job, itemOf(from, row));

export function jobTable(tx: WriteTx): JobTable {
  const jobs = tx.objectStore('jobs');
  return {
    all: async () => (await jobs.getAll()).map((row) => jobOf(tx.sealer, row)),
    async byId(id) {
      const row = await jobs.get(id);
      return row && jobOf(tx.sealer, row);
    },
    async put(job) {
      await jobs.put(jobRow(tx.sealer, job));
    },
    async delete(id) {
      const all = IDBKeyRange.bound([id], [id, []]);
      for (const name of ['jobItems', 'jobPieces', 'appearances'] as const)
        await tx.objectStore(name).delete(all);
      await tx.objectStore('jobCheckpoints').delete(id);
      await jobs.delete(id);
    },
  };
}

export function itemTable(tx: WriteTx): JobItemTable {
  const items = tx.objectStore('jobItems');
  return {
    async byNumber(job, index) {
      const row = await items.get([job, index]);
      return row && itemOf(tx.sealer, row);
    },
    async ofStatus(job, status, from, count) {
      const range = IDBKeyRange.bound([job, status, from], [job, status, Infinity]);
      const rows = await items.index('status').getAll(range, count);
      return rows.map((row) => itemOf(tx.sealer, row));
    },
    async list(job) {
      const list: JobItem[] = [];
      const range = IDBKeyRange.bound([job], [job, []]);
      for (let cursor = await items.openCursor(range); cursor; cursor = await cursor.continue())
        list.push(withoutPhoto(itemOf(tx.sealer, cursor.value)));
      return list;
    },
    async put(job, some) {
      // Async, so that a request that throws at once is one more rejection that Promise.all takes.
      await Promise.all(some.map(async (item) => items.put(itemRow(tx.sealer, job, item))));
    },
  };
}

/** Takes what jobs know of faces that are deleted: names of files, and metas. */
export async function forgetInJobs(tx: WriteTx, ids: readonly string[]): Promise<void> {
  const items = tx.objectStore('jobItems');
  if ((await items.count()) === 0) return;
  for (const id of ids) {
    for (const row of await items.index('ids').getAll(tx.sealer.tag(id))) {
      const item = itemOf(tx.sealer, row);
      await items.put(itemRow(tx.sealer, row.job, forgotten(item, id)));
    }
  }
}
