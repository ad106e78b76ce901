import { badParam } from '../core/errors.ts';
import { area } from '../geometry/boxes.ts';
import { associate, type Association, COVERING, covering, CROSSED_MS } from './association.ts';
import { findDisplaced } from './duplicates.ts';
import { planEmbeddings, type EmbeddingRequest } from './embedding-plan.ts';
import { isToldFrom, reviveBorn } from './revive.ts';
import type { LostReason, Moved, TrackedBox, TrackEvent } from './track-events.ts';
import {
  type FaceSeen,
  type FrameTime,
  isGlimpse,
  jumpTrack,
  learnLook,
  placeAt,
  seeTrack,
  startTrack,
  type Track,
} from './track.ts';
import type { TrackerOptions } from './tracker-options.ts';

/** All that the tracker knows. Immutable; the same state and the same input give the same answer to the last digit. */
export interface TrackerState {
  readonly options: TrackerOptions;
  /** In the order of their births. */
  readonly tracks: readonly Track[];
  readonly nextKey: number;
  readonly nextId: number;
  /** The last frame that was looked at. */
  readonly frame: FrameTime | undefined;
  /** Whether a track's face was ever embedded: then a new track may wait for its embedding. */
  readonly hasLooks: boolean;
}

/** A frame that faces were looked for in. */
export interface TrackerFrame extends FrameTime {
  /** Whether the camera cut to another picture here: every track ends, and none comes back. */
  readonly cut?: boolean;
}

/** What a frame brought. */
export interface TrackerStep {
  readonly events: readonly TrackEvent[];
  /** Confirmed tracks that are there, by rising id. */
  readonly active: readonly TrackedBox[];
}

/** While somebody is lost, a new face that cannot be embedded well waits so long to be told from them. */
const MOST_UNCERTAIN_MS = 600;
/** A face counts for so much more when the smallest are left out if it is tracked already, so that none come and go. */
const TRACKED_AREA = 1.5;
/** Predictions go no further: a face does not keep its speed for longer. */
const MOST_PREDICTED_MS = 500;

/** A tracker that has seen nothing yet. */
export function startTracker(options: TrackerOptions): TrackerState {
  return { options, tracks: [], nextKey: 1, nextId: 1, frame: undefined, hasLooks: false };
}

/** Which of a frame's faces must be embedded before {@link stepTracker} is given them. Changes nothing. */
export function planTracker(
  state: TrackerState,
  faces: readonly FaceSeen[],
  frame: TrackerFrame,
): readonly EmbeddingRequest[] {
  checkFrame(state, frame);
  if (!state.options.appearance) return [];
  const tracks = frame.cut ? [] : state.tracks;
  const usable = usableFaces(faces);
  const association = associate(
    usable.map((i) => faces[i]!),
    tracks,
    frame.timeMs,
    state.options,
  );
  return planEmbeddings(association).map((request) => ({ ...request, face: usable[request.face]! }));
}

/**
 * The tracker after a frame in which faces were looked for. Faces without a size are ignored.
 *
 * @param faces - of the frame, in the detector's order; some with an embedding
 * @throws NearFaceError `BAD_PARAM` if the frame does not lie after the one before
 */
export function stepTracker(
  state: TrackerState,
  faces: readonly FaceSeen[],
  frame: TrackerFrame,
): [TrackerState, TrackerStep] {
  checkFrame(state, frame);
  const { options } = state;
  const ended = frame.cut ? endTracks(state.tracks, 'cut') : [];
  const before = frame.cut ? [] : state.tracks;
  const usable = usableFaces(faces);
  const seen = usable.map((i) => faces[i]!);
  const association = associate(seen, before, frame.timeMs, options);
  const displaced = findDisplaced(association);
  const moved = moveTracks(before, association, frame, displaced.placeless).filter(
    ({ track }) => !displaced.same.has(track.key),
  );
  const born = association.newFaces.map((i, n) => ({
    track: startTrack(state.nextKey + n, seen[i]!, frame),
    face: i,
  }));
  const crowd = leaveOutSmallest([...moved, ...born], options.maxPersons);
  const revived = reviveBorn(crowd.kept, options, frame.timeMs);
  const hasLooks = state.hasLooks || seen.some(({ embedding }) => embedding !== undefined);
  const kept = revived.kept.filter(({ track }) => !isGivenUp(track, frame.timeMs, options));
  const gone = revived.kept.filter(({ track }) => isGivenUp(track, frame.timeMs, options));
  const named = nameTracks(kept, state, hasLooks);
  const crossed = markCrossings(named.tracks, frame.timeMs, options);
  const returned = crowd.kept.flatMap(({ track }) => returnOf(track, before));
  const events = [
    ...ended,
    ...displaced.events,
    ...endTracks(
      crowd.left.map(({ track }) => track),
      'crowded',
    ),
    ...endTracks(
      gone.map(({ track }) => track),
      'left',
    ),
    ...[...returned, ...revived.events].sort(byId),
    ...named.events,
  ];
  const next: TrackerState = {
    options,
    tracks: crossed,
    nextKey: state.nextKey + born.length,
    nextId: state.nextId + named.events.length,
    frame: { index: frame.index, timeMs: frame.timeMs },
    hasLooks,
  };
  const faceOf = new Map(kept.map(({ track, face }) => [track.key, face]));
  return [next, { events, active: activeTracks(next, (key) => usable[faceOf.get(key) ?? -1]) }];
}

