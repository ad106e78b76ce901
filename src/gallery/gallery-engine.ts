import { badParam, throwIfAborted } from '../core/errors.ts';
import { holdShared, inTurn } from '../platform/browser/locks.ts';
import { integer, string } from '../core/options.ts';
import type {
  Clearing,
  Damage,
  FacePage,
  FacePatch,
  FaceRecord,
  GalleryStats,
  GallerySummary,
  Grouping,
  MetaCount,
  PictureKind,
  StorageUsage,
  TendTask,
} from '../core/records.ts';
import type { SearchThreads } from '../search/threads/crew.ts';
import { checkCapacity, type FaceInput, MAX_META_LENGTH, prepareFace } from './face-input.ts';
import { checkGalleryName } from './gallery-errors.ts';
import { JobShelf } from './job-shelf.ts';
import { Mirror } from './mirror.ts';
import { Protection } from './protection.ts';
import { Regenerator } from './regenerator.ts';
import { type EngineHit, type EngineSearch, Searcher } from './searcher.ts';
import { Connection } from './store/connection.ts';
import { eraseAll } from './store/erasing.ts';
import { deleteFaces, readFace, toRecord, updateFaces } from './store/faces.ts';
import { createGallery, deleteGallery, listGalleries, readGallery } from './store/galleries.ts';
import { listFaces, listMetas, type PageQuery, readPicture } from './store/queries.ts';
import { checkRecords, clearDamaged, damageOf } from './store/mending.ts';
import type { StoredFace, StoredGallery, WriteTx } from './store/schema.ts';
import { refuseWhileImporting } from './store/importing.ts';
import { readFaces } from './store/records.ts';
import { removeFromGallery } from './store/removal.ts';
import { pageLock } from './store/slots.ts';
import { estimateStorage, storedBytes } from './store/storage-full.ts';
import { readVector } from './store/segments.ts';
import { Tabs } from './tabs.ts';
import { Transfer } from './transfer/transfer.ts';
import { Writer } from './writer.ts';

/** Longest page of {@link GalleryEngine.listFaces}. */
const MAX_PAGE = 10_000;

/** How often opening begins anew since other pages encrypt the database meanwhile. */
const MAX_OPENINGS = 4;

/** What {@link GalleryEngine.open} needs. */
export interface EngineOptions {
  readonly database: string;
  /** The address of the page, for other pages to tell which one to close. */
  readonly page?: string | undefined;
  /** Opens an encrypted database; encrypts a plain one. */
  readonly passphrase?: string;
  /** The compiled search kernel. */
  readonly kernel: WebAssembly.Module;
  /** For searches on several threads. */
  readonly threads?: SearchThreads | undefined;
  /** A model with more faces keeps bytes in memory and full precision in the database only. */
  readonly floatFaces?: number;
  readonly onProgress?: (facesDone: number, facesTotal: number) => void;
  readonly signal?: AbortSignal;
}

/**
 * The galleries: the database, and the search matrices that mirror its vectors. Writes run one after the
 * other, and a matrix changes only after its transaction is complete. Every method throws NearFaceError.
 */
export class GalleryEngine {
  readonly jobs: JobShelf;
  readonly transfer: Transfer;
  readonly regenerator: Regenerator;
  readonly protection: Protection;
  readonly #connection: Connection;
  readonly #mirror: Mirror;
  readonly #tabs: Tabs;
  readonly #writer: Writer;
  readonly #searcher: Searcher;
  readonly #letGo: () => void;

