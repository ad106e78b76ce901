import { signal, type ReadonlySignal, type Signal } from '@preact/signals';
import {
  type BestShot,
  type IdentifiedEvent,
  type NearFace,
  NearFaceError,
  type SightedEvent,
  type Sighting,
  type VideoEvent,
} from 'nearface';
import { FRIEND_RULE } from '../model/person-words.ts';
import { enrolSeen } from './enrol-seen.ts';

/** Somebody in front of the camera, or who was lately. */
export interface CameraTrack {
  readonly id: number;
  /** Empty for somebody who is not known. */
  readonly name: string;
  readonly personId?: string | undefined;
  readonly friend: boolean;
  readonly isHere: boolean;
  readonly shot: BestShot;
  /** Of its thumbnail. */
  readonly url: string;
}

/** A line of what was noted while the camera was on. */
export interface LiveNote {
  readonly sighting: Sighting;
  readonly trackId: number;
}

/** Those who were in front of the camera since it was started. */
export interface CameraTracks {
  /** With a shot; the newest first. */
  readonly list: ReadonlySignal<readonly CameraTrack[]>;
  /** What was noted last of each, the newest first. */
  readonly notes: ReadonlySignal<readonly LiveNote[]>;
  /** Why something could not be noted. */
  readonly error: ReadonlySignal<unknown>;
  nameOf(id: number): string;
  byId(id: number): CameraTrack | undefined;
  hear(event: VideoEvent): void;
  /** Enrols somebody under a name. */
  enrol(id: number, name: string): Promise<void>;
  /** Lets go of all pictures; what is still heard makes no more. Safe to call twice. */
  close(): void;
}

/** Shots and notes that are kept for the page. */
const MOST = 24;

interface TrackList extends Pick<CameraTracks, 'byId'> {
  readonly list: Signal<readonly CameraTrack[]>;
  /** Names and people by track; a track has one before it has a shot. */
  readonly known: Map<number, { readonly name: string; readonly personId?: string | undefined }>;
  change(id: number, some: Partial<CameraTrack>): void;
  see(id: number, shot: BestShot): void;
  identify(event: IdentifiedEvent): void;
  close(): void;
}

/** What is known of the tracks, whatever is noted of them. */
function createTrackList(): TrackList {
  const list = signal<readonly CameraTrack[]>([]);
  const known: TrackList['known'] = new Map();
  let isClosed = false;
  const byId = (id: number): CameraTrack | undefined => list.peek().find((track) => track.id === id);
  const change = (id: number, some: Partial<CameraTrack>): void => {
    list.value = list.peek().map((track) => (track.id === id ? { ...track, ...some } : track));
  };
  return {
    ...{ list, known, byId, change },
    see(id, shot) {
      if (isClosed) return;
      const before = byId(id);
      if (before) URL.revokeObjectURL(before.url);
      const { name = '', personId } = known.get(id) ?? {};
      const url = URL.createObjectURL(shot.thumbnail);
      const track = { id, name, personId, friend: before?.friend ?? false, isHere: true, shot, url };
      const others = list.peek().filter((other) => other.id !== id);
      for (const gone of others.slice(MOST - 1)) URL.revokeObjectURL(gone.url);
      list.value = [track, ...others.slice(0, MOST - 1)];
    },
    identify({ trackId, matches: [match], personId = match?.record.personId }) {
      const before = known.get(trackId);
      const now = { name: match?.record.meta || before?.name || '', personId: personId ?? before?.personId };
      known.set(trackId, now);
      change(trackId, now);
    },
    close() {
      isClosed = true;
      for (const { url } of list.peek()) URL.revokeObjectURL(url);
      list.value = [];
    },
  };
}

export function createCameraTracks(nf: NearFace, cameraId: string, gallery: () => string): CameraTracks {
  const { list, known, byId, change, see, identify, close } = createTrackList();
  const notes = signal<readonly LiveNote[]>([]);
  const error = signal<unknown>(undefined);

  /** Of each track the last question who it is: an answer that a later one or a name given by hand overtook is dropped. */
  const meeting = new Map<number, object>();
  /** The track is of this person: takes over name and friendship. */
  const meet = async (id: number, personId: string): Promise<void> => {
    const mine = {};
    meeting.set(id, mine);
    const person = await nf.people.get(personId, { friend: FRIEND_RULE });
    if (meeting.get(id) !== mine) return;
    const name = person.meta || known.get(id)?.name || '';
    known.set(id, { name, personId });
    change(id, { personId, name, friend: person.friend ?? false });
  };
  const note = ({ trackId, sighting, error: failure }: SightedEvent): void => {
    error.value = failure && new NearFaceError(failure.code, failure.message);
    if (!sighting) return;
    const others = notes.peek().filter((one) => one.trackId !== trackId);
    notes.value = [{ sighting, trackId }, ...others].slice(0, MOST);
    if (sighting.personId !== undefined)
      meet(trackId, sighting.personId).catch((caught: unknown) => (error.value = caught));
  };

  return {
    ...{ list, notes, error, byId, close },
    nameOf: (id) => known.get(id)?.name ?? '',
    hear(event) {
      if (event.type === 'identified' || event.type === 'updated') identify(event);
      if (event.type === 'best-shot') see(event.trackId, event);
      if (event.type === 'sighted') note(event);
      if (event.type === 'lost') change(event.trackId, { isHere: false });
    },
    async enrol(id, name) {
      const track = byId(id);
      if (!track) return;
      const seen = { shot: track.shot, cameraId, personId: known.get(id)?.personId };
      const personId = (await enrolSeen(nf, gallery(), seen, name)) ?? seen.personId;
      meeting.delete(id);
      known.set(id, { name, personId });
      change(id, { name, personId });
      const isTheirs = ({ trackId, sighting }: LiveNote): boolean =>
        trackId === id || (personId !== undefined && sighting.personId === personId);
      notes.value = notes
        .peek()
        .map((one) => (isTheirs(one) ? { ...one, sighting: { ...one.sighting, meta: name } } : one));
    },
  };
}
