import type { JobError, JobItem, JobOutcome, JobStep } from '../../core/jobs.ts';
import {
  foreseen,
  inOrder,
  jobExists,
  jobItemNotFound,
  newJob,
  outcomeOf,
  retried,
  settled,
  stepped,
  withItems,
  withoutPhoto,
} from '../job-steps.ts';
import type {
  AnyStoredJob,
  JobPhoto,
  JobStore,
  NewJobItem,
  SettledPhoto,
  StoredJob,
  StoredJobItem,
} from '../port.ts';
import { runNow } from '../people/coroutine.ts';
import { introduce, type PeoplePlan } from '../people/plan.ts';
import { addFaces, removeFromGallery } from './faces.ts';
import { readGallery } from './galleries.ts';
import { dropItems, itemsOf, putItem, putJob, readEnrolJob, readJob } from './job-items.ts';
import { growingTables } from './memory-people.ts';
import { dropRecognition, MemoryRecognitions, retryRecognition } from './memory-recognitions.ts';
import type { MemoryStore, MemoryTx } from './memory-tx.ts';
import { facesOfPhoto } from './queries.ts';

/** The jobs of a database in memory. What comes in and what goes out are copies. */
export class MemoryJobs implements JobStore {
  readonly recognitions: MemoryRecognitions;
  readonly #store: MemoryStore;

  constructor(store: MemoryStore) {
    this.#store = store;
    this.recognitions = new MemoryRecognitions(store);
  }

  listJobs(): Promise<readonly AnyStoredJob[]> {
    return this.#store.run(({ jobs }) => structuredClone(inOrder([...jobs.values()])));
  }

  readJob(id: string): Promise<AnyStoredJob> {
    return this.#store.run((tx) => structuredClone(readJob(tx, id)));
  }

  createJob(id: string, gallery: string, options: StoredJob['options'], tag?: string): Promise<StoredJob> {
    return this.#store.run((tx) => {
      readGallery(tx, gallery);
      if (tx.jobs.has(id)) throw jobExists(id);
      const job = newJob(id, gallery, structuredClone(options), tag);
      putJob(tx, job);
      return structuredClone(job);
    });
  }

  addJobItems(id: string, items: readonly NewJobItem[]): Promise<void> {
    return this.#store.run((tx) => {
      const { job, added } = withItems(readEnrolJob(tx, id), items);
      for (const item of added) putItem(tx, id, { ...item, photo: item.photo.slice() });
      putJob(tx, job);
    });
  }

  waitingItems(id: string, from: number, count: number): Promise<readonly StoredJobItem[]> {
    return this.#store.run((tx) => {
      if (readEnrolJob(tx, id).state !== 'running') return [];
      const waiting: StoredJobItem[] = [];
      for (const item of itemsOf(tx, id).values()) {
        if (waiting.length === count) break;
        if (item.status === 'waiting' && item.index >= from) waiting.push(item);
      }
      return structuredClone(waiting);
    });
  }

  listJobItems(id: string): Promise<readonly JobItem[]> {
    return this.#store.run((tx) => {
      readEnrolJob(tx, id);
      return structuredClone(Array.from(itemsOf(tx, id).values(), withoutPhoto));
    });
  }

  settleJobItem(id: string, index: number, outcome: JobOutcome): Promise<StoredJob> {
    return this.#store.run((tx) => structuredClone(settleItem(tx, id, index, outcome)));
  }

  enrolJobItem(id: string, index: number, photo: JobPhoto): Promise<SettledPhoto> {
    return this.#store.run((tx) => structuredClone(enrolItem(tx, id, index, photo)));
  }

  enrolJobPeople(id: string, index: number, photo: JobPhoto, plan: PeoplePlan): Promise<SettledPhoto | null> {
    return this.#store.run((tx) => {
      if (plan.asOf !== tx.revision) return null;
      return structuredClone(
        enrolItem(tx, id, index, photo, () => void runNow(introduce(growingTables(tx), plan))),
      );
    });
  }

  stepJob(id: string, step: JobStep, error?: JobError): Promise<AnyStoredJob> {
    return this.#store.run((tx) => {
      const job = stepped(readJob(tx, id), step, error);
      putJob(tx, job);
      return structuredClone(job);
    });
  }

  retryJob(id: string): Promise<void> {
    return this.#store.run((tx) => {
      const before = readJob(tx, id);
      if (before.kind === 'recognise') return retryRecognition(tx, before);
      const failed = [...itemsOf(tx, id).values()].filter(({ status }) => status === 'failed');
      const { job, items } = retried(before, failed);
      for (const item of items) putItem(tx, id, item);
      putJob(tx, job);
    });
  }

  deleteJob(id: string): Promise<void> {
    return this.#store.run((tx) => {
      readJob(tx, id);
      dropItems(tx, id);
      dropRecognition(tx, id);
      tx.journal.delete(tx.jobs, id);
    });
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

function readItem(tx: MemoryTx, id: string, index: number): StoredJobItem {
  const item = itemsOf(tx, id).get(index);
  if (item) return item;
  throw jobItemNotFound(id, index);
}

function settleItem(tx: MemoryTx, id: string, index: number, outcome: JobOutcome): StoredJob {
  const { job, item } = settled(readEnrolJob(tx, id), readItem(tx, id, index), structuredClone(outcome));
  putItem(tx, id, item);
  putJob(tx, job);
  return job;
}

function enrolItem(
  tx: MemoryTx,
  id: string,
  index: number,
  photo: JobPhoto,
  prepare: () => void = () => {},
): SettledPhoto {
  const { faces, duplicates } = photo;
  const job = readEnrolJob(tx, id);
  const before = outcomeOf(readItem(tx, id, index));
  if (before.status !== 'waiting' || job.state === 'cancelled') return { job, outcome: before };
  const hash = faces[0]?.photoHash;
  const known = duplicates === 'add' || hash === undefined ? [] : facesOfPhoto(tx, job.gallery, hash);
  const settle = (outcome: JobOutcome): SettledPhoto => ({
    job: settleItem(tx, id, index, outcome),
    outcome,
  });
  const outcome = foreseen(
    photo,
    known.map((face) => face.id),
  );
  if (outcome !== 'enrol') return settle(outcome);
  prepare();
  if (known.length > 0) removeFromGallery(tx, job.gallery, known);
  return settle({ status: 'added', ids: addFaces(tx, faces).map((face) => face.id) });
}
