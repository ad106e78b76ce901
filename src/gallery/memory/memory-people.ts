import { type Coroutine, runNow } from '../people/coroutine.ts';
import type { FaceTable, GrowingTables, PeopleTables, PeopleWork } from '../people/tables.ts';
import { isHidden } from '../hidden-faces.ts';
import { addFaces, changeFaces, eraseFaces, readFaces } from './faces.ts';
import { createGallery } from './galleries.ts';
import { type MemoryStore, type MemoryTx, PLAIN_TAG } from './memory-tx.ts';
import { peopleTables } from './people-tables.ts';

/** People in a database in memory. What comes in and what goes out are copies. */
export class MemoryPeople implements PeopleWork {
  readonly #store: MemoryStore;

  constructor(store: MemoryStore) {
    this.#store = store;
  }

  read<T>(coroutine: (tx: PeopleTables) => Coroutine<T>): Promise<T> {
    return this.grow(coroutine);
  }

  write<T>(coroutine: (tx: PeopleTables) => Coroutine<T>, signal?: AbortSignal): Promise<T> {
    return this.grow(coroutine, signal);
  }

  free<T>(coroutine: (tx: PeopleTables) => Coroutine<T>, signal?: AbortSignal): Promise<T> {
    return this.grow(coroutine, signal);
  }

  grow<T>(coroutine: (tx: GrowingTables) => Coroutine<T>, signal?: AbortSignal): Promise<T> {
    return this.#store.run((tx) => {
      const value = runNow(coroutine(growingTables(tx)));
      // A picture cannot be cloned everywhere, and need not be.
      return value instanceof Blob ? value : structuredClone(value);
    }, signal);
  }
}

/** Everything that coroutines ask for. */
export function growingTables(tx: MemoryTx): GrowingTables {
  return Object.assign(peopleTables(tx), {
    revision: tx.revision,
    ...PLAIN_TAG,
    index: tx.lookup,
    isSeen: (seq: number) => !isHidden(tx.counters, seq),
    faces: faceTable(tx),
    addFaces: (faces: Parameters<GrowingTables['addFaces']>[0]) => addFaces(tx, faces),
    ensureGallery: (name: string) => {
      if (!tx.galleries.has(name)) createGallery(tx, name, null);
    },
  });
}

function faceTable(tx: MemoryTx): FaceTable {
  const seen = (seqs: Iterable<number>): ReturnType<typeof readFaces> =>
    readFaces(tx, seqs).filter(({ face }) => !isHidden(tx.counters, face.seq));
  return {
    byIds: (ids) => seen(ids.map((id) => tx.ids.get(id) ?? NaN)).map(({ face }) => face),
    bySeqs: (seqs) => seen(seqs).map(({ face }) => face),
    change: (before, after) => changeFaces(tx, before, after),
    erase: (faces) => eraseFaces(tx, faces),
  };
}
