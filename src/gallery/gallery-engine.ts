import { badParam, throwIfAborted } from '../core/errors.ts';
import { integer, string } from '../core/options.ts';
import type {
  FacePage,
  FacePatch,
  FaceRecord,
  GalleryStats,
  GallerySummary,
  MetaCount,
  PictureKind,
} from '../core/records.ts';
import { SerialQueue } from '../core/serial-queue.ts';
import type { Match } from '../search/top-k.ts';
import {
  checkCapacity,
  checkUnitVector,
  type FaceInput,
  MAX_META_LENGTH,
  prepareFace,
} from './face-input.ts';
import { checkGalleryName, modelMismatch, wrongDimension } from './gallery-errors.ts';
import { groupBy } from './group-by.ts';
import { Matrices } from './matrices.ts';
import { Connection, estimateStorage } from './store/connection.ts';
import { addFaces, deleteFaces, readFace, toRecord, updateFace } from './store/faces.ts';
import { createGallery, deleteGallery, readGallery } from './store/galleries.ts';
import { loadAll } from './store/loading.ts';
import { listFaces, listGalleries, listMetas, type PageQuery, readPicture } from './store/queries.ts';
import type { Removed } from './store/removal.ts';
import { readState, type StoredFace } from './store/schema.ts';
import { readVector } from './store/segments.ts';

/** How long a search runs before the worker looks at its messages. */
const SLICE_MS = 16;

/** Longest page of {@link GalleryEngine.listFaces}. */
const MAX_PAGE = 10_000;

/** What {@link GalleryEngine.open} needs. */
export interface EngineOptions {
  readonly database: string;
  /** The compiled search kernel. */
  readonly kernel: WebAssembly.Module;
  readonly onProgress?: (facesDone: number, facesTotal: number) => void;
  readonly signal?: AbortSignal;
}

/** A search of some probes in one gallery. */
export interface EngineSearch {
  readonly modelId: string;
  /** Unit vectors. */
  readonly probes: readonly Float32Array[];
  readonly limit: number;
  readonly minCosine: number;
}

/** A face found by a search. */
export interface EngineHit {
  readonly cosine: number;
  readonly record: FaceRecord;
}

/**
 * The galleries: the database, and the search matrices that mirror its vectors. Writes run one after the
 * other, and a matrix changes only after its transaction is complete. Every method throws NearFaceError.
 */
export class GalleryEngine {
  readonly #connection: Connection;
  readonly #matrices: Matrices;
  readonly #writes = new SerialQueue();

  private constructor(connection: Connection, kernel: WebAssembly.Module) {
    this.#connection = connection;
    this.#matrices = new Matrices(kernel);
  }

  /** Opens the database and reads its vectors into memory. */
  static async open(options: EngineOptions): Promise<GalleryEngine> {
    throwIfAborted(options.signal);
    const connection = await Connection.open(options.database);
    const engine = new GalleryEngine(connection, options.kernel);
    try {
      await engine.#load(options);
      return engine;
    } catch (error) {
      connection.close();
      throw error;
    }
  }

  /** Closes the database. Safe to call twice. */
  close(): void {
    this.#connection.close();
  }

  listGalleries(): Promise<readonly GallerySummary[]> {
    return this.#connection.read(listGalleries);
  }

  async createGallery(name: string, capacity: number | null): Promise<GallerySummary> {
    checkGalleryName(name);
    checkCapacity(capacity);
    return this.#writes.run(() => this.#connection.write((tx) => createGallery(tx, name, capacity)));
  }

