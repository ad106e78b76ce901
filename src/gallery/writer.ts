import type { FaceRecord } from '../core/records.ts';
import { SerialQueue } from '../core/serial-queue.ts';
import type { PreparedFace } from './face-input.ts';
import type { Mirror } from './mirror.ts';
import { nextTask } from '../core/next-task.ts';
import type { Connection, Written } from './store/connection.ts';
import { addFaces, toRecord } from './store/faces.ts';
import type { StoredFace, StoredSegment, WriteTx } from './store/schema.ts';
import { compactSegments, isSparse } from './store/segments.ts';
import type { Tabs } from './tabs.ts';

/** Segments that one transaction of compaction looks at: searches wait for it. */
const COMPACT_SEGMENTS = 8;

/** What a write is done with. */
export interface WriteOptions {
  readonly signal?: AbortSignal | undefined;
  /** Called when the transaction is complete, before the mirror takes it in. */
  readonly onComplete?: () => void;
}

/** Stores new faces in the transaction that is under way. */
export type AddFaces = (prepared: readonly PreparedFace[]) => Promise<readonly StoredFace[]>;

/**
 * Writes one after the other: a transaction, then the mirror, which changes only when it is complete, then the other
 * pages are told.
 */
export class Writer {
  readonly #connection: Connection;
  readonly #mirror: Mirror;
  readonly #tabs: Tabs;
  readonly #writes = new SerialQueue();
  #compacting = false;

  constructor(connection: Connection, mirror: Mirror, tabs: Tabs) {
    this.#connection = connection;
    this.#mirror = mirror;
    this.#tabs = tabs;
  }

  /** Runs a job in a transaction; see {@link Connection.write}. */
  write<T>(job: (tx: WriteTx) => Promise<T>, options: WriteOptions = {}): Promise<T> {
    const { signal, onComplete } = options;
    return this.#writes.run(async () => {
      const written: Written<T> = await this.#connection.write(job, signal);
      onComplete?.();
      await this.#mirror.follow(written);
      if (written.changes.length > 0) this.#tabs.tell(written.revision);
      return written.value;
    }, signal);
  }

  /**
   * Stores new faces, all or none.
   *
   * @param also - what else is written in the same transaction
   */
  async addFaces(
    prepared: readonly PreparedFace[],
    signal?: AbortSignal,
    also?: (tx: WriteTx, seqs: readonly number[]) => void,
  ): Promise<readonly FaceRecord[]> {
    if (prepared.length === 0) return [];
    return this.writeFaces(async (tx, add) => {
      const faces = await add(prepared);
      also?.(
        tx,
        faces.map(({ seq }) => seq),
      );
      return faces.map(toRecord);
    }, signal);
  }

  /** Runs a job in a transaction, as {@link Writer.write} does; it may add faces. */
  async writeFaces<T>(
    job: (tx: WriteTx, add: AddFaces) => Promise<T>,
    signal: AbortSignal | undefined,
  ): Promise<T> {
    return this.#writes.run(async () => {
      let segments: StoredSegment[] = [];
      const written = await this.#connection.write((tx) => {
        segments = [];
        return job(tx, async (prepared) => {
          const added = await addFaces(tx, prepared, this.#mirror.encode);
          for (const { modelId, dimension, seqs } of added.segments)
            this.#mirror.reserve(modelId, dimension, seqs.length);
          segments.push(...added.segments);
          return added.faces;
        });
      }, signal);
      await this.#mirror.follow(written, segments);
      if (written.changes.length > 0) this.#tabs.tell(written.revision);
      return written.value;
    }, signal);
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
