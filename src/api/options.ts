import type { DatabasePlace } from '../core/database-place.ts';
import type { JobItemStatus, JobProgress } from '../core/jobs.ts';
import type { MetaRule } from '../sources/meta-rule.ts';
import type { JsonValue } from '../core/json-value.ts';
import type { AttributeGroup } from '../core/attributes.ts';
import type { QualityGate } from '../core/quality-gate.ts';
import type { ExportFormat, FaceFilter, Keep } from '../core/records.ts';
import type { Box, Face, FacesRule, Progress, Threshold } from '../core/types.ts';
import type { EmbeddingProbe } from './embedding-probe.ts';
import type { DecodeHook } from './image-input.ts';
import type { EnrolOutcome } from './enrol-outcome.ts';
import type { ModelChoices } from './model-options.ts';

/** How new faces are assigned to people. */
export interface PeopleOptions {
  /**
   * `auto`: a new face is of the person of the most similar stored face, and takes its meta where it has none; where no stored face is
   * similar enough it is of somebody new. A face that is given a `personId` keeps that. Default: `off`.
   */
  readonly people?: 'auto' | 'off';
  /**
   * Whether faces of all cameras are compared; otherwise those of the same camera alone, and faces without a camera among themselves.
   * Default: false.
   */
  readonly global?: boolean;
  /** From when on a stored face counts as one of the same person; not `fpir`. Default: confidence 0.75. */
  readonly personThreshold?: Threshold;
}

/** Options of {@link NearFace.create}. Those of people hold for every call that does not say otherwise. */
export interface CreateOptions extends PeopleOptions {
  /**
   * URL of the folder that holds the library's workers, WASM and models, relative to the page. Default: the
   * folder that the script itself was loaded from.
   */
  readonly assets?: string | URL;
  /**
   * `auto` (default): WebGPU where a real adapter exists, else WASM. `webgpu` insists, and takes software
   * adapters too; `BACKEND_UNAVAILABLE` without one. `wasm` never asks for a GPU.
   */
  readonly device?: 'auto' | 'webgpu' | 'wasm';
  /**
   * Threads that the models, and searches among 200,000 faces or more, run on, 1..64; more than one need a cross-origin
   * isolated page or Node. Models take 16 at most, a search eight. Default: 1 for models; for searches as many as the machine has,
   * up to 4.
   */
  readonly threads?: number;
  /**
   * Workers that look at photos, 1..64, each with threads and models of its own and about 100 MB for them: so many photos are looked at
   * side by side, each whole in one. A number is started by the creation. Default: as many as cores and memory allow (in a page cores less one, 4 at
   * most), of which the first is started, and each other when photos wait; 1 on WebGPU and with `threads` above 1.
   */
  readonly visionWorkers?: number;
  /** Other models than the manifest's defaults, by role: an id of the manifest, or an entry of your own. */
  readonly models?: ModelChoices;
  /**
   * URL of TF.js's `tf.min.js`, needed only for a model with `format: 'tfjs'`; in Node a path or `file:` URL. Default: in `assets`; in
   * Node the installed package `@tensorflow/tfjs`.
   */
  readonly tfjs?: string | URL;
  /**
   * Name of the IndexedDB database; `null` keeps galleries in memory, where they end with this instance. In Node, where a name keeps
   * nothing, `{ folder }` or `{ url }`: see docs/node.md. Default: `nearface`.
   */
  readonly database?: string | DatabasePlace | null;
  /**
   * What is done where the browser gives this page no storage, as in a third-party frame: `auto` (default) keeps galleries in memory
   * unless there is a passphrase, and `nf.info.storage.kind` and `nf.info.warnings` say so; `required` refuses with `STORAGE_FAILED`.
   */
  readonly storage?: 'auto' | 'required';
  /**
   * Encrypts the database, or opens one that is encrypted: 8 to 1,024 characters. Nobody can restore it. Default:
   * the database is not encrypted.
   */
  readonly passphrase?: string;
  /**
   * Opens an encrypted database by a passkey that {@link Storage.addPasskey} made, for which the browser asks the user: a fingerprint instead of the
   * passphrase, which goes on to work. Not with `passphrase`. Default: `false`.
   */
  readonly passkey?: boolean;
  /** Which pictures are stored on enrolment, unless a call says otherwise. Default: `none`. */
  readonly keep?: Keep;
  /**
   * Sightings that are older, in days, up to 36,500, are removed with their pictures, and people made on the fly of whom nothing is left;
   * at the opening and once an hour. Default: everything is kept.
   */
  readonly retentionDays?: number;
  /**
   * Details whose models are loaded now rather than by the first call that needs them; `embedding` also for comparing, enrolling and
   * searching, and for a page that may go offline. Default: what every call needs to find faces, and models named in `models`. A face of which
   * the detectors are unsure is judged by mesh and embedding, which loads these.
   */
  readonly preload?: PreloadDetails;
  /**
   * A decoder of your own, called in the page with an encoded image that the browser cannot decode, such as TIFF or HEIC. It
   * answers `ImageData`, an `ImageBitmap` or pixels `{ width, height, data }` in RGBA, upright; what it throws becomes the `cause` of an `IMAGE_DECODING_FAILED`.
   * Default: none.
   */
  readonly decode?: DecodeHook;
  /** Called while models are fetched and galleries are opened. */
  readonly onProgress?: (progress: Progress) => void;
  /** Ends the creation with `ABORTED`; nothing is left running. */
  readonly signal?: AbortSignal;
}

