/**
 * The database's port: what the engine needs of a database, in the domain's own verbs. `indexeddb/` and `memory/` implement it. Every
 * verb is done wholly or not at all, and fails with a NearFaceError; what it has written is what the next one sees. What it is given and
 * what it answers are copies. `contract/` states all of this as laws, which are held against every database.
 */
import type { PasskeySecret } from '../core/database-key.ts';
import type { DuplicateRule, JobError, JobItem, JobOutcome, JobStep } from '../core/jobs.ts';
import type { SecretRotation, SecretRotations } from '../core/secret-rotation.ts';
import type { EnrolShortfall } from '../core/quality-gate.ts';
import type {
  Clearing,
  Damage,
  Encryption,
  FaceFilter,
  FacePage,
  FacePatch,
  GalleryPatch,
  PortableRecord,
  MetaCount,
  PassphraseChange,
  Passkey,
  PictureKind,
  StorageUsage,
} from '../core/records.ts';
import type { PreparedFace } from './face-input.ts';
import type { FaceKeys } from './face-keys.ts';
import type { FaceLookup } from './face-lookup.ts';
import type { Encode, FaceRows } from './face-rows.ts';
import type { PeoplePlan } from './people/plan.ts';
import type { AnyStoredJob, RecognitionStore, StoredJob } from './stored-jobs.ts';
import type { PeopleWork } from './people/tables.ts';
import type { Match } from '../search/top-k.ts';
import type { DamagedFace } from './quarantine.ts';
import type { StoredFace, StoredGallery, StoredModel } from './stored.ts';

export type { FaceLookup, MetaFaces, PersonFaces } from './face-lookup.ts';
export type * from './stored-jobs.ts';

/** Where galleries lie. */
export interface GalleryDatabase {
  readonly kind: StorageUsage['kind'];
  readonly name: string;
  readonly jobs: JobStore;
  readonly regenerated: RegeneratedStore;
  /** Who they are, what saw them, and when. */
  readonly people: PeopleWork;
  /** Absent where nothing lies that a passphrase could protect. */
  readonly protection?: ProtectedStore;

  /** What stands for a text in {@link FaceMemory}: where the database is encrypted nothing that tells the text. */
  tag(text: string): string;
  /** Takes in what other pages have written up to now. */
  catchUp(): Promise<void>;
  /** Lets go of it. Safe to call twice. */
  close(): void;

  /** All galleries, by name. */
  listGalleries(): Promise<readonly StoredGallery[]>;
  /** @throws NearFaceError `GALLERY_NOT_FOUND` */
  readGallery(name: string): Promise<StoredGallery>;
  /** A gallery, and the models of the database at the same moment. @throws NearFaceError `GALLERY_NOT_FOUND` */
  describeGallery(name: string): Promise<GalleryAndModels>;
  /** @throws NearFaceError `GALLERY_EXISTS` */
  createGallery(name: string, capacity: number | null, label?: string): Promise<StoredGallery>;
  /** Changes what is said of a gallery. @throws NearFaceError `GALLERY_NOT_FOUND` */
  updateGallery(name: string, patch: GalleryPatch): Promise<StoredGallery>;
  /** Faces that are in no other gallery go with it. @throws NearFaceError `GALLERY_NOT_FOUND`, `BAD_PARAM` of the default one */
  deleteGallery(name: string, options?: GalleryDeletion): Promise<void>;

