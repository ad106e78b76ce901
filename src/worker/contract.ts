/**
 * What the page and the two workers say to each other. Every method answers with a {@link WireResult}, so
 * that errors cross the boundary whole; pixels and vectors are transferred, not copied.
 */
import type { Attributes } from '../core/attributes.ts';
import type { Analysis, AnalysisRequest, FacePictures, Timings } from '../core/analysis.ts';
import type { WireError } from '../core/errors.ts';
import type { DuplicateRule, JobError, JobItem, JobOutcome, JobStep, JobSummary } from '../core/jobs.ts';
import type { EnrolShortfall } from '../core/quality-gate.ts';
import type { Calibration, CommonDirections, ModelEntry, ModelRole } from '../core/manifest.ts';
import type { Quality } from '../core/quality.ts';
import type {
  Damage,
  Encryption,
  ExportFormat,
  FaceFilter,
  FacePage,
  FacePatch,
  FaceRecord,
  GalleryStats,
  GallerySummary,
  Grouping,
  ImportReport,
  MetaCount,
  PassphraseChange,
  PictureKind,
  StorageUsage,
  TendTask,
} from '../core/records.ts';
import type { Box, Progress } from '../core/types.ts';
import type { ZipEntry } from '../core/zip-entry.ts';
import type { WireImage } from '../core/wire-image.ts';

/** The outcome of a worker method. */
export type WireResult<T> =
  { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: WireError };

/** Reports progress from a worker to the page. */
export type ReportProgress = (progress: Progress) => void;

/** What the vision worker needs to start. URLs are absolute. */
export interface VisionConfig {
  readonly assets: string;
  readonly device: 'auto' | 'webgpu' | 'wasm';
  /** 0 lets the worker choose. */
  readonly threads: number;
  readonly models: Readonly<Partial<Record<ModelRole, string | ModelEntry>>>;
  /** Details whose models are loaded at the start. */
  readonly preload: AnalysisRequest['details'];
  /** URL of TF.js's `tf.min.js`, for models in TF.js's format. */
  readonly tfjs: string;
}

/** A model as `nf.info` lists it. */
export interface ModelInfo {
  /** As in the manifest. */
  readonly id: string;
  /** What it does; see {@link ModelRole}. */
  readonly role: string;
  /** In the words of whoever publishes it. */
  readonly version: string;
  /** Its name, as in `Apache-2.0`. */
  readonly licence: string;
  /** Size of its file. */
  readonly bytes: number;
  /** Whether it came from the cache. */
  readonly cached: boolean;
}

/** What the vision worker found when it started. */
export interface VisionInfo {
  /** The library's version; the page refuses assets of another one. */
  readonly version: string;
  readonly backend: 'webgpu' | 'wasm';
  readonly threads: number;
  readonly simd: 'none' | 'simd' | 'relaxed';
  /** The GPU adapter's name; empty on `wasm`. */
  readonly adapter: string;
  readonly models: readonly ModelInfo[];
  readonly embedding: {
    readonly id: string;
    readonly dimension: number;
    readonly calibration?: Calibration;
    /** The model whose stored embeddings become this one's by limiting what is common. */
    readonly convertsFrom?: { readonly modelId: string; readonly common: CommonDirections };
  };
}

/** The answer to one `analyse` call, with the stages' times and the models loaded up to now. */
export interface AnalysisBatch {
  readonly analyses: readonly Analysis[];
  readonly timings: Timings;
  readonly models: readonly ModelInfo[];
}

/** The vision worker. `job` is the number of a call, by which `abort` reaches it. */
export interface VisionApi {
  open(job: number, config: VisionConfig, report: ReportProgress): Promise<WireResult<VisionInfo>>;
  /** Analyses of the images in their order; the faces of all images share batches. */
  analyse(
    job: number,
    images: readonly WireImage[],
    request: AnalysisRequest,
  ): Promise<WireResult<AnalysisBatch>>;
  abort(job: number): void;
}

/** What the gallery worker needs to start. */
export interface GalleryConfig {
  readonly assets: string;
  readonly database: string;
  /** The address of the page, for other pages to tell which one to close. */
  readonly page?: string;
  /** Opens an encrypted database; encrypts a plain one. */
  readonly passphrase?: string;
  /** Threads of a search; 0 lets the worker choose. Default: 1. */
  readonly threads?: number;
}

/** What the gallery worker found when it started. */
export interface GalleryInfo extends StorageUsage {
  readonly version: string;
  /** What is missing here, in words. */
  readonly warnings: readonly string[];
}

