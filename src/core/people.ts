/** What is known of people over time: persons, cameras, sightings. */
import type { JsonValue } from './json-value.ts';
import type { PictureKind } from './records.ts';
import type { Box, Region } from './types.ts';

/** The gallery of the faces of people nobody has named. */
export const UNKNOWNS = 'unknowns';

/** Someone whose faces were put together, named or not. */
export interface Person {
  /** Unique in the database: a random UUID, or what a face's `personId` said. */
  readonly id: string;
  /** Rises with every new person and is never given again, so that unnamed ones can be called "Unknown 7". */
  readonly number: number;
  /** The name given, at most 1,024 characters; empty where there is none. */
  readonly meta: string;
  /** Whether there is a name. */
  readonly named: boolean;
  /** Faces of it, in all galleries. */
  readonly faces: number;
  /** When it was seen. */
  readonly sightings: number;
  /** The time of its first face or sighting, in milliseconds since 1970; `null` where it has none. */
  readonly firstSeen: number | null;
  /** The same of the last. */
  readonly lastSeen: number | null;
  /** Whether it is a friend, where that was asked for; see {@link FriendRule}. */
  readonly friend?: boolean;
}

/**
 * Who is a friend: whoever was seen on at least `count` different days by one same camera within the interval that ends now. It is worked
 * out when it is asked for, of sightings and of faces that name a camera.
 */
export interface FriendRule {
  /** Days, 1..1000. Default: 5. */
  readonly count?: number;
  /** How far back it looks, in milliseconds, up to ten years. Default: 7 days. */
  readonly intervalMs?: number;
  /** Where days begin and end, as in `Europe/Zurich`. Default: `UTC`. */
  readonly timeZone?: string;
  /** Milliseconds since 1970; what is later is left out. Default: the time of the call. */
  readonly now?: number;
}

/** Which people are meant; each condition must hold. */
export interface PersonFilter {
  /** Exactly this name. */
  readonly meta?: string;
  /** With a name, or without one. */
  readonly named?: boolean;
  /** Friends alone, or the others. */
  readonly friend?: boolean;
}

/** One page of `people.list()`. */
export interface PeoplePage {
  /** By their numbers. */
  readonly people: readonly Person[];
  /** Hand it to the next call; absent on the last page. */
  readonly cursor?: string;
}

/** What `people.undo` has taken back. */
export interface UndonePeopleChange {
  /** What it was. */
  readonly what: 'merge' | 'split' | 'move' | 'notSame' | 'regroup';
  /** When it was done, in milliseconds since 1970. */
  readonly timeMs: number;
  /** Faces that are of the person they were of before; those that were deleted, or moved again by hand, are left as they are. */
  readonly faces: number;
}

/** What `people.delete` did. */
export interface PersonDeletion {
  /** Faces that are gone. */
  readonly faces: number;
  /** Sightings that are gone. */
  readonly sightings: number;
}

/** What `people.regroup` did. */
export interface Regrouping {
  /** People that were made. */
  readonly made: number;
  /** Faces that are of a person now, or of another one. */
  readonly assigned: number;
}

/** A camera, or whatever stands for one: a place, a file, a stream. */
export interface Camera {
  /** Unique in the database; a random UUID unless it was given. */
  readonly id: string;
  /** What it is called, at most 1,024 characters. */
  readonly meta?: string;
  /** Where its pictures come from, at most 2,048 characters. */
  readonly url?: string;
  /** As `navigator.mediaDevices.enumerateDevices()` tells it. */
  readonly deviceId?: string;
  /** Cameras that are watched together. */
  readonly group?: string;
  /** Only here is looked for faces, in pixels of its own picture. */
  readonly rot?: Box;
  /** Only faces whose centre is here are reported, in the same pixels. */
  readonly roi?: Box;
  /** Options that a session on it begins with, those of `watch` but `cameraId` and `signal`; at most 16,384 characters as JSON. */
  readonly watch?: Readonly<Record<string, unknown>>;
}

/**
 * A camera to be kept. Its regions are kept as boxes, so that offsets must count from the left and top edges: which size its picture has is
 * not known here. In `watch` they may count from the others too.
 */
export interface NewCamera extends Partial<Omit<Camera, 'rot' | 'roi'>> {
  /** Only here is looked for faces. */
  readonly rot?: Region;
  /** Only faces whose centre is here are reported. */
  readonly roi?: Region;
}

/** Changes to a camera; what is absent stays, `null` takes it away. */
export type CameraPatch = {
  readonly [Field in Exclude<keyof Camera, 'id'>]?: Required<NewCamera>[Field] | null;
};

/** One time that somebody was seen. */
export interface Sighting {
  /** Unique in the database; a random UUID unless it was given. */
  readonly id: string;
  /** Who it was; absent where nobody was assigned. */
  readonly personId?: string;
  /** Which camera saw it. */
  readonly cameraId?: string;
  /** The stored face that was made of it; absent where there is none any more. */
  readonly faceId?: string;
  /** Its track in the session. */
  readonly trackId?: string;
  /** What was noted of the sighting, else the person's name: naming somebody names all sightings. */
  readonly meta: string;
  /** Whether the person is a friend when this is read, see {@link FriendRule}; absent in the answer of `history.add`. */
  readonly friend?: boolean;
  /** Where the face was, in pixels of the camera's picture. */
  readonly box?: Box;
  /** When, in milliseconds since 1970. */
  readonly timeMs: number;
  /** sha256 of the picture's encoded bytes, lower-case hex. */
  readonly photoHash?: string;
  /** Your own data, as in {@link FaceRecord.extra}. */
  readonly extra?: JsonValue;
  /** Which pictures are stored with it. */
  readonly pictures: readonly PictureKind[];
}

/** Which sightings are meant; each condition must hold. */
export interface SightingFilter {
  /** Of one person, or of several. */
  readonly personId?: string | readonly string[];
  /** By one of these cameras. */
  readonly cameraIds?: readonly string[];
  /** At this time or later, in milliseconds since 1970. */
  readonly start?: number;
  /** Before this time. */
  readonly end?: number;
  /** Of friends alone, or of the others. */
  readonly friend?: boolean;
}

/** One page of `history.search()`. */
export interface SightingPage {
  /** The newest first. */
  readonly sightings: readonly Sighting[];
  /** Hand it to the next call; absent on the last page. What is added meanwhile moves no page. */
  readonly cursor?: string;
}

/** One day of `history.visits()`. */
export interface DayOfVisits {
  /** As in `2026-11-29`, in the time zone asked for. */
  readonly day: string;
  /** How many sightings there were. */
  readonly sightings: number;
  /** How many different people were seen. */
  readonly people: number;
}

/** What `history.prune` removed. */
export interface Pruning {
  /** Sightings that were too old. */
  readonly sightings: number;
  /** People made on the fly of whom nothing was left. */
  readonly people: number;
}

/** What `history.import` took in; what the database had already is not counted. */
export interface HistoryImport {
  /** People that were not there. */
  readonly people: number;
  /** Cameras that were not there. */
  readonly cameras: number;
  /** Sightings that were not there. */
  readonly sightings: number;
}
