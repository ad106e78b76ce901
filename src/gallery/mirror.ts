import { throwIfAborted } from '../core/errors.ts';
import { SerialQueue } from '../core/serial-queue.ts';
import { Codes } from '../search/codes.ts';
import type { SearchMatrix } from '../search/matrix.ts';
import { FaceIndex } from './face-index.ts';
import { Matrices, type MatrixOptions } from './matrices.ts';
import { Quarantine } from './quarantine.ts';
import type { Connection } from './store/connection.ts';
import type { Follower, Written } from './store/transactions.ts';
import { loadAll, readAdded } from './store/loading.ts';
import { withoutHidden } from './store/hidden.ts';
import type { FaceKeys } from './face-keys.ts';
import type { Change, ReadTx, StoredSegment, StoredState } from './store/schema.ts';
import { readFaces } from './store/records.ts';
import { keysOf } from './store/rows.ts';
import { withRows } from './store/segment-rows.ts';
import { readKeys } from './store/segments.ts';

/** How {@link Mirror.load} reports and ends. */
export interface LoadOptions {
  readonly onProgress?: ((facesDone: number, facesTotal: number) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * The vectors of the database in memory. It follows the database's revisions: what this page writes is taken in as
 * it is written, what other pages write is read from the log of changes, at the latest by the next search.
 */
export class Mirror implements Follower {
  /** Finds the numbers of faces. */
  readonly index: FaceIndex = new FaceIndex(
    () => this.#matrices,
    () => this.#damaged,
  );
  readonly #connection: Connection;
  readonly #kernel: WebAssembly.Module;
  /** By dimension. */
  readonly #encoders = new Map<number, Codes>();
  readonly #newMatrices: () => Matrices;
  readonly #reading = new SerialQueue();
  #matrices: Matrices;
  #damaged = new Quarantine();
  #revision = -1;
  readonly #onImport: (id: string) => void;

  /** @param onImport - called when an import of this id is under way, or has not ended with its page */
  constructor(connection: Connection, options: MatrixOptions, onImport: (id: string) => void) {
    this.#connection = connection;
    this.#onImport = onImport;
    this.#kernel = options.kernel;
    this.#newMatrices = () => new Matrices(options);
    this.#matrices = this.#newMatrices();
  }

  /** Bytes of memory held. */
  get bytes(): number {
    return this.#matrices.bytes;
  }

  /** The matrix of a model, if it has faces. */
  get(modelId: string): SearchMatrix | undefined {
    return this.#matrices.get(modelId);
  }

  /** Makes room for new faces. @throws NearFaceError `STORAGE_FULL` */
  reserve(modelId: string, dimension: number, count: number): void {
    this.#matrices.reserve(modelId, dimension, count);
  }

  /** The search codes of vectors, to be stored with them. */
  readonly encode = (vectors: Float32Array, dimension: number): Uint8Array<ArrayBuffer> => {
    let encoder = this.#encoders.get(dimension);
    if (!encoder) this.#encoders.set(dimension, (encoder = new Codes(this.#kernel, dimension)));
    return encoder.codesOf(vectors, dimension);
  };

  /** Reads everything. */
  async load(options: LoadOptions = {}): Promise<void> {
    const matrices = this.#newMatrices();
    try {
      const { revision, damaged } = await this.#loadInto(matrices, options);
      this.#matrices.dispose();
      this.#matrices = matrices;
      this.#damaged = damaged;
      this.#revision = revision;
      this.#connection.follower = this;
    } catch (error) {
      matrices.dispose();
      throw error;
    }
  }

  /** The same, when too much has changed. */
  reload(): Promise<void> {
    return this.#reading.run(() => this.load());
  }

  /** Ends the threads of searches. */
  dispose(): void {
    this.#matrices.dispose();
  }

  /** Returns the revision that was read, and the faces whose vectors are damaged. */
  async #loadInto(
    matrices: Matrices,
    { onProgress, signal }: LoadOptions,
  ): Promise<{ readonly revision: number; readonly damaged: Quarantine }> {
    let [done, total, revision] = [0, 0, 0];
    let importing: StoredState['importing'];
    const damaged = await this.#connection.readAlone((tx) =>
      loadAll(tx, {
        start: (state) => {
          ({ revision, importing } = state);
          for (const [modelId, { dimension, faces }] of state.models) {
            matrices.reserve(modelId, dimension, faces);
            total += faces;
          }
        },
        segment: (segment) => {
          const { modelId, dimension } = segment;
          matrices.addAll(modelId, dimension, withoutHidden(segment, { importing }));
          done += segment.seqs.length;
        },
        has: (modelId, seq) => matrices.get(modelId)?.has(seq) ?? false,
        slice: () => {
          throwIfAborted(signal);
          onProgress?.(done, total);
        },
      }),
    );
    if (importing) this.#onImport(importing.id);
    return { revision, damaged: new Quarantine(damaged) };
  }

