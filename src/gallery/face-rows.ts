/** Faces in columns: what a database feeds the engine's memory with. */
import { reliabilityByte } from '../core/reliability.ts';
import type { RowGroup } from '../search/matrix.ts';
import type { FaceKeys } from './face-keys.ts';

/** Faces of one model in the order of their numbers: their vectors, and what they are found by. */
export interface FaceRows {
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
  /** Hashes of the tags of the cameras' ids; 0 where there is none, not a number where that is not known yet. */
  readonly cameras: Float64Array;
  /** From when on each face is gone, in milliseconds since 1970; 0 where it stays. */
  readonly expiries: Float64Array;
  /** Row by row. */
  readonly vectors: Float32Array;
  /** The vectors' search codes, row by row; empty where they are to be made when they are read. */
  readonly codes: Uint8Array<ArrayBuffer>;
  /** How far each vector can be trusted, 0..255: the reliability of the face's record, times 255. */
  readonly reliabilities: Uint8Array<ArrayBuffer>;
  /** Which rows are in which gallery (tag). */
  readonly groups: readonly RowGroup[];
}

/** A face to be put into rows. */
export interface NewRow extends FaceKeys {
  readonly timestamp: number;
  readonly reliability: number;
  readonly vector: Float32Array;
}

/** Makes the search codes of some vectors of so many numbers. */
export type Encode = (vectors: Float32Array, dimension: number) => Uint8Array<ArrayBuffer>;

/** Faces whose vectors have the same number of numbers, as rows. */
export function rowsOf(faces: readonly NewRow[], encode: Encode): FaceRows {
  const dimension = faces[0]?.vector.length ?? 0;
  const vectors = new Float32Array(faces.length * dimension);
  faces.forEach(({ vector }, i) => vectors.set(vector, i * dimension));
  return {
    seqs: Float64Array.from(faces, ({ seq }) => seq),
    times: Float64Array.from(faces, ({ timestamp }) => timestamp),
    ...columnsOf(faces),
    vectors,
    codes: encode(vectors, dimension),
    reliabilities: Uint8Array.from(faces, ({ reliability }) => reliabilityByte(reliability)),
    groups: groupsOf(faces.map(({ galleries }) => galleries)),
  };
}

/** The columns of what some faces are found by. */
export function columnsOf(
  keys: readonly Omit<FaceKeys, 'seq' | 'galleries'>[],
): Pick<FaceRows, 'ids' | 'metas' | 'persons' | 'photos' | 'cameras' | 'expiries'> {
  return {
    ...hashesOf(keys),
    cameras: Float64Array.from(keys, ({ camera }) => camera),
    expiries: Float64Array.from(keys, ({ expires }) => expires),
  };
}

/** Those of them that every version has. */
export function hashesOf(
  keys: readonly Pick<FaceKeys, 'id' | 'meta' | 'person' | 'photo'>[],
): Pick<FaceRows, 'ids' | 'metas' | 'persons' | 'photos'> {
  return {
    ids: Uint32Array.from(keys, ({ id }) => id),
    metas: Float64Array.from(keys, ({ meta }) => meta),
    persons: Float64Array.from(keys, ({ person }) => person),
    photos: Uint32Array.from(keys, ({ photo }) => photo),
  };
}

/** Which of some rows, whose galleries (tags) are given, are in which gallery. */
export function groupsOf(galleries: readonly (readonly string[])[]): readonly RowGroup[] {
  const groups = new Map<string, Uint8Array>();
  galleries.forEach((names, row) => {
    for (const name of names) {
      const bits = groups.get(name) ?? new Uint8Array(Math.ceil(galleries.length / 8));
      bits[row >> 3] = (bits[row >> 3] as number) | (1 << (row & 7));
      groups.set(name, bits);
    }
  });
  return Array.from(groups, ([name, bits]) => ({ name, bits }));
}
