/** What the rules of people ask of a database, within one transaction. */
import type { PictureKind } from '../../core/records.ts';
import type { PreparedFace } from '../face-input.ts';
import type { FaceLookup } from '../face-lookup.ts';
import type { StoredFace } from '../stored.ts';
import type { Coroutine, Later } from './coroutine.ts';
import type {
  JournalEntry,
  PeopleCounters,
  StoredCamera,
  StoredPair,
  StoredPerson,
  StoredSighting,
} from './stored.ts';

/** A view of the database. What is written through it is there for the rest of the coroutine; `index` alone tells what was before it. */
export interface PeopleTables {
  counters: PeopleCounters;
  /** Rises with every change of faces. */
  readonly revision: number;
  /** What stands for a text in `index`, and in {@link SightingKeys}. */
  tag(text: string): string;
  readonly index: Pick<FaceLookup, 'ofPeople' | 'persons'>;
  /** Whether a face is to be known of: an import's are not before its end. */
  isSeen(seq: number): boolean;
  readonly faces: FaceTable;
  readonly persons: PersonTable;
  readonly cameras: CameraTable;
  readonly pairs: PairTable;
  readonly journal: JournalTable;
  readonly sightings: SightingTable;
}

/** The same where new faces can be kept as well. */
export interface GrowingTables extends PeopleTables {
  addFaces(faces: readonly PreparedFace[]): Later<readonly StoredFace[]>;
  /** Makes a gallery that is not there, without a capacity. */
  ensureGallery(name: string): Later<void>;
}

/** Runs coroutines, each in a transaction: wholly or not at all. What is asked of a database for the sake of people. */
export interface PeopleWork {
  read<T>(coroutine: (tx: PeopleTables) => Coroutine<T>): Promise<T>;
  write<T>(coroutine: (tx: PeopleTables) => Coroutine<T>, signal?: AbortSignal): Promise<T>;
  /** The same for what frees storage, which can be done on a full disk. */
  free<T>(coroutine: (tx: PeopleTables) => Coroutine<T>, signal?: AbortSignal): Promise<T>;
  grow<T>(coroutine: (tx: GrowingTables) => Coroutine<T>, signal?: AbortSignal): Promise<T>;
}

export interface FaceTable {
  /** Those of these ids that are there and seen, in no order. */
  byIds(ids: readonly string[]): Later<readonly StoredFace[]>;
  bySeqs(seqs: readonly number[]): Later<readonly StoredFace[]>;
  /** Writes faces that are in the same galleries as before. */
  change(before: readonly StoredFace[], after: readonly StoredFace[]): Later<void>;
  /** Deletes faces from all galleries, with all that belongs to them. */
  erase(faces: readonly StoredFace[]): Later<void>;
}

export interface PersonTable {
  byId(id: string): Later<StoredPerson | undefined>;
  /** The next after a number, rising. */
  after(number: number, count: number): Later<readonly StoredPerson[]>;
  put(person: StoredPerson): Later<void>;
  delete(person: StoredPerson): Later<void>;
}

export interface CameraTable {
  byId(id: string): Later<StoredCamera | undefined>;
  /** By id. */
  all(): Later<readonly StoredCamera[]>;
  put(camera: StoredCamera): Later<void>;
  delete(id: string): Later<void>;
}

export interface PairTable {
  /** Those that name one of these; see {@link personMark}. */
  of(marks: readonly string[]): Later<readonly StoredPair[]>;
  put(pair: StoredPair): Later<void>;
  delete(pair: StoredPair): Later<void>;
}

export interface JournalTable {
  /** All steps, in their order. */
  all(): Later<readonly JournalEntry[]>;
  last(): Later<JournalEntry | undefined>;
  /** Those whose pairs name one of these faces. */
  ofFaces(ids: readonly string[]): Later<readonly JournalEntry[]>;
  put(entry: JournalEntry): Later<void>;
  delete(no: number): Later<void>;
}

/** What can be told of a sighting without opening it. */
export interface SightingKeys {
  readonly seq: number;
  readonly timeMs: number;
  /** Tag of the person; empty where there is none. */
  readonly person: string;
  /** Tag of the camera; empty where there is none. */
  readonly camera: string;
  /** Nothing where it is damaged. */
  read(): StoredSighting | undefined;
}

/** Where a walk through the sightings goes on: what is older than this time, or of the same and an earlier number. */
export interface SightingPlace {
  readonly timeMs: number;
  readonly seq: number;
}

export interface SightingTable {
  /** The next older ones that are not before `start`, the newest first; of one person (id), where it is given. */
  before(place: SightingPlace, start: number, count: number, person?: string): Later<readonly SightingKeys[]>;
  /** The first or the last of a person. */
  edge(person: string, which: 'first' | 'last'): Later<number | undefined>;
  count(person: string): Later<number>;
  byIds(ids: readonly string[]): Later<readonly StoredSighting[]>;
  bySeqs(seqs: readonly number[]): Later<readonly StoredSighting[]>;
  /** Those that were made of these faces. */
  ofFaces(ids: readonly string[]): Later<readonly StoredSighting[]>;
  put(sighting: StoredSighting, pictures?: PreparedFace['pictures']): Later<void>;
  /** With their pictures. */
  delete(seqs: readonly number[]): Later<void>;
  picture(seq: number, kind: PictureKind): Later<Blob | null>;
  /** Copies of all its pictures that can be read. */
  pictures(sighting: StoredSighting): Later<PreparedFace['pictures']>;
}
