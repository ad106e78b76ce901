/** What the laws of databases are held against, and what they look at. */
import type { PictureKind } from '../../core/records.ts';
import { NearFaceError } from '../../core/errors.ts';
import { assumedReliability, roundReliability, type StoredReliability } from '../../core/reliability.ts';
import type { PreparedFace } from '../face-input.ts';
import { Mirror } from '../mirror.ts';
import type { FaceMemory, GalleryDatabase, OpenDatabase } from '../port.ts';
import { testVector } from '../test-vector.ts';

/** A kind of database. */
export interface Subject {
  readonly name: string;
  /** Whether vectors lie rotated, so that they are read with some rounding. */
  readonly isRotated: boolean;
  /** The compiled search kernel. */
  kernel(): Promise<WebAssembly.Module>;
  /** A new, empty database. */
  place(): Place;
  /** How often laws of chance are tried. */
  readonly runs: number;
  /** So many faces that they do not lie as few do. */
  readonly crowd: number;
}

/** Where a database lies. */
export interface Place {
  readonly open: OpenDatabase;
  /** Whether it is there when it is opened again, beside others. */
  readonly isKept: boolean;
  /** Looks at what is stored beneath the port: nothing but these faces, which are all. */
  readonly inspect?: (faces: readonly InspectedFace[]) => Promise<void>;
  drop(): Promise<void>;
}

/** What is to lie beneath the port. */
export interface InspectedFace {
  readonly id: string;
  readonly pictures: readonly PictureKind[];
}

/** An open database, and the memory that it keeps in step. */
export interface Opened {
  readonly database: GalleryDatabase;
  readonly mirror: Mirror;
  /** As the subject says. */
  readonly isRotated: boolean;
  close(): void;
}

/** Opens a database. @param wrap - what it is given for the memory */
export async function openPlace(
  subject: Subject,
  place: Place,
  wrap: (mirror: Mirror) => FaceMemory = (mirror) => mirror,
): Promise<Opened> {
  const mirror = new Mirror({ kernel: await subject.kernel() });
  const database = await place.open(wrap(mirror), {});
  const close = (): void => {
    database.close();
    mirror.dispose();
  };
  return { database, mirror, isRotated: subject.isRotated, close };
}

/** What holds for an open database that is new and empty. */
export type Law = (opened: Opened, place: Place, subject: Subject) => Promise<void>;

/** Laws by what they say. */
export type Laws = Readonly<Record<string, Law>>;

/** Holds a law against a new database, which is dropped afterwards. */
export async function hold(subject: Subject, law: Law): Promise<void> {
  const place = subject.place();
  const opened = await openPlace(subject, place);
  try {
    await law(opened, place, subject);
  } finally {
    opened.close();
    await place.drop();
  }
}

/** A face to keep, with a vector by seed. */
export function prepared(seed: number, change: Partial<PreparedFace> = {}): PreparedFace {
  const facts = { id: `face-${seed}`, meta: `name-${seed}`, galleries: ['default'], modelId: 'model-8' };
  const reliability = roundReliability((seed % 256) / 255);
  return { ...facts, reliability, vector: testVector(seed), pictures: [], timestamp: 1000 + seed, ...change };
}

/** Of which no reliability is known. */
export const ASSUMED: StoredReliability = assumedReliability();

/** A picture to keep. */
export function picture(
  kind: PictureKind,
  text: string,
  type = 'image/webp',
): PreparedFace['pictures'][number] {
  return { kind, type, bytes: new TextEncoder().encode(text).buffer };
}

/** What becomes of a call: `ok`, or its error's code. */
export async function outcome(call: Promise<unknown>): Promise<string> {
  try {
    await call;
    return 'ok';
  } catch (error) {
    if (error instanceof NearFaceError) return error.code;
    throw error;
  }
}