/** A face on its way into the store; the vector has unit length. */
export interface NewFace {
  readonly id?: string;
  readonly meta: string;
  readonly galleries: readonly string[];
  readonly modelId: string;
  readonly vector: Float32Array<ArrayBuffer>;
  readonly box?: Box;
  readonly photoHash?: string;
  readonly personId?: string;
  readonly cameraId?: string;
  readonly friend?: boolean;
  /** How far the vector can be trusted, 0..1; if absent, what is assumed. */
  readonly reliability?: number;
  /** Where it was not measured. */
  readonly reliabilityAssumed?: true;
  readonly quality?: Quality;
  readonly attributes?: Attributes;
  readonly pictures: FacePictures;
}

/** A face found by a search. */
export interface SearchHit {
  readonly cosine: number;
  readonly record: FaceRecord;
}

/** A confidence that hits must reach, and the calibration that it is computed by. */
export interface LeastConfidence {
  readonly confidence: number;
  readonly calibration: Calibration;
}

/** How a gallery's faces are grouped. */
export interface ClusterRequest {
  /** Faces below this cosine are not joined. */
  readonly minCosine: number;
  /** Faces of a lower confidence are not joined either. */
  readonly least?: LeastConfidence;
  readonly minSize: number;
}

/** A search of some probes in one gallery. */
export interface SearchRequest extends FaceFilter {
  readonly modelId: string;
  readonly probes: readonly Float32Array<ArrayBuffer>[];
  /** Most hits per probe. */
  readonly limit: number;
  /** Hits below this cosine are left out. */
  readonly minCosine: number;
  /** Hits of a lower confidence are left out as well. */
  readonly least?: LeastConfidence;
  /** How far each probe can be trusted, 0..1; for `least`. Default: as its calibration assumes. */
  readonly reliabilities?: readonly number[];
  /** Galleries searched as well. */
  readonly galleries?: readonly string[];
  /** Scores every face, without the first pass. */
  readonly exact?: boolean;
}

/** A face whose embedding is to be made anew. */
export interface WireStale {
  readonly seq: number;
  readonly id: string;
  /** The model that made its embedding. */
  readonly modelId: string;
  /** Absent where it is damaged. */
  readonly vector?: Float32Array<ArrayBuffer>;
  /** Where it was measured. */
  readonly reliability?: number;
  readonly crop?: { readonly type: string; readonly bytes: ArrayBuffer };
}

/** A face's new embedding, of unit length. */
export interface WireFresh {
  readonly seq: number;
  readonly vector: Float32Array<ArrayBuffer>;
  /** 0..1. */
  readonly reliability?: number;
}

/** How a file is imported. */
export interface WireImport {
  readonly format?: ExportFormat;
  readonly passphrase?: string;
  readonly ids: 'keep' | 'new' | 'skip';
  readonly duplicates: 'add' | 'skip';
  /** The model in use. */
  readonly modelId: string;
}

/** A stored job with what its photos are enrolled with. */
export interface WireJob extends JobSummary {
  readonly options: Readonly<Record<string, unknown>>;
}

/** The faces of a job's photo that are to be enrolled, and what the others fell short of. */
export interface WireJobFaces {
  readonly faces: readonly NewFace[];
  readonly shortfalls: readonly EnrolShortfall[];
  readonly duplicates: DuplicateRule;
}

/** What became of a job's photo, and the job as it is then. */
export interface WireSettledPhoto {
  readonly job: WireJob;
  readonly outcome: JobOutcome;
}

/** A photo of a job. */
export interface WireJobItem extends JobItem {
  readonly photo: Uint8Array<ArrayBuffer>;
  readonly type: string;
}