  /**
   * Gives each face a number and keeps it, all or none.
   *
   * @throws NearFaceError `FACE_EXISTS`, `GALLERY_NOT_FOUND`, `GALLERY_FULL`, `MODEL_MISMATCH`, `STORAGE_FULL`, `ABORTED`
   */
  addFaces(faces: readonly PreparedFace[], signal?: AbortSignal): Promise<readonly StoredFace[]>;
  /** @throws NearFaceError `GALLERY_NOT_FOUND`, `FACE_NOT_FOUND` */
  readFace(scope: Scope, id: string): Promise<StoredFace>;
  /** Faces by number, in that order; those that are gone, or seen by nobody yet, are left out. */
  readFaces(seqs: readonly number[]): Promise<readonly StoredFace[]>;
  /** The same change for several faces, all or none; as they are then. @throws NearFaceError as {@link addFaces} and {@link readFace} */
  updateFaces(
    scope: Scope,
    ids: readonly string[],
    patch: FacePatch,
    signal?: AbortSignal,
  ): Promise<readonly StoredFace[]>;
  /**
   * Puts a face of another photo in the place of one: what tells of the photo and of how the face looks in it is that one's, the rest stays.
   *
   * @throws NearFaceError as {@link readFace}; `MODEL_MISMATCH` of another model than the face's, `BAD_PARAM` of another dimension,
   * `STORAGE_FAILED` where the embedding that there is is damaged, `STORAGE_FULL`, `ABORTED`
   */
  replaceFace(scope: Scope, id: string, by: PreparedFace, signal?: AbortSignal): Promise<StoredFace>;
  /**
   * Takes faces out of a gallery, or of all, all or none; out of the database where it was their last.
   *
   * @throws NearFaceError `FACE_NOT_FOUND`
   */
  deleteFaces(scope: Scope, ids: readonly string[], signal?: AbortSignal): Promise<void>;
  /** Erases the faces that are gone by themselves at `now`, out of all galleries; not those that nobody sees yet. */
  removeExpired(now: number): Promise<void>;
  /** Deletes everything but the default gallery, which is empty then. */
  eraseAll(): Promise<void>;

  /** A page of a gallery in the order of enrolment. @throws NearFaceError `BAD_PARAM` of a cursor that no page had */
  listFaces(gallery: string, query: PageQuery): Promise<FacePage>;
  /** How many faces of a gallery pass a filter. @throws NearFaceError `GALLERY_NOT_FOUND` */
  countFaces(gallery: string, filter: FaceFilter): Promise<number>;
  /** A gallery's metas by UTF-16 unit, each with its number of faces and the first of them. */
  listMetas(gallery: string, page?: MetaPage): Promise<readonly MetaCount[]>;
  /** Ids of a gallery's faces that were enrolled from the photo of this hash. */
  facesOfPhoto(gallery: string, photoHash: string): Promise<readonly string[]>;

  /** A copy of a face's vector. @throws NearFaceError `STORAGE_FAILED` where it is damaged */
  readVector(scope: Scope, id: string): Promise<Float32Array<ArrayBuffer>>;
  /**
   * Copies of vectors by number; those that are gone or damaged are left out.
   *
   * @param rows - what they are to be rotated by, as the memory's rows are; without it they are as they were given
   */
  readVectors(
    modelId: string,
    seqs: readonly number[],
    rows?: SecretRotation,
  ): Promise<ReadonlyMap<number, Float32Array<ArrayBuffer>>>;
  /** `null` where no picture of that kind was kept. */
  readPicture(scope: Scope, id: string, kind: PictureKind): Promise<Blob | null>;

  /**
   * The faces nearest to each probe as the database finds them itself, by falling cosine, which is good to three digits; some may be
   * missing unless `exact` is asked for. Absent where it does not.
   */
  readonly nearest?: ((query: NearestQuery) => Promise<readonly (readonly Match[])[]>) | undefined;

  /** The next faces of a gallery, whole: so many and so many bytes of pictures, one at least. */
  readWhole(gallery: string, query: WholeQuery): Promise<WholeFaces>;
  /**
   * Keeps faces that nobody sees before `work` has ended: then all of them, or, where it throws, none; their ids are taken meanwhile. It
   * begins with the first call of `into`, and what the gallery had before is what it had then. One at a time.
   *
   * @throws NearFaceError `STORAGE_FAILED` where another one is under way, or was ended by others, as by {@link eraseAll}
   */
  importInto<T>(
    gallery: string,
    work: (into: Import, signal: AbortSignal) => Promise<T>,
    signal: AbortSignal,
  ): Promise<T>;

  /** What it holds and takes up. */
  usage(): Promise<StorageUsage>;
  /** Refuses what is known to take more room than there is. @throws NearFaceError `STORAGE_FULL` */
  checkRoom(bytes: number, what: string): Promise<void>;
  /** Looks at every record. Answers what is damaged. */
  check(signal?: AbortSignal): Promise<Damage>;
  /** Deletes what is damaged, and counts anew what is left. */
  clearDamaged(signal?: AbortSignal): Promise<Clearing>;
  /** From now on nobody is told any more that the database was lost. */
  acknowledgeLoss(): Promise<void>;
}

