import { isHidden } from '../hidden-faces.ts';
import { type Coroutine, runLater } from '../people/coroutine.ts';
import type { GrowingTables, PeopleTables, PeopleWork } from '../people/tables.ts';
import { addFaces, changeFaces, eraseFaces, facesById, seenFaces } from './faces.ts';
import { ensureGallery } from './galleries.ts';
import { peopleTables } from './people-tables.ts';
import type { SqlStore } from './sql-store.ts';
import { PLAIN_TAG, type SqlTx } from './sql-tx.ts';

/** People in a database of SQL. */
export class SqlPeople implements PeopleWork {
  readonly #store: SqlStore;

  constructor(store: SqlStore) {
    this.#store = store;
  }

  /** A coroutine that only asks: its transaction refuses to write. */
  read<T>(coroutine: (tx: PeopleTables) => Coroutine<T>): Promise<T> {
    return this.#store.read(async (tx) => copied(await runLater(coroutine(growingTables(tx as SqlTx)))));
  }

  write<T>(coroutine: (tx: PeopleTables) => Coroutine<T>, signal?: AbortSignal): Promise<T> {
    return this.grow(coroutine, signal);
  }

  free<T>(coroutine: (tx: PeopleTables) => Coroutine<T>, signal?: AbortSignal): Promise<T> {
    return this.grow(coroutine, signal);
  }

  grow<T>(coroutine: (tx: GrowingTables) => Coroutine<T>, signal?: AbortSignal): Promise<T> {
    return this.#store.write(async (tx) => copied(await runLater(coroutine(growingTables(tx)))), signal);
  }
}

/** A picture cannot be cloned everywhere, and need not be. */
const copied = <T>(value: T): T => (value instanceof Blob ? value : structuredClone(value));

/** Everything that coroutines ask for. */
export function growingTables(tx: SqlTx): GrowingTables {
  return Object.assign(peopleTables(tx), {
    revision: tx.revision,
    ...PLAIN_TAG,
    index: tx.lookup,
    isSeen: (seq: number) => !isHidden(tx.counters, seq),
    faces: {
      byIds: (ids: readonly string[]) => facesById(tx, ids),
      bySeqs: (seqs: readonly number[]) => seenFaces(tx, seqs),
      change: (...[before, after]: Parameters<GrowingTables['faces']['change']>) =>
        changeFaces(tx, before, after),
      erase: (...[faces]: Parameters<GrowingTables['faces']['erase']>) => eraseFaces(tx, faces),
    },
    addFaces: (faces: Parameters<GrowingTables['addFaces']>[0]) => addFaces(tx, faces),
    ensureGallery: (name: string) => ensureGallery(tx, name),
  });
}
