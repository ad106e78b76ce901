import { throwIfAborted } from '../../core/errors.ts';
import type { SecretRotations } from '../../core/secret-rotation.ts';
import { SerialQueue } from '../../core/serial-queue.ts';
import { type FaceKeys, keysOf } from '../face-keys.ts';
import type { FaceMemory, OpeningOptions, Refill } from '../port.ts';
import type { Connection } from './connection.ts';
import { withoutHidden } from './hidden.ts';
import { loadAll, readAdded } from './loading.ts';
import { readFaces } from './records.ts';
import type { Change, ReadTx, StoredSegment, StoredState } from './schema.ts';
import { withRows } from './segment-rows.ts';
import { readKeys } from './segments.ts';
import type { Follower, Written } from './transactions.ts';

/**
 * Keeps the engine's memory in step with the database's revisions: what this page writes is taken in as it is written, what other pages
 * write is read from the log of changes, at the latest by the next transaction.
 */
export class Stepper implements Follower {
  readonly memory: FaceMemory;
  readonly #connection: Connection;
  readonly #reading = new SerialQueue();
  readonly #onImport: (id: string) => void;
  #revision = -1;

  /** @param onImport - called when an import of this id is under way, or has not ended with its page */
  constructor(connection: Connection, memory: FaceMemory, onImport: (id: string) => void) {
    this.#connection = connection;
    this.#onImport = onImport;
    this.memory = memory;
  }

  /** Reads everything. */
  async load(options: OpeningOptions = {}): Promise<void> {
    let refill: Refill | undefined;
    try {
      // What the rows are rotated by is known in the transaction that reads them: everything may go over to other keys until then.
      const begin = (rotations: SecretRotations | undefined): Refill =>
        (refill = this.memory.refill(rotations));
      this.#revision = await this.#readInto(begin, options);
      this.#connection.follower = this;
    } catch (error) {
      refill?.cancel();
      throw error;
    }
  }

