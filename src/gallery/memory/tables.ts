/** Everything that a database in memory holds. */
import type { PreparedFace } from '../face-input.ts';
import type { ImportedFaces } from '../hidden-faces.ts';
import {
  type JournalEntry,
  NO_PEOPLE,
  type PeopleCounters,
  type StoredCamera,
  type StoredPair,
  type StoredPerson,
  type StoredSighting,
} from '../people/stored.ts';
import type { AnyStoredJob, FreshEmbedding, StoredAppearance, StoredJobItem } from '../port.ts';
import {
  type Counters,
  DEFAULT_GALLERY,
  type FaceBytes,
  newGallery,
  NO_BYTES,
  type StoredFace,
  type StoredGallery,
  type StoredModel,
} from '../stored.ts';
import { NumberSet } from './number-set.ts';
import { TimeOrder } from './time-order.ts';

/** A face with all that belongs to it. */
export interface MemoryFace {
  readonly face: StoredFace;
  readonly vector: Float32Array<ArrayBuffer>;
  readonly pictures: PreparedFace['pictures'];
}

/** A sighting with its pictures. */
export interface MemorySighting {
  readonly sighting: StoredSighting;
  readonly pictures: PreparedFace['pictures'];
}

/** An import that is under way. */
export interface MemoryImport extends ImportedFaces {
  /** Told from others by what it is. */
  readonly token: object;
}

/** The counters. */
export interface MemoryCounters extends Counters {
  readonly nextSeq: number;
  readonly models: ReadonlyMap<string, StoredModel>;
  readonly bytes: FaceBytes;
  readonly people: PeopleCounters;
  readonly importing?: MemoryImport;
}

/** Where a photo of a job lies. */
export type ItemPlace = readonly [job: string, index: number];

/** What is kept of a job that recognises. */
export interface MemoryRecognition {
  /** The bytes of each source, by its number. */
  readonly pieces: ReadonlyMap<number, readonly Uint8Array<ArrayBuffer>[]>;
  readonly checkpoint: Uint8Array<ArrayBuffer> | null;
  /** In their order. */
  readonly appearances: readonly StoredAppearance[];
}

/** The values are replaced, never changed. */
export interface Tables {
  readonly galleries: Map<string, StoredGallery>;
  /** By number. */
  readonly faces: Map<number, MemoryFace>;
  readonly seqs: NumberSet;
  /** The number of the face of an id. */
  readonly ids: Map<string, number>;
  /** The faces that are seen in each gallery. */
  readonly members: Map<string, NumberSet>;
  /** The faces of each photo. */
  readonly photos: Map<string, NumberSet>;
  /** New embeddings of each face, by the model that made them. */
  readonly fresh: Map<number, ReadonlyMap<string, FreshEmbedding>>;
  readonly jobs: Map<string, AnyStoredJob>;
  /** The photos of each job, by their numbers. */
  readonly items: Map<string, Map<number, StoredJobItem>>;
  /** The photos of which each face (id) was enrolled. */
  readonly enrolled: Map<string, readonly ItemPlace[]>;
  /** What jobs that recognise have beside what is told of them. */
  readonly recognitions: Map<string, MemoryRecognition>;
  /** By number. */
  readonly persons: Map<number, StoredPerson>;
  /** The number of the person of an id. */
  readonly personIds: Map<string, number>;
  readonly personNumbers: NumberSet;
  readonly cameras: Map<string, StoredCamera>;
  /** Who is not the same, by the key of the pair. */
  readonly pairs: Map<string, StoredPair>;
  /** Changes of people that can be taken back, by number. */
  readonly steps: Map<number, JournalEntry>;
  /** By number. */
  readonly sightings: Map<number, MemorySighting>;
  /** The number of the sighting of an id. */
  readonly sightingIds: Map<string, number>;
  readonly sightingTimes: TimeOrder;
  /** The sightings of each person. */
  readonly sightingsOf: Map<string, TimeOrder>;
  /** The sightings that were made of each face (id). */
  readonly sightingsOfFaces: Map<string, NumberSet>;
}

export const NO_COUNTS: MemoryCounters = {
  nextSeq: 1,
  models: new Map(),
  bytes: NO_BYTES,
  people: NO_PEOPLE,
};

/** An empty database. */
export function emptyTables(): Tables {
  return {
    galleries: new Map([[DEFAULT_GALLERY, newGallery(DEFAULT_GALLERY, null)]]),
    faces: new Map(),
    seqs: new NumberSet(),
    ids: new Map(),
    members: new Map(),
    photos: new Map(),
    fresh: new Map(),
    jobs: new Map(),
    items: new Map(),
    enrolled: new Map(),
    recognitions: new Map(),
    persons: new Map(),
    personIds: new Map(),
    personNumbers: new NumberSet(),
    cameras: new Map(),
    pairs: new Map(),
    steps: new Map(),
    sightings: new Map(),
    sightingIds: new Map(),
    sightingTimes: new TimeOrder(),
    sightingsOf: new Map(),
    sightingsOfFaces: new Map(),
  };
}