/** How faces are looked for. */
export interface FindOptions {
  /**
   * What the image is. `photo`: faces are looked for in it. `aligned`: one aligned crop, as `returnDetails: { crop: true }` gives them, of
   * any size; nothing is looked for, and the picture is the face: its box is the whole picture, its score 1. It has to be square, and is scaled to
   * what the embedding model takes. What a crop does not tell is absent: reliability, quality, liveness and the attributes of `appearance`. Of these options `minFaceSize` alone
   * means something then; `area`, `autoRotate`, boxes, `minQuality` and `minLiveness` are refused. Default: `photo`.
   */
  readonly input?: 'photo' | 'aligned';
  /**
   * `fast`: one small pass for a near face. `accurate`: several scales, for near and far faces. `auto`: `fast`,
   * then `accurate` if that found none or more than one face is wanted.
   */
  readonly mode?: 'fast' | 'accurate' | 'auto';
  /** Faces with a lower score are left out, 0..1. Default: 0.5. */
  readonly minScore?: number;
  /**
   * Faces whose box's shorter side is smaller are left out, in pixels of the image. `auto`: 24, or 1.5 % of the image's
   * (or the area's) shorter side where that is more, so that large images are not searched for specks. Default: `auto` for `detect` and
   * `embed`; 32 for `compare`, `identify` and enrolment, where smaller faces are rarely of use.
   */
  readonly minFaceSize?: number | 'auto';
  /** The most faces answered, the biggest first, 1..1000. Default: 100. */
  readonly maxFaces?: number;
  /**
   * Only faces whose box overlaps this rectangle, in pixels of the image. Only its pixels are looked at, so that a small area
   * of a big picture is fast and gives smaller faces. Default: the whole image.
   */
  readonly area?: Box;
  /**
   * If no face is surely upright, look at the other three quarter turns too and take the one with the best evidence. Without it, faces
   * rolled by more than 90° are not found. The answer's `rotation` says which it was; boxes,
   * width and height are then those of the turned image.
   *
   * `all`: look at each of the four quarter turns and answer the faces of all, each once, in the turn in which it stands upright; the face's
   * own `rotation` says which. All positions are in the image as it is. It takes four times as long. Default: false.
   */
  readonly autoRotate?: boolean | 'all';
  /** Ends the call with `ABORTED`. */
  readonly signal?: AbortSignal;
}

/** Which of the faces found are used. */
export interface ChooseOptions {
  /** `biggest`, `all`, or `reject` to throw `TOO_MANY_FACES` when there are several. */
  readonly faces?: FacesRule;
  /** Use the face that overlaps each box most (IoU of 0.1 or more); overrides `faces`. Pixels of the image. */
  readonly boxes?: readonly Box[];
}