  /** The same, when too much has changed. */
  reload(): Promise<void> {
    return this.#reading.run(async () => {
      const revision = await this.#connection.readAlone(async ({ state }) => state.revision);
      // Another transaction that was too far behind may have done it meanwhile.
      if (revision > this.#revision) await this.load();
    });
  }

  /** Returns the revision that was read. */
  async #readInto(
    begin: (rotations: SecretRotations | undefined) => Refill,
    { onProgress, signal }: OpeningOptions,
  ): Promise<number> {
    let [done, total, revision] = [0, 0, 0];
    let importing: StoredState['importing'];
    const read = await this.#connection.readAlone(async (tx) => {
      const refill = begin(tx.sealer.rotations);
      const damaged = await loadAll(tx, {
        start: (state) => {
          ({ revision, importing } = state);
          for (const [modelId, { dimension, faces }] of state.models) {
            refill.reserve(modelId, dimension, faces);
            total += faces;
          }
        },
        segment: (segment) => {
          refill.add(segment.modelId, segment.dimension, withoutHidden(segment, { importing }));
          done += segment.seqs.length;
        },
        has: refill.has,
        slice: () => {
          throwIfAborted(signal);
          onProgress?.(done, total);
        },
      });
      return { refill, damaged };
    });
    read.refill.end(read.damaged);
    if (importing) this.#onImport(importing.id);
    return revision;
  }

  /** Takes in what this page has written. */
  async follow(written: Written<unknown>, added: readonly StoredSegment[] = []): Promise<void> {
    const { revision, changes, keys } = written;
    if (changes.length === 0 || revision <= this.#revision) return;
    if (changes.some(({ kind }) => kind === 'reload')) return this.load();
    // A transaction begins in step, so that nothing lies between.
    this.#revision = revision;
    this.#makeRoom(changes);
    for (const segment of added) this.memory.add(segment.modelId, segment.dimension, segment);
    for (const change of changes) this.#apply(change, keys);
  }

  /** Takes in what other pages have written. */
  async catchUp(revision: number = Infinity): Promise<void> {
    if (revision > this.#revision) await this.#connection.read(async () => undefined);
  }

  async stepIn(tx: Omit<ReadTx, 'index'>): Promise<boolean> {
    const { revision } = tx.state;
    if (revision <= this.#revision) return true;
    if (tx.state.importing) this.#onImport(tx.state.importing.id);
    const missed = IDBKeyRange.bound(this.#revision + 1, revision);
    const [revisions, changes] = await Promise.all([
      tx.objectStore('changes').getAllKeys(missed),
      tx.objectStore('changes').getAll(missed),
    ]);
    const complete = revisions.length === revision + 1 - (missed.lower as number);
    if (!complete || changes.flat().some(({ kind }) => kind === 'reload')) return false;
    const added = new Map<Change, readonly StoredSegment[]>();
    const keys = new Map<number, FaceKeys>();
    for (const change of changes.flat()) {
      const range = rangeOf(change);
      if (range) added.set(change, await readAdded(tx, ...range));
      if (change.kind === 'changed')
        for (const [seq, face] of await this.#changedKeys(tx, change.modelId, change.seqs))
          keys.set(seq, face);
    }
    // From here on nothing waits, so that no search sees a part of it; another transaction may have done it meanwhile.
    for (const [i, some] of changes.entries()) {
      if ((revisions[i] as number) <= this.#revision) continue;
      for (const change of some) {
        this.#makeRoom([change]);
        for (const segment of added.get(change) ?? []) this.#addNew(segment, change);
        this.#apply(change, keys);
      }
      this.#revision = revisions[i] as number;
    }
    return true;
  }

  /** What changed faces are found by now; what lies beside a damaged vector is made anew of the record. */
  async #changedKeys(
    tx: Omit<ReadTx, 'index'>,
    modelId: string,
    seqs: Float64Array,
  ): Promise<ReadonlyMap<number, FaceKeys>> {
    const { damaged } = this.memory.lookup;
    const faces = await readFaces(
      tx,
      seqs.filter((seq) => damaged.has(seq)),
    );
    const made = faces.map((face) => [face.seq, keysOf(tx.sealer, face)] as const);
    return new Map([...(await readKeys(tx, modelId, seqs)), ...made]);
  }

  /** Adds those faces of a segment that came with a change, as they are now. */
  #addNew(segment: StoredSegment, change: Change): void {
    const [first, last] = rangeOf(change) ?? [1, 0];
    const { modelId, dimension } = segment;
    const rows = [...segment.seqs.keys()].filter((row) => {
      const seq = segment.seqs[row] as number;
      return seq >= first && seq <= last && !this.memory.has(modelId, seq);
    });
    if (rows.length === 0) return;
    const some = withRows(segment, rows);
    const isHidden = change.kind === 'added' && change.hidden;
    this.memory.add(modelId, dimension, isHidden ? { ...some, groups: [] } : some);
  }

  /** Takes the rows out of which faces have other vectors now: those come as new ones do. */
  #makeRoom(changes: readonly Change[]): void {
    const erased = changes.flatMap((change) => (change.kind === 'renewed' ? [change.seq] : []));
    if (erased.length === 0) return;
    const none = new Float64Array();
    this.memory.apply({ kind: 'left', gallery: '', stay: none, erased: Float64Array.from(erased) });
  }

  /** Takes in a change but for vectors, which are there already. */
  #apply(change: Change, keys: ReadonlyMap<number, FaceKeys>): void {
    if (change.kind === 'added' || change.kind === 'renewed' || change.kind === 'reload') return;
    if (change.kind !== 'changed') return this.memory.apply(change);
    // A face that was deleted later has none.
    const faces = Array.from(change.seqs, (seq) => keys.get(seq)).filter((face) => face !== undefined);
    this.memory.apply({ kind: 'changed', faces });
  }
}

/** The first and the last number of faces whose vectors come with a change. */
function rangeOf(change: Change): readonly [first: number, last: number] | undefined {
  if (change.kind === 'added') return [change.first, change.last];
  return change.kind === 'renewed' ? [change.seq, change.seq] : undefined;
}
