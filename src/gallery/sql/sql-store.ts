import { NearFaceError, throwIfAborted } from '../../core/errors.ts';
import { randomId } from '../../core/random-id.ts';
import { SerialQueue } from '../../core/serial-queue.ts';
import { databaseClosed } from '../gallery-errors.ts';
import { groupBy } from '../group-by.ts';
import type { FaceMemory, OpeningOptions } from '../port.ts';
import { ensureIndexes } from './candidate-tables.ts';
import { columnBytes } from './columns.ts';
import { readCounters, type SqlCounters, writeCounters } from './counters.ts';
import type { SqlDriver, SqlSession } from './driver.ts';
import { catchUp, KEPT_CHANGES, type KnownChange } from './keeping-up.ts';
import { type ReadAnew, readAll } from './reading-all.ts';
import { RowPage } from './row-page.ts';
import { inSchema } from './schema.ts';
import { sqlFailed } from './sql-errors.ts';
import { checkRotation, openRotation, type SqlRotation } from './template-secret.ts';
import { hasChanged, loggedChange, type SqlReading, type SqlTx } from './sql-tx.ts';

/** The counters as they were read, and are to be written where they are others. */
interface Head {
  readonly counters: SqlCounters;
  readonly revision: number;
}

/** The verbs of one opened database: one after the other, each a transaction, and the memory is in step before the next begins. */
export class SqlStore {
  readonly driver: SqlDriver;
  readonly #memory: FaceMemory;
  readonly #indexedFaces: number | undefined;
  readonly #inSchema: (text: string) => string;
  readonly #channel: string;
  readonly #queue = new SerialQueue();
  /** That of the memory. */
  #known: KnownChange = { revision: -1, stamp: undefined };
  #rotation: SqlRotation = {};
  #isClosed = false;
  #isKeepingUp = false;
  /** Whether something was told, or a poll was due, since the last look began. */
  #isBehind = false;
  #stopListening: (() => Promise<void>) | undefined;
  #timer: unknown;

  /** @param indexedFaces - as `INDEXED_FACES` */
  constructor(driver: SqlDriver, schema: string, memory: FaceMemory, indexedFaces?: number) {
    this.#indexedFaces = indexedFaces;
    this.driver = driver;
    this.#memory = memory;
    this.#inSchema = inSchema(schema);
    this.#channel = `nearface ${schema}`;
  }

