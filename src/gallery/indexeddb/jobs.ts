import type { JobError, JobItem, JobOutcome, JobStep } from '../../core/jobs.ts';
import {
  enrolling,
  forgotten,
  inOrder,
  jobItemNotFound,
  jobNotFound,
  outcomeOf,
  retried,
  settled,
  stepped,
  withItems,
  withKind,
  withoutPhoto,
} from '../job-steps.ts';
import type { JobItemRow, JobRow, ReadTx, WriteTx } from './schema.ts';
import { fromBytes, toBytes } from './rows.ts';
import type { Sealer } from './sealer.ts';
import type { AnyStoredJob, NewJobItem, StoredJob, StoredJobItem } from '../port.ts';

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

/** A job. @throws NearFaceError `BAD_PARAM` */
export async function readJob(tx: ReadTx, id: string): Promise<AnyStoredJob> {
  const row = await tx.objectStore('jobs').get(id);
  if (row) return jobOf(tx.sealer, row);
  throw jobNotFound(id);
}

/** The same of one that enrols. */
export async function readEnrolJob(tx: ReadTx, id: string): Promise<StoredJob> {
  return enrolling(await readJob(tx, id));
}

/** All jobs, the newest first. */
export async function listJobs(tx: ReadTx): Promise<readonly AnyStoredJob[]> {
  const rows = await tx.objectStore('jobs').getAll();
  return inOrder(rows.map((row) => jobOf(tx.sealer, row)));
}

export async function putJob(tx: WriteTx, job: AnyStoredJob): Promise<void> {
  await tx.objectStore('jobs').put(jobRow(tx.sealer, job));
}

/** Adds photos to a job; they wait. */
export async function addJobItems(tx: WriteTx, id: string, items: readonly NewJobItem[]): Promise<void> {
  const { job, added } = withItems(await readEnrolJob(tx, id), items);
  const store = tx.objectStore('jobItems');
  await Promise.all(added.map(async (item) => store.add(itemRow(tx.sealer, id, item))));
  await putJob(tx, job);
}

/** Takes a job's next step; see {@link stepped}. @throws NearFaceError `BAD_PARAM` if it cannot be run */
export async function stepJob(
  tx: WriteTx,
  id: string,
  step: JobStep,
  error?: JobError,
): Promise<AnyStoredJob> {
  const before = await readJob(tx, id);
  const job = stepped(before, step, error);
  if (job !== before) await putJob(tx, job);
  return job;
}

/** The next waiting photos from `from` on; none unless the job is running. */
export async function waitingItems(
  tx: ReadTx,
  id: string,
  from: number,
  count: number,
): Promise<readonly StoredJobItem[]> {
  if ((await readEnrolJob(tx, id)).state !== 'running') return [];
  const range = IDBKeyRange.bound([id, 'waiting', from], [id, 'waiting', Infinity]);
  const rows = await tx.objectStore('jobItems').index('status').getAll(range, count);
  return rows.map((row) => itemOf(tx.sealer, row));
}

/** All photos of a job, without their bytes. */
export async function listJobItems(tx: ReadTx, id: string): Promise<readonly JobItem[]> {
  await readEnrolJob(tx, id);
  const items: JobItem[] = [];
  const range = IDBKeyRange.bound([id], [id, []]);
  for (
    let cursor = await tx.objectStore('jobItems').openCursor(range);
    cursor;
    cursor = await cursor.continue()
  ) {
    items.push(withoutPhoto(itemOf(tx.sealer, cursor.value)));
  }
  return items;
}

/** What became of a photo; it may still wait. */
export async function readOutcome(tx: ReadTx, id: string, index: number): Promise<JobOutcome> {
  return outcomeOf(await readItem(tx, id, index));
}

async function readItem(tx: ReadTx, id: string, index: number): Promise<StoredJobItem> {
  const row = await tx.objectStore('jobItems').get([id, index]);
  if (!row) throw jobItemNotFound(id, index);
  return itemOf(tx.sealer, row);
}

/** Notes what became of a photo. Its bytes go, unless it failed and may be tried again. */
export async function settleJobItem(
  tx: WriteTx,
  id: string,
  index: number,
  outcome: JobOutcome,
): Promise<StoredJob> {
  const { job, item } = settled(await readEnrolJob(tx, id), await readItem(tx, id, index), outcome);
  await tx.objectStore('jobItems').put(itemRow(tx.sealer, id, item));
  await putJob(tx, job);
  return job;
}

/** Lets the failed photos of a job wait again. */
export async function retryPhotos(tx: WriteTx, before: StoredJob): Promise<void> {
  const { id } = before;
  const range = IDBKeyRange.bound([id, 'failed'], [id, 'failed', Infinity]);
  const rows = await tx.objectStore('jobItems').index('status').getAll(range);
  const { job, items } = retried(
    before,
    rows.map((row) => itemOf(tx.sealer, row)),
  );
  for (const item of items) await tx.objectStore('jobItems').put(itemRow(tx.sealer, id, item));
  await putJob(tx, job);
}

/** Deletes a job with all that is stored of it alone; enrolled faces stay. */
export async function deleteJob(tx: WriteTx, id: string): Promise<void> {
  await readJob(tx, id);
  const all = IDBKeyRange.bound([id], [id, []]);
  for (const name of ['jobItems', 'jobPieces', 'appearances'] as const)
    await tx.objectStore(name).delete(all);
  await tx.objectStore('jobCheckpoints').delete(id);
  await tx.objectStore('jobs').delete(id);
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
