import type { IDBPObjectStore, IDBPTransaction, DBSchema } from 'idb';
import type { PictureKind } from '../../core/records.ts';
import type { FaceKeys } from '../face-keys.ts';
import type { FaceRows } from '../face-rows.ts';
import type { ImportedFaces } from '../hidden-faces.ts';
import { NO_PEOPLE, type PeopleCounters } from '../people/stored.ts';
import type { FaceLookup, MemoryChange } from '../port.ts';
import { addBytes, bytesOf, type FaceBytes, NO_BYTES, type StoredFace, type StoredModel } from '../stored.ts';
import type { Sealer } from './sealer.ts';

/** Version of the layout below. `migrations/` brings earlier ones up to it. */
export const DB_VERSION = 6;

/** Rows of a full segment. */
export const SEGMENT_ROWS = 256;

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
 * beside them to find faces by. A deleted face's row is cut out.
 */
export interface StoredSegment extends FaceRows {
  readonly modelId: string;
  /** The number of the first face that was ever in it. */
  readonly first: number;
  readonly dimension: number;
}

/**
 * A segment as it lies in the database: in an encrypted one vectors, codes and reliabilities are sealed bytes. One of an earlier
 * version has no reliabilities: what is assumed holds for all its faces; no expiries: they all stay; and no cameras: the records tell these.
 */
export type SegmentRow = Omit<StoredSegment, 'vectors' | 'reliabilities' | 'cameras' | 'expiries'> & {
  readonly cameras?: Float64Array;
  readonly expiries?: Float64Array;
  readonly vectors: Float32Array | Uint8Array<ArrayBuffer>;
  readonly reliabilities?: Uint8Array<ArrayBuffer>;
};

/** An encoded picture. Bytes, not a Blob: all of it is in the database when the transaction is complete. */
export interface StoredPicture {
  readonly type: string;
  readonly bytes: ArrayBuffer;
}

/** A job as it lies in the database; see `jobs.ts`. */
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

