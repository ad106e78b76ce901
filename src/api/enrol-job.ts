import { NearFaceError, throwIfAborted, type ErrorCode } from '../core/errors.ts';
import { csvLine } from '../core/csv-line.ts';
import type { EnrolJobSummary, JobCounts, JobItem, JobOutcome, JobProgress } from '../core/jobs.ts';
import { oneOf } from '../core/options.ts';
import { Turns } from '../core/turns.ts';
import type { StoredJob, StoredJobItem, SettledPhoto } from '../worker/contract.ts';
import { FATAL } from './enrol.ts';
import { type JobRuns, summaryOf } from './job-facts.ts';
import { newFaces } from './new-faces.ts';
import type { AddOptions, EnrolJobOptions, JobItemsOptions, JobRunOptions } from './options.ts';
import { peopleRule, pickPeople } from './people-rule.ts';
import { resolveJobItems, resolveJobRun } from './resolve-gallery-options.ts';
import type { Session } from './session.ts';
import { shortfallText } from './shortfall-text.ts';

/** Errors that would meet every further photo as well, so that the job pauses. */
const PAUSING: ReadonlySet<ErrorCode> = new Set<ErrorCode>([...FATAL, 'WORKER_DIED']);

/** Photos over which the speed is averaged. */
const RECENT = 30;

/** A stored enrolment job. Handles are light: any number may stand for the same job. */
export class EnrolJob {
  /** What it does. */
  readonly kind = 'enrol';
  /** Finds it again with {@link Jobs.get}, after a reload too. */
  readonly id: string;
  readonly #session: Session;
  readonly #runs: JobRuns;

  /** @internal */
  constructor(session: Session, id: string, runs: JobRuns) {
    this.#session = session;
    this.id = id;
    this.#runs = runs;
  }

  /** What is stored of it now. */
  async info(): Promise<EnrolJobSummary> {
    const job = await this.#session.gallery.ask('readJob', [this.id]);
    return (await summaryOf(this.#session, this.#runs, job)) as EnrolJobSummary;
  }

  /**
   * Enrols the photos that wait, from where it stopped. Answers when none waits any more, or when it was paused or
   * cancelled. A photo that cannot be enrolled is noted and stops nothing.
   *
   * @throws NearFaceError `BAD_PARAM` if the job is under way already, here or in another instance, if it was cancelled,
   * or if the instance ended before all its photos were stored ({@link JobFacts}, `incomplete`); what would meet every
   * further photo as well (`GALLERY_FULL`, `STORAGE_FULL`, `GALLERY_NOT_FOUND`, …): the job is paused then and can be
   * run again
   */
  async run(options?: JobRunOptions): Promise<EnrolJobSummary> {
    return this.#run(options, false);
  }

  /** @param isRetry - whether the photos that failed wait again first */
  async #run(options: JobRunOptions | undefined, isRetry: boolean): Promise<EnrolJobSummary> {
    const { concurrency = this.#session.concurrency, onProgress, signal } = resolveJobRun(options);
    throwIfAborted(signal);
    return this.#runs.run(this.id, signal, async (stop) => {
      if (isRetry) {
        await this.#runs.step(this.id, 'queue');
        await this.#session.gallery.ask('retryJob', [this.id]);
      }
      return this.#work(concurrency, onProgress, stop);
    });
  }

  /** Stops after the photos that are under way, in whichever instance. */
  async pause(): Promise<void> {
    await this.#runs.pause(this.id);
  }

  /** Stops for good, in whichever instance it is under way; faces that were enrolled stay, photos that wait are not enrolled. */
  async cancel(): Promise<void> {
    await this.#runs.cancel(this.id);
  }

  /**
   * Lets the photos that failed wait again, and runs the job.
   *
   * @throws NearFaceError as {@link EnrolJob.run}; of a job that cannot be run nothing is changed
   */
  async retry(options?: JobRunOptions): Promise<EnrolJobSummary> {
    return this.#run(options, true);
  }

  /** What became of each photo, or of those that have this status. */
  async items(options?: JobItemsOptions): Promise<readonly JobItem[]> {
    const { status } = resolveJobItems(options);
    const items = await this.#session.gallery.ask('listJobItems', [this.id]);
    return status === undefined ? items : items.filter((item) => item.status === status);
  }

  /**
   * The same to be saved: as a table in CSV, or as JSON `{ job, items }`.
   *
   * @throws NearFaceError `BAD_PARAM`
   */
  async report(format: 'csv' | 'json' = 'csv'): Promise<Blob> {
    const isJson = oneOf('csv', 'json')(format, 'format') === 'json';
    const items = await this.items();
    if (isJson) {
      const text = JSON.stringify({ job: await this.info(), items }, null, 2);
      return new Blob([text], { type: 'application/json' });
    }
    const lines = items.map(({ name, meta, status, ids, error, shortfalls = [] }) => {
      const message = error?.message ?? shortfalls.map(shortfallText).join('; ');
      return csvLine([name, meta, status, ids.join(' '), error?.code ?? '', message]);
    });
    const header = csvLine(['image', 'meta', 'status', 'ids', 'error', 'message']);
    return new Blob(['\ufeff', header, ...lines], { type: 'text/csv;charset=utf-8' });
  }

  /** Deletes the job and the photos that wait; enrolled faces stay. */
  async delete(): Promise<void> {
    await this.#runs.delete(this.id);
  }

