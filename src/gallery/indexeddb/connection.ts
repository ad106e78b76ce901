import { openDB } from 'idb';
import { NearFaceError, throwIfAborted } from '../../core/errors.ts';
import { inTurn, withLock } from '../../platform/browser/locks.ts';
import { databaseClosed } from '../gallery-errors.ts';
import type { FaceLookup } from '../port.ts';
import { beginCopy, copyAll, type Db, finishCopy, type MoveOptions, readKeys } from './encrypting.ts';
import { clearFillers, overwrite, wipe } from './erasing.ts';
import { createStores, upgrade } from './migrations/upgrade.ts';
import { storageFull } from './storage-full.ts';
import type { FaceKeys } from '../face-keys.ts';
import {
  type AnyTx,
  type Change,
  DB_VERSION,
  EMPTY_STATE,
  type GalleryDb,
  type ReadTx,
  type StoredKeys,
  type StoredState,
  STORES,
  type UpgradeTx,
  type WriteTx,
} from './schema.ts';
import { PLAIN, type Sealer, sealerOf } from './sealer.ts';
import { abandonCopy, currentSlot, deleteSlot, openInTime, otherSlot } from './slots.ts';
import {
  abortQuietly,
  complete,
  type Follower,
  isQuotaError,
  KEPT_CHANGES,
  logChanges,
  openError,
  type Written,
} from './transactions.ts';

/** An open database whose transactions fail with coded errors and leave all or nothing. */
export class Connection {
  readonly name: string;
  /** What rows are sealed with. */
  sealer: Sealer = PLAIN;
  /** What is told what other pages have written, at the start of each transaction. */
  follower: Follower | undefined;
  readonly #lookup: FaceLookup;
  readonly #keptChanges: number;
  #db: Db | undefined;
  /** The physical name of what is open. */
  #slot: string;
  #closedWhy = 'it is not open';
  #isOutdated = false;

  private constructor(name: string, lookup: FaceLookup, keptChanges: number) {
    this.name = name;
    this.#lookup = lookup;
    this.#keptChanges = keptChanges;
    this.#slot = name;
  }

  /** Whether it was closed since another page has encrypted, deleted or upgraded the database: opening it again may do. */
  get isOutdated(): boolean {
    return this.#isOutdated;
  }

