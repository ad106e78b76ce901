import { badParam, NearFaceError } from '../core/errors.ts';
import type { JobError, JobFacts, JobStep, JobSummary } from '../core/jobs.ts';
import type { RecogniseJobSummary, RecognisedSource } from '../core/recognition.ts';
import { SerialQueue } from '../core/serial-queue.ts';
import type { AnyStoredJob, StoredRecognition } from '../worker/contract.ts';
import type { ResolvedRecognise } from './recognise-options.ts';
import type { Session } from './session.ts';

/** The jobs of an instance that are under way. */
export class JobRuns {
  /** What stops each. */
  readonly running: Map<string, AbortController> = new Map();
  /** Jobs that recognise take turns. */
  readonly turns: SerialQueue = new SerialQueue();
  readonly #session: Session;

  constructor(session: Session) {
    this.#session = session;
  }

  /** Whether the job is under way, here or in another instance. */
  async isAtWork(id: string): Promise<boolean> {
    if (this.running.has(id) || (await this.#session.host.locks.isLockHeld(lockOf(id)))) return true;
    return this.#session.gallery.ask('isJobTaken', [id]);
  }

  /** Stops the work at a job after what is under way, in whichever instance. */
  async pause(id: string): Promise<void> {
    this.running.get(id)?.abort();
    await this.step(id, 'pause');
  }

  /** Stops it for good. */
  async cancel(id: string): Promise<void> {
    await this.step(id, 'cancel');
    this.running.get(id)?.abort();
  }

  /** Deletes a job with all that is stored of it. */
  async delete(id: string): Promise<void> {
    this.running.get(id)?.abort();
    await this.#session.gallery.ask('deleteJob', [id]);
  }

  /** The job after a step. */
  step(id: string, step: JobStep, error?: JobError): Promise<AnyStoredJob> {
    return this.#session.gallery.ask('stepJob', [id, step, error]);
  }

  /** Notes why a job stopped, as far as that can be stored. Answers what is thrown. */
  async stopped(id: string, reason: unknown): Promise<NearFaceError> {
    const error = NearFaceError.from(reason, 'STORAGE_FAILED', 'The job stopped');
    await this.step(id, 'end', { code: error.code, message: error.message }).catch(() => undefined);
    return error;
  }

  /**
   * Works at a job that nobody else works at; `stop` is aborted with `signal`, or by whoever pauses it.
   *
   * @throws NearFaceError `BAD_PARAM` if it is under way
   */
  async run<T>(
    id: string,
    signal: AbortSignal | undefined,
    work: (stop: AbortSignal) => Promise<T>,
  ): Promise<T> {
    const stop = new AbortController();
    const onAbort = (): void => stop.abort();
    signal?.addEventListener('abort', onAbort, { once: true });
    try {
      return await this.#session.host.locks.withLock(lockOf(id), async (isFree, stolen) => {
        stolen.addEventListener('abort', onAbort);
        // Where there are no locks every one is free.
        const isOurs = isFree && !this.running.has(id);
        if (isOurs) this.running.set(id, stop);
        try {
          // Processes over one PostgreSQL share no locks but its own.
          if (!isOurs || !(await this.#session.gallery.ask('takeJob', [id])))
            throw badParam('id', id, 'a job that is not under way, here or in another instance');
          try {
            return await work(stop.signal);
          } finally {
            await this.#session.gallery.ask('leaveJob', [id]).catch(() => undefined);
          }
        } finally {
          if (isOurs) this.running.delete(id);
        }
      });
    } finally {
      signal?.removeEventListener('abort', onAbort);
    }
  }
}

const lockOf = (id: string): string => `nearface-job:${id}`;

/** What is told of a job. One that is said to run, but that no instance is at, was left by one that ended. */
export async function summaryOf(session: Session, runs: JobRuns, job: AnyStoredJob): Promise<JobSummary> {
  const isLeft = job.state === 'running' && !(await runs.isAtWork(job.id));
  const now = isLeft ? { ...job, state: 'paused' as const } : job;
  return now.kind === 'enrol' ? enrolSummary(now) : recogniseSummary(session, now);
}

function enrolSummary(job: Extract<AnyStoredJob, { readonly kind: 'enrol' }>): JobSummary {
  const { gallery, counts, kind } = job;
  const all = Object.values(counts).reduce((sum, count) => sum + count, 0);
  return { kind, gallery, counts, ...factsOf(job, all > 0 ? 1 - counts.waiting / all : 0) };
}

async function recogniseSummary(session: Session, job: StoredRecognition): Promise<RecogniseJobSummary> {
  const labels = await session.gallery.ask('listLabels', [job.id]);
  const sources = job.sources.map((source, i): RecognisedSource => {
    const { name, mediaType, status, framesDone, error, facts } = source;
    const { width, height, fps, frames, durationMs } = facts ?? {};
    return {
      ...{ name, mediaType, status, framesDone, labels: labels[i] ?? [] },
      ...(fps !== undefined && { fps }),
      ...(width !== undefined && { width }),
      ...(height !== undefined && { height }),
      ...(frames !== undefined && { totalFrames: frames }),
      ...(durationMs !== undefined && { durationMs }),
      ...(error && { error }),
    };
  });
  const { extra } = job.options as unknown as ResolvedRecognise;
  const media = new Set(sources.map(({ mediaType }) => mediaType));
  const [only = 'video', other] = media;
  const shares = sources.map(({ status, framesDone, totalFrames }) =>
    status === 'waiting' ? Math.min(1, framesDone / (totalFrames ?? Infinity)) : 1,
  );
  return {
    kind: 'recognise',
    galleries: job.galleries,
    ...factsOf(job, shares.reduce((sum, share) => sum + share, 0) / Math.max(1, sources.length)),
    mediaType: other ? 'mixed' : only,
    sources,
    errors: sources.flatMap(({ name, error }) => (error ? [`${name}: ${error.message}`] : [])),
    duration: job.workedMs / 1000,
    ...(extra !== undefined && { extra }),
  };
}

function factsOf(job: AnyStoredJob, progress: number): JobFacts {
  const { id, state, tag, createdAt, startedAt, completedAt, incomplete, error } = job;
  return {
    ...{ id, state, progress, timeCreated: createdAt },
    ...(tag !== undefined && { tag }),
    ...(startedAt !== undefined && { timeStarted: startedAt }),
    ...(completedAt !== undefined && { timeCompleted: completedAt }),
    ...(incomplete && { incomplete }),
    ...(error && { error }),
  };
}
