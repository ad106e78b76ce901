import { badParam, NearFaceError, throwIfAborted } from '../core/errors.ts';
import { type JobError, type JobItem, type JobState, NO_ITEMS } from '../core/jobs.ts';
import { integer, string } from '../core/options.ts';
import type {
  FaceFilter,
  FaceGroup,
  FacePage,
  FacePatch,
  FaceRecord,
  GalleryStats,
  GallerySummary,
  Grouping,
  ImportReport,
  MetaCount,
  PictureKind,
  Recall,
  StorageUsage,
} from '../core/records.ts';
import { SerialQueue } from '../core/serial-queue.ts';
import type { Bitmap } from '../search/bitmap.ts';
import type { SearchMatrix } from '../search/matrix.ts';
import { Clusters, joinMatches } from '../search/cluster.ts';
import { noisy, recallOf } from '../search/recall.ts';
import type { ScanOptions } from '../search/scan.ts';
import { scalarDot } from '../search/scalar.ts';
import type { Match } from '../search/top-k.ts';
import {
  checkCapacity,
  checkUnitVector,
  type FaceInput,
  MAX_META_LENGTH,
  type PreparedFace,
  prepareFace,
} from './face-input.ts';
import { checkGalleryName, modelMismatch, notEncrypted, wrongDimension } from './gallery-errors.ts';
import { groupBy } from './group-by.ts';
import { Mirror } from './mirror.ts';
import { Connection, estimateStorage, type Written } from './store/connection.ts';
import { encryptAll, putKeys, readKeys } from './store/encrypting.ts';
import { eraseAll } from './store/erasing.ts';
import {
  addFaces,
  deleteFaces,
  readFace,
  readFacesBySeq,
  toRecord,
  updateFace,
  updateFaces,
} from './store/faces.ts';
import { createGallery, deleteGallery, listGalleries, readGallery } from './store/galleries.ts';
import {
  addJobItems,
  deleteJob,
  facesOfPhoto,
  listJobItems,
  listJobs,
  putJob,
  readJob,
  retryJob,
  settleJobItem,
  type StoredJob,
  type StoredJobItem,
  waitingItems,
} from './store/jobs.ts';
import { filteredSeqs, listFaces, listMetas, type PageQuery, readPicture } from './store/queries.ts';
import {
  countStale,
  nextStale,
  putRegenerated,
  type StaleCounts,
  type StaleFace,
  swapRegenerated,
} from './store/regenerating.ts';
import { readState, type StoredGallery, type WriteTx } from './store/schema.ts';
import { compactSegments, isSparse, readVector, readVectors } from './store/segments.ts';
import { Vault } from './store/vault.ts';
import { Tabs } from './tabs.ts';
import { exportGallery, type ExportRequest } from './transfer/export.ts';
import type { ImportRequest } from './transfer/import.ts';
import { importFaces, type ImportWriter, takeBack } from './transfer/import-faces.ts';

/** How long a search runs before the worker looks at its messages. */
const SLICE_MS = 16;

/** Faces that are searched for at a time when a gallery is grouped. */
const CLUSTER_PROBES = 256;

/** Most later faces that a face is joined to. */
const CLUSTER_EDGES = 32;

/** The piece of upkeep that one page at a time is at. */
const IMPORT = 'import';

/** Segments that one transaction of compaction looks at: some megabytes. */
const COMPACT_SEGMENTS = 32;

/** Longest page of {@link GalleryEngine.listFaces}. */
const MAX_PAGE = 10_000;

/** What {@link GalleryEngine.open} needs. */
export interface EngineOptions {
  readonly database: string;
  /** Opens an encrypted database; encrypts a plain one. */
  readonly passphrase?: string;
  /** The compiled search kernel. */
  readonly kernel: WebAssembly.Module;
  /** A model with more faces keeps bytes in memory and full precision in the database only. */
  readonly floatFaces?: number;
  readonly onProgress?: (facesDone: number, facesTotal: number) => void;
  readonly signal?: AbortSignal;
}

