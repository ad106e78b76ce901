import type { IDBPObjectStore, IDBPTransaction, DBSchema } from 'idb';
import type { FaceRecord, PictureKind } from '../../core/records.ts';
import type { RowGroup } from '../../search/matrix.ts';
import type { FaceKeys } from '../face-keys.ts';
import type { FaceIndex } from '../face-index.ts';
import type { Sealer } from './sealer.ts';

/** Version of the layout below. `migrations/` brings earlier ones up to it. */
export const DB_VERSION = 4;

/** The gallery that is always there. */
export const DEFAULT_GALLERY = 'default';

/** Rows of a full segment. */
export const SEGMENT_ROWS = 256;

/** Bytes that faces take up in the database, vectors apart: records as JSON, pictures as encoded. */
export interface FaceBytes {
  readonly records: number;
  readonly pictures: number;
}

/** So many faces, and their bytes. */
export interface FaceCount {
  readonly faces: number;
  readonly bytes: FaceBytes;
}

/** A gallery; `count` and `bytes` change in the same transaction as its faces. */
export interface StoredGallery {
  readonly name: string;
  readonly capacity: number | null;
  readonly count: number;
  readonly bytes: FaceBytes;
  /** The model of all its embeddings; `null` while it is empty. */
  readonly modelId: string | null;
  readonly createdAt: number;
}

/** A face as the store's functions see it. */
export interface StoredFace extends FaceRecord {
  /** Rises with every enrolment and is never used again. */
  readonly seq: number;
  readonly pictureBytes: number;
}

/** Faces of a full block of records. */
export const BLOCK_FACES = 32;

/**
 * The records of the faces whose numbers, divided by {@link BLOCK_FACES}, give `block`: many rows in few values,
 * since IndexedDB takes a value's time for each. A face's record is JSON, in an encrypted database sealed.
 */
export interface RecordBlock {
  readonly block: number;
  /** Rising. */
  readonly seqs: readonly number[];
  /** The record of each. */
  readonly records: readonly (string | Uint8Array<ArrayBuffer>)[];
}

/** A gallery as it lies in the database; `name` is a tag. */
export interface GalleryRow {
  readonly name: string;
  readonly sealed?: Uint8Array<ArrayBuffer>;
}

/**
 * Vectors of up to {@link SEGMENT_ROWS} faces of one model in the order of their numbers, with what is kept in memory
 * beside them to find faces by. `first` is the number of the first face that was ever in it; a deleted face's row is cut
 * out.
 */
export interface StoredSegment {
  readonly modelId: string;
  readonly first: number;
  readonly dimension: number;
  /** The face in each row. */
  readonly seqs: Float64Array;
  /** When each face was enrolled, in milliseconds since 1970. */
  readonly times: Float64Array;
  /** Short hashes of the ids' tags. */
  readonly ids: Uint32Array;
  /** Hashes of the metas' tags. */
  readonly metas: Float64Array;
  /** Hashes of the tags of the persons' ids; 0 where a face has none. */
  readonly persons: Float64Array;
  /** Short hashes of the tags of the photos' hashes; 0 where there is none. */
  readonly photos: Uint32Array;
  /** Row by row. */
  readonly vectors: Float32Array;
  /** The vectors' search codes, row by row; empty where they are to be made when they are read. */
  readonly codes: Uint8Array<ArrayBuffer>;
  /** How far each vector can be trusted, 0..255: the reliability of the face's record, times 255. */
  readonly reliabilities: Uint8Array<ArrayBuffer>;
  /** Which rows are in which gallery. */
  readonly groups: readonly RowGroup[];
}

/**
 * A segment as it lies in the database: in an encrypted one vectors, codes and reliabilities are sealed bytes. One of an earlier
 * version has no reliabilities: what is assumed holds for all its faces.
 */
export type SegmentRow = Omit<StoredSegment, 'vectors' | 'reliabilities'> & {
  readonly vectors: Float32Array | Uint8Array<ArrayBuffer>;
  readonly reliabilities?: Uint8Array<ArrayBuffer>;
};