/** The gallery worker: the store and the search matrix, kept in step. */
export interface GalleryApi {
  open(job: number, config: GalleryConfig, report: ReportProgress): Promise<WireResult<GalleryInfo>>;
  listGalleries(): Promise<WireResult<readonly GallerySummary[]>>;
  createGallery(name: string, capacity: number | null): Promise<WireResult<GallerySummary>>;
  /** Faces that are in no other gallery go with it. */
  deleteGallery(name: string): Promise<WireResult<void>>;
  /** All of them or none, in one transaction. */
  addFaces(job: number, faces: readonly NewFace[]): Promise<WireResult<readonly FaceRecord[]>>;
  getFace(gallery: string, id: string): Promise<WireResult<FaceRecord>>;
  /** The stored vector of a face, a copy. */
  getVector(gallery: string, id: string): Promise<WireResult<Float32Array<ArrayBuffer>>>;
  getPicture(gallery: string, id: string, kind: PictureKind): Promise<WireResult<Blob | null>>;
  updateFace(gallery: string, id: string, patch: FacePatch): Promise<WireResult<FaceRecord>>;
  /** The same change for several faces; all or none. */
  updateFaces(gallery: string, ids: readonly string[], patch: FacePatch): Promise<WireResult<number>>;
  /** Groups of faces that are likely of one person. */
  cluster(
    job: number,
    gallery: string,
    request: ClusterRequest,
    report: ReportProgress,
  ): Promise<WireResult<Grouping>>;
  /** Takes faces out of a gallery, and out of the database when it was their last; all or none. */
  deleteFaces(gallery: string, ids: readonly string[]): Promise<WireResult<number>>;
  listFaces(
    gallery: string,
    query: FaceFilter & { readonly limit: number; readonly cursor?: string; readonly skip?: number },
  ): Promise<WireResult<FacePage>>;
  metas(gallery: string): Promise<WireResult<readonly MetaCount[]>>;
  count(gallery: string): Promise<WireResult<number>>;
  /** `recallProbes`: how many searches measure recall; 0 for none. */
  stats(job: number, gallery: string, recallProbes: number): Promise<WireResult<GalleryStats>>;
  encrypt(job: number, passphrase: string, report: ReportProgress): Promise<WireResult<Encryption>>;
  /** With `rekey` everything is encrypted with new keys. */
  changePassphrase(
    job: number,
    current: string,
    next: string,
    rekey: boolean,
    report: ReportProgress,
  ): Promise<WireResult<PassphraseChange>>;
  /** Forgets keys and faces; every call but `unlock` is `LOCKED` then. */
  lock(): Promise<WireResult<void>>;
  unlock(job: number, passphrase: string): Promise<WireResult<void>>;
  /** Deletes a database, open or not. */
  deleteDatabase(name: string): Promise<WireResult<void>>;
  /** Deletes all faces and all galleries but the default one. */
  eraseAll(): Promise<WireResult<void>>;
  /** Answers what is damaged, or was cleared away. */
  tend(job: number, task: TendTask): Promise<WireResult<Damage>>;
  /** One list of hits per probe, best first. */
  search(
    job: number,
    gallery: string,
    request: SearchRequest,
  ): Promise<WireResult<readonly (readonly SearchHit[])[]>>;
  info(): Promise<WireResult<GalleryInfo>>;
  /** A gallery as a file. */
  exportGallery(
    job: number,
    gallery: string,
    request: { readonly format: ExportFormat; readonly pictures: boolean; readonly passphrase?: string },
    report: ReportProgress,
  ): Promise<WireResult<Blob>>;
  /** Stores the faces of a file; all or none. */
  importGallery(
    job: number,
    gallery: string,
    file: Blob,
    request: WireImport,
    report: ReportProgress,
  ): Promise<WireResult<ImportReport>>;
  listJobs(): Promise<WireResult<readonly WireJob[]>>;
  readJob(id: string): Promise<WireResult<WireJob>>;
  /** The files of a zip; see `sources/zip.ts`. */
  listZip(job: number, zip: Blob): Promise<WireResult<readonly ZipEntry[]>>;
  /** One of them, unpacked. */
  openZipEntry(job: number, zip: Blob, entry: ZipEntry): Promise<WireResult<Blob>>;
  /** @param bytes - what its photos will take up, as far as that is known */
  createJob(
    id: string,
    gallery: string,
    options: WireJob['options'],
    bytes: number,
  ): Promise<WireResult<WireJob>>;
  addJobItems(
    id: string,
    items: readonly Pick<WireJobItem, 'name' | 'meta' | 'photo' | 'type'>[],
  ): Promise<WireResult<void>>;
  /** The next photos that wait, from number `from` on. */
  waitingItems(id: string, from: number, count: number): Promise<WireResult<readonly WireJobItem[]>>;
  listJobItems(id: string): Promise<WireResult<readonly JobItem[]>>;
  settleJobItem(id: string, index: number, outcome: JobOutcome): Promise<WireResult<WireJob>>;
  /** Enrols a photo's faces and settles it, all or none. */
  enrolJobItem(id: string, index: number, faces: WireJobFaces): Promise<WireResult<WireSettledPhoto>>;
  stepJob(id: string, step: JobStep, error?: JobError): Promise<WireResult<WireJob>>;
  retryJob(id: string): Promise<WireResult<void>>;
  deleteJob(id: string): Promise<WireResult<void>>;
  /** Faces whose embedding another model made, and those of them whose new one is there. */
  countStale(modelId: string): Promise<WireResult<{ readonly stale: number; readonly made: number }>>;
  nextStale(modelId: string, afterSeq: number, count: number): Promise<WireResult<readonly WireStale[]>>;
  /** Keeps new embeddings beside the old ones. */
  putRegenerated(modelId: string, made: readonly WireFresh[]): Promise<WireResult<void>>;
  /** Puts them in the place of the old ones, all at once. */
  swapRegenerated(
    job: number,
    modelId: string,
    missing: 'keep' | 'delete',
  ): Promise<WireResult<{ readonly swapped: number; readonly deleted: number }>>;
  /** Ids of a gallery's faces that were enrolled from this photo, a file's bytes. */
  facesOfPhoto(gallery: string, photo: Uint8Array<ArrayBuffer>): Promise<WireResult<readonly string[]>>;
  /** Lets go of the database; the worker is ended afterwards. */
  letGo(): Promise<WireResult<void>>;
  abort(job: number): void;
}
