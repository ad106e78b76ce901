import { DatabaseJobs } from '../database-jobs.ts';
import type { EnrollingTables, JobTables, JobWork } from '../job-tables.ts';
import { type Coroutine, runLater } from '../people/coroutine.ts';
import type { Connection } from './connection.ts';
import { readGallery } from './galleries.ts';
import { itemTable, jobTable } from './jobs.ts';
import { growingTables } from './people.ts';
import { facesOfPhoto } from './queries.ts';
import { sourceTable } from './recognitions.ts';
import { removeFromGallery } from './removal.ts';
import type { ReadTx, WriteTx } from './schema.ts';
import type { Writer } from './writer.ts';

/** The jobs of an IndexedDB database. */
export class IndexedDbJobs extends DatabaseJobs {
  constructor(connection: Connection, writer: Writer) {
    super(new IndexedDbJobWork(connection, writer));
  }
}

class IndexedDbJobWork implements JobWork {
  readonly #connection: Connection;
  readonly #writer: Writer;

  constructor(connection: Connection, writer: Writer) {
    this.#connection = connection;
    this.#writer = writer;
  }

  read<T>(coroutine: (tx: JobTables) => Coroutine<T>): Promise<T> {
    return this.#connection.read((tx) => runLater(coroutine(jobTables(tx))));
  }

  write<T>(coroutine: (tx: JobTables) => Coroutine<T>): Promise<T> {
    return this.#writer.write((tx) => runLater(coroutine(jobTables(tx))));
  }

  /** In one transaction, so that a page that ends leaves none of it or everything. */
  enrol<T>(coroutine: (tx: EnrollingTables) => Coroutine<T>): Promise<T> {
    return this.#writer.writeFaces((tx, add) => {
      const tables: EnrollingTables = Object.assign(growingTables(tx, add), jobTables(tx), {
        facesOfPhoto: (gallery: string, photoHash: string) => facesOfPhoto(tx, gallery, photoHash),
        removeFromGallery: (...[gallery, faces]: Parameters<EnrollingTables['removeFromGallery']>) =>
          removeFromGallery(tx, gallery, faces),
      });
      return runLater(coroutine(tables));
    }, undefined);
  }
}

/** What only reads is not asked to write. */
function jobTables(view: ReadTx): JobTables {
  const tx = view as WriteTx;
  return {
    readGallery: (name) => readGallery(tx, name),
    jobs: jobTable(tx),
    items: itemTable(tx),
    sources: sourceTable(tx),
  };
}
