import type { Attributes } from './attributes.ts';
import type { JsonValue } from './json-value.ts';
import type { Quality } from './quality.ts';
import type { Box } from './types.ts';

/** What is stored of one enrolled face, without its vector and pictures. */
export interface FaceRecord {
  /** Unique in the database; chosen by the caller or a random UUID. */
  readonly id: string;
  /** Rises with every enrolment in the database and is never used again. A face that is exported and imported gets a new one. */
  readonly number: number;
  /** Free text, usually who it is; at most 1,024 characters. */
  readonly meta: string;
  /** The galleries that the face is in; never empty. */
  readonly galleries: readonly string[];
  /** The model that made the stored embedding. */
  readonly modelId: string;
  /** How far the stored embedding can be trusted, 0..1 in steps of 1/255; see {@link Face.reliability}. */
  readonly reliability: number;
  /** Where nothing tells the reliability: the embedding came without one, or from an earlier version without quality. */
  readonly reliabilityAssumed?: true;
  /** When it was enrolled, in milliseconds since 1970; of a face that a dated video or a sighting showed, when it was seen. */
  readonly timestamp: number;
  /** Where the face was in its photo, in pixels of that photo; absent for faces enrolled by embedding. */
  readonly box?: Box;
  /** sha256 of the photo's encoded bytes, lower-case hex; absent where there were none. */
  readonly photoHash?: string;
  /** The person the face was assigned to, if any. */
  readonly personId?: string;
  /** The camera it was seen by, if any. */
  readonly cameraId?: string;
  /** Where the photo came from: the `http:` or `https:` URL that it was given by, or that was told; at most 2,048 characters. */
  readonly sourceUrl?: string;
  /** Your own data, at most 16,384 bytes as JSON in UTF-8; never `null`. Nothing here looks into it. */
  readonly extra?: JsonValue;
  /** From when on it is gone, in milliseconds since 1970; absent where it stays. */
  readonly expiresAt?: number;
  /** The face's quality in its photo, if that was asked for on enrolment. */
  readonly quality?: Quality;
  /** What models estimated of the face, if that was asked for on enrolment. */
  readonly attributes?: Attributes;
  /** Which pictures are stored beside the record. */
  readonly pictures: readonly PictureKind[];
}

/** What a file holds of a record: numbers are a database's own. */
export type PortableRecord = Omit<FaceRecord, 'number'>;

/** `thumbnail`: at most 96 px; `crop`: the face with margin, at most 256 px; `photo`: the file as given. */
export type PictureKind = 'thumbnail' | 'crop' | 'photo';

/** Which pictures are stored on enrolment: none, crops and thumbnails, or these and the whole photos. */
export type Keep = 'none' | 'crops' | 'photos';

/** A gallery as `galleries.list()` tells it. */
export interface GallerySummary {
  /** As it was created. */
  readonly name: string;
  /** What it is called before people: any text, at most 256 characters; absent without one. */
  readonly label?: string;
  /** The most faces it takes; `null` without a limit. */
  readonly capacity: number | null;
  /** Faces in it now. */
  readonly count: number;
  /** The model that its embeddings belong to; `null` while it is empty. */
  readonly modelId: string | null;
  /** Milliseconds since 1970. */
  readonly createdAt: number;
}

/** Which faces of a gallery are meant; each condition must hold. */
export interface FaceFilter {
  /** Exactly this meta. */
  readonly meta?: string;
  /** Faces of this person alone. */
  readonly personId?: string;
  /** Faces that this camera saw alone. */
  readonly cameraId?: string;
  /** Enrolled at this time or later, in milliseconds since 1970. */
  readonly from?: number;
  /** Enrolled before this time. */
  readonly until?: number;
}

/** One page of `gallery.list()`. */
export interface FacePage {
  /** In the order of their enrolment, or the newest first. */
  readonly records: readonly FaceRecord[];
  /** Hand it to the next call; absent on the last page. */
  readonly cursor?: string;
}

/** One name in a gallery, and how many faces carry it. */
export interface MetaCount {
  /** The name. */
  readonly meta: string;
  /** Faces of that name. */
  readonly count: number;
  /** One of these faces. */
  readonly face: FaceRecord;
}

/** What a gallery takes up. */
export interface GalleryStats {
  /** As in {@link GallerySummary.label}. */
  readonly label?: string;
  /** How many there are. */
  readonly faces: number;
  /** Segments of vectors of the gallery's model in the database, shared by all galleries of that model. */
  readonly segments: number;
  /** What the gallery's faces take up in the database; a face in two galleries counts in both. */
  readonly bytes: StoredBytes;
  /** Bytes of memory that searches use, shared by all galleries. */
  readonly memoryBytes: number;
  /** The model of all its embeddings; `null` while it is empty. */
  readonly modelId: string | null;
  /** Numbers in an embedding; `null` while the gallery is empty. */
  readonly dimension: number | null;
  /** What searches of the gallery's model read; `null` while it is empty. */
  readonly code: SearchCode | null;
  /** Threads that a search of the whole gallery runs on now. */
  readonly searchThreads: number;
  /** How often a search finds what a full one finds, if that was asked for and there are faces. */
  readonly recall?: Recall;
}

/** The measured recall of searches in two passes against searches that score every face. */
export interface Recall {
  /** How many were searched for. */
  readonly probes: number;
  /** Share of probes whose best face was found. */
  readonly at1: number;
  /** Share of the ten best faces that were found. */
  readonly at10: number;
}

/** What a search reads of each face. */
export interface SearchCode {
  /** Bytes of the code of the first pass: two bits for each number. */
  readonly bytesPerFace: number;
  /** The second pass's vectors in memory: in full precision, or in bytes (full precision is then in the database). */
  readonly rows: 'float' | 'byte';
}