  async deleteGallery(name: string, signal?: AbortSignal): Promise<void> {
    await this.#writes.run(async () => {
      const job = (tx: Parameters<typeof deleteGallery>[0]): Promise<readonly Removed[]> =>
        deleteGallery(tx, name, () => throwIfAborted(signal));
      this.#forget(name, await this.#connection.write(job, signal));
      this.#matrices.dropGallery(name);
    }, signal);
  }

  /** All of them or none. */
  async addFaces(faces: readonly FaceInput[], signal?: AbortSignal): Promise<readonly FaceRecord[]> {
    const prepared = await Promise.all(faces.map((face, i) => prepareFace(face, `faces[${i}]`)));
    if (prepared.length === 0) return [];
    return this.#writes.run(async () => {
      const stored = await this.#connection.write(async (tx) => {
        const added = await addFaces(tx, prepared);
        for (const [modelId, group] of groupBy(prepared, (face) => face.modelId))
          this.#matrices.reserve(modelId, group[0].vector.length, group.length);
        return added;
      }, signal);
      stored.forEach(({ seq, modelId, galleries }, i) => {
        const { vector } = prepared[i] as { vector: Float32Array };
        this.#matrices.add({ seq, modelId, galleries, vector });
      });
      return stored.map(toRecord);
    }, signal);
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
    return this.#writes.run(async () => {
      const { before, after } = await this.#connection.write((tx) => updateFace(tx, gallery, id, patch));
      for (const name of before.galleries) this.#matrices.setMember(name, before.seq, false);
      for (const name of after.galleries) this.#matrices.setMember(name, after.seq, true);
      return toRecord(after);
    });
  }

  /** Takes faces out of a gallery, all or none; out of the database where it was their last. */
  async deleteFaces(gallery: string, ids: readonly string[]): Promise<number> {
    return this.#writes.run(async () => {
      const removed = await this.#connection.write((tx) => deleteFaces(tx, gallery, ids));
      this.#forget(gallery, removed);
      return removed.length;
    });
  }

  async listFaces(gallery: string, query: PageQuery): Promise<FacePage> {
    integer(1, MAX_PAGE)(query.limit, 'limit');
    return this.#connection.read((tx) => listFaces(tx, gallery, query));
  }

  metas(gallery: string): Promise<readonly MetaCount[]> {
    return this.#connection.read((tx) => listMetas(tx, gallery));
  }

  count(gallery: string): Promise<number> {
    return this.#connection.read(async (tx) => (await readGallery(tx, gallery)).count);
  }

  stats(gallery: string): Promise<GalleryStats> {
    return this.#connection.read(async (tx) => {
      const { count, modelId } = await readGallery(tx, gallery);
      const { deletedRows, models } = await readState(tx);
      const segments = await tx.objectStore('segments').count();
      const dimension = (modelId !== null && models.get(modelId)?.dimension) || null;
      return { faces: count, segments, deletedRows, matrixBytes: this.#matrices.bytes, modelId, dimension };
    });
  }

  /** Faces in the database, and what it takes up. */
  async usage(): Promise<{ faces: number; usageBytes: number; quotaBytes: number; persisted: boolean }> {
    const faces = await this.#connection.read((tx) => tx.objectStore('faces').count());
    const { usage: usageBytes, quota: quotaBytes } = await estimateStorage();
    const persisted = await navigator.storage?.persisted?.().catch(() => false);
    return { faces, usageBytes, quotaBytes, persisted: persisted ?? false };
  }

  /** The best hits of each probe: by falling cosine, equal ones in the order of enrolment. */
  async search(
    gallery: string,
    request: EngineSearch,
    signal?: AbortSignal,
  ): Promise<readonly (readonly EngineHit[])[]> {
    const { modelId, limit, minCosine } = request;
    integer(0, 1e6)(limit, 'limit');
    const probes = request.probes.map((probe, i) => checkUnitVector(probe, `probes[${i}]`));
    const holds = await this.#connection.read((tx) => readGallery(tx, gallery));
    if (holds.modelId !== null && holds.modelId !== modelId)
      throw modelMismatch(gallery, holds.modelId, modelId);
    const matrix = this.#matrices.get(modelId);
    if (!matrix || holds.modelId === null) return probes.map(() => []);
    probes.forEach((probe, i) => {
      if (probe.length !== matrix.dimension)
        throw wrongDimension(`probes[${i}]`, probe.length, matrix.dimension, modelId);
    });
    if (Number.isNaN(minCosine)) throw badParam('minCosine', minCosine, 'a number');
    throwIfAborted(signal);
    const options = { limit, minScore: minCosine };
    const results = await matrix.scan(matrix.select([gallery]), probes, options, async (scan) => {
      while (!scan.run(SLICE_MS)) {
        await nextTask();
        throwIfAborted(signal);
      }
      return scan.results();
    });
    return this.#toHits(gallery, results);
  }

  async #toHits(
    gallery: string,
    results: readonly (readonly Match[])[],
  ): Promise<readonly (readonly EngineHit[])[]> {
    const seqs = [...new Set(results.flat().map(({ seq }) => seq))];
    if (seqs.length === 0) return results.map(() => []);
    const faces = await this.#connection.read((tx) =>
      Promise.all(seqs.map((seq) => tx.objectStore('faces').get(seq))),
    );
    // A face that has been deleted since, by this page or another, is not a hit.
    const isThere = (face: StoredFace | undefined): boolean => face?.galleries.includes(gallery) ?? false;
    const records = new Map(
      faces.filter(isThere).map((face) => [(face as StoredFace).seq, toRecord(face as StoredFace)]),
    );
    return results.map((matches) =>
      matches.flatMap(({ seq, score }) => {
        const record = records.get(seq);
        return record ? [{ cosine: Math.min(1, Math.max(-1, score)), record }] : [];
      }),
    );
  }

  #forget(gallery: string, removed: readonly Removed[]): void {
    for (const { seq, erased } of removed) {
      if (erased) this.#matrices.remove(seq);
      else this.#matrices.setMember(gallery, seq, false);
    }
  }

  async #load({ onProgress, signal }: EngineOptions): Promise<void> {
    let [done, total] = [0, 0];
    const report = (): void => onProgress?.(done, total);
    await this.#connection.read((tx) =>
      loadAll(tx, {
        total: (faces) => {
          total = faces;
        },
        segment: ({ modelId, dimension, seqs, vectors, live }) => {
          const matrix = this.#matrices.reserve(modelId, dimension, live);
          seqs.forEach((seq, row) => {
            if (seq > 0) matrix.add(seq, vectors.subarray(row * dimension, (row + 1) * dimension));
          });
          done += live;
        },
        members: (gallery, seqs) => {
          for (const seq of seqs) this.#matrices.setMember(gallery, seq, true);
        },
        slice: () => {
          throwIfAborted(signal);
          report();
        },
      }),
    );
  }
}

/** Lets the worker take its messages. */
function nextTask(): Promise<void> {
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = (): void => {
      port1.close();
      resolve();
    };
    port2.postMessage(null);
  });
}