/** An encoded picture. Bytes, not a Blob: all of it is in the database when the transaction is complete. */
export interface StoredPicture {
  readonly type: string;
  readonly bytes: ArrayBuffer;
}

/** An enrolment job as it lies in the database; see `jobs.ts`. */
export interface JobRow {
  readonly id: string;
  readonly job?: object;
  readonly sealed?: Uint8Array<ArrayBuffer>;
}

/** A photo of a job as it lies in the database. */
export interface JobItemRow {
  readonly job: string;
  readonly index: number;
  readonly status: string;
  /** Tags of the faces that were enrolled. */
  readonly ids: readonly string[];
  readonly photo: Uint8Array<ArrayBuffer>;
  readonly item?: object;
  readonly sealed?: Uint8Array<ArrayBuffer>;
}

/** A new embedding as it lies in the database; in an encrypted one its bytes are sealed. */
export interface RegeneratedRow {
  readonly modelId: string;
  readonly seq: number;
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** One byte, 0..255; absent where it was not measured, and in rows of earlier versions. */
  readonly reliability?: Uint8Array<ArrayBuffer>;
}

/** What is known of a model that has vectors in the database. */
export interface StoredModel {
  readonly dimension: number;
  readonly faces: number;
  readonly segments: number;
}

/** Counters, read and written inside the transactions that use them. */
export interface StoredState {
  readonly nextSeq: number;
  /** Rises with every transaction that a search can notice. */
  readonly revision: number;
  readonly models: ReadonlyMap<string, StoredModel>;
  /** Of all faces. */
  readonly bytes: FaceBytes;
  /** Names the keys that rows are sealed with; absent in a plain database, and in one that an earlier version encrypted. */
  readonly keyId?: string;
  /** How often everything was copied into another database; see `slots.ts`. */
  readonly generation?: number;
  /** Whether the browser began the database anew since its files were damaged, and nobody has acknowledged it. */
  readonly lost?: boolean;
  /** Whether everything is being copied: nothing may be written meanwhile. */
  readonly moving?: boolean;
  readonly importing?: StoredImport;
}

/** An import that is under way; see `importing.ts`. */
export interface StoredImport {
  readonly id: string;
  /** First and last numbers of the faces it has stored: if it does not end, they go. */
  readonly ranges: readonly SeqRange[];
  /**
   * These faces: they are counted in the counters, but in no gallery, and nobody sees them. Absent before the first, and where an
   * earlier version imported, whose faces were seen as they came.
   */
  readonly hidden?: FaceCount & { readonly modelId: string };
}

/** First and last of neighbouring numbers. */
export type SeqRange = readonly [first: number, last: number];

/**
 * What a transaction changed, for the matrices of other pages. Galleries are tags. It says nothing of what a face is found
 * by, since it is kept when the face is deleted.
 */
export type Change =
  | {
      readonly kind: 'added';
      readonly first: number;
      readonly last: number;
      /** In no gallery before they are shown. */
      readonly hidden?: boolean;
    }
  | { readonly kind: 'shown'; readonly gallery: string; readonly ranges: readonly SeqRange[] }
  | {
      readonly kind: 'left';
      readonly gallery: string;
      readonly stay: Float64Array;
      readonly erased: Float64Array;
    }
  | { readonly kind: 'changed'; readonly modelId: string; readonly seqs: Float64Array }
  | { readonly kind: 'gone'; readonly gallery: string }
  | { readonly kind: 'reload' };

/** How an encrypted database is unlocked; see `vault.ts`. */
export interface StoredKeys {
  readonly salt: Uint8Array<ArrayBuffer>;
  readonly iterations: number;
  /** The database's keys, encrypted with the key that the passphrase gives. */
  readonly wrapped: Uint8Array<ArrayBuffer>;
  readonly nonce: Uint8Array<ArrayBuffer>;
}