  /** Sees what vectors are rotated by, before the opening. @throws NearFaceError as {@link openRotation} */
  async unlock(secret: string | undefined): Promise<void> {
    this.#rotation = await openRotation(this.driver.name, secret, (mode, work) =>
      this.#run(mode, work, undefined, false),
    );
  }

  /** Fills the memory, and keeps it in step from now on. */
  async open(options: OpeningOptions): Promise<void> {
    await this.#run(
      'read',
      async (tx) => {
        (await readAll(tx, this.#memory, options)).end();
        this.#known = { revision: tx.revision, stamp: tx.counters.stamp };
      },
      options.signal,
      false,
    );
    const heard = (payload: string): void => {
      if (Number(payload) > this.#known.revision) this.#keepUp();
    };
    this.#stopListening = await this.driver.listen?.(this.#channel, heard);
    const { pollMs } = this.driver;
    if (pollMs === undefined) return;
    const timer: unknown = setInterval(() => this.#keepUp(), pollMs);
    // It keeps no process alive.
    (timer as { unref?: () => void }).unref?.();
    this.#timer = timer;
  }

  /** What fails here fails again with the next verb, which tells it. One waits at a time: a database that does not answer is asked no faster. */
  #keepUp(): void {
    if (this.#isClosed) return;
    this.#isBehind = true;
    if (this.#isKeepingUp) return;
    this.#isKeepingUp = true;
    void this.#whileBehind().finally(() => (this.#isKeepingUp = false));
  }

  async #whileBehind(): Promise<void> {
    while (this.#isBehind && !this.#isClosed) {
      this.#isBehind = false;
      await this.read(async () => undefined).catch(() => undefined);
    }
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    clearInterval(this.#timer as number);
    const stop = this.#stopListening;
    void this.#queue
      .run(async () => {
        await stop?.();
        await this.driver.close();
      })
      .catch(() => undefined);
  }

  /** Takes a lock as {@link SqlDriver.tryLock} does, between two verbs. */
  async lock(name: string): Promise<(() => Promise<void>) | null> {
    const unlock = await this.#queue.run(() =>
      this.driver.tryLock(name).catch((error: unknown) => {
        throw sqlFailed(this.driver.name, error);
      }),
    );
    return unlock && (() => this.#queue.run(unlock));
  }

  /** Whether anybody has such a lock. @throws NearFaceError `STORAGE_FAILED` */
  isLocked(name: string): Promise<boolean> {
    return this.#queue.run(async () => {
      try {
        return await this.driver.isLocked(name);
      } catch (error) {
        throw sqlFailed(this.driver.name, error);
      }
    });
  }

  /** What a lock of this database is called, as other schemas may have one for the same thing. */
  nameOf(thing: string): string {
    return `${this.#channel} ${thing}`;
  }

  /** Asks, of the database as it is at one moment. @throws NearFaceError `STORAGE_FAILED`, `ABORTED` */
  read<T>(work: (tx: SqlReading) => Promise<T>, signal?: AbortSignal): Promise<T> {
    return this.#run('read', work, signal);
  }

  /** Changes, wholly or not at all. @throws NearFaceError `STORAGE_FULL`, `STORAGE_FAILED`, `ABORTED` */
  write<T>(work: (tx: SqlTx) => Promise<T>, signal?: AbortSignal): Promise<T> {
    return this.#run('write', work, signal);
  }

  #run<T>(
    mode: 'read' | 'write',
    work: (tx: SqlTx) => Promise<T>,
    signal?: AbortSignal,
    isOpen = true,
  ): Promise<T> {
    return this.#queue.run(async () => {
      throwIfAborted(signal);
      if (this.#isClosed) throw databaseClosed(this.driver.name, 'it was closed');
      const told: { tell?: () => void; cancel?: () => void } = {};
      try {
        const value = await this.driver.transaction(mode, async (session) => {
          const ask = this.#asking(session, signal);
          const head = await this.#head(ask, mode);
          const tx = { ...this.#newTx(ask, head), ...this.#copying(session) };
          if (isOpen) {
            checkRotation(this.driver.name, this.#rotation, head.counters.rotation);
            await this.#keepInStep(tx);
          }
          const done = await work(tx);
          if (mode === 'write') Object.assign(told, await this.#end(tx, head));
          throwIfAborted(signal);
          return done;
        });
        told.tell?.();
        return value;
      } catch (error) {
        told.cancel?.();
        if (error instanceof NearFaceError || !isOfSql(error)) throw error;
        throw sqlFailed(this.driver.name, error);
      }
    });
  }

  #asking(session: SqlSession, signal: AbortSignal | undefined): SqlReading['ask'] {
    return async (text, values = []) => {
      throwIfAborted(signal);
      try {
        return await session.query(this.#inSchema(text), values);
      } catch (error) {
        throw sqlFailed(this.driver.name, error);
      }
    };
  }

  #copying({ stream, load }: SqlSession): Pick<SqlReading, 'stream' | 'load'> {
    const told = (error: unknown): never => {
      throw isOfSql(error) ? sqlFailed(this.driver.name, error) : error;
    };
    return {
      ...(stream && { stream: (text, take) => stream(this.#inSchema(text), take).catch(told) }),
      ...(load && { load: (into, ...rest) => load(this.#inSchema(into), ...rest).catch(told) }),
    };
  }

  async #head(ask: SqlReading['ask'], mode: 'read' | 'write'): Promise<Head> {
    const [row] = await ask(`SELECT revision, counters FROM @meta${mode === 'write' ? ' FOR UPDATE' : ''}`);
    return { counters: readCounters(row?.counters), revision: Number(row?.revision) };
  }

  #newTx(ask: SqlReading['ask'], { counters, revision }: Head): SqlTx {
    const { lookup } = this.#memory;
    const { rotations } = this.#rotation;
    const done = { added: [], changes: [], renewed: [], isNew: false };
    return { ask, counters, revision, lookup, rotations, ...done };
  }

  /** What others have committed up to now. */
  async #keepInStep(tx: SqlReading): Promise<void> {
    const { revision, counters } = tx;
    if (revision === this.#known.revision && counters.stamp === this.#known.stamp) return;
    await catchUp(tx, this.#memory, this.#known);
    this.#known = { revision, stamp: counters.stamp };
  }

  /** Writes the counters and the log. Answers what tells the memory once all is committed; whatever of it may fail comes before. */
  async #end(tx: SqlTx, head: Head): Promise<{ tell: () => void; cancel?: () => void }> {
    if (tx.counters.models !== head.counters.models) await ensureIndexes(tx, this.#indexedFaces);
    const isChanged = hasChanged(tx);
    const revision = head.revision + (isChanged ? 1 : 0);
    if (isChanged) tx.counters = { ...tx.counters, stamp: randomId() };
    const known = { revision, stamp: tx.counters.stamp };
    if (isChanged || tx.counters !== head.counters)
      await tx.ask('UPDATE @meta SET revision = $1, counters = $2', [revision, writeCounters(tx.counters)]);
    if (!isChanged) return { tell: () => undefined };
    await tx.ask('INSERT INTO @changes VALUES ($1, $2)', [revision, JSON.stringify(loggedChange(tx))]);
    if (revision % 1000 === 0)
      await tx.ask('DELETE FROM @changes WHERE revision <= $1', [revision - KEPT_CHANGES]);
    await tx.ask('SELECT pg_notify($1, $2)', [this.#channel, String(revision)]);
    if (tx.isNew) return this.#toldAnew(await readAll(tx, this.#memory), known);
    const added = this.#reserved(tx);
    return {
      tell: () => {
        this.#known = known;
        this.#apply(tx, added);
      },
    };
  }

  #toldAnew(read: ReadAnew, known: KnownChange): { tell: () => void; cancel: () => void } {
    const tell = (): void => {
      this.#known = known;
      read.end();
    };
    return { tell, cancel: () => read.cancel() };
  }

  #reserved(tx: SqlTx): readonly (() => void)[] {
    return [...groupBy(tx.added, ({ face }) => face.modelId)].map(([modelId, faces]) => {
      const page = new RowPage(modelId, faces[0].vector.length, faces.length, this.#memory);
      for (const { face, vector, facts, isHidden } of faces)
        page.take(face.seq, facts, columnBytes(vector), isHidden ? [] : face.galleries);
      this.#memory.reserve(modelId, faces[0].vector.length, faces.length);
      return () => page.flush();
    });
  }

  #apply(tx: SqlTx, added: readonly (() => void)[]): void {
    if (tx.renewed.length > 0)
      this.#memory.apply({
        ...{ kind: 'left', gallery: '', stay: new Float64Array() },
        erased: Float64Array.from(tx.renewed),
      });
    for (const add of added) add();
    for (const change of tx.changes) this.#memory.apply(change);
  }
}

/** Whether the connection, and not a rule of ours or a caller's work, has failed. */
function isOfSql(error: unknown): boolean {
  return error instanceof Error && ('code' in error || 'severity' in error);
}
