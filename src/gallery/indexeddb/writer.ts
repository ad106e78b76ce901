import { NearFaceError } from '../../core/errors.ts';
import { SerialQueue } from '../../core/serial-queue.ts';
import type { PreparedFace } from '../face-input.ts';
import type { Scope } from '../port.ts';
import { nextTask } from '../../core/next-task.ts';
import type { Connection } from './connection.ts';
import type { Written } from './transactions.ts';
import { type AddedFaces, addFaces, readFace, replaceFace } from './faces.ts';
import { keepReserve, releaseReserve } from './reserve.ts';
import type { StoredSegment, WriteTx } from './schema.ts';
import { compactSegments, isSparse } from './segments.ts';
import type { Tabs } from './tabs.ts';
import type { Stepper } from './stepper.ts';
import type { StoredFace } from '../stored.ts';

/** Segments that one transaction of compaction looks at: searches wait for it. */
const COMPACT_SEGMENTS = 8;

/** What a write is done with. */
export interface WriteOptions<T = unknown> {
  readonly signal?: AbortSignal | undefined;
  /** Called when the transaction is complete, before the memory takes it in. */
  readonly onComplete?: (value: T) => void;
}

/** Stores new faces in the transaction that is under way; hidden ones are seen by nobody yet. */
export type AddFaces = (
  prepared: readonly PreparedFace[],
  hidden?: boolean,
) => Promise<readonly StoredFace[]>;

/**
 * Writes one after the other: a transaction, then the memory, which changes only when it is complete, then the other
 * pages are told.
 */
export class Writer {
  readonly #connection: Connection;
  readonly #stepper: Stepper;
  readonly #tabs: Tabs;
  readonly #writes = new SerialQueue();
  #compacting = false;
  /** Whether the reserve was looked for, and made. */
  #hasReserve = false;

  constructor(connection: Connection, stepper: Stepper, tabs: Tabs) {
    this.#connection = connection;
    this.#stepper = stepper;
    this.#tabs = tabs;
  }

  /** Runs a job in a transaction; see {@link Connection.write}. */
  write<T>(job: (tx: WriteTx) => Promise<T>, options: WriteOptions<T> = {}): Promise<T> {
    const { signal, onComplete } = options;
    return this.#writes.run(async () => {
      const written: Written<T> = await this.#connection.write(job, signal);
      onComplete?.(written.value);
      await this.#stepper.follow(written);
      if (written.changes.length > 0) this.#tabs.tell(written.revision);
      return written.value;
    }, signal);
  }

  /** Runs what replaces the whole database; no write of this page runs meanwhile. */
  replace<T>(work: () => Promise<T>, signal?: AbortSignal): Promise<T> {
    return this.#writes.run(async () => {
      const value = await work();
      // It is done. If reading it fails, the next transaction tries again.
      if (this.#connection.follower) await this.#stepper.reload().catch(() => undefined);
      return value;
    }, signal);
  }

  /** Stores new faces, all or none. */
  async addFaces(prepared: readonly PreparedFace[], signal?: AbortSignal): Promise<readonly StoredFace[]> {
    if (prepared.length === 0) return [];
    return this.writeFaces((_tx, add) => add(prepared), signal);
  }

  /**
   * Runs what frees storage. Where the disk is full it is done with the reserve, in pieces if need be: then each piece is done wholly
   * or not at all.
   *
   * @param pieces - what `job` can be done with a part of
   */
  async free<T>(
    pieces: readonly T[],
    job: (tx: WriteTx, pieces: readonly T[]) => Promise<void>,
    signal?: AbortSignal,
  ): Promise<void> {
    const run = (some: readonly T[]): Promise<void> => this.write((tx) => job(tx, some), { signal });
    const inPieces = async (some: readonly T[]): Promise<void> => {
      try {
        await run(some);
      } catch (error) {
        if (!isFull(error) || some.length < 2) throw error;
        const half = some.length >> 1;
        await inPieces(some.slice(0, half));
        await inPieces(some.slice(half));
      }
    };
    try {
      await run(pieces);
    } catch (error) {
      if (!isFull(error)) throw error;
      await this.write(releaseReserve);
      this.#hasReserve = false;
      // It is put back after the next enrolment: what was just freed is for that.
      await inPieces(pieces);
    }
  }

  /** Puts a face of another photo in the place of one. @throws NearFaceError */
  replaceFace(
    scope: Scope,
    id: string,
    by: PreparedFace,
    signal: AbortSignal | undefined,
  ): Promise<StoredFace> {
    const { encode } = this.#stepper.memory;
    return this.#writeRows(async (tx, take) => {
      const [face] = take(await replaceFace(tx, await readFace(tx, scope, id), by, encode));
      return face as StoredFace;
    }, signal);
  }

  /** Pushes what was deleted out of the browser's files, where that can be done. */
  overwrite(): Promise<void> {
    return this.#writes.run(() => this.#connection.overwrite());
  }

  /** In the background; where there is no room for it there is none. */
  #keepReserve(): void {
    if (this.#hasReserve) return;
    this.#hasReserve = true;
    void this.write(keepReserve).catch(() => undefined);
  }

  /** Runs a job in a transaction, as {@link Writer.write} does; it may add faces. */
  writeFaces<T>(
    job: (tx: WriteTx, add: AddFaces) => Promise<T>,
    signal: AbortSignal | undefined,
  ): Promise<T> {
    const { encode } = this.#stepper.memory;
    return this.#writeRows(
      (tx, take) => job(tx, async (prepared, hidden) => take(await addFaces(tx, prepared, encode, hidden))),
      signal,
    );
  }

  /** Runs a job in a transaction; the memory gets the vectors of what it takes. */
  async #writeRows<T>(
    job: (tx: WriteTx, take: (added: AddedFaces) => readonly StoredFace[]) => Promise<T>,
    signal: AbortSignal | undefined,
  ): Promise<T> {
    const value = await this.#writes.run(async () => {
      let segments: StoredSegment[] = [];
      const written = await this.#connection.write((tx) => {
        segments = [];
        return job(tx, (added) => {
          for (const { modelId, dimension, seqs } of added.segments)
            this.#stepper.memory.reserve(modelId, dimension, seqs.length);
          segments.push(...added.segments);
          return added.faces;
        });
      }, signal);
      await this.#stepper.follow(written, segments);
      if (written.changes.length > 0) this.#tabs.tell(written.revision);
      return written.value;
    }, signal);
    this.#keepReserve();
    return value;
  }

  /** Joins sparse segments in the background, some at a time, in one page only. */
  compactSoon(): void {
    if (this.#compacting) return;
    this.#compacting = true;
    void this.#tabs
      .alone('compact', () => this.#compact())
      .catch(() => undefined)
      .finally(() => (this.#compacting = false));
  }

  async #compact(): Promise<void> {
    const { models } = await this.#connection.read(async ({ state }) => state);
    for (const [modelId, model] of models) {
      if (!isSparse(model)) continue;
      let from: number | undefined = 0;
      while (from !== undefined) {
        const start: number = from;
        from = await this.write((tx) => compactSegments(tx, modelId, start, COMPACT_SEGMENTS));
        await nextTask();
      }
    }
  }
}

const isFull = (error: unknown): boolean => error instanceof NearFaceError && error.code === 'STORAGE_FULL';