/** A search of some probes in one gallery, or in several at once. */
export interface EngineSearch extends FaceFilter {
  readonly modelId: string;
  /** Unit vectors. */
  readonly probes: readonly Float32Array[];
  readonly limit: number;
  readonly minCosine: number;
  /** Galleries searched as well. */
  readonly galleries?: readonly string[];
  /** Scores every face, without the first pass. Default false. */
  readonly exact?: boolean;
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
  readonly #mirror: Mirror;
  readonly #tabs: Tabs;
  readonly #writes = new SerialQueue();
  #compacting = false;
  #vault: Vault | undefined;

  private constructor(connection: Connection, { kernel, floatFaces }: EngineOptions) {
    this.#connection = connection;
    this.#mirror = new Mirror(connection, kernel, floatFaces);
    // Whatever goes wrong here is met again, and told, by the next search.
    this.#tabs = new Tabs(
      connection.name,
      (revision) => void this.#mirror.catchUp(revision).catch(() => undefined),
      () => connection.close('another page has encrypted it'),
    );
  }

  /** Opens the database and reads its vectors into memory. */
  static async open(options: EngineOptions): Promise<GalleryEngine> {
    throwIfAborted(options.signal);
    const connection = await Connection.open(options.database);
    const engine = new GalleryEngine(connection, options);
    try {
      await engine.#unlock(options.passphrase);
      await engine.#mirror.load(options);
      // What an import left that ended with its page; another page's that is under way keeps its lock.
      const { importing } = await connection.read(readState);
      if (importing) await engine.#tabs.alone(IMPORT, () => takeBack(engine.#importWriter()));
      return engine;
    } catch (error) {
      engine.close();
      throw error;
    }
  }

  /** Closes the database. Safe to call twice. */
  close(): void {
    this.#tabs.close();
    this.#connection.close();
  }

  async #unlock(passphrase: string | undefined): Promise<void> {
    const keys = await this.#connection.read(readKeys);
    if (!keys) {
      if (passphrase !== undefined) await this.encrypt(passphrase);
      return;
    }
    const { name } = this.#connection;
    if (passphrase === undefined) {
      const text = `The database ${name} is encrypted; give its passphrase, or erase it with NearFace.erase()`;
      throw new NearFaceError('LOCKED', text, { database: name });
    }
    this.#vault = await Vault.unlock(name, keys, passphrase);
    this.#connection.sealer = this.#vault.sealer();
  }

  /** Encrypts a plain database, all or nothing. @throws NearFaceError `LOCKED` if it is encrypted already */
  async encrypt(passphrase: string): Promise<void> {
    const vault = Vault.create();
    const [keys, sealer] = [await vault.wrap(passphrase), vault.sealer()];
    await this.#writes.run(async () => {
      const written = await this.#connection.write((tx) => encryptAll(tx, sealer, keys));
      this.#vault = vault;
      this.#connection.sealer = sealer;
      await this.#mirror.follow(written);
      this.#tabs.tellEncrypted();
    });
  }

  /** Encrypts the keys with another passphrase. @throws NearFaceError `LOCKED` if `current` is wrong */
  async changePassphrase(current: string, next: string): Promise<void> {
    const { name } = this.#connection;
    const keys = await this.#connection.read(readKeys);
    if (!keys) throw notEncrypted(name);
    const vault = await Vault.unlock(name, keys, current);
    const wrapped = await vault.wrap(next);
    await this.#write((tx) => putKeys(tx, wrapped));
  }

  /** The database's name. */
  get database(): string {
    return this.#connection.name;
  }

  /** Whether the database is encrypted. */
  get encrypted(): boolean {
    return this.#vault !== undefined;
  }

  async listGalleries(): Promise<readonly GallerySummary[]> {
    return (await this.#connection.read(listGalleries)).map(toSummary);
  }

  async createGallery(name: string, capacity: number | null): Promise<GallerySummary> {
    checkGalleryName(name);
    checkCapacity(capacity);
    return toSummary(await this.#write((tx) => createGallery(tx, name, capacity)));
  }

  async deleteGallery(name: string, signal?: AbortSignal): Promise<void> {
    await this.#write((tx) => deleteGallery(tx, name, () => throwIfAborted(signal)), signal);
    this.#compactSoon();
  }

  /** All of them or none. */
  async addFaces(faces: readonly FaceInput[], signal?: AbortSignal): Promise<readonly FaceRecord[]> {
    return this.#addPrepared(
      await Promise.all(faces.map((face, i) => prepareFace(face, `faces[${i}]`))),
      signal,
    );
  }

  /** @param also - what else is written in the same transaction */
  async #addPrepared(
    prepared: readonly PreparedFace[],
    signal?: AbortSignal,
    also?: (tx: WriteTx, seqs: readonly number[]) => Promise<void>,
  ): Promise<readonly FaceRecord[]> {
    if (prepared.length === 0) return [];
    return this.#writes.run(async () => {
      const coded = prepared.map((face) => ({ ...face, code: this.#mirror.codeOf(face.vector) }));
      const written = await this.#connection.write(async (tx) => {
        const added = await addFaces(tx, coded);
        await also?.(
          tx,
          added.map(({ seq }) => seq),
        );
        for (const [modelId, group] of groupBy(prepared, (face) => face.modelId))
          this.#mirror.reserve(modelId, group[0].vector.length, group.length);
        return added;
      }, signal);
      const { tag } = this.#connection.sealer;
      const added = written.value.map(({ seq, modelId, galleries, timestamp }, i) => {
        const { vector } = prepared[i] as PreparedFace;
        return { seq, modelId, vector, timestamp, galleries: galleries.map(tag) };
      });
      await this.#mirror.follow(written, added);
      this.#tabs.tell(written.revision);
      return written.value.map(toRecord);
    }, signal);
  }

  /** A gallery as a file. */
  exportGallery(
    gallery: string,
    request: ExportRequest,
    onProgress: (done: number, total: number) => void,
    signal: AbortSignal,
  ): Promise<Blob> {
    return exportGallery(this.#connection, gallery, request, onProgress, signal);
  }

  /** Stores the faces of a file, all or none; see {@link importFaces}. */
  async importGallery(
    gallery: string,
    file: Blob,
    request: ImportRequest,
    onProgress: (done: number, total: number) => void,
    signal: AbortSignal,
  ): Promise<ImportReport> {
    let report: ImportReport | undefined;
    const [connection, writer] = [this.#connection, this.#importWriter()];
    await this.#tabs.alone(IMPORT, async () => {
      report = await importFaces({ connection, writer, gallery, file, request, onProgress, signal });
    });
    if (report) return report;
    throw badParam('file', file, 'imported when the other import that is under way has ended');
  }

  #importWriter(): ImportWriter {
    return {
      write: (job) => this.#write(job),
      addFaces: (faces, signal, also) => this.#addPrepared(faces, signal, also),
    };
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
    const { after } = await this.#write((tx) => updateFace(tx, gallery, id, patch));
    return toRecord(after);
  }

  /** The same change for several faces, all or none. */
  async updateFaces(gallery: string, ids: readonly string[], patch: FacePatch): Promise<number> {
    if (patch.meta !== undefined) string(MAX_META_LENGTH)(patch.meta, 'meta');
    return this.#write((tx) => updateFaces(tx, gallery, ids, patch));
  }

  /** Takes faces out of a gallery, all or none; out of the database where it was their last. */
  async deleteFaces(gallery: string, ids: readonly string[]): Promise<number> {
    const count = await this.#write((tx) => deleteFaces(tx, gallery, ids));
    this.#compactSoon();
    return count;
  }

  /** Deletes all faces and all galleries but the default one. */
  async eraseAll(): Promise<void> {
    await this.#write(eraseAll);
  }

  async listFaces(gallery: string, query: PageQuery): Promise<FacePage> {
    integer(1, MAX_PAGE)(query.limit, 'limit');
    const { skip, cursor, personId, from, until } = query;
    if (skip && [cursor, personId, from, until].some((value) => value !== undefined))
      throw badParam('skip', skip, 'left out where there is a cursor or a filter but by meta');
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
      state: await readState(tx),
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
      ...(matrix &&
        recallProbes > 0 && {
          recall: await this.#measureRecall(gallery, modelId as string, recallProbes, signal),
        }),
    };
  }

  /** Searches for further photos of some of the gallery's people, made up by adding noise, in both ways. */
  async #measureRecall(
    gallery: string,
    modelId: string,
    count: number,
    signal: AbortSignal | undefined,
  ): Promise<Recall> {
    const matrix = this.#mirror.get(modelId) as SearchMatrix;
    const rows = matrix.select([this.#connection.sealer.tag(gallery)]);
    const [exact, found] = [[], []] as [(readonly Match[])[], (readonly Match[])[]];
    const seqs = matrix.sample(rows, count);
    const vectors = await this.#connection.read((tx) => readVectors(tx, modelId, seqs));
    for (const probe of [...vectors.values()].map(noisy))
      for (const [list, whole] of [
        [exact, true],
        [found, false],
      ] as const)
        list.push(
          ...(await this.#scan(matrix, rows, [probe], { limit: 10, minScore: -1, exact: whole }, signal)),
        );
    return recallOf(exact, found);
  }

  #scan(
    matrix: SearchMatrix,
    rows: Bitmap,
    probes: readonly Float32Array[],
    options: ScanOptions,
    signal: AbortSignal | undefined,
  ): Promise<readonly (readonly Match[])[]> {
    return matrix.scan(rows, probes, options, async (scan) => {
      while (!scan.run(SLICE_MS)) {
        await nextTask();
        throwIfAborted(signal);
      }
      return scan.results();
    });
  }

  /** Faces in the database, and what it takes up. */
  async usage(): Promise<StorageUsage> {
    const { models, bytes } = await this.#connection.read(readState);
    let [faces, vectors] = [0, 0];
    for (const model of models.values()) {
      faces += model.faces;
      vectors += model.faces * model.dimension * 4;
    }
    const { usage: usageBytes, quota: quotaBytes } = await estimateStorage();
    const { encrypted } = this.#connection.sealer;
    const { lost } = this.#connection;
    const persisted = await navigator.storage?.persisted?.().catch(() => false);
    return {
      faces,
      usageBytes,
      quotaBytes,
      persisted: persisted ?? false,
      bytes: { ...bytes, vectors },
      encrypted,
      lost,
    };
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
    const galleries = [...new Set([gallery, ...(request.galleries ?? [])])];
    const { holds, seqs, revision } = await this.#connection.read(async (tx) => ({
      holds: await Promise.all(galleries.map((name) => readGallery(tx, name))),
      seqs: await filteredSeqs(tx, galleries, request),
      revision: (await readState(tx)).revision,
    }));
    for (const { name, modelId: held } of holds)
      if (held !== null && held !== modelId) throw modelMismatch(name, held, modelId);
    await this.#mirror.catchUp(revision);
    const matrix = this.#mirror.get(modelId);
    if (!matrix || holds.every((held) => held.modelId === null)) return probes.map(() => []);
    probes.forEach((probe, i) => {
      if (probe.length !== matrix.dimension)
        throw wrongDimension(`probes[${i}]`, probe.length, matrix.dimension, modelId);
    });
    if (Number.isNaN(minCosine)) throw badParam('minCosine', minCosine, 'a number');
    throwIfAborted(signal);
    const { from, until, exact = false } = request;
    const filter = {
      ...(seqs && { seqs }),
      ...(from !== undefined && { from }),
      ...(until !== undefined && { until }),
    };
    const rows = matrix.select(galleries.map(this.#connection.sealer.tag), filter);
    // Scores of bytes are a little off: some more are kept, and full precision decides.
    const kept = matrix.margin > 0 ? limit + Math.max(16, limit >> 2) : limit;
    const options = { limit: kept, minScore: minCosine - matrix.margin, exact };
    const found = await this.#scan(matrix, rows, probes, options, signal);
    const precise = matrix.margin > 0 ? await this.#rescore(modelId, probes, found) : found;
    const results = precise.map((matches) =>
      matches.filter(({ score }) => score >= minCosine).slice(0, limit),
    );
    return this.#toHits(galleries, results);
  }

  /** The matches scored by the vectors in the database. */
  async #rescore(
    modelId: string,
    probes: readonly Float32Array[],
    results: readonly (readonly Match[])[],
  ): Promise<readonly (readonly Match[])[]> {
    const seqs = [...new Set(results.flat().map(({ seq }) => seq))];
    const vectors = await this.#connection.read((tx) => readVectors(tx, modelId, seqs));
    return results.map((matches, i) =>
      matches
        .flatMap(({ seq }) => {
          const vector = vectors.get(seq);
          return vector ? [{ seq, score: scalarDot(probes[i] as Float32Array, vector) }] : [];
        })
        .sort((a, b) => b.score - a.score || a.seq - b.seq),
    );
  }

  async #toHits(
    galleries: readonly string[],
    results: readonly (readonly Match[])[],
  ): Promise<readonly (readonly EngineHit[])[]> {
    const seqs = [...new Set(results.flat().map(({ seq }) => seq))];
    if (seqs.length === 0) return results.map(() => []);
    const faces = await this.#connection.read((tx) => readFacesBySeq(tx, seqs));
    // A face that has been deleted since, by this page or another, is not a hit.
    const there = faces.filter((face) => face.galleries.some((name) => galleries.includes(name)));
    const records = new Map(there.map((face) => [face.seq, toRecord(face)]));
    return results.map((matches) =>
      matches.flatMap(({ seq, score }) => {
        const record = records.get(seq);
        return record ? [{ cosine: Math.min(1, Math.max(-1, score)), record }] : [];
      }),
    );
  }

  /**
   * Groups a gallery's faces by likely person: each is searched for among those after it, many at a time, and the
   * matches make a graph.
   */
  async cluster(
    gallery: string,
    request: { readonly minCosine: number; readonly minSize: number },
    onProgress: (done: number, total: number) => void,
    signal: AbortSignal,
  ): Promise<Grouping> {
    const { modelId, revision } = await this.#connection.read(async (tx) => ({
      modelId: (await readGallery(tx, gallery)).modelId,
      revision: (await readState(tx)).revision,
    }));
    await this.#mirror.catchUp(revision);
    const matrix = modelId === null ? undefined : this.#mirror.get(modelId);
    if (!matrix || modelId === null) return { groups: [], singles: 0 };
    const seqs = matrix.seqsOf(matrix.select([this.#connection.sealer.tag(gallery)]));
    const nodeOf = new Map(seqs.map((seq, node) => [seq, node]));
    const clusters = new Clusters(seqs.length);
    for (let from = 0; from < seqs.length; from += CLUSTER_PROBES) {
      const some = seqs.slice(from, from + CLUSTER_PROBES);
      const vectors = await this.#connection.read((tx) => readVectors(tx, modelId, some));
      const there = some.filter((seq) => vectors.has(seq));
      const probes = there.map((seq) => vectors.get(seq) as Float32Array);
      // Rows may have moved since the last turn: what is searched is what is there now.
      const rows = matrix.select([this.#connection.sealer.tag(gallery)]);
      const fromRow = Math.max(0, Math.min(...there.map((seq) => matrix.rowOf(seq))));
      const options = { limit: CLUSTER_EDGES, minScore: request.minCosine, fromRow };
      joinMatches(clusters, nodeOf, there, await this.#scan(matrix, rows, probes, options, signal));
      onProgress(from + some.length, seqs.length);
    }
    const groups = clusters.groups().filter(({ length }) => length >= request.minSize);
    const grouped = await this.#readGroups(groups.map((group) => group.map((node) => seqs[node] as number)));
    return { groups: grouped, singles: seqs.length - groups.reduce((sum, { length }) => sum + length, 0) };
  }

  async #readGroups(groups: readonly (readonly number[])[]): Promise<FaceGroup[]> {
    const found: FaceGroup[] = [];
    for (const group of groups) {
      const faces = await this.#connection.read((tx) => readFacesBySeq(tx, group));
      const [face] = faces;
      if (face) found.push({ face: toRecord(face), ids: faces.map(({ id }) => id) });
    }
    return found;
  }

  listJobs(): Promise<readonly StoredJob[]> {
    return this.#connection.read(listJobs);
  }

  readJob(id: string): Promise<StoredJob> {
    return this.#connection.read((tx) => readJob(tx, id));
  }

  async createJob(id: string, gallery: string, options: StoredJob['options']): Promise<StoredJob> {
    return this.#write(async (tx) => {
      await readGallery(tx, gallery);
      const job: StoredJob = {
        id,
        gallery,
        options,
        state: 'paused',
        createdAt: Date.now(),
        counts: NO_ITEMS,
      };
      await putJob(tx, job);
      return job;
    });
  }

  addJobItems(id: string, items: Parameters<typeof addJobItems>[2]): Promise<void> {
    return this.#write((tx) => addJobItems(tx, id, items));
  }

  waitingItems(id: string, from: number, count: number): Promise<readonly StoredJobItem[]> {
    return this.#connection.read((tx) => waitingItems(tx, id, from, count));
  }

  listJobItems(id: string): Promise<readonly JobItem[]> {
    return this.#connection.read((tx) => listJobItems(tx, id));
  }

  settleJobItem(
    id: string,
    index: number,
    outcome: Pick<JobItem, 'status' | 'ids' | 'error'>,
  ): Promise<StoredJob> {
    return this.#write((tx) => settleJobItem(tx, id, index, outcome));
  }

  setJobState(id: string, state: JobState, error?: JobError): Promise<StoredJob> {
    return this.#write(async (tx) => {
      const { error: _, ...job } = await readJob(tx, id);
      const changed = { ...job, state, ...(error && { error }) };
      await putJob(tx, changed);
      return changed;
    });
  }

  retryJob(id: string): Promise<void> {
    return this.#write((tx) => retryJob(tx, id));
  }

  deleteJob(id: string): Promise<void> {
    return this.#write((tx) => deleteJob(tx, id));
  }

  countStale(modelId: string): Promise<StaleCounts> {
    return this.#connection.read((tx) => countStale(tx, modelId));
  }

  nextStale(modelId: string, afterSeq: number, count: number): Promise<readonly StaleFace[]> {
    return this.#connection.read((tx) => nextStale(tx, modelId, afterSeq, count));
  }

  putRegenerated(
    modelId: string,
    made: readonly { readonly seq: number; readonly vector: Float32Array<ArrayBuffer> }[],
  ): Promise<void> {
    const checked = made.map(({ seq, vector }, i) => ({
      seq,
      vector: checkUnitVector(vector, `made[${i}].vector`),
    }));
    return this.#write((tx) => putRegenerated(tx, modelId, checked));
  }

  /** Puts the new embeddings in the place of the old ones. */
  async swapRegenerated(
    modelId: string,
    missing: 'keep' | 'delete',
  ): Promise<{ readonly swapped: number; readonly deleted: number }> {
    return this.#writes.run(async () => {
      const written = await this.#connection.write(async (tx) => {
        const done = await swapRegenerated(tx, modelId, missing, (vector) => this.#mirror.codeOf(vector));
        tx.note({ kind: 'reload' });
        return done;
      });
      await this.#mirror.follow(written);
      this.#tabs.tell(written.revision);
      return written.value;
    });
  }

  /** Ids of a gallery's faces that were enrolled from a photo. */
  facesOfPhoto(gallery: string, photoHash: string): Promise<readonly string[]> {
    return this.#connection.read((tx) => facesOfPhoto(tx, gallery, photoHash));
  }

  /** Writes, takes the change into the mirror, and tells the other pages. */
  #write<T>(job: (tx: WriteTx) => Promise<T>, signal?: AbortSignal): Promise<T> {
    return this.#writes.run(async () => {
      const written: Written<T> = await this.#connection.write(job, signal);
      await this.#mirror.follow(written);
      if (written.changes.length > 0) this.#tabs.tell(written.revision);
      return written.value;
    }, signal);
  }

  /** Joins sparse segments in the background, some at a time, in one page only. */
  #compactSoon(): void {
    if (this.#compacting) return;
    this.#compacting = true;
    void this.#tabs
      .alone('compact', () => this.#compact())
      .catch(() => undefined)
      .finally(() => (this.#compacting = false));
  }

  async #compact(): Promise<void> {
    const { models } = await this.#connection.read(readState);
    for (const [modelId, model] of models) {
      if (!isSparse(model)) continue;
      let from: number | undefined = 0;
      while (from !== undefined) {
        const start: number = from;
        from = await this.#write((tx) => compactSegments(tx, modelId, start, COMPACT_SEGMENTS));
        await nextTask();
      }
    }
  }
}

function toSummary({ bytes: _, ...summary }: StoredGallery): GallerySummary {
  return summary;
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
