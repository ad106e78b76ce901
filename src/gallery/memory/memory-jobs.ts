import { DatabaseJobs } from '../database-jobs.ts';
import type { EnrollingTables, JobTables, JobWork } from '../job-tables.ts';
import { withoutPhoto } from '../job-steps.ts';
import { type Coroutine, runNow } from '../people/coroutine.ts';
import { removeFromGallery } from './faces.ts';
import { readGallery } from './galleries.ts';
import { dropItems, itemsOf, putItem } from './job-items.ts';
import { growingTables } from './memory-people.ts';
import { dropRecognition, sourceTable } from './memory-recognitions.ts';
import type { MemoryStore, MemoryTx } from './memory-tx.ts';
import { facesOfPhoto } from './queries.ts';

/** The jobs of a database in memory. */
export class MemoryJobs extends DatabaseJobs {
  constructor(store: MemoryStore) {
    super(new MemoryJobWork(store));
  }
}

/** What comes in and what goes out are copies. */
class MemoryJobWork implements JobWork {
  readonly #store: MemoryStore;

  constructor(store: MemoryStore) {
    this.#store = store;
  }

  read<T>(coroutine: (tx: JobTables) => Coroutine<T>): Promise<T> {
    return this.#store.run((tx) => structuredClone(runNow(coroutine(jobTables(tx)))));
  }

  write<T>(coroutine: (tx: JobTables) => Coroutine<T>): Promise<T> {
    return this.read(coroutine);
  }

  enrol<T>(coroutine: (tx: EnrollingTables) => Coroutine<T>): Promise<T> {
    return this.#store.run((tx) => {
      const tables: EnrollingTables = Object.assign(growingTables(tx), jobTables(tx), {
        facesOfPhoto: (gallery: string, photoHash: string) => facesOfPhoto(tx, gallery, photoHash),
        removeFromGallery: (...[gallery, faces]: Parameters<EnrollingTables['removeFromGallery']>) =>
          removeFromGallery(tx, gallery, faces),
      });
      return structuredClone(runNow(coroutine(tables)));
    });
  }
}

function jobTables(tx: MemoryTx): JobTables {
  return {
    readGallery: (name) => readGallery(tx, name),
    jobs: {
      all: () => [...tx.jobs.values()],
      byId: (id) => tx.jobs.get(id),
      put: (job) => tx.journal.set(tx.jobs, job.id, structuredClone(job)),
      delete(id) {
        dropItems(tx, id);
        dropRecognition(tx, id);
        tx.journal.delete(tx.jobs, id);
      },
    },
    items: {
      byNumber: (job, index) => itemsOf(tx, job).get(index),
      ofStatus: (job, wanted, from, count = Infinity) =>
        Array.from(itemsOf(tx, job).values())
          .filter(({ status, index }) => status === wanted && index >= from)
          .slice(0, count),
      list: (job) => Array.from(itemsOf(tx, job).values(), withoutPhoto),
      put(job, items) {
        for (const item of items) putItem(tx, job, structuredClone(item));
      },
    },
    sources: sourceTable(tx),
  };
}
