import { transfer } from 'comlink';
import { badParam, NearFaceError, throwIfAborted, type ErrorCode } from '../core/errors.ts';
import type {
  JobCounts,
  JobError,
  JobItem,
  JobOutcome,
  JobProgress,
  JobStep,
  JobSummary,
} from '../core/jobs.ts';
import { string } from '../core/options.ts';
import { randomId } from '../core/random-id.ts';
import { csvLine } from '../core/csv-line.ts';
import { listPhotos, type ListedPhoto, type PhotoSource } from '../sources/files.ts';
import { loadMetaRule, metaFor } from '../sources/meta-rule.ts';
import type { ZipReader } from '../sources/zip-entry.ts';
import { CALL, type StoredJob, type StoredJobItem, type SettledPhoto } from '../worker/contract.ts';
import { FATAL } from './enrol.ts';
import { newFaces } from './new-faces.ts';
import type { AddOptions, EnrolJobOptions, JobRunOptions } from './options.ts';
import { peopleRule, pickPeople } from './people-rule.ts';
import { resolveEnrolJob, resolveJobRun } from './resolve-gallery-options.ts';
import { GALLERY_NAME } from './resolve-options.ts';
import type { Session } from './session.ts';
import { shortfallText } from './shortfall-text.ts';
import { MAX_JOB_ID_LENGTH } from '../core/limits.ts';
import { importFile } from './import-file.ts';

/** Errors that would meet every further photo as well, so that the job pauses. */
const PAUSING: ReadonlySet<ErrorCode> = new Set<ErrorCode>([...FATAL, 'WORKER_DIED']);

/** Bytes of photos that are handed to the store at a time. */
const STAGED_BYTES = 16e6;

/** Photos over which the speed is averaged. */
const RECENT = 30;

const ID = string(MAX_JOB_ID_LENGTH, /^.+$/s);

type StagedItem = Pick<StoredJobItem, 'name' | 'meta' | 'photo' | 'type'>;

/** A photo's bytes. One that cannot be read has none, and fails when its turn comes; the others go on. */
async function stage(photo: ListedPhoto, meta: string, signal: AbortSignal | undefined): Promise<StagedItem> {
  const { path: name } = photo;
  try {
    const file = await photo.open(signal);
    return { name, meta, photo: new Uint8Array(await file.arrayBuffer()), type: file.type };
  } catch {
    throwIfAborted(signal);
    return { name, meta, photo: new Uint8Array(0), type: '' };
  }
}

/** Reads zips in the gallery worker. */
function zipsIn(store: Session['gallery']): ZipReader {
  // A zip that must be read to be sent is read once, and not for each of its entries.
  const sendable = new WeakMap<Blob, Promise<Blob>>();
  const sent = (zip: Blob, signal: AbortSignal | undefined): Promise<Blob> => {
    const known = sendable.get(zip) ?? importFile(zip, signal);
    sendable.set(zip, known);
    return known;
  };
  return {
    list: async (zip, signal) => store.ask('listZip', [await sent(zip, signal), CALL], { signal }),
    open: async (zip, entry, signal) =>
      store.ask('openZipEntry', [await sent(zip, signal), entry, CALL], { signal }),
  };
}

/** Stored jobs: long work that survives the page. */
export class Jobs {
  readonly #session: Session;
  readonly #running = new Map<string, AbortController>();

  /** @internal */
  constructor(session: Session) {
    this.#session = session;
  }

