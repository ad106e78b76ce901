import { isHidden } from '../hidden-faces.ts';
import { type Coroutine, runLater } from '../people/coroutine.ts';
import type { FaceTable, GrowingTables, PeopleTables, PeopleWork } from '../people/tables.ts';
import type { Connection } from './connection.ts';
import { changeFaces } from './faces.ts';
import { createGallery } from './galleries.ts';
import { peopleTables } from './people-tables.ts';
import { readFaces } from './records.ts';
import { eraseFaces } from './removal.ts';
import type { ReadTx, WriteTx } from './schema.ts';
import type { AddFaces, Writer } from './writer.ts';

/** People in an IndexedDB database. */
export class IndexedDbPeople implements PeopleWork {
  readonly #connection: Connection;
  readonly #writer: Writer;

  constructor(connection: Connection, writer: Writer) {
    this.#connection = connection;
    this.#writer = writer;
  }

  read<T>(coroutine: (tx: PeopleTables) => Coroutine<T>): Promise<T> {
    return this.#connection.read((tx) => runLater(coroutine(tablesOf(tx))));
  }

  write<T>(coroutine: (tx: PeopleTables) => Coroutine<T>, signal?: AbortSignal): Promise<T> {
    return this.#writer.write((tx) => runLater(coroutine(tablesOf(tx))), { signal });
  }

  async free<T>(coroutine: (tx: PeopleTables) => Coroutine<T>, signal?: AbortSignal): Promise<T> {
    let done: { readonly of: T } | undefined;
    await this.#writer.free(
      [],
      async (tx) => {
        done = { of: await runLater(coroutine(tablesOf(tx))) };
      },
      signal,
    );
    this.#writer.compactSoon();
    return (done as unknown as { readonly of: T }).of;
  }

  grow<T>(coroutine: (tx: GrowingTables) => Coroutine<T>, signal?: AbortSignal): Promise<T> {
    return this.#writer.writeFaces((tx, add) => runLater(coroutine(growingTables(tx, add))), signal);
  }
}

/** Everything that coroutines ask for; what only reads is not asked to write. */
export function tablesOf(view: ReadTx): PeopleTables {
  const tx = view as WriteTx;
  return Object.assign(peopleTables(tx), {
    revision: tx.state.revision,
    tag: tx.sealer.tag,
    index: tx.index,
    isSeen: (seq: number) => !isHidden(tx.state, seq),
    faces: faceTable(tx),
  });
}

export function growingTables(tx: WriteTx, add: AddFaces): GrowingTables {
  return Object.assign(tablesOf(tx), {
    addFaces: (faces: Parameters<AddFaces>[0]) => add(faces),
    ensureGallery: async (name: string) => {
      if (!(await tx.objectStore('galleries').getKey(tx.sealer.tag(name))))
        await createGallery(tx, name, null);
    },
  });
}

function faceTable(tx: WriteTx): FaceTable {
  const seen = async (seqs: readonly number[]): ReturnType<typeof readFaces> =>
    (await readFaces(tx, seqs)).filter(({ seq }) => !isHidden(tx.state, seq));
  return {
    byIds: async (ids) => {
      const wanted = new Set(ids);
      const faces = ids.length === 0 ? [] : await seen(tx.index.withIds(ids.map(tx.sealer.tag)));
      return faces.filter(({ id }) => wanted.has(id));
    },
    bySeqs: seen,
    change: (before, after) => changeFaces(tx, before, after),
    erase: (faces) => eraseFaces(tx, faces),
  };
}