  /**
   * Opens the database and creates it if need be.
   *
   * @param lookup - finds the numbers of faces, in step with the database as far as the follower keeps it so
   * @param kept - how many changes are kept for pages that are behind
   * @throws NearFaceError `STORAGE_FAILED`
   */
  static async open(name: string, lookup: FaceLookup, kept: number = KEPT_CHANGES): Promise<Connection> {
    const connection = new Connection(name, lookup, kept);
    try {
      connection.#db = await connection.#open();
      await clearFillers(connection.#db);
      const state = await connection.#db.get('state', 'state');
      // Whoever copied it is gone, or is at it still and is left alone.
      if (state?.moving) await connection.#endMove();
      return connection;
    } catch (error) {
      connection.close();
      if (isQuotaError(error)) throw await storageFull(error, EMPTY_STATE);
      throw openError(error, name);
    }
  }

  /** Closes the database; running transactions end first. Safe to call twice. */
  close(why = 'it was closed'): void {
    if (this.#db) this.#closedWhy = why;
    this.#db?.close();
    this.#db = undefined;
  }

  /** The same for what other pages have made of it. */
  closeOutdated(why: string): void {
    this.#isOutdated = true;
    this.close(why);
  }

  /** The stored keys, which are there before the sealer is known; nothing in a plain database. */
  async keys(): Promise<StoredKeys | undefined> {
    try {
      const tx = this.#opened().transaction([...STORES]);
      return await readKeys({ objectStore: (name) => tx.objectStore(name) });
    } catch (error) {
      throw NearFaceError.from(error, 'STORAGE_FAILED', `The database ${this.name} could not be read`);
    }
  }

  /** Runs `job` on a consistent view of the database. It must await nothing but its transaction. */
  read<T>(job: (tx: ReadTx) => Promise<T>): Promise<T> {
    return this.#inStep(() => this.#read(job, true));
  }

  /** The same for what reads the database into memory: the view's index is not in step with it. */
  readAlone<T>(job: (tx: ReadTx) => Promise<T>): Promise<T> {
    return this.#read(job, false);
  }

  async #read<T>(job: (tx: ReadTx) => Promise<T>, follow: boolean): Promise<T> {
    try {
      const { sealer } = this;
      const tx = this.#opened().transaction([...STORES], 'readonly');
      tx.done.catch(() => undefined);
      const view = await this.#view(tx, sealer);
      if (follow) await this.#follow(view);
      return await job(view);
    } catch (error) {
      throw await this.#coded(error, 'read');
    }
  }

  /**
   * Runs `job` in one transaction that is on disk when the promise resolves. If `job` throws, or `signal` is
   * aborted before the end, nothing is changed. It must await nothing but its transaction. Answers also the
   * database's revision, which has risen if the job noted a change.
   */
  write<T>(job: (tx: WriteTx) => Promise<T>, signal?: AbortSignal): Promise<Written<T>> {
    return this.#inStep(() => this.#write(job, signal));
  }

  async #write<T>(job: (tx: WriteTx) => Promise<T>, signal: AbortSignal | undefined): Promise<Written<T>> {
    try {
      const { sealer } = this;
      const tx = this.#opened().transaction([...STORES], 'readwrite', { durability: 'strict' });
      const counted = async (): Promise<Written<T>> => {
        const changes: Change[] = [];
        const keys = new Map<number, FaceKeys>();
        const view: WriteTx = {
          ...(await this.#view(tx, sealer)),
          objectStore: (name) => tx.objectStore(name),
          note: (change, changed = []) => {
            changes.push(change);
            for (const face of changed) keys.set(face.seq, face);
          },
        };
        const { state } = view;
        if (state.moving) throw new Moving();
        await this.#follow(view);
        const value = await job(view);
        if (changes.length > 0) await logChanges(view, changes, this.#keptChanges);
        if (view.state !== state) await tx.objectStore('state').put(view.state, 'state');
        return { value, changes, keys, revision: view.state.revision };
      };
      return await complete(tx, counted, signal);
    } catch (error) {
      throw await this.#coded(error, 'written');
    }
  }

  /** @param begun - the sealer as the transaction began: everything may have gone over to another since */
  async #view(tx: AnyTx, begun: Sealer): Promise<ReadTx> {
    const state = await tx.objectStore('state').get('state');
    if (!state) throw new Error('the database has lost its counters');
    const sealer = this.#checkKeys(state, begun);
    return { sealer, state, index: this.#lookup, objectStore: (name) => tx.objectStore(name) };
  }

  async #follow(view: ReadTx): Promise<void> {
    if (this.follower && !(await this.follower.stepIn(view))) throw new FarBehind();
  }

  /** Runs a transaction, and again when everything was read anew because too much had changed. */
  async #inStep<T>(run: () => Promise<T>): Promise<T> {
    for (;;) {
      try {
        return await run();
      } catch (error) {
        if (error instanceof Moving) await this.#endMove(true);
        else if (error instanceof FarBehind) await this.follower?.reload();
        else throw error;
      }
    }
  }

