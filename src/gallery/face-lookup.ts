import type { RowFilter } from '../search/row-facts.ts';
import type { Quarantine } from './quarantine.ts';

/** Finds numbers of faces by what is in memory of each: by hashes, so that whoever must be sure looks at the records. */
export interface FaceLookup {
  /** Faces whose vectors are damaged. */
  readonly damaged: Quarantine;
  /** How many faces have vectors. */
  readonly vectored: number;
  /** How many of them are known to have no record that can be read. */
  readonly unreadable: number;
  noteUnreadable(seq: number): void;
  /** Faces that may have one of these ids. */
  withIds(tags: readonly string[]): readonly number[];
  /** Faces that may be of a photo. */
  withPhoto(tag: string): readonly number[];
  /** Faces that may be of some people, or of any, enrolled in a time, in the order of their enrolment; those nobody sees yet among them. */
  ofPeople(tags?: readonly string[], from?: number, until?: number): Float64Array;
  /** What each person has, or one of them, by the hashes of their tags, of the faces that are wanted. */
  persons(isWanted: (seq: number) => boolean, tag?: string): ReadonlyMap<number, PersonFaces>;
  /** Faces in a gallery that may pass the filter, in the order of their enrolment. */
  inGallery(gallery: string, filter?: RowFilter): Float64Array;
  metasOf(gallery: string): readonly MetaFaces[];
  /** No face is gone by itself before this, in milliseconds since 1970; {@link expired} finds out anew when the next one is. */
  readonly nextExpiry: number;
  /** Faces whose time is over at `now`, those nobody sees yet among them. */
  expired(now: number): readonly number[];
  /** Faces of which it is not known yet which camera saw them. */
  ofUnknownCameras(): readonly number[];
}

/** The faces of a person: how many, one of them, and when the first and the last were enrolled, in milliseconds since 1970. */
export interface PersonFaces {
  readonly count: number;
  readonly seq: number;
  readonly first: number;
  readonly last: number;
}

/** How many faces of a gallery share a meta, and the first of them. */
export interface MetaFaces {
  /** Of the meta's tag, to find them by. */
  readonly hash: number;
  readonly seq: number;
  readonly count: number;
}
