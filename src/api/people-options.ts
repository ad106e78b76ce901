import type { FriendRule, PersonFilter, Sighting, SightingFilter } from '../core/people.ts';
import type { PictureKind } from '../core/records.ts';
import type { Face, Progress, Threshold } from '../core/types.ts';
import type { EmbeddingProbe } from './compare.ts';
import type { EmbedOptions, PeopleOptions } from './options.ts';

/** Options of {@link Cameras.list}. */
export interface ListCamerasOptions {
  /** Cameras of this group alone. Default: all. */
  readonly group?: string;
}

/** Options of {@link People.list}. */
export interface ListPeopleOptions extends PersonFilter {
  /** People per page, 1..10000. Default: 100. */
  readonly limit?: number;
  /** Where the last page ended. */
  readonly cursor?: string;
  /** Who counts as a friend; with it the answer says of each whether it is one. */
  readonly friendRule?: FriendRule;
  /** Ends the listing with `ABORTED`. */
  readonly signal?: AbortSignal;
}

/** Options of {@link People.enrol}. */
export interface EnrolPersonOptions {
  /** Where the person is found from then on. Default: `['default']`. */
  readonly galleries?: readonly string[];
  /** Ends the call with `ABORTED`. */
  readonly signal?: AbortSignal;
}

/** Options of {@link People.get}. */
export interface GetPersonOptions {
  /** `true`, or who counts as one: then the answer says whether the person is a friend. */
  readonly friend?: boolean | FriendRule;
}

/** Options of {@link People.faces}. */
export interface PersonFacesOptions {
  /** Faces per page, 1..10000. Default: 100. */
  readonly limit?: number;
  /** Where the last page ended. */
  readonly cursor?: string;
}

/** Options of {@link People.find}. Default mode: `auto`; default faces: `biggest`. */
export interface FindPeopleOptions extends EmbedOptions {
  /** Most people, 1..1000. Default: 10. */
  readonly limit?: number;
  /** People whose most similar face is below it are left out. Default: confidence 0.75. */
  readonly threshold?: Threshold;
}

/** Options of {@link People.regroup}. */
export interface RegroupOptions {
  /** Faces of these galleries alone. Default: of all. */
  readonly galleries?: readonly string[];
  /** From when on two faces are joined; not `fpir`. Default: confidence 0.75. */
  readonly threshold?: Threshold;
  /** Whether the faces of people without a name are put together anew as well. Default: false. */
  readonly unnamed?: boolean;
  /** Faces of the smallest person that is made, 1..1000000. Default: 1. */
  readonly minSize?: number;
  /** Called with the faces compared so far. */
  readonly onProgress?: (progress: Progress) => void;
  /** Ends the call with `ABORTED`; nothing is changed then. */
  readonly signal?: AbortSignal;
}

/** Options of {@link People.delete}. */
export interface DeletePersonOptions {
  /** Called with the faces and sightings deleted so far. */
  readonly onProgress?: (progress: Progress) => void;
  /** Ends the call with `ABORTED`; nothing is deleted then. */
  readonly signal?: AbortSignal;
}

/** A sighting that is noted by {@link History.add}. */
export interface NewSighting extends Omit<Sighting, 'id' | 'meta' | 'friend' | 'pictures'> {
  /** Default: a random UUID. */
  readonly id?: string;
  /** What is noted of it, up to 1,024 characters. Default: it is called as its person. */
  readonly meta?: string;
  /** Encoded pictures that are kept with it. Default: none. */
  readonly pictures?: Readonly<Partial<Record<PictureKind, Blob>>>;
  /** By which somebody is found with `people: 'auto'`, where neither person nor face is named; as a face of `embed` has it. */
  readonly embedding?: Float32Array | EmbeddingProbe | Face;
}

/** Options of {@link History.add}. */
export interface AddSightingsOptions extends PeopleOptions {
  /** Ends the call with `ABORTED`; nothing is noted then. */
  readonly signal?: AbortSignal;
}

/** Options of {@link History.search} and {@link People.history}. */
export interface SearchHistoryOptions extends SightingFilter {
  /** Sightings per page, 1..10000. Default: 100. */
  readonly limit?: number;
  /** Where the last page ended. */
  readonly cursor?: string;
  /** The id of a sighting: only those that come after it in the list. `BAD_PARAM` where there is none of it. Passed over where there is a cursor. */
  readonly before?: string;
  /** Who counts as a friend. */
  readonly friendRule?: FriendRule;
}

/** Options of {@link History.visits}. */
export interface VisitsOptions extends SightingFilter {
  /** Where days begin and end, as in `Europe/Zurich`. Default: `UTC`. */
  readonly timeZone?: string;
  /** Who counts as a friend. */
  readonly friendRule?: FriendRule;
}

/** Options of {@link History.prune}. */
export interface PruneOptions {
  /** What is older goes, in days, up to 36,500. Default: `retentionDays` of `create`. */
  readonly olderThanDays?: number;
  /** Ends the call with `ABORTED`; what is gone by then stays gone. */
  readonly signal?: AbortSignal;
}

/** Options of {@link History.export}. */
export interface ExportHistoryOptions {
  /** Whether the sightings' pictures are in it. Default: true. */
  readonly pictures?: boolean;
  /** Encrypts it: 8 to 1,024 characters. */
  readonly passphrase?: string;
  /** Called with the people, cameras and sightings written so far. */
  readonly onProgress?: (progress: Progress) => void;
  /** Ends the call with `ABORTED`. */
  readonly signal?: AbortSignal;
}

/** Options of {@link History.import}. */
export interface ImportHistoryOptions {
  /** Of an encrypted file; `BAD_PARAM` where it is not encrypted. */
  readonly passphrase?: string;
  /** Called with the people, cameras and sightings taken in so far. */
  readonly onProgress?: (progress: Progress) => void;
  /** Ends the call with `ABORTED`; what was taken in by then stays. */
  readonly signal?: AbortSignal;
}