  /** Takes in what this page has written. */
  async follow(written: Written<unknown>, added: readonly StoredSegment[] = []): Promise<void> {
    const { revision, changes, keys } = written;
    if (changes.length === 0 || revision <= this.#revision) return;
    if (changes.some(({ kind }) => kind === 'reload')) return this.load();
    // A transaction begins in step, so that nothing lies between.
    this.#revision = revision;
    for (const segment of added) this.#matrices.addAll(segment.modelId, segment.dimension, segment);
    for (const change of changes) this.#apply(change, keys);
  }

  /** Takes in what other pages have written. */
  async catchUp(revision: number): Promise<void> {
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
      if (change.kind === 'added') added.set(change, await readAdded(tx, change.first, change.last));
      if (change.kind === 'changed')
        for (const [seq, face] of await this.#changedKeys(tx, change.modelId, change.seqs))
          keys.set(seq, face);
    }
    // From here on nothing waits, so that no search sees a part of it; another transaction may have done it meanwhile.
    for (const [i, some] of changes.entries()) {
      if ((revisions[i] as number) <= this.#revision) continue;
      for (const change of some) {
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
    const damaged = await readFaces(
      tx,
      seqs.filter((seq) => this.#damaged.has(seq)),
    );
    const made = damaged.map((face) => [face.seq, keysOf(tx.sealer, face)] as const);
    return new Map([...(await readKeys(tx, modelId, seqs)), ...made]);
  }

  /** Adds those faces of a segment that came with a change, as they are now. */
  #addNew(segment: StoredSegment, change: Change): void {
    if (change.kind !== 'added') return;
    const rows = [...segment.seqs.keys()].filter((row) => {
      const seq = segment.seqs[row] as number;
      return seq >= change.first && seq <= change.last && !this.#matrices.get(segment.modelId)?.has(seq);
    });
    if (rows.length === 0) return;
    const some = withRows(segment, rows);
    const { modelId, dimension } = segment;
    this.#matrices.addAll(modelId, dimension, change.hidden ? { ...some, groups: [] } : some);
  }

  /** Takes in a change but for vectors, which are there already. */
  #apply(change: Change, keys: ReadonlyMap<number, FaceKeys>): void {
    switch (change.kind) {
      case 'left':
        for (const seq of change.stay) {
          this.#matrices.setMember(change.gallery, seq, false);
          this.#damaged.leave(change.gallery, seq);
        }
        for (const seq of change.erased) {
          this.#matrices.remove(seq);
          this.#damaged.remove(seq);
        }
        break;
      case 'changed':
        for (const seq of change.seqs) {
          const face = keys.get(seq);
          // One that was deleted later has none.
          if (!face) continue;
          this.#matrices.change(face);
          this.#damaged.change(face);
        }
        break;
      case 'gone':
        this.#matrices.dropGallery(change.gallery);
        this.#damaged.leave(change.gallery);
        break;
      case 'shown':
        for (const [first, last] of change.ranges)
          for (let seq = first; seq <= last; seq++) {
            this.#matrices.setMember(change.gallery, seq, true);
            this.#damaged.join(change.gallery, seq);
          }
        break;
      case 'added':
      case 'reload':
    }
  }
}
