import { type IDBPDatabase, type IDBPTransaction, deleteDB, openDB } from 'idb';
import { NearFaceError, throwIfAborted } from '../../core/errors.ts';
import { FaceIndex } from '../face-index.ts';
import { upgrade } from './migrations.ts';
import { storageFull } from './storage-full.ts';
import {
  type Change,
  DB_VERSION,
  EMPTY_STATE,
  type FaceKeys,
  type GalleryDb,
  type ReadTx,
  type StoreName,
  STORES,
  type UpgradeTx,
  type WriteTx,
} from './schema.ts';
import { PLAIN, type Sealer } from './sealer.ts';

/** How long opening waits for other pages to let go of an older version. */
const BLOCKED_TIMEOUT_MS = 5000;

/** An open database whose transactions fail with coded errors and leave all or nothing. */
export class Connection {
  readonly name: string;
  /** What rows are sealed with. */
  sealer: Sealer = PLAIN;
  /** Whether the browser found the database damaged and began it anew. */
  lost = false;
  /** What is told what other pages have written, at the start of each transaction. */
  follower: Follower | undefined;
  #db: IDBPDatabase<GalleryDb> | undefined;
  #closedWhy = 'it is not open';

  private constructor(name: string) {
    this.name = name;
  }

  /** Opens the database and creates it if need be. @throws NearFaceError `STORAGE_FAILED` */
  static async open(name: string): Promise<Connection> {
    const connection = new Connection(name);
    connection.#db = await connection.#open();
    return connection;
  }

  /** Closes the database; running transactions end first. Safe to call twice. */
  close(why = 'it was closed'): void {
    if (this.#db) this.#closedWhy = why;
    this.#db?.close();
    this.#db = undefined;
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
      const tx = this.#opened().transaction([...STORES], 'readonly');
      tx.done.catch(() => undefined);
      const view = await this.#view(tx);
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
      const tx = this.#opened().transaction([...STORES], 'readwrite', { durability: 'strict' });
      const counted = async (): Promise<Written<T>> => {
        const changes: Change[] = [];
        const keys = new Map<number, FaceKeys>();
        const view: WriteTx = {
          ...(await this.#view(tx)),
          objectStore: (name) => tx.objectStore(name),
          note: (change, changed = []) => {
            changes.push(change);
            for (const face of changed) keys.set(face.seq, face);
          },
        };
        const { state } = view;
        await this.#follow(view);
        const value = await job(view);
        if (changes.length > 0) await logChanges(view, changes);
        if (view.state !== state) await tx.objectStore('state').put(view.state, 'state');
        return { value, changes, keys, revision: view.state.revision };
      };
      return await complete(tx, counted, signal);
    } catch (error) {
      throw await this.#coded(error, 'written');
    }
  }

  async #view(tx: IDBPTransaction<GalleryDb, StoreName[], 'readonly' | 'readwrite'>): Promise<ReadTx> {
    const state = await tx.objectStore('state').get('state');
    if (!state) throw new Error('the database has lost its counters');
    const index = this.follower?.index ?? NOTHING;
    return { sealer: this.sealer, state, index, objectStore: (name) => tx.objectStore(name) };
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
        if (!(error instanceof FarBehind)) throw error;
        await this.follower?.reload();
      }
    }
  }

  async #coded(error: unknown, what: 'read' | 'written'): Promise<NearFaceError | FarBehind> {
    if (error instanceof FarBehind) return error;
    if (!isQuotaError(error))
      return NearFaceError.from(error, 'STORAGE_FAILED', `The database ${this.name} could not be ${what}`);
    const state = await this.#db?.get('state', 'state').catch(() => undefined);
    return storageFull(error, state ?? EMPTY_STATE);
  }

  #opened(): IDBPDatabase<GalleryDb> {
    if (this.#db) return this.#db;
    throw new NearFaceError(
      'STORAGE_FAILED',
      `The database ${this.name} cannot be used: ${this.#closedWhy}; dispose of this NearFace and create another`,
      { database: this.name },
    );
  }

  async #open(): Promise<IDBPDatabase<GalleryDb>> {
    const blocked = new Deadline(BLOCKED_TIMEOUT_MS);
    // A browser that refuses storage to a site throws at the call itself.
    const open = async (): Promise<IDBPDatabase<GalleryDb>> =>
      openDB<GalleryDb>(this.name, DB_VERSION, {
        upgrade: (db, oldVersion, _newVersion, tx, event) => {
          // Chromium deletes a database whose files it finds damaged, and says so here alone.
          if ((event as { dataLoss?: string }).dataLoss === 'total') this.lost = true;
          void upgrade(db, oldVersion, tx as unknown as UpgradeTx).catch(() => abortQuietly(tx));
        },
        blocked: () => blocked.start(),
        blocking: () => this.close('another page upgrades or deletes it'),
        terminated: () => this.close('the browser closed it (its data may have been cleared)'),
      });
    const opening = open();
    try {
      return await Promise.race([opening, blocked.passed]);
    } catch (error) {
      void opening.then(
        (late) => late.close(),
        () => undefined,
      );
      throw openError(error, this.name);
    } finally {
      blocked.cancel();
    }
  }
}

