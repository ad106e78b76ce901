import { type IDBPDatabase, type IDBPTransaction, deleteDB, openDB } from 'idb';
import { NearFaceError, throwIfAborted } from '../../core/errors.ts';
import { upgrade } from './migrations.ts';
import {
  type Change,
  DB_VERSION,
  type GalleryDb,
  type ReadTx,
  readState,
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
  async read<T>(job: (tx: ReadTx) => Promise<T>): Promise<T> {
    try {
      const tx = this.#opened().transaction([...STORES], 'readonly');
      tx.done.catch(() => undefined);
      return await job({ sealer: this.sealer, objectStore: (name) => tx.objectStore(name) });
    } catch (error) {
      throw await storageError(error, `The database ${this.name} could not be read`);
    }
  }

  /**
   * Runs `job` in one transaction that is on disk when the promise resolves. If `job` throws, or `signal` is
   * aborted before the end, nothing is changed. It must await nothing but its transaction. Answers also the
   * database's revision, which has risen if the job noted a change.
   */
  async write<T>(job: (tx: WriteTx) => Promise<T>, signal?: AbortSignal): Promise<Written<T>> {
    try {
      const tx = this.#opened().transaction([...STORES], 'readwrite', { durability: 'strict' });
      const changes: Change[] = [];
      const view: WriteTx = {
        sealer: this.sealer,
        objectStore: (name) => tx.objectStore(name),
        note: (change) => void changes.push(change),
      };
      const counted = async (): Promise<Written<T>> => {
        const value = await job(view);
        return { value, changes, revision: await raiseRevision(view, changes) };
      };
      return await complete(tx, counted, signal);
    } catch (error) {
      throw await storageError(error, `The database ${this.name} could not be written`);
    }
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

/** What a transaction that is complete has changed. */
export interface Written<T> {
  readonly value: T;
  readonly changes: readonly Change[];
  readonly revision: number;
}

/** Changes that are kept for other pages; one that is further behind reads everything anew. */
const KEPT_CHANGES = 1000;

async function raiseRevision(tx: WriteTx, changes: readonly Change[]): Promise<number> {
  const state = await readState(tx);
  if (changes.length === 0) return state.revision;
  const revision = state.revision + 1;
  await tx.objectStore('state').put({ ...state, revision }, 'state');
  await tx.objectStore('changes').put(changes, revision);
  await tx.objectStore('changes').delete(IDBKeyRange.upperBound(revision - KEPT_CHANGES));
  return revision;
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

async function storageError(error: unknown, what: string): Promise<NearFaceError> {
  if (!isQuotaError(error)) return NearFaceError.from(error, 'STORAGE_FAILED', what);
  const { usage = 0, quota = 0 } = await estimateStorage();
  const used = quota > 0 ? ` (${megabytes(usage)} of ${megabytes(quota)} are in use)` : '';
  return new NearFaceError(
    'STORAGE_FULL',
    `The browser gives this site no more storage${used}; delete faces or galleries, keep fewer pictures (option keep), or free space on the disk`,
    { usageBytes: usage, quotaBytes: quota },
    error,
  );
}

/** Deletes a database; other pages that have it open lose it. @throws NearFaceError `STORAGE_FAILED` */
export async function deleteDatabase(name: string): Promise<void> {
  try {
    await deleteDB(name);
  } catch (error) {
    throw NearFaceError.from(error, 'STORAGE_FAILED', `The database ${name} could not be deleted`);
  }
}

/** What the browser says of this origin's storage; zeros where it does not tell. */
export async function estimateStorage(): Promise<{ usage: number; quota: number }> {
  try {
    const { usage = 0, quota = 0 } = await navigator.storage.estimate();
    return { usage, quota };
  } catch {
    return { usage: 0, quota: 0 };
  }
}

function megabytes(bytes: number): string {
  return `${Math.round(bytes / 1e6)} MB`;
}

function openError(error: unknown, name: string): NearFaceError {
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