  private constructor(connection: Connection, { kernel, floatFaces, threads, page }: EngineOptions) {
    this.#letGo = holdShared(pageLock(connection.name, page ?? location.href));
    this.#connection = connection;
    const onImport = (id: string): void => this.transfer.watch(id);
    this.#mirror = new Mirror(connection, { kernel, floatFaces, threads }, onImport);
    this.#tabs = new Tabs(connection.name, {
      // Whatever goes wrong here is met again, and told, by the next search.
      onRevision: (revision) => void this.#mirror.catchUp(revision).catch(() => undefined),
      onEncrypted: (keyId) => {
        if (keyId !== connection.sealer.keyId) connection.closeOutdated('another page has encrypted it');
      },
      onImport,
    });
    this.#writer = new Writer(connection, this.#mirror, this.#tabs);
    this.#searcher = new Searcher(connection, this.#mirror);
    this.jobs = new JobShelf(connection, this.#writer);
    this.transfer = new Transfer(connection, this.#writer, this.#tabs);
    this.regenerator = new Regenerator(connection, this.#mirror, this.#writer, this.transfer);
    this.protection = new Protection(connection, this.#writer, this.#tabs);
  }

  /** Opens the database and reads its vectors into memory. */
  static async open(options: EngineOptions): Promise<GalleryEngine> {
    for (let attempt = 1; ; attempt++) {
      throwIfAborted(options.signal);
      // Of pages that make the same new database one does, and the others find it made.
      const engine = await inTurn(
        `nearface:${options.database}:open`,
        () => GalleryEngine.#unlocked(options),
        options.signal,
      );
      try {
        await engine.#mirror.load(options);
        // Nobody sees what cannot be taken back yet.
        await engine.transfer.mend().catch(() => undefined);
        return engine;
      } catch (error) {
        engine.close();
        // Another page has encrypted it after it was unlocked, or said so late.
        if (!engine.#connection.isOutdated || attempt === MAX_OPENINGS) throw error;
      }
    }
  }

  static async #unlocked(options: EngineOptions): Promise<GalleryEngine> {
    for (let attempt = 1; ; attempt++) {
      const connection = await Connection.open(options.database);
      const engine = new GalleryEngine(connection, options);
      try {
        await engine.protection.unlock(options.passphrase, { signal: options.signal });
        return engine;
      } catch (error) {
        engine.close();
        // Another page was quicker.
        if (!connection.isOutdated || attempt === MAX_OPENINGS) throw error;
      }
    }
  }

  /** Closes the database and ends the searches' threads. Safe to call twice. */
  close(): void {
    this.#tabs.close();
    this.#mirror.dispose();
    this.#connection.close();
    this.#letGo();
  }

  /** The database's name. */
  get database(): string {
    return this.#connection.name;
  }

  async listGalleries(): Promise<readonly GallerySummary[]> {
    return (await this.#connection.read(listGalleries)).map(toSummary);
  }

  async createGallery(name: string, capacity: number | null): Promise<GallerySummary> {
    checkGalleryName(name);
    checkCapacity(capacity);
    return toSummary(await this.#writer.write((tx) => createGallery(tx, name, capacity)));
  }

  async deleteGallery(name: string, signal?: AbortSignal): Promise<void> {
    const faces = await this.#connection.read(async ({ index, sealer }) => index.inGallery(sealer.tag(name)));
    const remove = (tx: WriteTx): Promise<void> => deleteGallery(tx, name, () => throwIfAborted(signal));
    let inPieces = false;
    await this.#writer.free(
      [...faces],
      async (tx, seqs) => {
        if (seqs.length === faces.length) return remove(tx);
        inPieces = true;
        await removeFromGallery(tx, name, await readFaces(tx, seqs));
      },
      signal,
    );
    // On a full disk its faces go piece by piece, and then it, with those that cannot be read or have come meanwhile.
    if (inPieces) await this.#writer.free([], remove, signal);
    this.#writer.compactSoon();
  }

  /** All of them or none. */
  async addFaces(faces: readonly FaceInput[], signal?: AbortSignal): Promise<readonly FaceRecord[]> {
    return this.#writer.addFaces(
      await Promise.all(faces.map((face, i) => prepareFace(face, `faces[${i}]`))),
      signal,
    );
  }

  getFace(gallery: string, id: string): Promise<FaceRecord> {
    return this.#connection.read(async (tx) => toRecord(await readFace(tx, gallery, id)));
  }

  /** The stored vector, a copy. */
  getVector(gallery: string, id: string): Promise<Float32Array<ArrayBuffer>> {
    return this.#connection.read(async (tx) => readVector(tx, await readFace(tx, gallery, id)));
  }

  getPicture(gallery: string, id: string, kind: PictureKind): Promise<Blob | null> {
    return this.#connection.read((tx) => readPicture(tx, gallery, id, kind));
  }

  async updateFace(gallery: string, id: string, patch: FacePatch): Promise<FaceRecord> {
    if (patch.meta !== undefined) string(MAX_META_LENGTH)(patch.meta, 'meta');
    const [face] = await this.#writer.write((tx) => updateFaces(tx, gallery, [id], patch));
    return toRecord(face as StoredFace);
  }

  /** The same change for several faces, all or none. */
  async updateFaces(gallery: string, ids: readonly string[], patch: FacePatch): Promise<number> {
    if (patch.meta !== undefined) string(MAX_META_LENGTH)(patch.meta, 'meta');
    return (await this.#writer.write((tx) => updateFaces(tx, gallery, ids, patch))).length;
  }

  /** Takes faces out of a gallery, all or none; out of the database where it was their last. */
  async deleteFaces(gallery: string, ids: readonly string[]): Promise<number> {
    const distinct = [...new Set(ids)];
    await this.#writer.free(distinct, async (tx, some) => void (await deleteFaces(tx, gallery, some)));
    this.#writer.compactSoon();
    return distinct.length;
  }

  /** Deletes all faces and all galleries but the default one. */
  async eraseAll(): Promise<void> {
    await this.#writer.free([], eraseAll);
    await this.#writer.overwrite();
  }

  async listFaces(gallery: string, query: PageQuery): Promise<FacePage> {
    integer(1, MAX_PAGE)(query.limit, 'limit');
    const { skip, cursor } = query;
    if (skip && cursor !== undefined) throw badParam('skip', skip, 'left out where there is a cursor');
    return this.#connection.read((tx) => listFaces(tx, gallery, query));
  }

  metas(gallery: string): Promise<readonly MetaCount[]> {
    return this.#connection.read((tx) => listMetas(tx, gallery));
  }

  count(gallery: string): Promise<number> {
    return this.#connection.read(async (tx) => (await readGallery(tx, gallery)).count);
  }

  /** @param recallProbes - probes by which recall is measured; 0 measures none */
  async stats(gallery: string, recallProbes = 0, signal?: AbortSignal): Promise<GalleryStats> {
    const { found, state } = await this.#connection.read(async (tx) => ({
      found: await readGallery(tx, gallery),
      state: tx.state,
    }));
    const { count, modelId, bytes } = found;
    const model = modelId === null ? undefined : state.models.get(modelId);
    const matrix = modelId === null ? undefined : this.#mirror.get(modelId);
    return {
      faces: count,
      segments: model?.segments ?? 0,
      bytes: { ...bytes, vectors: count * (model?.dimension ?? 0) * 4 },
      memoryBytes: this.#mirror.bytes,
      modelId,
      dimension: model?.dimension ?? null,
      code: matrix ? { bytesPerFace: matrix.codeBytes, rows: matrix.precision } : null,
      searchThreads: matrix?.threadsFor(count) ?? 1,
      ...(matrix &&
        recallProbes > 0 && {
          recall: await this.#searcher.measureRecall(gallery, modelId as string, recallProbes, signal),
        }),
    };
  }

  /** The best hits of each probe: by falling cosine, equal ones in the order of enrolment. */
  search(
    gallery: string,
    request: EngineSearch,
    signal?: AbortSignal,
  ): Promise<readonly (readonly EngineHit[])[]> {
    return this.#searcher.search(gallery, request, signal);
  }

  /** Groups a gallery's faces by likely person. */
  cluster(...args: Parameters<Searcher['cluster']>): Promise<Grouping> {
    return this.#searcher.cluster(...args);
  }

  /** Faces in the database, and what it takes up. */
  async usage(): Promise<StorageUsage> {
    const { state, damaged } = await this.#connection.read(async (tx) => ({
      state: tx.state,
      damaged: await damageOf(tx),
    }));
    const stored = storedBytes(state);
    const { usage: usageBytes, quota: quotaBytes } = await estimateStorage();
    const { encrypted } = this.#connection.sealer;
    const persisted = await navigator.storage?.persisted?.().catch(() => false);
    return {
      ...stored,
      usageBytes,
      quotaBytes,
      persisted: persisted ?? false,
      encrypted,
      lost: state.lost ?? false,
      damaged,
    };
  }

  /** Answers what is damaged, or was cleared away. */
  async tend(task: TendTask, signal?: AbortSignal): Promise<Damage> {
    if (task === 'check') return this.checkStored(signal);
    if (task === 'clear') return this.clearDamaged(signal);
    await this.acknowledgeLoss();
    return this.#connection.read(damageOf);
  }

  /** Looks at every record. Answers what is damaged. */
  async checkStored(signal?: AbortSignal): Promise<Damage> {
    for (let from: number | undefined = 0; from !== undefined;) {
      throwIfAborted(signal);
      const start: number = from;
      from = await this.#connection.read((tx) => checkRecords(tx, start));
    }
    return this.#connection.read(damageOf);
  }

  /** Deletes what is damaged, and counts anew what is left. */
  async clearDamaged(signal?: AbortSignal): Promise<Clearing> {
    await this.transfer.mendOrRefuse();
    let cleared: Clearing = { faces: 0, galleries: 0 };
    await this.#writer.free(
      [],
      async (tx) => {
        // What it counts would be seen before its import's end.
        refuseWhileImporting(tx.state);
        cleared = await clearDamaged(tx, () => throwIfAborted(signal));
      },
      signal,
    );
    return cleared;
  }

  /** From now on nobody is told any more that the database was lost. */
  async acknowledgeLoss(): Promise<void> {
    await this.#writer.write(async (tx) => {
      const { lost: _, ...kept } = tx.state;
      tx.state = kept;
    });
  }
}

function toSummary({ bytes: _, ...summary }: StoredGallery): GallerySummary {
  return summary;
}