/** Details of a face beyond its box. */
export interface ReturnDetails {
  /** The box is always told, whatever this says: it is here for calls that name all that they want. */
  readonly position?: boolean;
  /** Head pose. */
  readonly angle?: boolean;
  /** The 106 landmarks. */
  readonly landmarks?: boolean;
  /** The 478 points of the dense mesh; the last ten are the irises. */
  readonly mesh?: boolean;
  /** Brightness, sharpness, what covers the face, and the rest of what a {@link QualityGate} looks at. */
  readonly quality?: boolean;
  /** All attributes, or the groups named. Their models are loaded when they are first asked for. */
  readonly attributes?: boolean | readonly AttributeGroup[];
  /**
   * Whether the face is alive or a print of one, from this picture alone. Absent from faces of which that cannot be told: those smaller
   * than {@link MIN_LIVENESS_SIZE}, and those of whose surroundings too little is in the picture.
   */
  readonly liveness?: boolean;
}

/** What {@link CreateOptions.preload} loads the models of. */
export interface PreloadDetails extends ReturnDetails {
  /** Embeddings, and the mesh that they take. */
  readonly embedding?: boolean;
}

/** Options of {@link NearFace.detect}. Default mode: `accurate`. */
export interface DetectOptions extends FindOptions {
  /** What is measured of each face. Default: its box and score alone. */
  readonly returnDetails?: ReturnDetails;
}

/** Options of {@link NearFace.embed}. Default mode: `auto`; default faces: `all`. */
export interface EmbedOptions extends FindOptions, ChooseOptions {
  /** What is measured of each face besides. Default: nothing. */
  readonly returnDetails?: ReturnDetails & {
    /** The aligned crop that was embedded; with a type also as a file of that. */
    readonly crop?: boolean | { readonly type: 'image/png' };
  };
}

/** Options of {@link NearFace.compare}. Default mode: `auto`; default faces: `biggest`. */
export interface CompareOptions extends EmbedOptions {
  /** As `boxes`, of the first image alone. */
  readonly boxesA?: readonly Box[];
  /** As `boxes`, of the second image alone. */
  readonly boxesB?: readonly Box[];
  /** From when on a pair counts as the same person. Default: confidence 0.75. */
  readonly threshold?: Threshold;
  /**
   * Faces of a lower liveness, 0..1, or of which it cannot be told, are verified with nobody; 0.5 is where {@link Liveness.value} begins to
   * be `live`. It is asked of the faces of both images, not of embeddings. Default: nothing is asked.
   */
  readonly minLiveness?: number;
  /** As `minLiveness`, of the first image alone: a selfie that is compared with the photo of a document. */
  readonly minLivenessA?: number;
  /** As `minLiveness`, of the second image alone. */
  readonly minLivenessB?: number;
}

/** What {@link Gallery.add} measures of each face and stores in its record. */
export type EnrolDetails = Pick<ReturnDetails, 'quality' | 'attributes'>;

