import type { Call } from '../core/call.ts';
import { badParam, NearFaceError } from '../core/errors.ts';
import { integer, number, string } from '../core/options.ts';
import type { OwnCalibration } from '../core/own-calibration.ts';
import type {
  Clearing,
  Damage,
  Encryption,
  FaceFilter,
  FacePage,
  FacePatch,
  FaceRecord,
  GalleryPatch,
  GalleryStats,
  GallerySummary,
  Grouping,
  MetaCount,
  PassphraseChange,
  PictureKind,
  StorageUsage,
} from '../core/records.ts';
import type { SearchThreads } from '../search/threads/crew.ts';
import type { EngineAudit, EngineAuditPage } from './audit-findings.ts';
import { Auditor } from './auditor.ts';
import { Calibrator, type EngineCalibration } from './calibrator.ts';
import { checkCapacity, checkUnitVector, type FaceInput, prepareFace } from './face-input.ts';
import { Expiry } from './expiry.ts';
import { checkGalleryName } from './gallery-errors.ts';
import { JobDesk } from './job-desk.ts';
import { knowCameras } from './known-cameras.ts';
import { Mirror } from './mirror.ts';
import type {
  FreshEmbedding,
  GalleryDatabase,
  JobStore,
  MetaPage,
  OpenDatabase,
  OpeningOptions,
  PageQuery,
  ProtectedStore,
  RecognitionStore,
  RegeneratedStore,
  Scope,
  Swapped,
} from './port.ts';
import { Assigner } from './people/assigner.ts';
import { EntryDesk } from './people/entry-desk.ts';
import { PeopleDesk } from './people/people-desk.ts';
import { keepFor } from './people/retention.ts';
import {
  type EnginePerson,
  type EnginePersonSearch,
  type PeopleCount,
  PersonSearcher,
} from './person-searcher.ts';
import { describe } from './gallery-stats.ts';
import { type EngineCluster, type EngineHit, type EngineSearch, Searcher } from './searcher.ts';
import { type StoredFace, type StoredGallery, toRecord } from './stored.ts';
import { HistoryTransfer } from './transfer/history-transfer.ts';
import { Transfer } from './transfer/transfer.ts';
import { MAX_META_LENGTH, MAX_PAGE } from '../core/limits.ts';

/** What an engine is made with. */
export interface EngineOptions extends OpeningOptions {
  /** The compiled search kernel. */
  readonly kernel: WebAssembly.Module;
  /** For searches on several threads. */
  readonly threads?: SearchThreads | undefined;
  /** A model with more faces keeps bytes in memory and full precision in the database only. */
  readonly floatFaces?: number | undefined;
  /** A model whose vectors take more has none in memory: a database that finds faces itself does it. */
  readonly searchBytes?: number | undefined;
  /** Sightings that are older, in days, are removed at the opening and once an hour. */
  readonly retentionDays?: number | undefined;
}

/**
 * The galleries: a database, and the search matrices that mirror its vectors. It checks what it is given, searches, and writes and reads
 * files; what is kept the database keeps. Every method throws NearFaceError.
 */
export class GalleryEngine {
  readonly jobs: JobStore;
  readonly recognitions: RecognitionStore;
  readonly jobDesk: JobDesk;
  readonly transfer: Transfer;
  readonly regenerated: RegeneratedStore;
  readonly people: PeopleDesk;
  readonly entry: EntryDesk;
  readonly historyTransfer: HistoryTransfer;
  /** Erases faces whose time is over: to be swept before whatever is asked. */
  readonly expiry: Expiry;
  readonly #database: GalleryDatabase;
  readonly #mirror: Mirror;
  readonly #searcher: Searcher;
  readonly #people: PersonSearcher;
  readonly #auditor: Auditor;
  readonly #calibrator: Calibrator;
  #endRetention: () => void = () => {};

