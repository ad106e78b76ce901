import type { JobError, JobItem, JobOutcome, JobStep } from '../../core/jobs.ts';
import { foreseen, jobExists, newJob } from '../job-steps.ts';
import type {
  AnyStoredJob,
  JobPhoto,
  JobStore,
  NewJobItem,
  SettledPhoto,
  StoredJob,
  StoredJobItem,
} from '../port.ts';
import type { Connection } from './connection.ts';
import { readGallery } from './galleries.ts';
import {
  addJobItems,
  deleteJob,
  listJobItems,
  listJobs,
  putJob,
  readEnrolJob,
  readJob,
  readOutcome,
  retryPhotos,
  settleJobItem,
  stepJob,
  waitingItems,
} from './jobs.ts';
import { runLater } from '../people/coroutine.ts';
import { introduce, type PeoplePlan } from '../people/plan.ts';
import { tablesOf } from './people.ts';
import { facesOfPhoto } from './queries.ts';
import { IndexedDbRecognitions } from './recognition-store.ts';
import { retrySources } from './recognitions.ts';
import { removeFromGallery } from './removal.ts';
import type { WriteTx } from './schema.ts';
import type { AddFaces, Writer } from './writer.ts';

/** The jobs of an IndexedDB database. */
export class IndexedDbJobs implements JobStore {
  readonly recognitions: IndexedDbRecognitions;
  readonly #connection: Connection;
  readonly #writer: Writer;

  constructor(connection: Connection, writer: Writer) {
    this.#connection = connection;
    this.#writer = writer;
    this.recognitions = new IndexedDbRecognitions(connection, writer);
  }

  listJobs(): Promise<readonly AnyStoredJob[]> {
    return this.#connection.read(listJobs);
  }

  readJob(id: string): Promise<AnyStoredJob> {
    return this.#connection.read((tx) => readJob(tx, id));
  }

  createJob(id: string, gallery: string, options: StoredJob['options'], tag?: string): Promise<StoredJob> {
    return this.#writer.write(async (tx) => {
      await readGallery(tx, gallery);
      if (await tx.objectStore('jobs').getKey(id)) throw jobExists(id);
      const job = newJob(id, gallery, options, tag);
      await putJob(tx, job);
      return job;
    });
  }

  addJobItems(id: string, items: readonly NewJobItem[]): Promise<void> {
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

  stepJob(id: string, step: JobStep, error?: JobError): Promise<AnyStoredJob> {
    return this.#writer.write((tx) => stepJob(tx, id, step, error));
  }

  /** In one transaction, so that a page that ends leaves none of it or everything. */
  enrolJobItem(id: string, index: number, photo: JobPhoto): Promise<SettledPhoto> {
    return this.#writer.writeFaces((tx, add) => enrolItem({ tx, add, id, index, photo }), undefined);
  }

  enrolJobPeople(id: string, index: number, photo: JobPhoto, plan: PeoplePlan): Promise<SettledPhoto | null> {
    return this.#writer.writeFaces(async (tx, add) => {
      if (plan.asOf !== tx.state.revision) return null;
      const prepare = async (): Promise<unknown> => runLater(introduce(tablesOf(tx), plan));
      return enrolItem({ tx, add, id, index, photo, prepare });
    }, undefined);
  }

  retryJob(id: string): Promise<void> {
    return this.#writer.write(async (tx) => {
      const job = await readJob(tx, id);
      return job.kind === 'enrol' ? retryPhotos(tx, job) : retrySources(tx, job);
    });
  }

  deleteJob(id: string): Promise<void> {
    return this.#writer.write((tx) => deleteJob(tx, id));
  }

  /** The host's locks reach everybody who has this database. */
  async takeJob(): Promise<boolean> {
    return true;
  }

  async leaveJob(): Promise<void> {}

  async isJobTaken(): Promise<boolean> {
    return false;
  }
}

/** A photo that is enrolled in a transaction. */
interface Enrolling {
  readonly tx: WriteTx;
  readonly add: AddFaces;
  readonly id: string;
  readonly index: number;
  readonly photo: JobPhoto;
  /** What comes before its faces. */
  readonly prepare?: () => Promise<unknown>;
}

async function enrolItem({ tx, add, id, index, photo, prepare }: Enrolling): Promise<SettledPhoto> {
  const { faces, duplicates } = photo;
  const job = await readEnrolJob(tx, id);
  const before = await readOutcome(tx, id, index);
  if (before.status !== 'waiting' || job.state === 'cancelled') return { job, outcome: before };
  const hash = faces[0]?.photoHash;
  const known = duplicates === 'add' || hash === undefined ? [] : await facesOfPhoto(tx, job.gallery, hash);
  const settle = async (outcome: JobOutcome): Promise<SettledPhoto> => ({
    job: await settleJobItem(tx, id, index, outcome),
    outcome,
  });
  const outcome = foreseen(
    photo,
    known.map((face) => face.id),
  );
  if (outcome !== 'enrol') return settle(outcome);
  await prepare?.();
  if (known.length > 0) await removeFromGallery(tx, job.gallery, known);
  const added = await add(faces);
  return settle({ status: 'added', ids: added.map((face) => face.id) });
}