/** Options of {@link Gallery.add}. Default mode: `auto`; default faces: `biggest`. */
export interface AddOptions extends FindOptions, ChooseOptions, PeopleOptions {
  /** Free text, usually who it is; at most 1,024 characters. Default: empty. */
  readonly meta?: string;
  /**
   * A name for the face, unique in the database, at most 128 characters; for one face only, unless it is a function, which is called for each
   * face. Default: a UUID.
   */
  readonly id?: string | (() => string);
  /** Further galleries that the face goes into. */
  readonly galleries?: readonly string[];
  /** Whose face it is: the id of a person, who is made if there is none of it. */
  readonly personId?: string;
  /** Where the face was seen: the id of a camera, or your own word for it. */
  readonly cameraId?: string;
  /** When the photo was taken, or whatever time the record is to have, in milliseconds since 1970. Default: now. */
  readonly timestamp?: number;
  /** Where the photo came from, an `http:` or `https:` URL of at most 2,048 characters. Default: the URL that it is given by, if it is such a one. */
  readonly sourceUrl?: string;
  /** Your own data, kept with the face: what JSON holds, at most 16,384 bytes as JSON in UTF-8. `null` is none. Default: none. */
  readonly extra?: JsonValue;
  /** From when on the face is gone, in milliseconds since 1970. Default: it stays. */
  readonly expiresAt?: number;
  /** Which pictures are stored. Default: as `NearFace.create` was told. */
  readonly keep?: Keep;
  /**
   * Faces below it are not enrolled but answered as `rejected`, with what fell short. The quality of those enrolled is
   * stored with them. Default: every face is enrolled.
   */
  readonly minQuality?: QualityGate;
  /**
   * Faces of a lower reliability, 0..1, are not enrolled but answered as `rejected`, with `reliability` as what fell short: too
   * little can be seen of them for a template that others could be told from. 0 enrols any. It says nothing where the
   * embedding model tells no reliability, as one of your own without `reliability`: then every face is enrolled. Default:
   * {@link DEFAULT_MIN_RELIABILITY}.
   */
  readonly minReliability?: number;
  /**
   * Faces of a lower liveness, 0..1, are not enrolled but answered as `rejected`, with `liveness` as what fell short; so are those of which it
   * cannot be told. 0.5 is where {@link Liveness.value} begins to be `live`. It is not stored. Default: nothing is asked.
   */
  readonly minLiveness?: number;
  /** Stored as `quality` and `attributes` of the record. Default: neither is measured. */
  readonly returnDetails?: EnrolDetails;
  /**
   * Of the faces at `boxes`, in their order, what is known of them already: faces of `embed`, as of an aligned crop that came with the photo, or
   * bare embeddings. Such a face is not looked for: its place is the box, of which something must lie in the photo, and `minQuality`, `minReliability`
   * and `minLiveness` are not asked of it. Of the details in `returnDetails` its record has those that the face has. `null`: the face at this box is looked for. Not with `autoRotate`. Default: all are looked
   * for.
   */
  readonly embeddings?: readonly (Float32Array | EmbeddingProbe | Face | null)[];
}

/** Options of {@link Gallery.replace}. Default mode: `auto`; default faces: `biggest`. */
export interface ReplaceOptions
  extends
    FindOptions,
    Pick<
      AddOptions,
      'keep' | 'minQuality' | 'minReliability' | 'minLiveness' | 'returnDetails' | 'sourceUrl'
    > {
  /** `biggest`, or `reject` to throw `TOO_MANY_FACES` when there are several. */
  readonly faces?: 'biggest' | 'reject';
  /** One box: use the face that overlaps it most (IoU of 0.1 or more); overrides `faces`. Pixels of the image. */
  readonly boxes?: readonly Box[];
}

/** Options of {@link Gallery.addMany}: those of `add` for every photo, and how the work is done. */
export interface AddManyOptions extends Omit<AddOptions, 'id' | 'embeddings'> {
  /** Photos under way at once, 1..16. Default: two more than twice the vision workers there may be, which keeps these busy. */
  readonly concurrency?: number;
  /** Called after each photo, in the order in which they finish. `total` is 0 if `items` has no known length. */
  readonly onProgress?: (progress: Progress, outcome: EnrolOutcome) => void;
}

/** Options of `jobs.enrol`: those of `add` for every photo, and where metas come from. */
export interface EnrolJobOptions extends Omit<AddOptions, 'id' | 'meta' | 'embeddings'> {
  /** Where metas come from. Default: the files' names. */
  readonly meta?: MetaRule;
  /**
   * What is done with a photo, by its sha256, of which the gallery has faces: enrol it again, leave it out, or delete
   * those faces once it is enrolled. Default: `add`.
   */
  readonly duplicates?: 'add' | 'skip' | 'replace';
  /** Which photos, by their paths in the source: `*` within a name, `**` any folders, `?`, `{jpg,png}`, upper case as lower. Default: all. */
  readonly match?: string;
  /** Your own word for the job, at most 1,024 characters. Default: none. */
  readonly tag?: string;
  /** Called with the number of photos that were stored so far. */
  readonly onListed?: (photos: number) => void;
}

/** Options of {@link EnrolJob.run}. */
export interface JobRunOptions {
  /** Photos under way at once, 1..16. Default: as for `addMany`. */
  readonly concurrency?: number;
  /** Called at the start and after each photo. */
  readonly onProgress?: (progress: JobProgress) => void;
  /** Pauses the job. */
  readonly signal?: AbortSignal;
}

