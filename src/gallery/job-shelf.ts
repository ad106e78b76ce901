import type { EnrolShortfall } from '../core/quality-gate.ts';
import {
  type DuplicateRule,
  type JobError,
  type JobItem,
  type JobOutcome,
  type JobStep,
  NO_ITEMS,
} from '../core/jobs.ts';
import { type FaceInput, prepareFace } from './face-input.ts';
import type { Connection } from './store/connection.ts';
import { readGallery } from './store/galleries.ts';
import {
  addJobItems,
  deleteJob,
  listJobItems,
  listJobs,
  putJob,
  readJob,
  readOutcome,
  retryJob,
  settleJobItem,
  stepJob,
  type StoredJob,
  type StoredJobItem,
  waitingItems,
} from './store/jobs.ts';
import { facesOfPhoto } from './store/queries.ts';
import { removeFromGallery } from './store/removal.ts';
import { checkRoom } from './store/storage-full.ts';
import type { Writer } from './writer.ts';

/** The faces of a job's photo that are to be enrolled. */
export interface JobFaces {
  readonly faces: readonly FaceInput[];
  /** What the others fell short of. */
  readonly shortfalls: readonly EnrolShortfall[];
  readonly duplicates: DuplicateRule;
}

/** What became of a job's photo, and the job as it is then. */
export interface SettledPhoto {
  readonly job: StoredJob;
  readonly outcome: JobOutcome;
}

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

  /**
   * A job without photos.
   *
   * @param bytes - what they will take up, as far as that is known; more than the browser gives is `STORAGE_FULL`
   */
  async createJob(id: string, gallery: string, options: StoredJob['options'], bytes = 0): Promise<StoredJob> {
    await checkRoom(bytes, 'The photos of the job');
    return this.#writer.write(async (tx) => {
      await readGallery(tx, gallery);
      const job: StoredJob = {
        id,
        gallery,
        options,
        state: 'paused',
        incomplete: true,
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

  stepJob(id: string, step: JobStep, error?: JobError): Promise<StoredJob> {
    return this.#writer.write((tx) => stepJob(tx, id, step, error));
  }

  /**
   * Enrols the faces of a waiting photo, takes those out that they replace, and notes what became of the photo: all
   * in one transaction, so that a page that ends leaves none of it or everything. A photo that waits no more, or whose
   * job was cancelled, is left as it is.
   */
  async enrolJobItem(
    id: string,
    index: number,
    { faces, shortfalls, duplicates }: JobFaces,
  ): Promise<SettledPhoto> {
    const prepared = await Promise.all(faces.map((face, i) => prepareFace(face, `faces[${i}]`)));
    return this.#writer.writeFaces(async (tx, add) => {
      const job = await readJob(tx, id);
      const before = await readOutcome(tx, id, index);
      if (before.status !== 'waiting' || job.state === 'cancelled') return { job, outcome: before };
      const hash = prepared[0]?.photoHash;
      const known =
        duplicates === 'add' || hash === undefined ? [] : await facesOfPhoto(tx, job.gallery, hash);
      const settle = async (outcome: JobOutcome): Promise<SettledPhoto> => ({
        job: await settleJobItem(tx, id, index, outcome),
        outcome,
      });
      if (prepared.length === 0) return settle({ status: 'rejected', ids: [], shortfalls });
      if (known.length > 0 && duplicates === 'skip')
        return settle({ status: 'skipped', ids: known.map((face) => face.id) });
      if (known.length > 0) await removeFromGallery(tx, job.gallery, known);
      const added = await add(prepared);
      return settle({ status: 'added', ids: added.map((face) => face.id) });
    }, undefined);
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
