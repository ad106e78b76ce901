import type { JobError, JobFacts } from './job-facts.ts';
import type { EnrolShortfall } from './quality-gate.ts';
import type { RecogniseJobSummary } from './recognition.ts';

export type * from './job-facts.ts';

/** What becomes of a job's photo. `rejected`: the quality or reliability of its faces was too low; `skipped`: it is in the gallery already. */
export type JobItemStatus = 'waiting' | 'added' | 'rejected' | 'skipped' | 'failed';

/** Photos of a job by what became of them. */
export type JobCounts = Readonly<Record<JobItemStatus, number>>;

/** A stored enrolment job. */
export interface EnrolJobSummary extends JobFacts {
  /** Photos into a gallery. */
  readonly kind: 'enrol';
  /** Where its faces go. */
  readonly gallery: string;
  /** Photos by what became of them. */
  readonly counts: JobCounts;
}

/** A stored job of any kind. */
export type JobSummary = EnrolJobSummary | RecogniseJobSummary;

/** A photo of a job, without its bytes. */
export interface JobItem {
  /** Its place in the job, from 0. */
  readonly index: number;
  /** Its path in the source. */
  readonly name: string;
  /** What its faces are called. */
  readonly meta: string;
  /** What became of it. */
  readonly status: JobItemStatus;
  /** Ids of the faces that were enrolled. */
  readonly ids: readonly string[];
  /** Why it `failed`. */
  readonly error?: JobError;
  /** Of a rejected photo: what of its faces fell short. */
  readonly shortfalls?: readonly EnrolShortfall[];
}

/** What became of a photo. */
export type JobOutcome = Pick<JobItem, 'status' | 'ids' | 'error' | 'shortfalls'>;

/**
 * A change of a job's state: what it works at is all stored; it waits for its turn; an instance begins to work at it, or ends; its user
 * pauses or cancels it.
 */
export type JobStep = 'staged' | 'queue' | 'start' | 'end' | 'pause' | 'cancel';

/** What is done with a photo of which the gallery has faces. */
export type DuplicateRule = 'add' | 'skip' | 'replace';

/** How far a job has come. */
export interface JobProgress {
  /** Photos by what became of them. */
  readonly counts: JobCounts;
  /** Photos that wait no more. */
  readonly processed: number;
  /** All photos of the job. */
  readonly total: number;
  /** Milliseconds since the run began. */
  readonly elapsedMs: number;
  /** Over the last photos. */
  readonly perSecond: number;
  /** Milliseconds that the rest will take at that speed; `null` before the first photo. */
  readonly msLeft: number | null;
  /** What has just been settled; absent in the first report. */
  readonly item?: Pick<JobItem, 'index' | 'name' | 'status' | 'error' | 'shortfalls'>;
}

/** No photos at all. */
export const NO_ITEMS: JobCounts = { waiting: 0, added: 0, rejected: 0, skipped: 0, failed: 0 };