/** Options of {@link EnrolJob.items}. */
export interface JobItemsOptions {
  /** Only photos of which this became. Default: all. */
  readonly status?: JobItemStatus;
}

/** Options of {@link Gallery.addEmbedding}. */
export type AddEmbeddingOptions = Pick<
  AddOptions,
  | 'meta'
  | 'galleries'
  | 'personId'
  | 'cameraId'
  | 'timestamp'
  | 'sourceUrl'
  | 'extra'
  | 'expiresAt'
  | 'people'
  | 'global'
  | 'personThreshold'
  | 'signal'
> & {
  /** A name for the face, unique in the database, at most 128 characters. Default: a UUID. */
  readonly id?: string;
  /** The model that made the embedding. Default: the one in use. */
  readonly modelId?: string;
  /**
   * How far the embedding can be trusted, 0..1, as `embed` gives it. Default: what the model's calibration assumes; the record
   * then says `reliabilityAssumed`.
   */
  readonly reliability?: number;
};

/** Options of {@link Gallery.addEmbeddings}; each item's own override them. */
export type AddEmbeddingsOptions = Omit<AddEmbeddingOptions, 'id'> & {
  readonly onProgress?: (progress: Progress) => void;
};

/** Options of `gallery.search`. */
export interface SearchOptions extends FaceFilter {
  /** Most matches per face, 1..1000. Default: 1. */
  readonly limit?: number;
  /** Matches below it are left out. Default: confidence 0.75. */
  readonly threshold?: Threshold;
  /** Galleries that are searched as well; a face that is in several is found once. */
  readonly galleries?: readonly string[];
  /** Scores every face in full, without the first pass over compact codes: up to nine times as long. Default: false. */
  readonly exact?: boolean;
  /**
   * Whether stored faces are answered, or people, each once: see {@link IdentifiedPerson}. A person is the faces that share a `personId`,
   * or, of those without one, a meta; a face without either is a person of its own. Default: `face`.
   */
  readonly by?: 'face' | 'person';
  /** With `by: 'person'`: most faces that are told of each person, 1..1000. Default: 5. */
  readonly facesPerPerson?: number;
  /** Ends the call with `ABORTED`. */
  readonly signal?: AbortSignal;
}

/** Options of `gallery.identify`. Default mode: `auto`; default faces: `biggest`. */
export interface IdentifyOptions extends EmbedOptions, SearchOptions {}

/** Options of {@link Gallery.export}. */
export interface ExportOptions {
  /** Default: `archive`. */
  readonly format?: ExportFormat;
  /** Whether an archive holds pictures. Default: true. */
  readonly pictures?: boolean;
  /** Encrypts an archive's faces: 8 to 1,024 characters. */
  readonly passphrase?: string;
  /** Called with the faces written so far. */
  readonly onProgress?: (progress: Progress) => void;
  /** Ends the call with `ABORTED`. */
  readonly signal?: AbortSignal;
}

/** Options of {@link Gallery.import}. */
export interface ImportOptions {
  /** Default: found out from the file. */
  readonly format?: ExportFormat;
  /** Of an encrypted archive; `BAD_PARAM` where the file is not encrypted. */
  readonly passphrase?: string;
  /**
   * Whether faces keep their ids; `FACE_EXISTS` then where one is taken. `skip` keeps them and leaves out faces that the
   * gallery has already, of the same id and vector; where that vector is damaged, the next `regenerate` takes the file's.
   * Default: `keep`.
   */
  readonly ids?: 'keep' | 'new' | 'skip';
  /** `skip` leaves out faces of photos, by their sha256, of which the gallery has faces. Default: `add`. */
  readonly duplicates?: 'add' | 'skip';
  /** Called with the faces taken in so far. */
  readonly onProgress?: (progress: Progress) => void;
  /** Ends the import with `ABORTED`; none of it stays. */
  readonly signal?: AbortSignal;
}

/** Options of {@link Gallery.cluster}. */
export interface ClusterOptions {
  /** From when on two faces are joined; not `fpir`. Default: confidence 0.75. */
  readonly threshold?: Threshold;
  /** Faces of the smallest group that is told, 1..1000000. Default: 2. */
  readonly minSize?: number;
  /** Called with the faces compared so far. */
  readonly onProgress?: (progress: Progress) => void;
  /** Ends the call with `ABORTED`. */
  readonly signal?: AbortSignal;
}