/**
 * The tracker after a frame in which nothing moved, so that no faces were looked for: those that were seen are still where
 * they were, those that were lost have been so for longer.
 */
export function restTracker(state: TrackerState, frame: FrameTime): [TrackerState, TrackerStep] {
  checkFrame(state, frame);
  const { options } = state;
  const rested = state.tracks.map((track) => {
    if (track.misses > 0 || track.id === 0) return track;
    const { box, score } = track.last;
    return { ...seeTrack(track, { box, score }, frame, options.directionMs), hits: track.hits };
  });
  const tracks = rested.filter((track) => !isGivenUp(track, frame.timeMs, options));
  const gone = rested.filter((track) => isGivenUp(track, frame.timeMs, options));
  const next = { ...state, tracks, frame: { index: frame.index, timeMs: frame.timeMs } };
  return [next, { events: endTracks(gone, 'left'), active: activeTracks(next, () => undefined) }];
}

/** Ends every track, as the source has ended. */
export function endTracker(state: TrackerState): [TrackerState, TrackerStep] {
  return [
    { ...state, tracks: [] },
    { events: endTracks(state.tracks, 'ended'), active: [] },
  ];
}

/**
 * Where the tracks are at a time after, or shortly before, the last frame looked at: for frames without detection, and for what is drawn
 * over the frame shown. By rising id; nothing is carried on for more than half a second.
 */
export function predictTracks(state: TrackerState, timeMs: number): readonly TrackedBox[] {
  return state.tracks
    .filter((track) => isThere(track, state))
    .map((track) => ({
      trackId: track.id,
      box: placeAt(track, Math.min(timeMs, track.last.timeMs + MOST_PREDICTED_MS)),
      predicted: true,
    }))
    .sort((a, b) => a.trackId - b.trackId);
}

function checkFrame({ frame: before }: TrackerState, { index, timeMs }: FrameTime): void {
  if (!Number.isFinite(timeMs)) throw badParam('frame.timeMs', timeMs, 'a time in ms');
  if (!Number.isSafeInteger(index) || index < 0)
    throw badParam('frame.index', index, 'a whole number from 0');
  if (!before) return;
  if (!(timeMs > before.timeMs))
    throw badParam('frame.timeMs', timeMs, `after that of the frame before, ${before.timeMs} ms`);
  if (!(index > before.index))
    throw badParam('frame.index', index, `after that of the frame before, ${before.index}`);
}

/**
 * Indices of faces that have a place and a size, the surest first, then by their places: in which order a frame's faces are told
 * decides nothing.
 */
function usableFaces(faces: readonly FaceSeen[]): number[] {
  const usable = faces.flatMap(({ box, score }, i) => {
    const isPlaced = Number.isFinite(box.left + box.top + box.width + box.height + score);
    return isPlaced && box.width > 0 && box.height > 0 ? [i] : [];
  });
  const keysOf = ({ box, score }: FaceSeen): number[] => [-score, box.left, box.top, box.width, box.height];
  return usable.sort((a, b) => {
    const [first, second] = [keysOf(faces[a]!), keysOf(faces[b]!)];
    const differs = first.findIndex((key, i) => key !== second[i]);
    return differs < 0 ? a - b : first[differs]! - second[differs]!;
  });
}

function moveTracks(
  tracks: readonly Track[],
  { matches, pairs }: Association,
  frame: FrameTime,
  placeless: ReadonlySet<number>,
): Moved[] {
  return tracks.map((track, i) => {
    const match = matches.find((each) => each.track === i);
    if (!match) {
      const isPlaceless = track.isPlaceless || placeless.has(track.key);
      return { track: { ...track, misses: track.misses + 1, isPlaceless } };
    }
    const face = pairs.faces[match.face]!;
    const seen =
      match.by === 'glimpse' || pairs.isJump(match.face, i)
        ? jumpTrack(track, face, frame)
        : seeTrack(track, face, frame, pairs.options.directionMs);
    if (!face.embedding) return { track: seen, face: match.face };
    const isCovered = pairs.isCovered(match.face);
    const { verdict } = pairs.at(match.face, i);
    const isSame = verdict?.isSame === true;
    const isTold = isSame || pairs.isNearestLook(match.face, i);
    // Who was seen in a glimpse cannot have been mistaken since.
    const isSettled = match.by === 'glimpse' || track.crossedMs === undefined || isTold;
    const isLearnt = !isCovered && isSettled && !verdict?.isDifferent;
    const learnt = isLearnt ? learnLook(seen, face, frame.timeMs) : seen;
    const crossedMs = isSettled && !isCovered ? undefined : seen.crossedMs;
    const sureMs = isSame ? frame.timeMs : seen.sureMs;
    const doubts = isCovered ? seen.doubts : verdict?.isDifferent ? seen.doubts + 1 : 0;
    return { track: { ...learnt, embeddedMs: frame.timeMs, sureMs, doubts, crossedMs }, face: match.face };
  });
}

