/** What every database makes of enrolment jobs: their steps, and what becomes of their photos. */
import { badParam } from '../core/errors.ts';
import {
  type JobError,
  type JobItem,
  type JobItemStatus,
  type JobOutcome,
  type JobStep,
  type JobSummary,
  NO_ITEMS,
} from '../core/jobs.ts';
import type { JobPhoto, NewJobItem, StoredJob, StoredJobItem } from './port.ts';

/** A job whose photos are yet to come. */
export function newJob(id: string, gallery: string, options: StoredJob['options']): StoredJob {
  return {
    ...{ id, gallery, options, state: 'paused', incomplete: true },
    ...{ createdAt: Date.now(), counts: NO_ITEMS },
  };
}

export function jobNotFound(id: string): Error {
  return badParam('id', id, 'the id of a job that is stored; jobs.list() names them');
}

export function jobExists(id: string): Error {
  return badParam('id', id, 'an id that no job has');
}

export function jobItemNotFound(job: string, index: number): Error {
  return badParam('index', index, `the number of a photo of the job ${job}`);
}

/** The newest first, those of the same millisecond by id. */
export function inOrder(jobs: readonly StoredJob[]): readonly StoredJob[] {
  return jobs.toSorted((a, b) => b.createdAt - a.createdAt || (a.id < b.id ? -1 : 1));
}

/** A job with more photos, and these. */
export function withItems(
  job: StoredJob,
  items: readonly NewJobItem[],
): { readonly job: StoredJob; readonly added: readonly StoredJobItem[] } {
  const first = Object.values(job.counts).reduce((sum, count) => sum + count, 0);
  const added = items.map((item, i): StoredJobItem => ({
    ...item,
    index: first + i,
    status: 'waiting',
    ids: [],
  }));
  const counts = { ...job.counts, waiting: job.counts.waiting + items.length };
  return { job: { ...job, counts }, added };
}

/**
 * A job after a step, the same one where it changes nothing: what others have done to it meanwhile holds, so that only a running job is
 * paused or ends.
 *
 * @throws NearFaceError `BAD_PARAM` if it cannot be run: its photos are not all stored, or it was cancelled
 */
export function stepped(job: StoredJob, step: JobStep, error?: JobError): StoredJob {
  return steps[step](job, error);
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
  'a job whose photos are all stored (they are still being stored, or what stored them ended meanwhile: delete the job then, and make it again)';

/** A photo without its bytes. */
export function withoutPhoto({ photo: _, type: _type, ...item }: StoredJobItem): JobItem {
  return item;
}

/** What became of a photo; it may still wait. */
export function outcomeOf({ status, ids, error, shortfalls }: JobItem): JobOutcome {
  return { status, ids, ...(error && { error }), ...(shortfalls && { shortfalls }) };
}

/** A photo of which something became, and its job. Its bytes go, unless it failed and may be tried again. */
export function settled(
  job: StoredJob,
  { error: _, ...item }: StoredJobItem,
  outcome: JobOutcome,
): { readonly job: StoredJob; readonly item: StoredJobItem } {
  const photo = outcome.status === 'failed' ? item.photo : new Uint8Array(0);
  const counts = moved(job.counts, item.status, outcome.status, 1);
  return { job: { ...job, counts }, item: { ...item, ...outcome, photo } };
}

/** What becomes of a photo of which the gallery may have faces already: its outcome, or that its faces are to be enrolled. */
export function foreseen(
  { faces, shortfalls, duplicates }: JobPhoto,
  knownIds: readonly string[],
): JobOutcome | 'enrol' {
  if (faces.length === 0) return { status: 'rejected', ids: [], shortfalls };
  if (knownIds.length > 0 && duplicates === 'skip') return { status: 'skipped', ids: knownIds };
  return 'enrol';
}

/** Failed photos that wait again, and their job. */
export function retried(
  job: StoredJob,
  failed: readonly StoredJobItem[],
): { readonly job: StoredJob; readonly items: readonly StoredJobItem[] } {
  const items = failed.map(({ error: _, ...item }): StoredJobItem => ({ ...item, status: 'waiting' }));
  return { job: { ...job, counts: moved(job.counts, 'failed', 'waiting', failed.length) }, items };
}

/** A photo that no longer tells of a face that is deleted: neither the name of its file nor its meta. */
export function forgotten(item: StoredJobItem, faceId: string): StoredJobItem {
  return { ...item, name: '(deleted)', meta: '', ids: item.ids.filter((id) => id !== faceId) };
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