/** Options of {@link Gallery.stats}. */
export interface StatsOptions {
  /** Searches in both ways by which recall is measured, 0..10000. Default: 0, recall is not measured. */
  readonly recallProbes?: number;
  /** Ends the call with `ABORTED`. */
  readonly signal?: AbortSignal;
}

/** Options of {@link Gallery.list}. */
export interface ListOptions extends FaceFilter {
  /** Faces per page, 1..10000. Default: 100. */
  readonly limit?: number;
  /** Where the last page ended. */
  readonly cursor?: string;
  /** Faces to pass over, instead of a cursor. */
  readonly skip?: number;
  /** By enrolment; pages of one order go on in it. Default: `oldest` first. */
  readonly order?: 'oldest' | 'newest';
  /** Only faces whose {@link FaceRecord.number} is below this. */
  readonly before?: number;
  /** Only faces whose number is above this. */
  readonly after?: number;
  /** Ends the listing with `ABORTED`. */
  readonly signal?: AbortSignal;
}

/** Options of {@link Gallery.count}. */
export interface CountOptions extends FaceFilter, SignalOptions {}

/** Options of {@link Gallery.metas}. */
export interface MetasOptions extends SignalOptions {
  /** The most names answered, 1..10000. Default: all. */
  readonly limit?: number;
  /** Names to pass over. Default: 0. */
  readonly offset?: number;
}

/** Options of {@link Galleries.create}. */
export interface CreateGalleryOptions {
  /** The most faces it takes, 1..100,000,000. Default: no limit. */
  readonly capacity?: number;
  /** What it is called before people: any text, at most 256 characters. Default: nothing beside its name. */
  readonly label?: string;
  /** Whether a gallery of that name is an error, or answered as it is, whatever its capacity and label. Default `fail`. */
  readonly ifExists?: 'fail' | 'get';
}

/** Options of {@link Galleries.delete}. */
export interface DeleteGalleryOptions extends SignalOptions {
  /** Whether all its faces are deleted, out of other galleries, too; else those alone that are in no other. Default: false. */
  readonly faces?: boolean;
}

/** Options of calls that can only be cancelled. */
export interface SignalOptions {
  /** Ends the call with `ABORTED`. */
  readonly signal?: AbortSignal;
}

/** Options of `storage.encrypt` and `storage.renew`. */
export interface EncryptOptions {
  /** Rows that are encrypted, of all rows; faces lie many to a row, each picture in one of its own. */
  readonly onProgress?: (progress: Progress) => void;
  /** Ends it, and leaves everything as it was. */
  readonly signal?: AbortSignal;
}

/** Options of `storage.changePassphrase`. */
export interface ChangePassphraseOptions extends EncryptOptions {
  /**
   * Whether everything is encrypted with new keys, as {@link EncryptOptions} reports it. Without it the keys stay: whoever has a copy
   * of the database's files from before, and the old passphrase, can read what is enrolled later as well. Default: `false`.
   */
  readonly rekey?: boolean;
}

/** Options of {@link Storage.addPasskey}. */
export interface AddPasskeyOptions {
  /** What the user finds the passkey by, in the list of the browser and of {@link Storage.passkeys}: 1 to 64 characters. Default: `nearface`. */
  readonly name?: string;
  /** Ends the question with `ABORTED`. */
  readonly signal?: AbortSignal;
}

/** Options of {@link NearFace.erase}. */
export interface EraseOptions extends Pick<CreateOptions, 'assets'> {
  /** Name of the IndexedDB database. Default: `nearface`. */
  readonly database?: string;
}

/** Options of {@link Galleries.regenerate}. */
export interface RegenerateOptions {
  /** What becomes of faces without a crop in which a face is found: the call fails, or they are deleted. Default: `keep`. */
  readonly missing?: 'keep' | 'delete';
  /** Called with the faces embedded so far. */
  readonly onProgress?: (progress: Progress) => void;
  /** Ends the call with `ABORTED`; what was made so far is kept for the next call. */
  readonly signal?: AbortSignal;
}
