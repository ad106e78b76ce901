import { type JobError, type JobItem, type JobOutcome, type JobState, NO_ITEMS } from '../core/jobs.ts';
import type { Connection } from './store/connection.ts';
import { readGallery } from './store/galleries.ts';
import {
  addJobItems,
  deleteJob,
  listJobItems,
  listJobs,
  putJob,
  readJob,
  retryJob,
  settleJobItem,
  type StoredJob,
  type StoredJobItem,
  waitingItems,
} from './store/jobs.ts';
import { facesOfPhoto } from './store/queries.ts';
import type { Writer } from './writer.ts';

/** The stored enrolment jobs. Every method throws NearFaceError. */
export class JobShelf {
  readonly #connection: Connection;
  readonly #writer: Writer;

  constructor(connection: Connection, writer: Writer) {
    this.#connection = connection;
    this.#writer = writer;
  }

  listJobs(): Promise<readonly StoredJob[]> {
    return this.#connection.read(listJobs);
  }

  readJob(id: string): Promise<StoredJob> {
    return this.#connection.read((tx) => readJob(tx, id));
  }

  async createJob(id: string, gallery: string, options: StoredJob['options']): Promise<StoredJob> {
    return this.#writer.write(async (tx) => {
      await readGallery(tx, gallery);
      const job: StoredJob = {
        id,
        gallery,
        options,
        state: 'paused',
        createdAt: Date.now(),
        counts: NO_ITEMS,
      };
      await putJob(tx, job);
      return job;
    });
  }

  addJobItems(id: string, items: Parameters<typeof addJobItems>[2]): Promise<void> {
    return this.#writer.write((tx) => addJobItems(tx, id, items));
  }

  waitingItems(id: string, from: number, count: number): Promise<readonly StoredJobItem[]> {
    return this.#connection.read((tx) => waitingItems(tx, id, from, count));
  }

  listJobItems(id: string): Promise<readonly JobItem[]> {
    return this.#connection.read((tx) => listJobItems(tx, id));
  }

  settleJobItem(id: string, index: number, outcome: JobOutcome): Promise<StoredJob> {
    return this.#writer.write((tx) => settleJobItem(tx, id, index, outcome));
  }

  setJobState(id: string, state: JobState, error?: JobError): Promise<StoredJob> {
    return this.#writer.write(async (tx) => {
      const { error: _, ...job } = await readJob(tx, id);
      const changed = { ...job, state, ...(error && { error }) };
      await putJob(tx, changed);
      return changed;
    });
  }

  retryJob(id: string): Promise<void> {
    return this.#writer.write((tx) => retryJob(tx, id));
  }

  deleteJob(id: string): Promise<void> {
    return this.#writer.write((tx) => deleteJob(tx, id));
  }

  /** Ids of a gallery's faces that were enrolled from a photo. */
  facesOfPhoto(gallery: string, photoHash: string): Promise<readonly string[]> {
    return this.#connection.read(async (tx) => {
      const faces = await facesOfPhoto(tx, gallery, photoHash);
      return faces.map(({ id }) => id);
    });
  }
}