  private constructor(database: GalleryDatabase, mirror: Mirror) {
    this.#database = database;
    this.#mirror = mirror;
    this.#searcher = new Searcher(database, mirror);
    this.#people = new PersonSearcher(database, mirror);
    this.#auditor = new Auditor(database, this.#people);
    this.#calibrator = new Calibrator(database, this.#people);
    const assigner = new Assigner(database, this.#searcher);
    this.people = new PeopleDesk(database);
    this.entry = new EntryDesk(database, this.#searcher, assigner, this.people);
    this.historyTransfer = new HistoryTransfer(database, this.people);
    this.jobs = database.jobs;
    this.recognitions = database.jobs.recognitions;
    this.jobDesk = new JobDesk(database, assigner);
    this.transfer = new Transfer(database);
    this.regenerated = database.regenerated;
    this.expiry = new Expiry(database, mirror.lookup);
  }

  /** Opens a database and reads its vectors into memory. */
  static async open(open: OpenDatabase, options: EngineOptions): Promise<GalleryEngine> {
    const { onProgress, signal, retentionDays, ...matrices } = options;
    const mirror = new Mirror(matrices);
    try {
      const engine = new GalleryEngine(await open(mirror, { onProgress, signal }), mirror);
      // What cannot be erased now is told to whoever asks for something.
      await engine.expiry.sweep().catch(() => undefined);
      engine.expiry.start();
      if (retentionDays !== undefined)
        engine.#endRetention = keepFor(retentionDays, (before) => engine.people.pruneHistory(before));
      return engine;
    } catch (error) {
      mirror.dispose();
      throw error;
    }
  }

  /** Closes the database and ends the searches' threads. Safe to call twice. */
  close(): void {
    this.#endRetention();
    this.expiry.stop();
    this.#database.close();
    this.#mirror.dispose();
  }

  /** The database's name. */
  get database(): string {
    return this.#database.name;
  }

  /** Encrypts what is stored. */
  encrypt(passphrase: string, { signal, report }: Call = {}): Promise<Encryption> {
    return this.protection.encrypt(passphrase, { signal, onProgress: this.#encryptReporter(report) });
  }

  /** Replaces the passphrase; with `rekey` everything is encrypted with new keys. */
  changePassphrase(
    current: string,
    next: string,
    rekey: boolean,
    { signal, report }: Call = {},
  ): Promise<PassphraseChange> {
    const onProgress = this.#encryptReporter(report);
    return this.protection.changePassphrase(current, next, { rekey, signal, onProgress });
  }

  /** Rotates all vectors by a new secret. */
  renew({ signal, report }: Call = {}): Promise<Encryption> {
    return this.protection.renew({ signal, onProgress: this.#encryptReporter(report) });
  }

  #encryptReporter(report: Call['report']): (done: number, total: number) => void {
    return (done, total) => report?.({ phase: 'encrypt', item: this.database, done, total });
  }

  /** The passphrase of the database. @throws NearFaceError `BAD_PARAM` where nothing is stored */
  get protection(): ProtectedStore {
    const { protection, kind } = this.#database;
    if (protection) return protection;
    const text =
      kind === 'memory'
        ? 'these galleries are in memory and nothing of them is stored, so that there is nothing to encrypt; nf.info.warnings says why, if that was not asked for'
        : "the library encrypts a browser's galleries alone; encrypt the disk of this one. Templates are renewed by an export of the galleries and an import into a new database with another templateSecret";
    throw new NearFaceError('BAD_PARAM', `database: ${text}`, { param: 'database', value: null });
  }

  async listGalleries(): Promise<readonly GallerySummary[]> {
    return (await this.#database.listGalleries()).map(toSummary);
  }

  async createGallery(name: string, capacity: number | null, label?: string): Promise<GallerySummary> {
    checkGalleryName(name);
    checkCapacity(capacity);
    return toSummary(await this.#database.createGallery(name, capacity, label));
  }

  async updateGallery(name: string, patch: GalleryPatch): Promise<GallerySummary> {
    return toSummary(await this.#database.updateGallery(name, patch));
  }

  /** @param withFaces - whether all its faces go with it, out of other galleries, too */
  deleteGallery(name: string, withFaces = false, { signal }: Call = {}): Promise<void> {
    return this.#database.deleteGallery(name, { withFaces, signal });
  }

  /** All of them or none. */
  async addFaces(faces: readonly FaceInput[], { signal }: Call = {}): Promise<readonly FaceRecord[]> {
    const prepared = await Promise.all(faces.map((face, i) => prepareFace(face, `faces[${i}]`)));
    return (await this.#database.addFaces(prepared, signal)).map(toRecord);
  }

  async getFace(scope: Scope, id: string): Promise<FaceRecord> {
    return toRecord(await this.#database.readFace(scope, id));
  }

  /** The stored vector, a copy. */
  getVector(scope: Scope, id: string): Promise<Float32Array<ArrayBuffer>> {
    return this.#database.readVector(scope, id);
  }

  /** Copies of vectors of a model by the numbers of their faces; those that are gone or damaged are left out. */
  getVectors(
    modelId: string,
    seqs: readonly number[],
  ): Promise<ReadonlyMap<number, Float32Array<ArrayBuffer>>> {
    return this.#database.readVectors(modelId, seqs);
  }

  getPicture(scope: Scope, id: string, kind: PictureKind): Promise<Blob | null> {
    return this.#database.readPicture(scope, id, kind);
  }

  async updateFace(scope: Scope, id: string, patch: FacePatch): Promise<FaceRecord> {
    const [face] = await this.#update(scope, [id], patch);
    return toRecord(face as StoredFace);
  }

  /** The same change for several faces, all or none. */
  async updateFaces(
    scope: Scope,
    ids: readonly string[],
    patch: FacePatch,
    { signal }: Call = {},
  ): Promise<number> {
    return (await this.#update(scope, ids, patch, signal)).length;
  }

  async #update(
    scope: Scope,
    ids: readonly string[],
    patch: FacePatch,
    signal?: AbortSignal,
  ): Promise<readonly StoredFace[]> {
    if (patch.meta !== undefined) string(MAX_META_LENGTH)(patch.meta, 'meta');
    return this.#database.updateFaces(scope, ids, patch, signal);
  }

  /** Puts a face of another photo in the place of one: its embedding, and what tells of the photo; the rest stays. */
  async replaceFace(scope: Scope, id: string, by: FaceInput, { signal }: Call = {}): Promise<FaceRecord> {
    const prepared = await prepareFace(by, 'face');
    return toRecord(await this.#database.replaceFace(scope, id, prepared, signal));
  }

  /** Takes faces out of a gallery, or of all, all or none; out of the database where it was their last. */
  async deleteFaces(scope: Scope, ids: readonly string[], { signal }: Call = {}): Promise<number> {
    const distinct = [...new Set(ids)];
    await this.#database.deleteFaces(scope, distinct, signal);
    return distinct.length;
  }

  /** Deletes all faces and all galleries but the default one. */
  eraseAll(): Promise<void> {
    return this.#database.eraseAll();
  }

  async listFaces(gallery: string, query: PageQuery): Promise<FacePage> {
    integer(1, MAX_PAGE)(query.limit, 'limit');
    const { skip, cursor } = query;
    if (skip && cursor !== undefined) throw badParam('skip', skip, 'left out where there is a cursor');
    if (query.cameraId !== undefined) await knowCameras(this.#database, this.#mirror);
    return this.#database.listFaces(gallery, query);
  }

  metas(gallery: string, page?: MetaPage): Promise<readonly MetaCount[]> {
    return this.#database.listMetas(gallery, page);
  }

  /** How many faces a gallery has, or how many of them pass a filter. */
  async count(gallery: string, filter: FaceFilter = {}): Promise<number> {
    if (Object.keys(filter).length === 0) return (await this.#database.readGallery(gallery)).count;
    if (filter.cameraId !== undefined) await knowCameras(this.#database, this.#mirror);
    return this.#database.countFaces(gallery, filter);
  }

  /** @param recallProbes - probes by which recall is measured; 0 measures none */
  async stats(gallery: string, recallProbes = 0, { signal }: Call = {}): Promise<GalleryStats> {
    const { stats, matrix } = await describe(this.#database, this.#mirror, gallery);
    const { modelId } = stats;
    if (!matrix || modelId === null || recallProbes === 0) return stats;
    return { ...stats, recall: await this.#searcher.measureRecall(gallery, modelId, recallProbes, signal) };
  }

  /** The best hits of each probe: by falling cosine, equal ones in the order of enrolment. */
  search(
    gallery: string,
    request: EngineSearch,
    { signal }: Call = {},
  ): Promise<readonly (readonly EngineHit[])[]> {
    return this.#searcher.search(gallery, request, signal);
  }

  /** The best people of each probe, each once: those with several faces by their templates. */
  searchPeople(
    gallery: string,
    request: EnginePersonSearch,
    { signal }: Call = {},
  ): Promise<readonly (readonly EnginePerson[])[]> {
    return this.#people.search(gallery, request, signal);
  }

  /** How many people there are in some galleries, as {@link searchPeople} tells them apart. */
  countPeople(request: PeopleCount): Promise<number> {
    return this.#people.count(request);
  }

  /** A page of what is under a wrong name, or there twice. */
  audit(gallery: string, request: EngineAudit, call: Call = {}): Promise<EngineAuditPage> {
    return this.#auditor.audit(gallery, request, call);
  }

  /** What the named levels mean among a gallery's people. */
  calibrate(gallery: string, request: EngineCalibration, call: Call = {}): Promise<OwnCalibration> {
    return this.#calibrator.calibrate(gallery, request, call);
  }

  /** Groups a gallery's faces by likely person. */
  cluster(gallery: string, request: EngineCluster, call: Call = {}): Promise<Grouping> {
    return this.#searcher.cluster(gallery, request, call);
  }

  /** Keeps new embeddings beside those that answer. */
  async putRegenerated(modelId: string, made: readonly FreshEmbedding[]): Promise<void> {
    const checked = made.map(({ vector, reliability, ...face }, i) => ({
      ...face,
      vector: checkUnitVector(vector, `made[${i}].vector`),
      ...(reliability !== undefined && {
        reliability: number(0, 1)(reliability, `made[${i}].reliability`),
      }),
    }));
    return this.regenerated.putRegenerated(modelId, checked);
  }

  /** Puts the new embeddings in the place of the old ones. */
  swapRegenerated(modelId: string, missing: 'keep' | 'delete', { signal }: Call = {}): Promise<Swapped> {
    return this.regenerated.swapRegenerated(modelId, missing, signal);
  }

  /** Faces in the database, and what it takes up. */
  usage(): Promise<StorageUsage> {
    return this.#database.usage();
  }

  /** Looks at every record. Answers what is damaged. */
  checkStored({ signal }: Call = {}): Promise<Damage> {
    return this.#database.check(signal);
  }

  /** Deletes what is damaged, and counts anew what is left. */
  clearDamaged({ signal }: Call = {}): Promise<Clearing> {
    return this.#database.clearDamaged(signal);
  }

  /** From now on nobody is told any more that the database was lost. */
  acknowledgeLoss(): Promise<void> {
    return this.#database.acknowledgeLoss();
  }
}

function toSummary({ bytes: _, ...summary }: StoredGallery): GallerySummary {
  return summary;
}