  async #coded(error: unknown, what: 'read' | 'written'): Promise<NearFaceError | FarBehind | Moving> {
    if (error instanceof FarBehind || error instanceof Moving) return error;
    if (!isQuotaError(error))
      return NearFaceError.from(error, 'STORAGE_FAILED', `The database ${this.name} could not be ${what}`);
    const state = await this.#db?.get('state', 'state').catch(() => undefined);
    return storageFull(error, state ?? EMPTY_STATE);
  }

  #opened(): Db {
    return this.#db ?? this.#refuse();
  }

  #refuse(): never {
    throw databaseClosed(this.name, this.#closedWhy);
  }

  /** See {@link overwrite}; where the disk is full nothing is overwritten. */
  async overwrite(): Promise<void> {
    await overwrite(this.#opened()).catch(() => undefined);
  }

  /** What rows are sealed with: one that was sealed with other keys would be lost among the others. */
  #checkKeys({ keyId }: StoredState, begun = this.sealer): Sealer {
    const sealer = sealerOf(keyId, [begun, this.sealer]);
    if (!sealer) this.closeOutdated('another page has encrypted or renewed it');
    return sealer ?? this.#refuse();
  }

  async #open(): Promise<Db> {
    for (;;) {
      const slot = await currentSlot(this.name);
      this.#slot = slot ?? this.name;
      const db = await this.#openSlot(this.#slot, slot !== undefined);
      if (db) return db;
    }
  }

  /** @param isThere - answers nothing, and makes nothing, if it is not */
  async #openSlot(slot: string, isThere: boolean): Promise<Db | undefined> {
    let isGone = false;
    let refused: unknown;
    // A browser that refuses storage to a site throws at the call itself.
    const opening = openInTime(this.name, async ({ blocked, begun }) =>
      openDB<GalleryDb>(slot, DB_VERSION, {
        upgrade: (db, oldVersion, _newVersion, tx, event) => {
          begun();
          // The request fails with a plain AbortError; the transaction knows why.
          tx.done.catch((error: unknown) => (refused = error));
          // Chromium deletes a database whose files it finds damaged, and says so here alone.
          const isLost = (event as { dataLoss?: string }).dataLoss === 'total';
          isGone = isThere && oldVersion === 0 && !isLost;
          if (isGone) return tx.abort();
          void upgrade(db, oldVersion, tx as unknown as UpgradeTx, isLost).catch(() => abortQuietly(tx));
        },
        blocked,
        ...this.#events(slot),
      }),
    );
    return opening.catch((error: unknown) => {
      if (isGone) return undefined;
      throw isQuotaError(refused) ? refused : error;
    });
  }

  #events(slot: string): { readonly blocking: () => void; readonly terminated: () => void } {
    const isOpen = (): boolean => this.#slot === slot;
    return {
      blocking: () => isOpen() && this.closeOutdated('another page upgrades, encrypts or deletes it'),
      terminated: () => isOpen() && this.close('the browser closed it (its data may have been cleared)'),
    };
  }

  /**
   * Copies everything into a new database under other keys, goes over to it and deletes the old one. A crash at any moment leaves the
   * old one whole, or the new one. Nobody can write meanwhile.
   *
   * @returns whether the old one is deleted; if another page does not let go of it, it goes when that page does
   * @throws NearFaceError `STORAGE_FAILED`, `STORAGE_FULL`, `ABORTED`
   */
  move(sealer: Sealer, options: MoveOptions): Promise<boolean> {
    return inTurn(
      moveLock(this.name),
      async () => {
        const from = this.#slot;
        const source = this.#opened();
        try {
          const copy = await this.#copy(source, sealer, options);
          [this.#db, this.#slot, this.sealer] = [copy, otherSlot(this.name, from), sealer];
        } catch (error) {
          const coded = await this.#coded(error, 'written');
          await this.#endMoveOf(from).catch(() => undefined);
          throw coded;
        }
        options.onMoved();
        await wipe(source, GONE).catch(() => undefined);
        source.close();
        return deleteSlot(this.name, from).then(
          () => true,
          () => false,
        );
      },
      options.signal,
    );
  }

  async #copy(source: Db, sealer: Sealer, { check, keysOf, ...options }: MoveOptions): Promise<Db> {
    const state = await beginCopy(source, (found) => {
      this.#checkKeys(found);
      check(found);
    });
    const keys = keysOf(await source.get('keys', 'keys'));
    const slot = otherSlot(this.name, this.#slot);
    await deleteSlot(this.name, slot);
    const copy = await openInTime(this.name, async ({ blocked, begun }) =>
      openDB<GalleryDb>(slot, DB_VERSION, {
        upgrade: (db) => {
          begun();
          createStores(db);
        },
        blocked,
        blocking: (_current, _blocked, event) => {
          if (this.#slot === slot) this.#events(slot).blocking();
          else (event.target as IDBDatabase).close();
        },
        terminated: this.#events(slot).terminated,
      }),
    );
    try {
      await copyAll(source, this.sealer, copy, sealer, options);
      throwIfAborted(options.signal);
      const [generation, revision] = [(state.generation ?? 0) + 1, state.revision + 1];
      const { keyId = '' } = sealer;
      if (await finishCopy(copy, { ...state, generation, revision, keyId }, keys)) return copy;
      throw new Error('another page has ended the encryption');
    } catch (error) {
      copy.close();
      throw error;
    }
  }

  /**
   * Ends a move whose page is gone.
   *
   * @throws NearFaceError `STORAGE_FAILED` if it is not gone, where `isWanted`
   */
  async #endMove(isWanted = false): Promise<void> {
    await withLock(moveLock(this.name), async (isFree) => {
      if (isFree) return this.#endMoveOf(this.#slot);
      if (isWanted)
        throw new NearFaceError(
          'STORAGE_FAILED',
          `The database ${this.name} cannot be written to while another page encrypts it; repeat the call when that is done`,
          { database: this.name },
        );
    });
  }

  /** Takes away the unfinished copy, then lets everybody write again. */
  async #endMoveOf(slot: string): Promise<void> {
    if (!(await abandonCopy(this.name, otherSlot(this.name, slot))))
      return this.closeOutdated('another page has encrypted or renewed it');
    const tx = this.#opened().transaction('state', 'readwrite');
    const state = await tx.store.get('state');
    if (state?.moving) {
      const { moving: _, ...kept } = state;
      await tx.store.put(kept, 'state');
    }
    await tx.done;
  }
}

/** In the place of what names the keys: nobody has these, so that whoever still has the old database open lets go of it. */
const GONE = 'gone';

/** The lock of the page that copies a database. */
const moveLock = (name: string): string => `nearface:${name}:move`;

/** Thrown out of a transaction that cannot go on before everything is read anew. */
class FarBehind extends Error {}

/** Thrown out of a transaction that may not write while everything is copied. */
class Moving extends Error {}