/** Bytes in the database by kind. */
export interface StoredBytes {
  /** Embeddings, four bytes a number. */
  readonly vectors: number;
  /** Names, ids and measurements. */
  readonly records: number;
  /** Encoded pictures. */
  readonly pictures: number;
}

/** People, cameras and sightings in the database. */
export interface PeopleUsage {
  /** How many there are, named or not. */
  readonly people: number;
  /** How many there are. */
  readonly cameras: number;
  /** How many there are. */
  readonly sightings: number;
  /** What they take up, with the sightings' pictures. */
  readonly bytes: number;
}

/** What the database takes up, and what the browser says of this site's storage (zeros where it does not tell). */
export interface StorageUsage {
  /**
   * Where galleries lie: in IndexedDB; in Node in PGlite or PostgreSQL; or in memory, where they end with the page: nobody asked for a database, or the browser gives the
   * page no storage.
   */
  readonly kind: 'indexeddb' | 'memory' | 'pglite' | 'postgres';
  /** In all galleries; one that is in several counts once. */
  readonly faces: number;
  /** Bytes in the database by kind; indexes and the browser's own come on top. */
  readonly bytes: StoredBytes;
  /** People, cameras and sightings, and what they take up besides. */
  readonly people: PeopleUsage;
  /** Bytes of all that this site has stored. */
  readonly usageBytes: number;
  /** What the browser may give this site; 0 where it does not tell. */
  readonly quotaBytes: number;
  /** Whether the browser promised not to evict it. */
  readonly persisted: boolean;
  /** Whether it is encrypted with a passphrase. */
  readonly encrypted: boolean;
  /**
   * Whether the browser found its files damaged and began it anew, empty; restore an export then. (Chromium does so, rarely, after it
   * was killed.) The same of galleries in memory whose worker has ended. It stays so until {@link Storage.acknowledgeLoss}.
   */
  readonly lost: boolean;
  /** What is known to be damaged; {@link Storage.check} looks at all. */
  readonly damaged: Damage;
}

/**
 * What is stored, but cannot be read. The rest can be used all the same: `galleries.regenerate` mends faces whose crops were kept, and
 * {@link Storage.clearDamaged} clears away what is not mended.
 */
export interface Damage {
  /** Galleries whose own record is damaged: their faces are there, their capacity and label are not. */
  readonly galleries: number;
  /** Faces whose embedding or record is damaged. */
  readonly faces: number;
}

/** What {@link Storage.clearDamaged} did. */
export interface Clearing {
  /** Faces that were deleted. */
  readonly faces: number;
  /** Galleries whose records were made anew of their faces, or are no more since there was none that could be read. */
  readonly galleries: number;
}

/** What `storage.encrypt` did. */
export interface Encryption {
  /**
   * Whether what lay there before is deleted. If not, another page of this site holds it open: it goes when that page is closed or
   * reloaded, or at the next opening.
   */
  readonly oldDeleted: boolean;
}

/** A passkey that opens an encrypted database beside its passphrase. */
export interface Passkey {
  /** The credential's id, base64url. */
  readonly id: string;
  /** What it was called when it was added. */
  readonly name: string;
  /** When it was added. */
  readonly createdAt: Date;
}

/** What `storage.changePassphrase` did. */
export interface PassphraseChange {
  /** Whether everything was encrypted with new keys; else only the keys were, with the new passphrase. */
  readonly rekeyed: boolean;
  /** Whether what the old passphrase opened is deleted, as in {@link Encryption}; false if it was not to be. */
  readonly oldDeleted: boolean;
}

/**
 * `archive`: everything, in nearface's own format (docs/archive-format.md); `jsonl`: records and vectors as JSON Lines;
 * `npy`: the vectors alone as a NumPy array.
 */
export type ExportFormat = 'archive' | 'jsonl' | 'npy';

/** What {@link Gallery.import} did. */
export interface ImportReport {
  /** Faces that were stored. */
  readonly imported: number;
  /** Left out, as the gallery had the same faces or faces of the same photo. */
  readonly skipped: number;
}

/** What {@link Galleries.regenerate} did. */
export interface Regeneration {
  /** Faces that have a new embedding. */
  readonly regenerated: number;
  /** Faces that could not be made anew, if they were to be deleted. */
  readonly deleted: number;
}

/** Faces that are likely of one person. */
export interface FaceGroup {
  /** The face that is most like the others. */
  readonly face: FaceRecord;
  /** All of them, that one first. */
  readonly ids: readonly string[];
}

/** What {@link Gallery.cluster} found. */
export interface Grouping {
  /** The largest first. */
  readonly groups: readonly FaceGroup[];
  /** Faces that are in no group. */
  readonly singles: number;
}

/** Changes to a gallery; what is absent stays. */
export interface GalleryPatch {
  /** What it is called before people, at most 256 characters; `null` takes it away. */
  readonly label?: string | null;
}

/** Changes to a stored face; what is absent stays. */
export interface FacePatch {
  /** The new name, up to 1,024 characters. */
  readonly meta?: string;
  /** `null` clears it. */
  readonly personId?: string | null;
  /** `null` takes it away. */
  readonly cameraId?: string | null;
  /** Your own data, whole, as in {@link FaceRecord.extra}; `null` takes it away. */
  readonly extra?: JsonValue;
  /** From when on the face is gone, in milliseconds since 1970; `null` lets it stay. */
  readonly expiresAt?: number | null;
  /** `set` replaces the list; `add` and `remove` change it. A face must stay in one gallery at least. */
  readonly galleries?: {
    readonly add?: readonly string[];
    readonly remove?: readonly string[];
    readonly set?: readonly string[];
  };
}
