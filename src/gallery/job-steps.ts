/** What every database makes of jobs: their steps, and what becomes of the photos of those that enrol. */
import { badParam } from '../core/errors.ts';
import {
  type JobCounts,
  type JobError,
  type JobItem,
  type JobItemStatus,
  type JobOutcome,
  type JobStep,
  NO_ITEMS,
} from '../core/jobs.ts';
import type {
  AnyStoredJob,
  JobPhoto,
  NewJobItem,
  StoredJob,
  StoredJobFacts,
  StoredJobItem,
  StoredRecognition,
} from './port.ts';

/** A job whose photos are yet to come. */
export function newJob(id: string, gallery: string, options: StoredJob['options'], tag?: string): StoredJob {
  return {
    ...{ id, kind: 'enrol', gallery, options, state: 'waiting', incomplete: true },
    ...{ createdAt: Date.now(), counts: NO_ITEMS },
    ...(tag !== undefined && { tag }),
  };
}

/** A job as it is read: those of earlier versions do not say that they enrol. */
export function withKind(job: AnyStoredJob | Omit<StoredJob, 'kind'>): AnyStoredJob {
  return 'kind' in job ? job : { ...job, kind: 'enrol' };
}

/** @throws NearFaceError `BAD_PARAM` of a job of the other kind */
export function enrolling(job: AnyStoredJob): StoredJob {
  if (job.kind === 'enrol') return job;
  throw badParam('id', job.id, 'the id of a job that enrols');
}

/** @throws NearFaceError `BAD_PARAM` of a job of the other kind */
export function recognising(job: AnyStoredJob): StoredRecognition {
  if (job.kind === 'recognise') return job;
  throw badParam('id', job.id, 'the id of a job that recognises');
}

/** Photos, or sources, of a job: those that wait, that failed, and all of them. */
export function partsOf(job: AnyStoredJob): {
  readonly waiting: number;
  readonly failed: number;
  readonly all: number;
} {
  if (job.kind === 'enrol') {
    const { waiting, failed } = job.counts;
    return { waiting, failed, all: Object.values(job.counts).reduce((sum, count) => sum + count, 0) };
  }
  const count = (status: string): number => job.sources.filter((source) => source.status === status).length;
  return { waiting: count('waiting'), failed: count('failed'), all: job.sources.length };
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
export function inOrder(jobs: readonly AnyStoredJob[]): readonly AnyStoredJob[] {
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
 * A job after a step, the same one where it changes nothing: what others have done to it meanwhile holds, so that only a job that runs
 * ends, and only one that runs or waits is paused.
 *
 * @throws NearFaceError `BAD_PARAM` if it cannot be run: not all that it works at is stored, or it was cancelled
 */
export function stepped(job: AnyStoredJob, step: JobStep, error?: JobError): AnyStoredJob {
  const changed = Object.entries(steps[step](job, partsOf(job), error));
  if (changed.length === 0) return job;
  const kept = Object.entries(job).filter(([key]) => changed.every(([other]) => other !== key));
  return Object.fromEntries([
    ...kept,
    ...changed.filter(([, value]) => value !== undefined),
  ]) as unknown as AnyStoredJob;
}

type Changed = { readonly [Fact in keyof StoredJobFacts]?: StoredJobFacts[Fact] | undefined };

const steps: Readonly<
  Record<JobStep, (job: AnyStoredJob, parts: ReturnType<typeof partsOf>, error?: JobError) => Changed>
> = {
  staged: () => ({ incomplete: undefined }),
  queue: (job) => ({ ...runnable(job), state: 'waiting' }),
  start: (job) => ({ ...runnable(job), state: 'running', startedAt: job.startedAt ?? Date.now() }),
  end: ({ state }, { waiting, failed, all }, error) => {
    if (state !== 'running') return {};
    if (error) return { state: 'paused', error };
    if (waiting > 0) return { state: 'paused' };
    return { state: all > 0 && failed === all ? 'failed' : 'done', completedAt: Date.now() };
  },
  pause: ({ state }) => (state === 'running' || state === 'waiting' ? { state: 'paused' } : {}),
  cancel: () => ({ state: 'cancelled' }),
};

function runnable({ id, state, incomplete }: AnyStoredJob): Changed {
  if (incomplete) throw badParam('id', id, INCOMPLETE);
  if (state === 'cancelled')
    throw badParam('id', id, 'a job that was not cancelled; make a new one of what it worked at');
  return { error: undefined, completedAt: undefined };
}

const INCOMPLETE =
  'a job whose photos or videos are all stored (they are still being stored, or what stored them ended meanwhile: delete the job then, and make it again)';

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

function moved(counts: JobCounts, from: JobItemStatus, to: JobItemStatus, count: number): JobCounts {
  const less = { ...NO_ITEMS, ...counts, [from]: counts[from] - count };
  return { ...less, [to]: less[to] + count };
}