  /** All jobs in the database, the newest first. */
  async list(): Promise<readonly JobSummary[]> {
    const jobs = await this.#session.gallery.ask('listJobs', []);
    return Promise.all(jobs.map((job) => summaryOf(this.#session, this.#running, job)));
  }

  /** A job. @throws NearFaceError `BAD_PARAM` if there is none of this id */
  async get(id: string): Promise<EnrolJob> {
    const checked = ID(id, 'id');
    await this.#session.gallery.ask('readJob', [checked]);
    return new EnrolJob(this.#session, checked, this.#running);
  }

  /**
   * Stores an enrolment job: the photos of a source wait in the database, so that it can be paused, resumed after a
   * reload, cancelled, and tried again for those that failed. Start it with {@link EnrolJob.run}. A photo's bytes are
   * deleted as soon as it is enrolled.
   *
   * @param source - files, a directory handle, dropped items (call it in the drop's handler) or a zip file; a zip
   * among files is read as a folder
   * @throws NearFaceError `BAD_PARAM`, `GALLERY_NOT_FOUND`, `STORAGE_FULL`, `ABORTED`; nothing is stored then
   */
  async enrol(gallery: string, source: PhotoSource, options?: EnrolJobOptions): Promise<EnrolJob> {
    const name = GALLERY_NAME(gallery, 'gallery');
    const { meta, onListed, signal, ...rest } = resolveEnrolJob(options);
    // The items of a drop are gone after its handler: the source is taken hold of before anything is waited for.
    const store = this.#session.gallery;
    const listing = listPhotos(source, zipsIn(store), signal);
    const id = randomId();
    const photos = await listing;
    if (photos.length === 0) throw badParam('source', source, 'a source with photos in it');
    await loadMetaRule(meta, photos[0]?.tables ?? []);
    const known = photos.reduce((sum, photo) => sum + (photo.bytes ?? 0), 0);
    throwIfAborted(signal);
    await store.ask('createJob', [id, name, rest, known]);
    try {
      throwIfAborted(signal);
      let [done, bytes] = [0, 0];
      let staged: StagedItem[] = [];
      const flush = async (): Promise<void> => {
        const items = staged;
        [staged, bytes] = [[], 0];
        const moved = items.map(({ photo }) => photo.buffer);
        if (items.length > 0) await store.ask('addJobItems', [id, transfer(items, moved)]);
        onListed?.(done);
      };
      for (const photo of photos) {
        const { meta: text } = await metaFor(meta, photo, signal);
        const item = await stage(photo, text, signal);
        staged.push(item);
        done++;
        bytes += item.photo.length;
        if (bytes >= STAGED_BYTES) await flush();
      }
      await flush();
      await store.ask('stepJob', [id, 'staged']);
      return new EnrolJob(this.#session, id, this.#running);
    } catch (error) {
      await store.ask('deleteJob', [id]).catch(() => undefined);
      throw error;
    }
  }
}

/** A stored enrolment job. Handles are light: any number may stand for the same job. */
export class EnrolJob {
  /** Finds it again with {@link Jobs.get}, after a reload too. */
  readonly id: string;
  readonly #session: Session;
  readonly #running: Map<string, AbortController>;

  /** @internal */
  constructor(session: Session, id: string, running: Map<string, AbortController>) {
    this.#session = session;
    this.id = id;
    this.#running = running;
  }

  /** What is stored of it now. */
  async info(): Promise<JobSummary> {
    return summaryOf(this.#session, this.#running, await this.#session.gallery.ask('readJob', [this.id]));
  }

  /**
   * Enrols the photos that wait, from where it stopped. Answers when none waits any more, or when it was paused or
   * cancelled. A photo that cannot be enrolled is noted and stops nothing.
   *
   * @throws NearFaceError `BAD_PARAM` if the job is under way already, here or in another tab, if it was cancelled, or
   * if the page ended before all its photos were stored ({@link JobSummary.incomplete}); what would meet every
   * further photo as well (`GALLERY_FULL`, `STORAGE_FULL`, `GALLERY_NOT_FOUND`, …): the job is paused then and can be
   * run again
   */
  async run(options?: JobRunOptions): Promise<JobSummary> {
    const { concurrency, onProgress, signal } = resolveJobRun(options);
    throwIfAborted(signal);
    const stop = new AbortController();
    const onAbort = (): void => stop.abort();
    signal?.addEventListener('abort', onAbort, { once: true });
    try {
      return await this.#session.host.locks.withLock(lockOf(this.id), async (isFree, stolen) => {
        stolen.addEventListener('abort', onAbort);
        // Where there are no locks every one is free.
        if (!isFree || this.#running.has(this.id))
          throw badParam('id', this.id, 'a job that is not under way, here or in another page');
        this.#running.set(this.id, stop);
        try {
          return await this.#work(concurrency, onProgress, stop.signal);
        } finally {
          this.#running.delete(this.id);
        }
      });
    } finally {
      signal?.removeEventListener('abort', onAbort);
    }
  }

  /** Stops after the photos that are under way, in whichever tab. */
  async pause(): Promise<void> {
    this.#running.get(this.id)?.abort();
    await this.#step('pause');
  }

  /** Stops for good, in whichever tab it is under way; faces that were enrolled stay, photos that wait are not enrolled. */
  async cancel(): Promise<void> {
    await this.#step('cancel');
    this.#running.get(this.id)?.abort();
  }

  /** Lets the photos that failed wait again, and runs the job. */
  async retry(options?: JobRunOptions): Promise<JobSummary> {
    resolveJobRun(options);
    await this.#session.gallery.ask('retryJob', [this.id]);
    return this.run(options);
  }

  /** What became of each photo. */
  async items(): Promise<readonly JobItem[]> {
    return this.#session.gallery.ask('listJobItems', [this.id]);
  }

  /** The same as a table in CSV, to be saved. */
  async report(): Promise<Blob> {
    const items = await this.items();
    const lines = items.map(({ name, meta, status, ids, error, shortfalls = [] }) => {
      const message = error?.message ?? shortfalls.map(shortfallText).join('; ');
      return csvLine([name, meta, status, ids.join(' '), error?.code ?? '', message]);
    });
    const header = csvLine(['image', 'meta', 'status', 'ids', 'error', 'message']);
    return new Blob(['\ufeff', header, ...lines], { type: 'text/csv;charset=utf-8' });
  }

  /** Deletes the job and the photos that wait; enrolled faces stay. */
  async delete(): Promise<void> {
    this.#running.get(this.id)?.abort();
    await this.#session.gallery.ask('deleteJob', [this.id]);
  }

  #step(step: JobStep, error?: JobError): Promise<StoredJob> {
    return this.#session.gallery.ask('stepJob', [this.id, step, error]);
  }

  async #work(
    concurrency: number,
    onProgress: ((progress: JobProgress) => void) | undefined,
    stop: AbortSignal,
  ): Promise<JobSummary> {
    const job = await this.#step('start');
    const meter = new Meter(job.counts, onProgress);
    const photos = this.#waiting();
    const work = async (): Promise<void> => {
      while (!stop.aborted) {
        const { done, value } = await photos.next();
        if (done) return;
        const { job: now, outcome } = await this.#enrol(job, value);
        const { index, name } = value;
        if (outcome.status !== 'waiting') meter.settled(now.counts, { index, name, ...outcome });
      }
    };
    const ended = await Promise.allSettled(Array.from({ length: concurrency }, work));
    const failure = ended.find((result) => result.status === 'rejected');
    if (failure) {
      const error = NearFaceError.from(failure.reason, 'STORAGE_FAILED', 'The job stopped');
      await this.#step('end', { code: error.code, message: error.message }).catch(() => undefined);
      throw error;
    }
    await this.#step('end');
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

  async #enrol(job: StoredJob, item: StoredJobItem): Promise<SettledPhoto> {
    const { index } = item;
    const settle = async (outcome: JobOutcome): Promise<SettledPhoto> => ({
      job: await this.#session.gallery.ask('settleJobItem', [this.id, index, outcome]),
      outcome,
    });
    // One face of a photo has a name that follows from the job; an earlier version stored it before the photo was settled.
    const own = `${this.id}-${index}`;
    try {
      return await this.#enrolFaces(job, item, own, settle);
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
    own: string,
    settle: (outcome: JobOutcome) => Promise<SettledPhoto>,
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
  readonly #times: number[] = [performance.now()];

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
      perSecond,
      msLeft: perSecond > 0 ? (counts.waiting * 1000) / perSecond : null,
      ...(item && { item }),
    });
  }
}

const lockOf = (id: string): string => `nearface-job:${id}`;

/** A job that is said to run, but that no page is at, was left by one that ended. */
async function summaryOf(
  { host }: Session,
  running: ReadonlyMap<string, AbortController>,
  { options: _, ...job }: StoredJob,
): Promise<JobSummary> {
  const isAtWork = running.has(job.id) || (await host.locks.isLockHeld(lockOf(job.id)));
  if (job.state !== 'running' || isAtWork) return job;
  return { ...job, state: 'paused' };
}
