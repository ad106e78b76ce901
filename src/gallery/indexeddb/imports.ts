import { withAnySignal } from '../../core/any-signal.ts';
import { hasLocks } from '../../platform/browser/locks.ts';
import { randomId } from '../../core/random-id.ts';
import { importDisturbed, importUnderWay } from '../gallery-errors.ts';
import type { Import } from '../port.ts';
import type { Connection } from './connection.ts';
import {
  beginImport,
  endImport,
  hadFace,
  hadPhoto,
  importUpkeep,
  noteImported,
  takeBackImport,
} from './importing.ts';
import { putRegenerated } from './regenerating.ts';
import type { Tabs } from './tabs.ts';
import type { Writer } from './writer.ts';

/**
 * Imports into a database, one at a time. Faces are stored in batches, hidden: nobody sees them, but their ids are taken. The last
 * transaction shows all of them. The database carries a mark with the numbers of the faces stored, so that they are taken back if
 * the import does not end: at once, or, where its page ended first, in whichever page is there. A batch is written only while the mark is
 * there, so whoever takes it away ends the import.
 */
export class Imports {
  readonly #connection: Connection;
  readonly #writer: Writer;
  readonly #tabs: Tabs;
  /** The import whose end is waited for. */
  #watched: string | undefined;
  /** The import of this page that is under way: where there are no locks nothing else tells that it is. */
  #running: string | undefined;

  constructor(connection: Connection, writer: Writer, tabs: Tabs) {
    this.#connection = connection;
    this.#writer = writer;
    this.#tabs = tabs;
  }

  /**
   * Takes back what an import left that ended with its page, and answers whether there is none any more; one that is under way elsewhere
   * is watched.
   */
  async mend(): Promise<boolean> {
    const id = await this.#marked();
    return id === undefined || this.#takeBackIfLeft(id);
  }

  /** The import of the mark that the database carries. */
  async #marked(): Promise<string | undefined> {
    return this.#connection.read(async ({ state }) => state.importing?.id);
  }

  async #takeBackIfLeft(id: string): Promise<boolean> {
    if (id === this.#running) return false;
    const isLeft = await this.#tabs.alone(importUpkeep(id), () => this.#takeBack(id));
    if (!isLeft) this.watch(id);
    return isLeft;
  }

  /**
   * The same for what can be done only where no import is under way. Without locks nobody knows whether the page of one is still there:
   * then it counts as under way until the next import or opening.
   *
   * @throws NearFaceError `STORAGE_FAILED` where one is
   */
  async mendOrRefuse(): Promise<void> {
    const id = await this.#marked();
    if (id !== undefined && !(hasLocks() && (await this.#takeBackIfLeft(id)))) throw importUnderWay();
  }

  /** Watches an import that another page has begun, to take it back if that page ends first. */
  watch(id: string): void {
    if (this.#watched === id) return;
    this.#watched = id;
    this.#tabs.whenFree(importUpkeep(id), () => {
      if (this.#watched === id) this.#watched = undefined;
      // If it fails, as when this page has closed the database, there are other pages, and later ones.
      void this.#takeBack(id).catch(() => undefined);
    });
  }

  /** See {@link GalleryDatabase.importInto}. */
  async importInto<T>(
    gallery: string,
    work: (into: Import, signal: AbortSignal) => Promise<T>,
    signal: AbortSignal,
  ): Promise<T> {
    // An earlier import may have failed to take back its faces, as on a full disk.
    if (!(await this.mend())) throw importUnderWay();
    const id = randomId();
    let value: { readonly of: T } | undefined;
    await this.#tabs.alone(importUpkeep(id), async (stolen) => {
      value = {
        of: await untilStolen(stolen, signal, (either) => this.#import(id, gallery, work, either)),
      };
    });
    return (value as { readonly of: T }).of;
  }

  async #import<T>(
    id: string,
    gallery: string,
    work: (into: Import, signal: AbortSignal) => Promise<T>,
    signal: AbortSignal,
  ): Promise<T> {
    const [connection, writer] = [this.#connection, this.#writer];
    let begun: Promise<number> | undefined;
    let isOver = false;
    const firstSeq = async (): Promise<number> => {
      if (isOver) throw importDisturbed();
      // Nothing is written before the work is known to have something to write.
      begun ??= writer.write((tx) => beginImport(tx, gallery, id), { onComplete: () => this.#begun(id) });
      return begun;
    };
    try {
      const done = await work(
        {
          begin: async () => void (await firstSeq()),
          store: async (faces) => {
            await firstSeq();
            await writer.writeFaces(
              async (tx, add) => noteImported(tx, id, gallery, await add(faces, true)),
              signal,
            );
          },
          hadPhoto: async (hash) => {
            const before = await firstSeq();
            return connection.read((tx) => hadPhoto(tx, gallery, hash, before));
          },
          hadFace: async (face) => {
            const before = await firstSeq();
            const known = await connection.read((tx) => hadFace(tx, gallery, face, before));
            if (known?.isMendable) {
              const made = { seq: known.seq, vector: face.vector };
              await writer.write((tx) => putRegenerated(tx, face.modelId, [made]));
            }
            return known !== undefined;
          },
        },
        signal,
      );
      if (begun) await writer.write((tx) => endImport(tx, id, gallery), { signal });
      return done;
    } catch (error) {
      // What cannot be taken back now is taken back later; why the import failed is what the caller needs to know.
      if (begun) await this.#takeBack(id).catch(() => undefined);
      throw error;
    } finally {
      isOver = true;
      if (this.#running === id) this.#running = undefined;
    }
  }

  #begun(id: string): void {
    this.#running = id;
    this.#tabs.tellImport(id);
  }

  /** Takes back the faces of an import that did not end, on a full disk too; nothing happens if it has. */
  async #takeBack(id: string): Promise<void> {
    for (let done = false; !done;)
      await this.#writer.free([0], async (tx) => {
        done = await takeBackImport(tx, id);
      });
  }
}

/** Runs `work` until `signal` is aborted, or its lock is stolen: whoever takes the lock takes back what it has done. */
async function untilStolen<T>(
  stolen: AbortSignal,
  signal: AbortSignal,
  work: (either: AbortSignal) => Promise<T>,
): Promise<T> {
  try {
    return await withAnySignal([signal, stolen], work);
  } catch (error) {
    throw stolen.aborted && !signal.aborted ? importDisturbed() : error;
  }
}