/** Somebody in a source of a job, packed, in an encrypted database sealed; see `recognitions.ts`. */
export interface AppearanceRow {
  readonly job: string;
  readonly source: number;
  readonly frame: number;
  readonly track: number;
  /** Tags of the faces that it tells of. */
  readonly faces: readonly string[];
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** A new embedding as it lies in the database; in an encrypted one its bytes are sealed. */
export interface RegeneratedRow {
  readonly modelId: string;
  readonly seq: number;
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** One byte, 0..255; absent where it was not measured, and in rows of earlier versions. */
  readonly reliability?: Uint8Array<ArrayBuffer>;
}

/** What a row holds besides its keys: in a plain database the value, in an encrypted one sealed bytes. */
export interface Held {
  readonly value?: object;
  readonly sealed?: Uint8Array<ArrayBuffer>;
}

/** A person as it lies in the database; `id` is a tag. See `people-rows.ts` for this and the next. */
export interface PersonRow extends Held {
  readonly number: number;
  readonly id: string;
}

/** A camera; `id` is a tag. */
export interface CameraRow extends Held {
  readonly id: string;
}

/** Who is not the same; tags. */
export interface PairRow extends Held {
  readonly key: string;
  readonly marks: readonly string[];
}

/** A change of people that can be taken back. */
export interface StepRow extends Held {
  readonly no: number;
  /** Tags of the faces that it names. */
  readonly faces: readonly string[];
}

/** A sighting. What it is found by are tags; `time` and `back` are its time and its number, negative. */
export interface SightingRow extends Held {
  readonly seq: number;
  readonly id: string;
  readonly time: number;
  readonly back: number;
  readonly person?: string;
  readonly camera?: string;
  readonly face?: string;
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
  /** Absent before the first, and in what earlier versions have left. */
  readonly people?: PeopleCounters;
}

/** An import that is under way; see `importing.ts`. One of an earlier version has shown its faces as they came, and counts no hidden ones. */
export interface StoredImport extends ImportedFaces {
  readonly id: string;
}

/**
 * What a transaction changed, for other pages. Galleries are tags. It says nothing of what a face is found by, since it is kept when the
 * face is deleted.
 */
export type Change =
  | {
      readonly kind: 'added';
      readonly first: number;
      readonly last: number;
      /** In no gallery before they are shown. */
      readonly hidden?: boolean;
    }
  | { readonly kind: 'changed'; readonly modelId: string; readonly seqs: Float64Array }
  /** A face has another vector. */
  | { readonly kind: 'renewed'; readonly seq: number }
  | { readonly kind: 'reload' }
  | Exclude<MemoryChange, { readonly kind: 'changed' }>;

/** How an encrypted database is unlocked; see `vault.ts`. */
export interface StoredKeys {
  readonly salt: Uint8Array<ArrayBuffer>;
  readonly iterations: number;
  /** The database's keys, encrypted with the key that the passphrase gives. */
  readonly wrapped: Uint8Array<ArrayBuffer>;
  readonly nonce: Uint8Array<ArrayBuffer>;
  /** The secret that vectors are rotated by, sealed with the keys; absent in what earlier versions have encrypted. */
  readonly rotation?: Uint8Array<ArrayBuffer>;
  /** The same keys under passkeys. */
  readonly passkeys?: readonly StoredPasskey[];
}

/** Keys under what an authenticator answers for a passkey. */
export interface StoredPasskey extends Omit<StoredKeys, 'passkeys' | 'rotation'> {
  readonly id: string;
  readonly name: string;
  /** Milliseconds since 1970. */
  readonly createdAt: number;
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
  /** Bytes of jobs' sources, and what jobs go on from, in an encrypted database sealed. */
  jobPieces: { key: [job: string, source: number, no: number]; value: Uint8Array<ArrayBuffer> };
  jobCheckpoints: { key: string; value: Uint8Array<ArrayBuffer> };
  appearances: {
    key: [job: string, source: number, frame: number, track: number];
    value: AppearanceRow;
    indexes: { faces: string; track: [job: string, source: number, track: number] };
  };
  /** New embeddings beside the old ones; see `regenerating.ts`. */
  regenerated: {
    key: [seq: number, modelId: string];
    value: RegeneratedRow;
    indexes: { modelId: string };
  };
  persons: { key: number; value: PersonRow; indexes: { id: string } };
  cameras: { key: string; value: CameraRow };
  pairs: { key: string; value: PairRow; indexes: { marks: string } };
  peopleSteps: { key: number; value: StepRow; indexes: { faces: string } };
  sightings: {
    key: number;
    value: SightingRow;
    indexes: {
      id: string;
      face: string;
      time: [time: number, back: number];
      person: [person: string, time: number, back: number];
    };
  };
  sightingPictures: { key: [seq: number, kind: PictureKind]; value: StoredPicture };
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
  | 'jobPieces'
  | 'jobCheckpoints'
  | 'appearances'
  | 'regenerated'
  | 'persons'
  | 'cameras'
  | 'pairs'
  | 'peopleSteps'
  | 'sightings'
  | 'sightingPictures'
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
  'jobPieces',
  'jobCheckpoints',
  'appearances',
  'regenerated',
  'persons',
  'cameras',
  'pairs',
  'peopleSteps',
  'sightings',
  'sightingPictures',
  'changes',
  'state',
  'keys',
];

export type AnyTx = IDBPTransaction<GalleryDb, StoreName[], 'readonly' | 'readwrite'>;
export type UpgradeTx = IDBPTransaction<GalleryDb, StoreName[], 'versionchange'>;

/** A transaction over all stores that can read. */
export interface ReadTx {
  readonly sealer: Sealer;
  /** The counters. */
  readonly state: StoredState;
  /** Finds the numbers of faces; in step with the database as the transaction found it. */
  readonly index: FaceLookup;
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
  bytes: NO_BYTES,
  people: NO_PEOPLE,
};

/** How many faces there are, by the counters. */
export function facesIn({ models }: Pick<StoredState, 'models'>): number {
  return Array.from(models.values(), ({ faces }) => faces).reduce((sum, faces) => sum + faces, 0);
}

/** Counts the bytes of faces that come into the database (1) or leave it (-1). */
export function countBytes(tx: WriteTx, faces: readonly StoredFace[], sign: 1 | -1): void {
  tx.state = { ...tx.state, bytes: addBytes(tx.state.bytes, bytesOf(faces), sign) };
}
