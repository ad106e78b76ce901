import type { ErrorCode } from './errors.ts';

/** What a job does: photos into a gallery, or whom videos and images show. */
export type JobKind = 'enrol' | 'recognise';

/**
 * `waiting` before it is run, and for its turn; `running` while an instance works at it; `paused` by its user, by an error or by the end
 * of that instance; `done` when nothing of it waits any more, `failed` if nothing of it could be read either; `cancelled` for good.
 */
export type JobState = 'waiting' | 'running' | 'paused' | 'done' | 'failed' | 'cancelled';

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
