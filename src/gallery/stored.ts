/** Faces and galleries as every database keeps them, and how their bytes are counted. */
import type {
  FaceRecord,
  GallerySummary,
  PeopleUsage,
  PortableRecord,
  StoredBytes,
} from '../core/records.ts';
import { countersOf, type PeopleCounters } from './people/stored.ts';

/** The gallery that is always there. */
export const DEFAULT_GALLERY = 'default';

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

export const NO_BYTES: FaceBytes = { records: 0, pictures: 0 };

/** A gallery; `count` and `bytes` change together with its faces. */
export interface StoredGallery extends GallerySummary {
  readonly bytes: FaceBytes;
}

/** A face as the engine and the databases see it. */
export interface StoredFace extends PortableRecord {
  /** Its number: rises with every enrolment and is never used again. */
  readonly seq: number;
  readonly pictureBytes: number;
  /** A flag of version 4 in a sealed record, where no migration reaches it: counted, and told to nobody. */
  readonly friend?: boolean;
}

/** What is known of a model that has vectors in the database. */
export interface StoredModel {
  readonly dimension: number;
  readonly faces: number;
  /** Pieces that the vectors lie in; 0 where the database has no such thing. */
  readonly segments: number;
}

/** An empty gallery. */
export function newGallery(name: string, capacity: number | null, label?: string): StoredGallery {
  const empty = { count: 0, bytes: NO_BYTES, modelId: null, createdAt: Date.now() };
  return { name, ...(label !== undefined && { label }), capacity, ...empty };
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
  let bytes = NO_BYTES;
  for (const face of faces) {
    const { seq: _, galleries: _galleries, pictureBytes: pictures, ...counted } = face;
    const { reliability: _reliability, reliabilityAssumed: _assumed, ...record } = counted;
    bytes = addBytes(bytes, { records: JSON.stringify(record).length, pictures });
  }
  return bytes;
}

/** Keys of records that {@link bytesOf} leaves out. */
const UNCOUNTED = ['seq', 'galleries', 'pictureBytes', 'reliability', 'reliabilityAssumed'] as const;

/** The same of faces whose JSON is known, which is not made again. */
export function bytesOfTexts(faces: readonly StoredFace[], texts: readonly string[]): FaceBytes {
  let [records, pictures] = [0, 0];
  for (const [i, face] of faces.entries()) {
    records += (texts[i] as string).length;
    pictures += face.pictureBytes;
    for (const key of UNCOUNTED) {
      const value = face[key];
      // Two quotes, a colon and a comma: others are there always.
      if (value !== undefined) records -= key.length + 4 + lengthOfJson(value);
    }
  }
  return { records, pictures };
}

/** Of a number, of `true`, or of a list. */
function lengthOfJson(value: number | boolean | readonly string[]): number {
  return (typeof value === 'object' ? JSON.stringify(value) : String(value)).length;
}

/** A face without what is of use to the engine alone. */
export function toRecord(face: StoredFace): FaceRecord {
  return { ...toPortable(face), number: face.seq };
}

/** The same for a file. */
export function toPortable({
  seq: _,
  pictureBytes: _bytes,
  friend: _flag,
  ...record
}: StoredFace): PortableRecord {
  return record;
}

/** The counters of a whole database. */
export interface Counters {
  readonly models: ReadonlyMap<string, Pick<StoredModel, 'dimension' | 'faces'>>;
  /** Of all faces. */
  readonly bytes: FaceBytes;
  /** The faces that an import has stored and nobody sees yet; `models` and `bytes` count them. */
  readonly importing?: { readonly hidden?: FaceCount & { readonly modelId: string } } | undefined;
  readonly people?: PeopleCounters | undefined;
}

/** Faces in the database, and their bytes by kind; those that an import has not shown yet are left out. */
export function storedBytes({ models, bytes, importing, people: counters }: Counters): {
  readonly faces: number;
  readonly bytes: StoredBytes;
  readonly people: PeopleUsage;
} {
  const { people, cameras, sightings, bytes: peopleBytes } = countersOf(counters);
  const hidden = importing?.hidden;
  let [faces, vectors] = [0, 0];
  for (const [modelId, model] of models) {
    const seen = model.faces - (hidden?.modelId === modelId ? hidden.faces : 0);
    faces += seen;
    vectors += seen * model.dimension * 4;
  }
  return {
    faces,
    bytes: { ...(hidden ? addBytes(bytes, hidden.bytes, -1) : bytes), vectors },
    people: { people, cameras, sightings, bytes: peopleBytes },
  };
}
