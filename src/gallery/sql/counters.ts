/** The row of counters, which every verb that writes locks: so numbers and revisions rise in the order of the commits. */
import type { ImportedFaces } from '../hidden-faces.ts';
import { NO_PEOPLE, type PeopleCounters } from '../people/stored.ts';
import { type Counters, type FaceBytes, NO_BYTES, type StoredModel } from '../stored.ts';

/** An import that is under way. */
export interface SqlImport extends ImportedFaces {
  /** Names the lock that its process holds as long as it lives. */
  readonly token: string;
}

/** The rotation's secret as it lies there, encrypted by AES-GCM with the key that PBKDF2 makes of the users' secret; all hex. */
export interface StoredRotation {
  readonly salt: string;
  readonly iterations: number;
  readonly nonce: string;
  readonly wrapped: string;
}

/** The counters. */
export interface SqlCounters extends Counters {
  readonly nextSeq: number;
  readonly models: ReadonlyMap<string, StoredModel>;
  readonly bytes: FaceBytes;
  readonly people: PeopleCounters;
  readonly importing?: SqlImport;
  /** There where vectors lie in half precision, too, with the lengths for which there is an index. */
  readonly candidates?: { readonly dimensions: readonly number[] };
  /** There where vectors are rotated. */
  readonly rotation?: StoredRotation;
  /** Made anew with each change of faces: databases that went apart, as a standby does that lacks the last ones, differ in it where their revisions do not. */
  readonly stamp?: string;
}

export const NO_COUNTERS: SqlCounters = {
  nextSeq: 1,
  models: new Map(),
  bytes: NO_BYTES,
  people: NO_PEOPLE,
};

export function writeCounters(counters: SqlCounters): string {
  return JSON.stringify({ ...counters, models: [...counters.models] });
}

export function readCounters(column: unknown): SqlCounters {
  const { models, ...rest } = JSON.parse(column as string) as Omit<SqlCounters, 'models'> & {
    readonly models: readonly (readonly [string, StoredModel])[];
  };
  return { ...rest, models: new Map(models) };
}