  async #work(
    concurrency: number,
    onProgress: ((progress: JobProgress) => void) | undefined,
    stop: AbortSignal,
  ): Promise<EnrolJobSummary> {
    const job = (await this.#runs.step(this.id, 'start')) as StoredJob;
    const meter = new Meter(job.counts, onProgress);
    const photos = this.#waiting();
    const turns = new Turns();
    const work = async (): Promise<void> => {
      while (!stop.aborted) {
        const { done, value } = await photos.next();
        if (done) return;
        const turn = turns.take();
        const { job: now, outcome } = await this.#enrol(job, value, turn.comes).finally(turn.leave);
        const { index, name } = value;
        if (outcome.status !== 'waiting') meter.settled(now.counts, { index, name, ...outcome });
      }
    };
    const ended = await Promise.allSettled(Array.from({ length: concurrency }, work));
    const failure = ended.find((result) => result.status === 'rejected');
    if (failure) throw await this.#runs.stopped(this.id, failure.reason);
    await this.#runs.step(this.id, 'end');
    return this.info();
  }

  /** The photos that wait while the job runs, one at a time; several callers may take from it. */
  async *#waiting(): AsyncGenerator<StoredJobItem, undefined> {
    for (let from = 0; ;) {
      const start = from;
      const [item] = await this.#session.gallery.ask('waitingItems', [this.id, start, 1]);
      if (!item) return undefined;
      from = item.index + 1;
      yield item;
    }
  }

  /** @param turn - is waited for before faces are stored, so that they lie in the order of the photos */
  async #enrol(job: StoredJob, item: StoredJobItem, turn: Promise<void>): Promise<SettledPhoto> {
    const { index } = item;
    const settle = async (outcome: JobOutcome): Promise<SettledPhoto> => ({
      job: await this.#session.gallery.ask('settleJobItem', [this.id, index, outcome]),
      outcome,
    });
    // One face of a photo has a name that follows from the job; an earlier version stored it before the photo was settled.
    const own = `${this.id}-${index}`;
    try {
      return await this.#enrolFaces(job, item, { own, settle, turn });
    } catch (error) {
      const failure = NearFaceError.from(
        error,
        'IMAGE_DECODING_FAILED',
        `${item.name} could not be enrolled`,
      );
      if (PAUSING.has(failure.code)) throw failure;
      if (failure.code === 'FACE_EXISTS' && failure.details['id'] === own)
        return settle({ status: 'added', ids: [own] });
      return settle({ status: 'failed', ids: [], error: { code: failure.code, message: failure.message } });
    }
  }

  async #enrolFaces(
    job: StoredJob,
    item: StoredJobItem,
    {
      own,
      settle,
      turn,
    }: {
      readonly own: string;
      readonly settle: (outcome: JobOutcome) => Promise<SettledPhoto>;
      readonly turn: Promise<void>;
    },
  ): Promise<SettledPhoto> {
    const { duplicates = 'add', ...options } = job.options as AddOptions &
      Pick<EnrolJobOptions, 'duplicates'>;
    if (duplicates === 'skip') {
      const known = await this.#known(job.gallery, item.photo);
      if (known.length > 0) return settle({ status: 'skipped', ids: known });
    }
    const id = options.faces === 'all' ? {} : { id: own };
    const photo = new Blob([item.photo], { type: item.type });
    const addOptions = { ...options, ...id, meta: item.meta };
    const { faces, rejected } = await newFaces(this.#session, job.gallery, photo, addOptions);
    const shortfalls = rejected.flatMap((face) => face.shortfalls);
    const people = peopleRule(this.#session, pickPeople(options));
    await turn;
    return this.#session.gallery.ask('enrolJobItem', [
      this.id,
      item.index,
      { faces, shortfalls, duplicates, ...(people && { people }) },
    ]);
  }

  /** Ids of the gallery's faces of a photo. */
  async #known(gallery: string, photo: Uint8Array<ArrayBuffer>): Promise<readonly string[]> {
    return this.#session.gallery.ask('facesOfFile', [gallery, photo]);
  }
}

/** Counts photos and measures their speed. */
class Meter {
  readonly #report: ((progress: JobProgress) => void) | undefined;
  readonly #startedMs: number = performance.now();
  readonly #times: number[] = [this.#startedMs];

  constructor(counts: JobCounts, report: ((progress: JobProgress) => void) | undefined) {
    this.#report = report;
    this.#tell(counts);
  }

  settled(counts: JobCounts, item: NonNullable<JobProgress['item']>): void {
    this.#times.push(performance.now());
    if (this.#times.length > RECENT) this.#times.shift();
    this.#tell(counts, item);
  }

  #tell(counts: JobCounts, item?: NonNullable<JobProgress['item']>): void {
    const total = Object.values(counts).reduce((sum, count) => sum + count, 0);
    const ms = (this.#times.at(-1) as number) - (this.#times[0] as number);
    const perSecond = ms > 0 ? ((this.#times.length - 1) * 1000) / ms : 0;
    this.#report?.({
      counts,
      processed: total - counts.waiting,
      total,
      elapsedMs: performance.now() - this.#startedMs,
      perSecond,
      msLeft: perSecond > 0 ? (counts.waiting * 1000) / perSecond : null,
      ...(item && { item }),
    });
  }
}
