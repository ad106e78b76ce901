import type { ErrorCode } from './errors.ts';
import type { EnrolShortfall } from './quality-gate.ts';

/**
 * `running` while a page works at it; `paused` by its user, by an error or by the end of that page; `done` when no
 * photo waits any more; `cancelled` for good.
 */
export type JobState = 'running' | 'paused' | 'done' | 'cancelled';

/** What becomes of a job's photo. `rejected`: the quality or reliability of its faces was too low; `skipped`: it is in the gallery already. */
export type JobItemStatus = 'waiting' | 'added' | 'rejected' | 'skipped' | 'failed';

/** Photos of a job by what became of them. */
export type JobCounts = Readonly<Record<JobItemStatus, number>>;

/** An error as it is kept in the database. */
export interface JobError {
  /** As that of a {@link NearFaceError}. */
  readonly code: ErrorCode;
  /** What happened and what to do, in English. */
  readonly message: string;
}

/** A stored enrolment job. */
export interface JobSummary {
  /** See {@link Jobs.get}. */
  readonly id: string;
  /** Where its faces go. */
  readonly gallery: string;
  /** How far it is. */
  readonly state: JobState;
  /** In milliseconds since 1970. */
  readonly createdAt: number;
  /** Photos by what became of them. */
  readonly counts: JobCounts;
  /**
   * Not all of its photos are stored: they are being stored, or the page ended meanwhile. It cannot be run; delete it
   * and make it again.
   */
  readonly incomplete?: true;
  /** Why it was paused, if an error did that. */
  readonly error?: JobError;
}

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
 * A change of a job's state: its photos are all stored; a page begins to work at it, or ends; its user pauses or
 * cancels it.
 */
export type JobStep = 'staged' | 'start' | 'end' | 'pause' | 'cancel';

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
  /** Over the last photos. */
  readonly perSecond: number;
  /** Milliseconds that the rest will take at that speed; `null` before the first photo. */
  readonly msLeft: number | null;
  /** What has just been settled; absent in the first report. */
  readonly item?: Pick<JobItem, 'index' | 'name' | 'status' | 'error' | 'shortfalls'>;
}

/** No photos at all. */
export const NO_ITEMS: JobCounts = { waiting: 0, added: 0, rejected: 0, skipped: 0, failed: 0 };
