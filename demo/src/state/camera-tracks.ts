import { signal, type ReadonlySignal, type Signal } from '@preact/signals';
import type { BestShot, NearFace, Sighting, TrackMatch, VideoEvent } from 'nearface';
import { FRIEND_RULE } from '../model/person-words.ts';
import { enrolSeen, noteSighting } from './sighting-notes.ts';

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
  /** What was noted, the newest first. */
  readonly notes: ReadonlySignal<readonly LiveNote[]>;
  /** Why something could not be noted. */
  readonly error: ReadonlySignal<unknown>;
  nameOf(id: number): string;
  byId(id: number): CameraTrack | undefined;
  hear(event: VideoEvent): void;
  /** Enrols somebody under a name. */
  enrol(id: number, name: string): Promise<void>;
  /** Notes what waits; resolves when that is done. */
  end(): Promise<void>;
}

/** Shots and notes that are kept for the page. */
const MOST = 24;
/** A sighting is noted so long after the first shot, with the best by then. */
const NOTE_AFTER_MS = 1500;

interface TrackList extends Pick<CameraTracks, 'byId'> {
  readonly list: Signal<readonly CameraTrack[]>;
  /** Names and people by track; a track has one before it has a shot. */
  readonly known: Map<number, { readonly name: string; readonly personId?: string | undefined }>;
  change(id: number, some: Partial<CameraTrack>): void;
  /** Takes a shot. Answers whether it is the first of its track. */
  see(id: number, shot: BestShot): boolean;
  identify(id: number, matches: readonly TrackMatch[]): void;
}

/** What is known of the tracks, whatever is noted of them. */
function createTrackList(): TrackList {
  const list = signal<readonly CameraTrack[]>([]);
  const known: TrackList['known'] = new Map();
  const byId = (id: number): CameraTrack | undefined => list.peek().find((track) => track.id === id);
  const change = (id: number, some: Partial<CameraTrack>): void => {
    list.value = list.peek().map((track) => (track.id === id ? { ...track, ...some } : track));
  };
  return {
    ...{ list, known, byId, change },
    see(id, shot) {
      const before = byId(id);
      if (before) URL.revokeObjectURL(before.url);
      const { name = '', personId } = known.get(id) ?? {};
      const url = URL.createObjectURL(shot.thumbnail);
      const track = { id, name, personId, friend: before?.friend ?? false, isHere: true, shot, url };
      const others = list.peek().filter((other) => other.id !== id);
      for (const gone of others.slice(MOST - 1)) URL.revokeObjectURL(gone.url);
      list.value = [track, ...others.slice(0, MOST - 1)];
      return before === undefined;
    },
    identify(id, [match]) {
      if (!match) return;
      const { meta: name, personId } = match.record;
      known.set(id, { name, personId: personId ?? known.get(id)?.personId });
      change(id, { name, ...(personId !== undefined && { personId }) });
    },
  };
}

export function createCameraTracks(nf: NearFace, cameraId: string, gallery: () => string): CameraTracks {
  const { list, known, byId, change, see, identify } = createTrackList();
  const notes = signal<readonly LiveNote[]>([]);
  const error = signal<unknown>(undefined);
  const waiting = new Map<number, ReturnType<typeof setTimeout>>();
  const noting = new Map<number, Promise<void>>();

  /** The track is of this person: takes over name and friendship. */
  const meet = async (id: number, personId: string): Promise<void> => {
    const person = await nf.people.get(personId, { friend: FRIEND_RULE });
    const name = known.get(id)?.name || person.meta;
    known.set(id, { name, personId });
    change(id, { personId, name, friend: person.friend ?? false });
  };
  const noteDown = async (id: number, shot: BestShot): Promise<void> => {
    try {
      const personId = known.get(id)?.personId;
      const sighting = await noteSighting(nf, { shot, trackId: id, cameraId, personId });
      notes.value = [{ sighting, trackId: id }, ...notes.peek()].slice(0, MOST);
      if (sighting.personId !== undefined) await meet(id, sighting.personId);
      error.value = undefined;
    } catch (caught) {
      error.value = caught;
    }
  };
  const note = (id: number): void => {
    clearTimeout(waiting.get(id));
    const track = byId(id);
    if (waiting.delete(id) && track) noting.set(id, noteDown(id, track.shot));
  };

  return {
    ...{ list, notes, error, byId },
    nameOf: (id) => known.get(id)?.name ?? '',
    hear(event) {
      if (event.type === 'identified' || event.type === 'updated') identify(event.trackId, event.matches);
      if (event.type === 'best-shot' && see(event.trackId, event))
        waiting.set(
          event.trackId,
          setTimeout(() => note(event.trackId), NOTE_AFTER_MS),
        );
      if (event.type !== 'lost') return;
      note(event.trackId);
      change(event.trackId, { isHere: false });
    },
    async enrol(id, name) {
      note(id);
      await noting.get(id);
      const track = byId(id);
      if (!track) return;
      const seen = { shot: track.shot, trackId: id, cameraId, personId: known.get(id)?.personId };
      const personId = (await enrolSeen(nf, gallery(), seen, name)) ?? seen.personId;
      known.set(id, { name, personId });
      change(id, { name, personId });
      const isTheirs = ({ trackId, sighting }: LiveNote): boolean =>
        trackId === id || (personId !== undefined && sighting.personId === personId);
      notes.value = notes
        .peek()
        .map((one) => (isTheirs(one) ? { ...one, sighting: { ...one.sighting, meta: name } } : one));
    },
    async end() {
      for (const id of [...waiting.keys()]) note(id);
      await Promise.all(noting.values());
    },
  };
}