/** What keeps in memory what is in the database. */
export interface Follower {
  readonly index: FaceIndex;
  /** Takes in what was written since, by other pages; false if too much was. */
  stepIn(tx: Omit<ReadTx, 'index'>): Promise<boolean>;
  /** Reads everything anew. */
  reload(): Promise<void>;
}

/** The index of an empty database. */
const NOTHING = new FaceIndex(() => []);

/** Thrown out of a transaction that cannot go on before everything is read anew. */
class FarBehind extends Error {}

/** What a transaction that is complete has changed. */
export interface Written<T> {
  readonly value: T;
  readonly changes: readonly Change[];
  /** What changed faces are found by now, by their numbers. */
  readonly keys: ReadonlyMap<number, FaceKeys>;
  readonly revision: number;
}

/** Changes that are kept for other pages; one that is further behind reads everything anew. */
const KEPT_CHANGES = 1000;

async function logChanges(tx: WriteTx, changes: readonly Change[]): Promise<void> {
  const revision = tx.state.revision + 1;
  tx.state = { ...tx.state, revision };
  await tx.objectStore('changes').put(changes, revision);
  await tx.objectStore('changes').delete(IDBKeyRange.upperBound(revision - KEPT_CHANGES));
}

type RawTx = IDBPTransaction<GalleryDb, StoreName[], 'readwrite'>;

async function complete<T>(tx: RawTx, job: () => Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  const done = tx.done.then(() => undefined);
  done.catch(() => undefined);
  try {
    const result = await job();
    throwIfAborted(signal);
    tx.commit();
    await done;
    return result;
  } catch (error) {
    abortQuietly(tx);
    const undone = await done.then(
      () => undefined,
      (reason: unknown) => reason,
    );
    // A failed request may surface as a plain AbortError; the transaction knows the quota's error.
    throw isQuotaError(undone) ? undone : error;
  }
}

function abortQuietly(tx: { abort(): void }): void {
  try {
    tx.abort();
  } catch {
    // It has ended by itself: a failed request aborts its transaction.
  }
}

function isQuotaError(error: unknown): boolean {
  return error instanceof DOMException && error.name === 'QuotaExceededError';
}

/** Deletes a database; other pages that have it open lose it. @throws NearFaceError `STORAGE_FAILED` */
export async function deleteDatabase(name: string): Promise<void> {
  try {
    await deleteDB(name);
  } catch (error) {
    if (isRefusal(error)) throw openError(error, name);
    throw NearFaceError.from(error, 'STORAGE_FAILED', `The database ${name} could not be deleted`);
  }
}

/** Whether the browser or a frame's sandbox gives no storage at all; Chromium names a user's setting in words only. */
export function isStorageRefused(error: unknown): boolean {
  return error instanceof NearFaceError && error.details['storage'] === 'refused';
}

function isRefusal(error: unknown): boolean {
  if (typeof indexedDB === 'undefined') return true;
  if (!(error instanceof DOMException)) return false;
  const { name, message } = error;
  return /^(SecurityError|InvalidStateError)$/.test(name) || /denied permission/i.test(message);
}

function openError(error: unknown, name: string): NearFaceError {
  if (isRefusal(error)) {
    const text =
      'The browser gives this page no storage, so that there are no galleries (a sandboxed frame needs ' +
      'allow-same-origin, a frame of another site the permission of the user)';
    return new NearFaceError('STORAGE_FAILED', text, { database: name, storage: 'refused' }, error);
  }
  if (error instanceof DOMException && error.name === 'VersionError') {
    return new NearFaceError(
      'STORAGE_FAILED',
      `The database ${name} was made by a newer version of nearface; update the library on this page`,
      { database: name },
      error,
    );
  }
  return NearFaceError.from(
    error,
    'STORAGE_FAILED',
    `The database ${name} could not be opened (does the browser allow storage here?)`,
  );
}

/** Rejects some time after it is started. */
class Deadline {
  readonly passed: Promise<never>;
  readonly #ms: number;
  #reject: (error: Error) => void = () => undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(ms: number) {
    this.#ms = ms;
    this.passed = new Promise((_, reject) => (this.#reject = reject));
    this.passed.catch(() => undefined);
  }

  start(): void {
    const held = new NearFaceError(
      'STORAGE_FAILED',
      'Another page of this site holds an older version of the database open; close or reload that page',
    );
    this.#timer ??= setTimeout(() => this.#reject(held), this.#ms);
  }

  cancel(): void {
    clearTimeout(this.#timer);
  }
}