/** Where a face is looked for: in a gallery, or in whatever galleries it is. */
export type Scope = string | null;

/** How a gallery is deleted. */
export interface GalleryDeletion {
  /** Whether all its faces go with it, out of other galleries, too. */
  readonly withFaces?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** A gallery beside the models of the database. */
export interface GalleryAndModels {
  readonly gallery: StoredGallery;
  /** Those that have vectors; faces of imports that are under way count. */
  readonly models: ReadonlyMap<string, StoredModel>;
}

/** Opens a database: fills the memory with what lies there, and keeps it in step from then on. */
export type OpenDatabase = (memory: FaceMemory, options: OpeningOptions) => Promise<GalleryDatabase>;

/** How a database is opened. */
export interface OpeningOptions {
  readonly onProgress?: ((facesDone: number, facesTotal: number) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** What a page is asked for. */
export interface PageQuery extends FaceFilter {
  readonly limit: number;
  readonly cursor?: string;
  /** Faces passed over, without a cursor. */
  readonly skip?: number;
  readonly order?: 'oldest' | 'newest';
  /** Numbers below this one. */
  readonly before?: number;
  /** Numbers above this one. */
  readonly after?: number;
}

/** Which of a gallery's metas are told, in their order; all unless it says so. */
export interface MetaPage {
  readonly limit?: number;
  /** Metas passed over. */
  readonly offset?: number;
}

/** Which faces are read whole. */
export interface WholeQuery {
  /** The model of all of them. @throws NearFaceError `MODEL_MISMATCH` where one has another */
  readonly modelId: string;
  /** The number after which they come. */
  readonly after: number;
  readonly pictures: boolean;
}

/** Which faces are looked for near to probes. */
export interface NearestQuery extends FaceFilter {
  readonly modelId: string;
  /** Faces that are in one of them at least. */
  readonly galleries: readonly string[];
  /** Unit vectors. */
  readonly probes: readonly Float32Array[];
  /** Of each probe, at most. */
  readonly limit: number;
  /** Whether every face is looked at. */
  readonly exact: boolean;
}

/** Faces with all that belongs to them. */
export interface WholeFaces {
  readonly faces: readonly WholeFace[];
  /** The number of the last face that was looked at. */
  readonly last: number;
  readonly atEnd: boolean;
  /** What is damaged and could not be read. */
  readonly leftOut: LeftOut;
}

/** A face with all that belongs to it. */
export interface WholeFace {
  readonly record: PortableRecord;
  readonly vector: Float32Array<ArrayBuffer>;
  readonly pictures: PreparedFace['pictures'];
}

/** What is damaged and was left out. */
export interface LeftOut {
  readonly faces: number;
  readonly pictures: number;
}

/** An import that is under way. */
export interface Import {
  /** From here on other imports are refused; the other verbs begin it by themselves. @throws NearFaceError `GALLERY_NOT_FOUND` */
  begin(): Promise<void>;
  /** Keeps some faces, of one model and in that gallery alone, all or none. @throws NearFaceError as {@link GalleryDatabase.addFaces} */
  store(faces: readonly PreparedFace[]): Promise<void>;
  /** Whether the gallery had a face of that photo before. */
  hadPhoto(photoHash: string): Promise<boolean>;
  /**
   * Whether the gallery had that face, with the same vector, before. One whose vector is damaged is known by its id; if model and time are the
   * same, too, the next swap of new embeddings gives it this vector.
   */
  hadFace(face: Pick<PreparedFace, 'id' | 'modelId' | 'vector' | 'timestamp'>): Promise<boolean>;
}

/** The stored jobs. Every method throws NearFaceError, `BAD_PARAM` of an id that no job of the kind has. */
export interface JobStore {
  readonly recognitions: RecognitionStore;
  /** All jobs, the newest first, those of the same millisecond by id. */
  listJobs(): Promise<readonly AnyStoredJob[]>;
  readJob(id: string): Promise<AnyStoredJob>;
  /** A job without photos. @throws NearFaceError `GALLERY_NOT_FOUND`, `BAD_PARAM` of an id that another one has */
  createJob(id: string, gallery: string, options: StoredJob['options'], tag?: string): Promise<StoredJob>;
  /** Adds photos; they wait. */
  addJobItems(id: string, items: readonly NewJobItem[]): Promise<void>;
  /** The next waiting photos from a number on; none unless the job is running. */
  waitingItems(id: string, from: number, count: number): Promise<readonly StoredJobItem[]>;
  /** All photos, without their bytes. */
  listJobItems(id: string): Promise<readonly JobItem[]>;
  /** Notes what became of a photo. Its bytes go, unless it failed and may be tried again. */
  settleJobItem(id: string, index: number, outcome: JobOutcome): Promise<StoredJob>;
  /**
   * Enrols the faces of a waiting photo, takes those out that they replace, and notes what became of the photo: all of it or nothing.
   * A photo that waits no more, or whose job was cancelled, is left as it is.
   */
  enrolJobItem(id: string, index: number, photo: JobPhoto): Promise<SettledPhoto>;
  /** The same with people who come with its faces; nothing, and nothing is done, where the plan holds no more. */
  enrolJobPeople(id: string, index: number, photo: JobPhoto, plan: PeoplePlan): Promise<SettledPhoto | null>;
  stepJob(id: string, step: JobStep, error?: JobError): Promise<AnyStoredJob>;
  /** Lets the failed photos, or sources, wait again. */
  retryJob(id: string): Promise<void>;
  /** Deletes a job with all that is stored of it alone; enrolled faces stay. */
  deleteJob(id: string): Promise<void>;
  /**
   * Takes a job for this engine alone, against processes that the host's locks do not reach; the process's end gives it back. Answers whether
   * nobody had it: always where there are no such processes.
   */
  takeJob(id: string): Promise<boolean>;
  /** Gives it back; nothing happens if it was not taken. */
  leaveJob(id: string): Promise<void>;
  /** Whether somebody has taken it, as far as the database can tell. */
  isJobTaken(id: string): Promise<boolean>;
}

/** A photo of a job. */
export interface StoredJobItem extends JobItem {
  /** Its encoded bytes; none once it is in the gallery. */
  readonly photo: Uint8Array<ArrayBuffer>;
  readonly type: string;
}

/** A photo that a job is given. */
export type NewJobItem = Pick<StoredJobItem, 'name' | 'meta' | 'photo' | 'type'>;

/** What is enrolled of a job's photo. */
export interface JobPhoto {
  readonly faces: readonly PreparedFace[];
  /** What the others fell short of. */
  readonly shortfalls: readonly EnrolShortfall[];
  readonly duplicates: DuplicateRule;
}

/** What became of a job's photo, and the job as it is then. */
export interface SettledPhoto {
  readonly job: StoredJob;
  readonly outcome: JobOutcome;
}

/** New embeddings beside those that answer. */
export interface RegeneratedStore {
  countStale(modelId: string): Promise<StaleCounts>;
  /** The next faces of other models, or with damaged embeddings, that have no new embedding yet. */
  nextStale(modelId: string, afterSeq: number, count: number): Promise<readonly StaleFace[]>;
  /**
   * Keeps new embeddings; the old ones still answer. Those of faces that are gone are not kept.
   *
   * @throws NearFaceError `BAD_PARAM` of one that is not as long as the model's others
   */
  putRegenerated(modelId: string, made: readonly FreshEmbedding[]): Promise<void>;
  /**
   * Puts them in the place of the old ones, all at once.
   *
   * @throws NearFaceError `BAD_PARAM` where a face has none and `missing` is `keep`; `STORAGE_FAILED` while an import is under way
   */
  swapRegenerated(modelId: string, missing: 'keep' | 'delete', signal?: AbortSignal): Promise<Swapped>;
}

/** How far the faces of other models than one are. */
export interface StaleCounts {
  /** Faces whose embedding another model made, or is damaged. */
  readonly stale: number;
  /** Those of them whose new embedding is there already. */
  readonly made: number;
}

/** A face whose embedding is to be made anew, with its crop if one was kept. */
export interface StaleFace {
  readonly seq: number;
  readonly id: string;
  /** The model that made its embedding. */
  readonly modelId: string;
  /** That embedding, of unit length; absent where it is damaged. */
  readonly vector?: Float32Array<ArrayBuffer>;
  /** Where it was measured. */
  readonly reliability?: number;
  readonly crop?: { readonly type: string; readonly bytes: ArrayBuffer };
}

/** A face's new embedding, of unit length. */
export interface FreshEmbedding {
  readonly seq: number;
  readonly vector: Float32Array<ArrayBuffer>;
  /** 0..1. */
  readonly reliability?: number;
}

/** Faces that have new embeddings, and those that were deleted for want of one. */
export interface Swapped {
  readonly swapped: number;
  readonly deleted: number;
}

/** The passphrase and the passkeys of a database. Every method throws NearFaceError. */
export interface ProtectedStore {
  readonly encrypted: boolean;
  /** Encrypts a plain database, all or nothing. @throws NearFaceError `LOCKED` where it is encrypted already */
  encrypt(passphrase: string, options?: CopyOptions): Promise<Encryption>;
  /** Encrypts the keys with another passphrase, or everything with new keys. @throws NearFaceError `LOCKED` where `current` is wrong */
  changePassphrase(
    current: string,
    next: string,
    options?: CopyOptions & { readonly rekey?: boolean },
  ): Promise<PassphraseChange>;
  /** Rotates all vectors by a new secret, all or nothing. @throws NearFaceError `BAD_PARAM` where it is not encrypted */
  renew(options?: CopyOptions): Promise<Encryption>;
  /** Lets a passkey open the database. @throws NearFaceError `BAD_PARAM` where it is not encrypted */
  addPasskey(passkey: PasskeySecret, name: string): Promise<Passkey>;
  listPasskeys(): Promise<readonly Passkey[]>;
  /** @throws NearFaceError `BAD_PARAM` if there is none of that id */
  removePasskey(id: string): Promise<void>;
}

/** How copying a database reports and ends. */
export interface CopyOptions {
  readonly onProgress?: ((facesDone: number, facesTotal: number) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * What the engine keeps in memory of all faces: the vectors that are searched, and what faces are found by. A database fills it and tells
 * it every change once it is stored; one that has no index of its own may find faces by it.
 */
export interface FaceMemory {
  readonly lookup: FaceLookup;
  /** The search codes of vectors, to be stored with them. */
  readonly encode: Encode;
  /** Makes room for new faces of a model. @throws NearFaceError `STORAGE_FULL` */
  reserve(modelId: string, dimension: number, count: number): void;
  /** New faces of a model, whose vectors have so many numbers. */
  add(modelId: string, dimension: number, rows: FaceRows): void;
  has(modelId: string, seq: number): boolean;
  apply(change: MemoryChange): void;
  /**
   * Begins anew: what is put into the answer takes the place of everything when it is whole.
   *
   * @param rotations - what the vectors are rotated by that come into it, and from then on, as rows: whoever searches them gives and gets plain ones
   */
  refill(rotations?: SecretRotations): Refill;
}

/** Everything, as it is read anew. */
export interface Refill extends Pick<FaceMemory, 'reserve' | 'add' | 'has'> {
  /** It takes the place of what was there. @param damaged - faces whose vectors cannot be read */
  end(damaged: readonly DamagedFace[]): void;
  /** It is dropped. */
  cancel(): void;
}

/** A change of faces that are in memory. Galleries are tags. */
export type MemoryChange =
  /** Faces that came unseen are in a gallery now. */
  | { readonly kind: 'shown'; readonly gallery: string; readonly ranges: readonly SeqRange[] }
  /** Faces left a gallery; some are gone with it. */
  | {
      readonly kind: 'left';
      readonly gallery: string;
      readonly stay: Float64Array;
      readonly erased: Float64Array;
    }
  /** What faces are found by now. */
  | { readonly kind: 'changed'; readonly faces: readonly FaceKeys[] }
  | { readonly kind: 'gone'; readonly gallery: string };

/** First and last of neighbouring numbers. */
export type SeqRange = readonly [first: number, last: number];