/** The database. */
export interface GalleryDb extends DBSchema {
  galleries: { key: string; value: GalleryRow };
  records: { key: number; value: RecordBlock };
  vectors: { key: [modelId: string, first: number]; value: SegmentRow };
  pictures: { key: [seq: number, kind: PictureKind]; value: StoredPicture };
  jobs: { key: string; value: JobRow };
  jobItems: {
    key: [job: string, index: number];
    value: JobItemRow;
    indexes: { status: [string, string, number]; ids: string };
  };
  /** New embeddings beside the old ones; see `regenerating.ts`. */
  regenerated: {
    key: [seq: number, modelId: string];
    value: RegeneratedRow;
    indexes: { modelId: string };
  };
  changes: { key: number; value: readonly Change[] };
  state: { key: 'state'; value: StoredState };
  keys: { key: 'keys'; value: StoredKeys };
}

export type StoreName =
  | 'galleries'
  | 'records'
  | 'vectors'
  | 'pictures'
  | 'jobs'
  | 'jobItems'
  | 'regenerated'
  | 'changes'
  | 'state'
  | 'keys';
export const STORES: readonly StoreName[] = [
  'galleries',
  'records',
  'vectors',
  'pictures',
  'jobs',
  'jobItems',
  'regenerated',
  'changes',
  'state',
  'keys',
];

export type UpgradeTx = IDBPTransaction<GalleryDb, StoreName[], 'versionchange'>;

/** A transaction over all stores that can read. */
export interface ReadTx {
  readonly sealer: Sealer;
  /** The counters. */
  readonly state: StoredState;
  /** Finds the numbers of faces; in step with the database as the transaction found it. */
  readonly index: FaceIndex;
  objectStore<Name extends StoreName>(
    name: Name,
  ): IDBPObjectStore<GalleryDb, StoreName[], Name, 'readonly' | 'readwrite'>;
}

/** A transaction over all stores that can write. */
export interface WriteTx extends ReadTx {
  /** What is put here is stored at the end. */
  state: StoredState;
  objectStore<Name extends StoreName>(name: Name): IDBPObjectStore<GalleryDb, StoreName[], Name, 'readwrite'>;
  /**
   * Tells the other pages, once the transaction is complete.
   *
   * @param keys - what changed faces are found by now, for this page
   */
  note(change: Change, keys?: readonly FaceKeys[]): void;
}

/** The counters of an empty database. */
export const EMPTY_STATE: StoredState = {
  nextSeq: 1,
  revision: 0,
  models: new Map(),
  bytes: { records: 0, pictures: 0 },
};

/** How many faces there are, by the counters. */
export function facesIn({ models }: Pick<StoredState, 'models'>): number {
  return Array.from(models.values(), ({ faces }) => faces).reduce((sum, faces) => sum + faces, 0);
}

/** An empty gallery. */
export function newGallery(name: string, capacity: number | null): StoredGallery {
  return { name, capacity, count: 0, bytes: EMPTY_STATE.bytes, modelId: null, createdAt: Date.now() };
}

/** Two counts of bytes together; the second may be taken off. */
export function addBytes(a: FaceBytes, b: FaceBytes, sign: 1 | -1 = 1): FaceBytes {
  return { records: a.records + sign * b.records, pictures: a.pictures + sign * b.pictures };
}

/**
 * What faces take up. Which galleries they are in is left out, so that it stays while they come and go; and so are their
 * reliabilities, which records of earlier versions were counted without.
 */
export function bytesOf(faces: readonly StoredFace[]): FaceBytes {
  let bytes = EMPTY_STATE.bytes;
  for (const face of faces) {
    const { seq: _, galleries: _galleries, pictureBytes: pictures, ...counted } = face;
    const { reliability: _reliability, reliabilityAssumed: _assumed, ...record } = counted;
    bytes = addBytes(bytes, { records: JSON.stringify(record).length, pictures });
  }
  return bytes;
}

/** Counts the bytes of faces that come into the database (1) or leave it (-1). */
export function countBytes(tx: WriteTx, faces: readonly StoredFace[], sign: 1 | -1): void {
  tx.state = { ...tx.state, bytes: addBytes(tx.state.bytes, bytesOf(faces), sign) };
}
