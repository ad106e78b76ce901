import { throwIfAborted } from '../core/errors.ts';
import { SerialQueue } from '../core/serial-queue.ts';
import { Codes } from '../search/codes.ts';
import type { SearchMatrix } from '../search/matrix.ts';
import { Matrices, type MatrixFace, type MatrixOptions } from './matrices.ts';
import type { Connection, Written } from './store/connection.ts';
import { loadAll, readAdded } from './store/loading.ts';
import { type Change, type ReadTx, readState, type StoredSegment } from './store/schema.ts';
import { galleriesOf } from './store/segments.ts';

/** How {@link Mirror.load} reports and ends. */
export interface LoadOptions {
  readonly onProgress?: ((facesDone: number, facesTotal: number) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * The vectors of the database in memory. It follows the database's revisions: what this page writes is taken in as
 * it is written, what other pages write is read from the log of changes, at the latest by the next search.
 */
export class Mirror {
  readonly #connection: Connection;
  readonly #kernel: WebAssembly.Module;
  /** By dimension. */
  readonly #encoders = new Map<number, Codes>();
  readonly #newMatrices: () => Matrices;
  readonly #reading = new SerialQueue();
  #matrices: Matrices;
  #revision = -1;

  constructor(connection: Connection, options: MatrixOptions) {
    this.#connection = connection;
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

  /** The search code of a vector, to be stored with it. */
  codeOf(vector: Float32Array): Uint8Array {
    let encoder = this.#encoders.get(vector.length);
    if (!encoder) this.#encoders.set(vector.length, (encoder = new Codes(this.#kernel, vector.length)));
    return encoder.codesOf(vector, vector.length);
  }

  /** Reads everything. */
  async load(options: LoadOptions = {}): Promise<void> {
    const matrices = this.#newMatrices();
    try {
      const revision = await this.#loadInto(matrices, options);
      this.#matrices.dispose();
      this.#matrices = matrices;
      this.#revision = revision;
    } catch (error) {
      matrices.dispose();
      throw error;
    }
  }

  /** Ends the threads of searches. */
  dispose(): void {
    this.#matrices.dispose();
  }

  /** Returns the revision that was read. */
  async #loadInto(matrices: Matrices, { onProgress, signal }: LoadOptions): Promise<number> {
    let [done, total, revision] = [0, 0, 0];
    await this.#connection.read((tx) =>
      loadAll(tx, {
        start: (state) => {
          revision = state.revision;
          for (const [modelId, { dimension, faces }] of state.models) {
            matrices.reserve(modelId, dimension, faces);
            total += faces;
          }
        },
        segment: (segment) => {
          matrices.reserve(segment.modelId, segment.dimension, 0).addAll(segment);
          done += segment.seqs.length;
        },
        slice: () => {
          throwIfAborted(signal);
          onProgress?.(done, total);
        },
      }),
    );
    return revision;
  }

  /** Takes in what this page has written. */
  async follow({ revision, changes }: Written<unknown>, added: readonly MatrixFace[] = []): Promise<void> {
    if (changes.length === 0 || revision <= this.#revision) return;
    if (changes.some(({ kind }) => kind === 'reload')) return this.load();
    // Another page wrote in between: its changes come first.
    if (revision !== this.#revision + 1) return this.catchUp(revision);
    this.#revision = revision;
    for (const face of added) this.#matrices.add(face);
    for (const change of changes) this.#apply(change);
  }

  /** Takes in what other pages have written, up to `revision` at least. */
  async catchUp(revision: number): Promise<void> {
    if (revision <= this.#revision) return;
    await this.#reading.run(async () => {
      if (revision <= this.#revision) return;
      const complete = await this.#connection.read((tx) => this.#readChanges(tx));
      if (!complete) await this.load();
    });
  }

  async #readChanges(tx: ReadTx): Promise<boolean> {
    const { revision } = await readState(tx);
    const missed = IDBKeyRange.bound(this.#revision + 1, revision);
    const revisions = await tx.objectStore('changes').getAllKeys(missed);
    const changes = (await tx.objectStore('changes').getAll(missed)).flat();
    if (revisions.length < revision - this.#revision || changes.some(({ kind }) => kind === 'reload'))
      return false;
    const added: StoredSegment[] = [];
    for (const change of changes)
      if (change.kind === 'added') added.push(...(await readAdded(tx, change.first, change.last)));
    // From here on nothing waits, so that no search sees a part of it.
    for (const segment of added) this.#addSegment(segment);
    for (const change of changes) this.#apply(change);
    this.#revision = Math.max(this.#revision, revision);
    return true;
  }

  /** Adds those faces of a segment that are not there yet. */
  #addSegment(segment: StoredSegment): void {
    const { modelId, dimension, seqs, times, vectors } = segment;
    const galleries = galleriesOf(segment);
    seqs.forEach((seq, row) => {
      if (this.#matrices.get(modelId)?.has(seq)) return;
      const vector = vectors.subarray(row * dimension, (row + 1) * dimension);
      const [timestamp, into] = [times[row] as number, galleries[row] as readonly string[]];
      this.#matrices.add({ seq, modelId, vector, galleries: into, timestamp });
    });
  }

  /** Takes in a change but for vectors, which are there already. */
  #apply(change: Change): void {
    switch (change.kind) {
      case 'left':
        for (const seq of change.stay) this.#matrices.setMember(change.gallery, seq, false);
        for (const seq of change.erased) this.#matrices.remove(seq);
        break;
      case 'moved':
        for (const name of change.out) this.#matrices.setMember(name, change.seq, false);
        for (const name of change.into) this.#matrices.setMember(name, change.seq, true);
        break;
      case 'gone':
        this.#matrices.dropGallery(change.gallery);
        break;
      case 'added':
      case 'reload':
    }
  }
}
