import { DatabaseJobs } from '../database-jobs.ts';
import type { EnrollingTables, JobTables, JobWork } from '../job-tables.ts';
import { withoutPhoto } from '../job-steps.ts';
import { type Coroutine, runLater } from '../people/coroutine.ts';
import type { AnyStoredJob, StoredJobItem } from '../port.ts';
import { columnNumber, columnText, recordOf } from './columns.ts';
import { removeFromGallery } from './faces.ts';
import { readGallery } from './galleries.ts';
import { dropItems, findJob, itemsOf, putItem, putJob } from './job-items.ts';
import { growingTables } from './people.ts';
import { facesOfPhoto } from './queries.ts';
import { dropRecognition, sourceTable } from './recognition-rows.ts';
import type { SqlStore } from './sql-store.ts';
import type { SqlTx } from './sql-tx.ts';

/** The jobs of a database of SQL. */
export class SqlJobs extends DatabaseJobs {
  readonly #store: SqlStore;
  /** What gives back each job that was taken. */
  readonly #taken = new Map<string, () => Promise<void>>();

  constructor(store: SqlStore) {
    super(new SqlJobWork(store));
    this.#store = store;
  }

  override async takeJob(id: string): Promise<boolean> {
    const unlock = await this.#store.lock(this.#store.nameOf(`job ${id}`));
    if (unlock) this.#taken.set(id, unlock);
    return unlock !== null;
  }

  override async leaveJob(id: string): Promise<void> {
    const unlock = this.#taken.get(id);
    this.#taken.delete(id);
    // A connection that is lost has given it back.
    await unlock?.().catch(() => undefined);
  }

  override isJobTaken(id: string): Promise<boolean> {
    return this.#store.isLocked(this.#store.nameOf(`job ${id}`));
  }
}

/** What goes out are copies. */
class SqlJobWork implements JobWork {
  readonly #store: SqlStore;

  constructor(store: SqlStore) {
    this.#store = store;
  }

  /** A coroutine that only asks: its transaction refuses to write. */
  read<T>(coroutine: (tx: JobTables) => Coroutine<T>): Promise<T> {
    return this.#store.read((tx) => runLater(coroutine(jobTables(tx as SqlTx))));
  }

  write<T>(coroutine: (tx: JobTables) => Coroutine<T>): Promise<T> {
    return this.#store.write(async (tx) => structuredClone(await runLater(coroutine(jobTables(tx)))));
  }

  enrol<T>(coroutine: (tx: EnrollingTables) => Coroutine<T>): Promise<T> {
    return this.#store.write(async (tx) => {
      const tables: EnrollingTables = Object.assign(growingTables(tx), jobTables(tx), {
        facesOfPhoto: (gallery: string, photoHash: string) => facesOfPhoto(tx, gallery, photoHash),
        removeFromGallery: (...[gallery, faces]: Parameters<EnrollingTables['removeFromGallery']>) =>
          removeFromGallery(tx, gallery, faces),
      });
      return structuredClone(await runLater(coroutine(tables)));
    });
  }
}

function jobTables(tx: SqlTx): JobTables {
  return {
    readGallery: (name) => readGallery(tx, name),
    jobs: {
      all: async () => (await tx.ask('SELECT record FROM @jobs')).map((row) => recordOf<AnyStoredJob>(row)),
      byId: (id) => findJob(tx, id),
      put: (job) => putJob(tx, job),
      async delete(id) {
        await dropItems(tx, id);
        await dropRecognition(tx, id);
        await tx.ask('DELETE FROM @jobs WHERE id = $1', [columnText(id)]);
      },
    },
    items: {
      async byNumber(job, index) {
        return Number.isSafeInteger(index) ? (await itemsOf(tx, job, 'no = $2', [index]))[0] : undefined;
      },
      ofStatus: (job, status, from, count = Infinity) =>
        itemsOf(tx, job, 'status = $2 AND no >= $3 ORDER BY no LIMIT $4', [
          ...[status, columnNumber(from), columnNumber(count)],
        ]),
      async list(job) {
        const text = 'SELECT record FROM @items WHERE job = $1 ORDER BY no';
        const rows = await tx.ask(text, [columnText(job)]);
        return rows.map((row) => withoutPhoto(recordOf<StoredJobItem>(row)));
      },
      async put(job, items) {
        for (const item of items) await putItem(tx, job, item);
      },
    },
    sources: sourceTable(tx),
  };
}
