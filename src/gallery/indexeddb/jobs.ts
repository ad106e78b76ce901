import { badParam } from '../../core/errors.ts';
import {
  type JobItem,
  type JobOutcome,
  type JobError,
  type JobItemStatus,
  type JobStep,
  type JobSummary,
  NO_ITEMS,
} from '../../core/jobs.ts';
import type { JobItemRow, JobRow, ReadTx, WriteTx } from './schema.ts';
import { fromBytes, toBytes } from './rows.ts';
import type { Sealer } from './sealer.ts';
import type { NewJobItem, StoredJob, StoredJobItem } from '../port.ts';

function jobRow(sealer: Sealer, job: StoredJob): JobRow {
  if (!sealer.encrypted) return { id: job.id, job };
  return { id: job.id, sealed: sealer.seal(toBytes(job)) };
}

function jobOf(sealer: Sealer, row: JobRow): StoredJob {
  return row.sealed ? (fromBytes(sealer.open(row.sealed)) as StoredJob) : (row.job as StoredJob);
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
export async function readJob(tx: ReadTx, id: string): Promise<StoredJob> {
  const row = await tx.objectStore('jobs').get(id);
  if (row) return jobOf(tx.sealer, row);
  throw badParam('id', id, 'the id of a job that is stored; jobs.list() names them');
}

/** All jobs, the newest first. */
export async function listJobs(tx: ReadTx): Promise<readonly StoredJob[]> {
  const rows = await tx.objectStore('jobs').getAll();
  return rows.map((row) => jobOf(tx.sealer, row)).sort((a, b) => b.createdAt - a.createdAt);
}

export async function putJob(tx: WriteTx, job: StoredJob): Promise<void> {
  await tx.objectStore('jobs').put(jobRow(tx.sealer, job));
}

/** Adds photos to a job; they wait. */
export async function addJobItems(tx: WriteTx, id: string, items: readonly NewJobItem[]): Promise<void> {
  const job = await readJob(tx, id);
  const first = Object.values(job.counts).reduce((sum, count) => sum + count, 0);
  const store = tx.objectStore('jobItems');
  await Promise.all(
    items.map(async (item, i) =>
      store.add(itemRow(tx.sealer, id, { ...item, index: first + i, status: 'waiting', ids: [] })),
    ),
  );
  const counts = { ...job.counts, waiting: job.counts.waiting + items.length };
  await putJob(tx, { ...job, counts });
}

/**
 * Takes a job's next step. What another page has done to it meanwhile holds: only a running job is paused or ends.
 *
 * @throws NearFaceError `BAD_PARAM` if it cannot be run: its photos are not all stored, or it was cancelled
 */
export async function stepJob(tx: WriteTx, id: string, step: JobStep, error?: JobError): Promise<StoredJob> {
  const job = await readJob(tx, id);
  const stepped = steps[step](job, error);
  if (stepped !== job) await putJob(tx, stepped);
  return stepped;
}

const steps: Readonly<Record<JobStep, (job: StoredJob, error?: JobError) => StoredJob>> = {
  staged: ({ incomplete: _, ...job }) => job,
  start: (job) => {
    if (job.incomplete) throw badParam('id', job.id, INCOMPLETE);
    if (job.state === 'cancelled')
      throw badParam('id', job.id, 'a job that was not cancelled; make a new one of its photos');
    const { error: _, ...others } = job;
    return { ...others, state: 'running' };
  },
  end: (job, error) => {
    if (job.state !== 'running') return job;
    if (error) return { ...job, state: 'paused', error };
    return { ...job, state: job.counts.waiting > 0 ? 'paused' : 'done' };
  },
  pause: (job) => (job.state === 'running' ? { ...job, state: 'paused' } : job),
  cancel: (job) => ({ ...job, state: 'cancelled' }),
};

const INCOMPLETE =
  'a job whose photos are all stored (they are still being stored, or the page ended meanwhile: delete the job then, and make it again)';

/** The next waiting photos from `from` on; none unless the job is running. */
export async function waitingItems(
  tx: ReadTx,
  id: string,
  from: number,
  count: number,
): Promise<readonly StoredJobItem[]> {
  if ((await readJob(tx, id)).state !== 'running') return [];
  const range = IDBKeyRange.bound([id, 'waiting', from], [id, 'waiting', Infinity]);
  const rows = await tx.objectStore('jobItems').index('status').getAll(range, count);
  return rows.map((row) => itemOf(tx.sealer, row));
}

/** All photos of a job, without their bytes. */
export async function listJobItems(tx: ReadTx, id: string): Promise<readonly JobItem[]> {
  await readJob(tx, id);
  const items: JobItem[] = [];
  const range = IDBKeyRange.bound([id], [id, []]);
  for (
    let cursor = await tx.objectStore('jobItems').openCursor(range);
    cursor;
    cursor = await cursor.continue()
  ) {
    const { photo: _, type: _type, ...item } = itemOf(tx.sealer, cursor.value);
    items.push(item);
  }
  return items;
}

/** What became of a photo; it may still wait. */
export async function readOutcome(tx: ReadTx, id: string, index: number): Promise<JobOutcome> {
  const { status, ids, error, shortfalls } = await readItem(tx, id, index);
  return { status, ids, ...(error && { error }), ...(shortfalls && { shortfalls }) };
}

async function readItem(tx: ReadTx, id: string, index: number): Promise<StoredJobItem> {
  const row = await tx.objectStore('jobItems').get([id, index]);
  if (!row) throw badParam('index', index, `the number of a photo of the job ${id}`);
  return itemOf(tx.sealer, row);
}

/** Notes what became of a photo. Its bytes go, unless it failed and may be tried again. */
export async function settleJobItem(
  tx: WriteTx,
  id: string,
  index: number,
  outcome: JobOutcome,
): Promise<StoredJob> {
  const job = await readJob(tx, id);
  const { error: _, ...item } = await readItem(tx, id, index);
  const photo = outcome.status === 'failed' ? item.photo : new Uint8Array(0);
  await tx.objectStore('jobItems').put(itemRow(tx.sealer, id, { ...item, ...outcome, photo }));
  const counts = moved(job.counts, item.status, outcome.status, 1);
  const settled = { ...job, counts };
  await putJob(tx, settled);
  return settled;
}

/** Lets the failed photos of a job wait again. */
export async function retryJob(tx: WriteTx, id: string): Promise<void> {
  const job = await readJob(tx, id);
  const failed = IDBKeyRange.bound([id, 'failed'], [id, 'failed', Infinity]);
  const rows = await tx.objectStore('jobItems').index('status').getAll(failed);
  for (const row of rows) {
    const { error: _, ...item } = itemOf(tx.sealer, row);
    await tx.objectStore('jobItems').put(itemRow(tx.sealer, id, { ...item, status: 'waiting' }));
  }
  await putJob(tx, { ...job, counts: moved(job.counts, 'failed', 'waiting', rows.length) });
}

/** Deletes a job and the photos that wait; enrolled faces stay. */
export async function deleteJob(tx: WriteTx, id: string): Promise<void> {
  await readJob(tx, id);
  await tx.objectStore('jobItems').delete(IDBKeyRange.bound([id], [id, []]));
  await tx.objectStore('jobs').delete(id);
}

/** Takes what jobs know of faces that are deleted: names of files, and metas. */
export async function forgetInJobs(tx: WriteTx, ids: readonly string[]): Promise<void> {
  const items = tx.objectStore('jobItems');
  if ((await items.count()) === 0) return;
  for (const id of ids) {
    for (const row of await items.index('ids').getAll(tx.sealer.tag(id))) {
      const item = itemOf(tx.sealer, row);
      const left = item.ids.filter((other) => other !== id);
      await items.put(itemRow(tx.sealer, row.job, { ...item, name: '(deleted)', meta: '', ids: left }));
    }
  }
}

function moved(
  counts: JobSummary['counts'],
  from: JobItemStatus,
  to: JobItemStatus,
  count: number,
): JobSummary['counts'] {
  const less = { ...NO_ITEMS, ...counts, [from]: counts[from] - count };
  return { ...less, [to]: less[to] + count };
}
