import type { ErrorCode } from './errors.ts';
import type { EnrolShortfall } from './quality-gate.ts';
import type { RecogniseJobSummary } from './recognition.ts';

/** What a job does: photos into a gallery, or whom videos and images show. */
export type JobKind = 'enrol' | 'recognise';

/**
 * `waiting` before it is run, and for its turn; `running` while an instance works at it; `paused` by its user, by an error or by the end
 * of that instance; `done` when nothing of it waits any more, `failed` if nothing of it could be read either; `cancelled` for good.
 */
export type JobState = 'waiting' | 'running' | 'paused' | 'done' | 'failed' | 'cancelled';

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

/** What is told of every stored job. */
export interface JobFacts {
  /** See {@link Jobs.get}. */
  readonly id: string;
  /** How far it is. */
  readonly state: JobState;
  /** Your own word for it, as it was made with. */
  readonly tag?: string;
  /** Share of it that is done, 0..1. */
  readonly progress: number;
  /** In milliseconds since 1970. */
  readonly timeCreated: number;
  /** When it was run for the first time; absent before. */
  readonly timeStarted?: number;
  /** When nothing of it waited any more; absent before. */
  readonly timeCompleted?: number;
  /**
   * Not all that it works at is stored: that is under way, or the instance that did it ended meanwhile. It cannot be run; delete it
   * and make it again.
   */
  readonly incomplete?: true;
  /** Why it was paused, if an error did that. */
  readonly error?: JobError;
}

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