/** Tracks that are seen, but for the smallest where there are too many. */
function leaveOutSmallest(all: readonly Moved[], most: number): { kept: Moved[]; left: Moved[] } {
  const seen = all.filter(({ face }) => face !== undefined);
  if (seen.length <= most) return { kept: [...all], left: [] };
  const size = ({ track }: Moved): number => area(track.last.box) * (track.id ? TRACKED_AREA : 1);
  const bySize = seen.toSorted((a, b) => size(b) - size(a) || a.track.key - b.track.key);
  const out = new Set(bySize.slice(most).map(({ track }) => track.key));
  return {
    kept: all.filter(({ track }) => !out.has(track.key)),
    left: all.filter(({ track }) => out.has(track.key)),
  };
}

function isGivenUp(
  track: Track,
  timeMs: number,
  { motionMs, reviveMs, appearance }: TrackerOptions,
): boolean {
  if (track.id === 0) return track.misses > 1;
  const isFoundLater = track.look !== undefined || (appearance !== false && isGlimpse(track));
  return track.misses > 0 && timeMs - track.last.timeMs > (isFoundLater ? reviveMs : motionMs);
}

/** Gives the next numbers to tracks that were seen often enough. */
function nameTracks(
  moved: readonly Moved[],
  { nextId, options }: TrackerState,
  hasLooks: boolean,
): { tracks: Track[]; events: TrackEvent[] } {
  const events: TrackEvent[] = [];
  const lost = moved.flatMap(({ track }) => (track.id > 0 && track.misses > 0 && track.look ? [track] : []));
  const tracks = moved.map(({ track }) => {
    const isYoung = track.last.timeMs - track.first.timeMs < MOST_UNCERTAIN_MS;
    const waits = hasLooks && isYoung && !isToldFrom(track, lost, options);
    if (track.id > 0 || track.misses > 0 || track.hits < options.confirmHits || waits) return track;
    const trackId = nextId + events.length;
    events.push({ type: 'appeared', trackId, sights: track.pending });
    return { ...track, id: trackId, pending: [] };
  });
  return { tracks, events };
}

/** Remembers which tracks cover each other now, and forgets who did so for too long to have been swapped. */
function markCrossings(tracks: readonly Track[], timeMs: number, { motionMs }: TrackerOptions): Track[] {
  const near = tracks.filter(
    ({ misses, last, isPlaceless }) => !isPlaceless && (misses === 0 || timeMs - last.timeMs <= motionMs),
  );
  const places = new Map(
    near.map((track) => [track.key, track.misses === 0 ? track.last.box : placeAt(track, timeMs)]),
  );
  return tracks.map((track) => {
    const place = places.get(track.key);
    const crosses =
      place && near.some(({ key }) => key !== track.key && covering(places.get(key)!, place) >= COVERING);
    if (crosses) return { ...track, crossedMs: timeMs };
    const isOver = track.crossedMs !== undefined && timeMs - track.crossedMs > CROSSED_MS;
    return isOver ? { ...track, crossedMs: undefined } : track;
  });
}

function returnOf(track: Track, before: readonly Track[]): TrackEvent[] {
  const old = before.find(({ key }) => key === track.key);
  if (!old || track.id === 0 || track.misses > 0 || old.misses < 2) return [];
  return [{ type: 'returned', trackId: track.id, since: old.last, sights: [track.last] }];
}

function endTracks(tracks: readonly Track[], reason: LostReason): TrackEvent[] {
  return tracks
    .filter(({ id }) => id > 0)
    .map(({ id, first, last }): TrackEvent => ({ type: 'lost', trackId: id, first, last, reason }))
    .sort(byId);
}

function byId(a: TrackEvent, b: TrackEvent): number {
  return a.trackId - b.trackId;
}

/** Whether a confirmed track counts as in the picture. */
function isThere({ id, misses, last, isPlaceless }: Track, { frame, options }: TrackerState): boolean {
  if (id === 0 || !frame || isPlaceless) return false;
  if (misses === 0) return true;
  return options.coastMs > 0 && (misses === 1 || frame.timeMs - last.timeMs <= options.coastMs);
}

function activeTracks(state: TrackerState, faceOf: (key: number) => number | undefined): TrackedBox[] {
  const timeMs = state.frame?.timeMs ?? 0;
  return state.tracks
    .filter((track) => isThere(track, state))
    .map((track): TrackedBox => {
      const face = faceOf(track.key);
      const isSeen = track.misses === 0 && face !== undefined;
      if (isSeen) return { trackId: track.id, box: track.last.box, predicted: false, face };
      return { trackId: track.id, box: placeAt(track, timeMs), predicted: true };
    })
    .sort((a, b) => a.trackId - b.trackId);
}
