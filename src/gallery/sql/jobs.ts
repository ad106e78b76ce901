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
import { runLater } from '../people/coroutine.ts';
import { introduce, type PeoplePlan } from '../people/plan.ts';
import type {
  AnyStoredJob,
  JobPhoto,
  JobStore,
  NewJobItem,
  SettledPhoto,
  StoredJob,
  StoredJobItem,
} from '../port.ts';
import { columnNumber, columnText, recordOf } from './columns.ts';
import { addFaces, removeFromGallery } from './faces.ts';
import { readGallery } from './galleries.ts';
import { dropItems, findJob, itemsOf, putItem, putJob, readEnrolJob, readJob } from './job-items.ts';
import { growingTables } from './people.ts';
import { facesOfPhoto } from './queries.ts';
import { dropRecognition, retryRecognition } from './recognition-rows.ts';
import { SqlRecognitions } from './recognitions.ts';
import type { SqlStore } from './sql-store.ts';
import type { SqlTx } from './sql-tx.ts';

/** The jobs of a database of SQL. */
export class SqlJobs implements JobStore {
  readonly recognitions: SqlRecognitions;
  readonly #store: SqlStore;
  /** What gives back each job that was taken. */
  readonly #taken = new Map<string, () => Promise<void>>();

  constructor(store: SqlStore) {
    this.#store = store;
    this.recognitions = new SqlRecognitions(store);
  }

  listJobs(): Promise<readonly AnyStoredJob[]> {
    return this.#store.read(async (tx) => {
      const rows = await tx.ask('SELECT record FROM @jobs');
      return inOrder(rows.map((row) => recordOf<AnyStoredJob>(row)));
    });
  }

  readJob(id: string): Promise<AnyStoredJob> {
    return this.#store.read((tx) => readJob(tx, id));
  }

  createJob(id: string, gallery: string, options: StoredJob['options'], tag?: string): Promise<StoredJob> {
    return this.#store.write(async (tx) => {
      await readGallery(tx, gallery);
      if (await findJob(tx, id)) throw jobExists(id);
      const job = newJob(id, gallery, options, tag);
      await putJob(tx, job);
      return structuredClone(job);
    });
  }

  addJobItems(id: string, items: readonly NewJobItem[]): Promise<void> {
    return this.#store.write(async (tx) => {
      const { job, added } = withItems(await readEnrolJob(tx, id), items);
      for (const item of added) await putItem(tx, id, item);
      await putJob(tx, job);
    });
  }

  waitingItems(id: string, from: number, count: number): Promise<readonly StoredJobItem[]> {
    return this.#store.read(async (tx) => {
      if ((await readEnrolJob(tx, id)).state !== 'running') return [];
      const where = "status = 'waiting' AND no >= $2 ORDER BY no LIMIT $3";
      return itemsOf(tx, id, where, [columnNumber(from), columnNumber(count)]);
    });
  }

  listJobItems(id: string): Promise<readonly JobItem[]> {
    return this.#store.read(async (tx) => {
      await readEnrolJob(tx, id);
      const rows = await tx.ask('SELECT record FROM @items WHERE job = $1 ORDER BY no', [columnText(id)]);
      return rows.map((row) => withoutPhoto(recordOf<StoredJobItem>(row)));
    });
  }

  settleJobItem(id: string, index: number, outcome: JobOutcome): Promise<StoredJob> {
    return this.#store.write(async (tx) => structuredClone(await settleItem(tx, id, index, outcome)));
  }

  enrolJobItem(id: string, index: number, photo: JobPhoto): Promise<SettledPhoto> {
    return this.#store.write(async (tx) => structuredClone(await enrolItem(tx, id, index, photo)));
  }

  enrolJobPeople(id: string, index: number, photo: JobPhoto, plan: PeoplePlan): Promise<SettledPhoto | null> {
    return this.#store.write(async (tx) => {
      if (plan.asOf !== tx.revision) return null;
      const prepare = (): Promise<boolean> => runLater(introduce(growingTables(tx), plan));
      return structuredClone(await enrolItem(tx, id, index, photo, prepare));
    });
  }

  stepJob(id: string, step: JobStep, error?: JobError): Promise<AnyStoredJob> {
    return this.#store.write(async (tx) => {
      const job = stepped(await readJob(tx, id), step, error);
      await putJob(tx, job);
      return job;
    });
  }

  retryJob(id: string): Promise<void> {
    return this.#store.write(async (tx) => {
      const before = await readJob(tx, id);
      if (before.kind === 'recognise') return retryRecognition(tx, before);
      const { job, items } = retried(before, await itemsOf(tx, id, "status = 'failed'"));
      for (const item of items) await putItem(tx, id, item);
      await putJob(tx, job);
    });
  }

  deleteJob(id: string): Promise<void> {
    return this.#store.write(async (tx) => {
      await readJob(tx, id);
      await dropItems(tx, id);
      await dropRecognition(tx, id);
      await tx.ask('DELETE FROM @jobs WHERE id = $1', [columnText(id)]);
    });
  }

  async takeJob(id: string): Promise<boolean> {
    const unlock = await this.#store.lock(this.#store.nameOf(`job ${id}`));
    if (unlock) this.#taken.set(id, unlock);
    return unlock !== null;
  }

  async leaveJob(id: string): Promise<void> {
    const unlock = this.#taken.get(id);
    this.#taken.delete(id);
    // A connection that is lost has given it back.
    await unlock?.().catch(() => undefined);
  }

  isJobTaken(id: string): Promise<boolean> {
    return this.#store.isLocked(this.#store.nameOf(`job ${id}`));
  }
}

async function readItem(tx: SqlTx, id: string, index: number): Promise<StoredJobItem> {
  const [item] = Number.isSafeInteger(index) ? await itemsOf(tx, id, 'no = $2', [index]) : [];
  if (item) return item;
  throw jobItemNotFound(id, index);
}

async function settleItem(tx: SqlTx, id: string, index: number, outcome: JobOutcome): Promise<StoredJob> {
  const { job, item } = settled(await readEnrolJob(tx, id), await readItem(tx, id, index), outcome);
  await putItem(tx, id, item);
  await putJob(tx, job);
  return job;
}

async function enrolItem(
  tx: SqlTx,
  id: string,
  index: number,
  photo: JobPhoto,
  prepare: () => Promise<unknown> = async () => undefined,
): Promise<SettledPhoto> {
  const { faces, duplicates } = photo;
  const job = await readEnrolJob(tx, id);
  const before = outcomeOf(await readItem(tx, id, index));
  if (before.status !== 'waiting' || job.state === 'cancelled') return { job, outcome: before };
  const hash = faces[0]?.photoHash;
  const known = duplicates === 'add' || hash === undefined ? [] : await facesOfPhoto(tx, job.gallery, hash);
  const settle = async (outcome: JobOutcome): Promise<SettledPhoto> => ({
    job: await settleItem(tx, id, index, outcome),
    outcome,
  });
  const outcome = foreseen(
    photo,
    known.map((face) => face.id),
  );
  if (outcome !== 'enrol') return settle(outcome);
  await prepare();
  if (known.length > 0) await removeFromGallery(tx, job.gallery, known);
  return settle({ status: 'added', ids: (await addFaces(tx, faces)).map((face) => face.id) });
}
