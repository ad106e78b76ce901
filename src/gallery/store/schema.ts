import type { Attributes } from '../../core/attributes.ts';
import type { Quality } from '../../core/quality.ts';
import type { DBSchema, IDBPDatabase, IDBPTransaction } from 'idb';
import type { Box } from '../../core/types.ts';
import type { PictureKind } from '../../core/records.ts';

/** Version of the layout below. */
export const DB_VERSION = 1;

/** The gallery that is always there. */
export const DEFAULT_GALLERY = 'default';

/** Rows of a full segment. */
export const SEGMENT_ROWS = 512;

/** A gallery; `count` changes in the same transaction as its faces. */
export interface StoredGallery {
  readonly name: string;
  readonly capacity: number | null;
  readonly count: number;
  /** The model of all its embeddings; `null` while it is empty. */
  readonly modelId: string | null;
  readonly createdAt: number;
}

/** A face: a record, and where its vector lies. */
export interface StoredFace {
  /** Rises with every enrolment and is never used again. */
  readonly seq: number;
  readonly id: string;
  readonly meta: string;
  readonly galleries: readonly string[];
  /** [gallery, meta] for each gallery, for the index `galleryMeta`. */
  readonly galleryMeta: readonly (readonly [gallery: string, meta: string])[];
  readonly modelId: string;
  readonly timestamp: number;
  readonly pictures: readonly PictureKind[];
  /** Segment number, and row in the segment. */
  readonly segment: number;
  readonly row: number;
  readonly box?: Box;
  readonly photoHash?: string;
  readonly personId?: string;
  readonly cameraId?: string;
  readonly friend?: boolean;
  readonly quality?: Quality;
  readonly attributes?: Attributes;
}

/** Vectors of up to {@link SEGMENT_ROWS} faces of one model. Rows are only appended; a deleted row is zeros. */
export interface StoredSegment {
  readonly no: number;
  readonly modelId: string;
  readonly dimension: number;
  /** The face in each row; 0 where it was deleted. */
  readonly seqs: Float64Array;
  /** Row by row. */
  readonly vectors: Float32Array;
  /** Rows that are not deleted. A segment without any is removed. */
  readonly live: number;
}

/** An encoded picture. Bytes, not a Blob: all of it is in the database when the transaction is complete. */
export interface StoredPicture {
  readonly type: string;
  readonly bytes: ArrayBuffer;
}

/** What is known of a model that has vectors in the database. */
export interface StoredModel {
  readonly dimension: number;
  /** The segment that takes the next row. */
  readonly tail: number;
  /** Vectors of the model that are not deleted. */
  readonly faces: number;
}

/** Counters, read and written inside the transactions that use them. */
export interface StoredState {
  readonly nextSeq: number;
  readonly nextSegment: number;
  readonly deletedRows: number;
  readonly models: ReadonlyMap<string, StoredModel>;
}

/** The database. */
export interface GalleryDb extends DBSchema {
  galleries: { key: string; value: StoredGallery };
  faces: {
    key: number;
    value: StoredFace;
    indexes: { id: string; galleries: string; galleryMeta: [string, string] };
  };
  segments: { key: number; value: StoredSegment };
  pictures: { key: [seq: number, kind: PictureKind]; value: StoredPicture };
  state: { key: 'state'; value: StoredState };
}

export type StoreName = 'galleries' | 'faces' | 'segments' | 'pictures' | 'state';
export const STORES: readonly StoreName[] = ['galleries', 'faces', 'segments', 'pictures', 'state'];

type Transaction<Mode extends IDBTransactionMode> = IDBPTransaction<GalleryDb, StoreName[], Mode>;

/** A transaction over all stores that can read. */
export type ReadTx = Transaction<'readonly'> | Transaction<'readwrite'>;

/** A transaction over all stores that can write. */
export type WriteTx = Transaction<'readwrite'>;

/** Creates the stores of version 1, and the default gallery. */
export function createStores(
  db: IDBPDatabase<GalleryDb>,
  tx: IDBPTransaction<GalleryDb, StoreName[], 'versionchange'>,
): void {
  db.createObjectStore('galleries', { keyPath: 'name' });
  const faces = db.createObjectStore('faces', { keyPath: 'seq' });
  faces.createIndex('id', 'id', { unique: true });
  faces.createIndex('galleries', 'galleries', { multiEntry: true });
  faces.createIndex('galleryMeta', 'galleryMeta', { multiEntry: true });
  db.createObjectStore('segments', { keyPath: 'no' });
  db.createObjectStore('pictures');
  db.createObjectStore('state');
  const state: StoredState = { nextSeq: 1, nextSegment: 1, deletedRows: 0, models: new Map() };
  void tx.objectStore('state').add(state, 'state');
  void tx.objectStore('galleries').add(newGallery(DEFAULT_GALLERY, null));
}

/** An empty gallery. */
export function newGallery(name: string, capacity: number | null): StoredGallery {
  return { name, capacity, count: 0, modelId: null, createdAt: Date.now() };
}

/** The counters. */
export async function readState(tx: ReadTx): Promise<StoredState> {
  const state = await tx.objectStore('state').get('state');
  if (!state) throw new Error('the database has lost its counters');
  return state;
}
