import { addLook, joinLooks, type Look, type MeanLook, reliabilityOfMean } from '../core/mean-look.ts';
import type { Box } from '../core/types.ts';
import { MIN_RELIABILITY_TO_DIFFER } from './appearance.ts';
import { type BoxFilter, filteredBox, predictFilter, refilter, startFilter, STEP_MS } from './kalman-box.ts';

/** A frame's place in its video. */
export interface FrameTime {
  /** Counts the source's frames from 0, with those that were dropped. */
  readonly index: number;
  /** Its time in the source, in ms. */
  readonly timeMs: number;
}

/** A face as the detector found it, in pixels of the frame. */
export interface FaceSeen {
  readonly box: Box;
  /** The detector's certainty, 0..1. */
  readonly score: number;
  /** Degrees, + counter-clockwise as seen. */
  readonly roll?: number | undefined;
  /** Of unit length. Embedding costs, so only some have one. */
  readonly embedding?: Float32Array | undefined;
  /** How far the embedding can be trusted, 0..1. */
  readonly reliability?: number | undefined;
}

/** Where a face was seen, and when. */
export interface Sight {
  readonly frameIndex: number;
  readonly timeMs: number;
  readonly box: Box;
  readonly score: number;
}

/** One face over time. Immutable. */
export interface Track {
  /** Counts births; never reused. */
  readonly key: number;
  /** What the track is called once it is confirmed; 0 until then. */
  readonly id: number;
  /** As it was after the last detection. */
  readonly filter: BoxFilter;
  readonly first: Sight;
  readonly last: Sight;
  /** The sights of the last moments, oldest first, the last among them: for the direction. */
  readonly recent: readonly Sight[];
  /** Unit vector of the way it was last seen to go. */
  readonly direction: { readonly x: number; readonly y: number } | undefined;
  /** Every sight of a track that is not confirmed yet. */
  readonly pending: readonly Sight[];
  /** Detections so far. */
  readonly hits: number;
  /** Frames looked at since the last detection. */
  readonly misses: number;
  readonly look: MeanLook | undefined;
  /** When a face of it was last embedded. */
  readonly embeddedMs: number;
  /** When an embedding last showed that it was still the same. */
  readonly sureMs: number;
  /** Embeddings in a row that were clearly somebody else's. */
  readonly doubts: number;
  /** Whether its face turned out to be another track's, so that nothing is known of where it is. */
  readonly isPlaceless: boolean;
  /** When it last overlapped another track, until an embedding shows that it is still the same. */
  readonly crossedMs: number | undefined;
}

/** A track that begins. */
export function startTrack(key: number, face: FaceSeen, frame: FrameTime): Track {
  const sight = sightOf(face, frame);
  return {
    key,
    id: 0,
    filter: startFilter(face.box),
    first: sight,
    last: sight,
    recent: [sight],
    direction: undefined,
    pending: [sight],
    hits: 1,
    misses: 0,
    look: lookOf(face) && addLook(undefined, lookOf(face)!, frame.timeMs),
    embeddedMs: face.embedding ? frame.timeMs : -Infinity,
    sureMs: -Infinity,
    doubts: 0,
    isPlaceless: false,
    crossedMs: undefined,
  };
}

/**
 * The track after it was found by its looks in another place than it could have been followed to: nothing is known of the way it
 * took.
 */
export function jumpTrack(track: Track, face: FaceSeen, frame: FrameTime): Track {
  const sight = sightOf(face, frame);
  return {
    ...track,
    filter: startFilter(face.box),
    last: sight,
    recent: [sight],
    direction: undefined,
    pending: track.id === 0 ? [...track.pending, sight] : track.pending,
    hits: track.hits + 1,
    misses: 0,
    isPlaceless: false,
  };
}

/** The track after it was seen. Embeddings are learnt apart: {@link learnLook}. */
export function seeTrack(track: Track, face: FaceSeen, frame: FrameTime, directionMs: number): Track {
  const sight = sightOf(face, frame);
  const gap = (frame.timeMs - track.last.timeMs) / STEP_MS;
  const steps = Array.from({ length: track.misses + 1 }, () => gap / (track.misses + 1));
  const recent = track.recent.filter(({ timeMs }) => isWithin(timeMs, frame.timeMs, directionMs));
  return {
    ...track,
    filter: refilter(track.filter, track.last.box, face.box, steps),
    last: sight,
    recent: [...recent, sight],
    direction: directionOf(recent[0]?.box ?? track.last.box, face.box) ?? track.direction,
    pending: track.id === 0 ? [...track.pending, sight] : track.pending,
    hits: track.hits + 1,
    misses: 0,
    isPlaceless: false,
  };
}

/** The place from which the way to a new detection is measured. */
export function directionOrigin(track: Track, timeMs: number, directionMs: number): Box {
  return (track.recent.find((sight) => isWithin(sight.timeMs, timeMs, directionMs)) ?? track.last).box;
}

/** Frames do not come to the millisecond. */
const JITTER_MS = 2;

function isWithin(timeMs: number, nowMs: number, spanMs: number): boolean {
  return nowMs - timeMs <= spanMs + JITTER_MS;
}

/** Unit vector from one box's centre to another's; undefined where they are one. */
export function directionOf(from: Box, to: Box): { x: number; y: number } | undefined {
  const x = to.left + to.width / 2 - from.left - from.width / 2;
  const y = to.top + to.height / 2 - from.top - from.height / 2;
  const length = Math.sqrt(x * x + y * y);
  return length > 1e-6 ? { x: x / length, y: y / length } : undefined;
}

/** Where the track is taken to be at a time. */
export function placeAt({ filter, last }: Track, timeMs: number): Box {
  return filteredBox(predictFilter(filter, (timeMs - last.timeMs) / STEP_MS));
}

/** The track with the face's embedding in its mean. */
export function learnLook(track: Track, face: FaceSeen, timeMs: number): Track {
  const look = lookOf(face);
  return look ? { ...track, look: addLook(track.look, look, timeMs) } : track;
}

/**
 * A lost track that goes on as one that was born since: the older one's name and beginning, the younger one's place and motion.
 */
export function continueAs(lost: Track, born: Track): Track {
  return {
    ...born,
    id: lost.id,
    first: lost.first,
    hits: lost.hits + born.hits,
    look: joinLooks(lost.look, born.look),
    pending: [],
    doubts: 0,
    crossedMs: undefined,
  };
}

/** A face that is gone again after five frames of film was hardly there. */
const GLIMPSE_MS = 200;

/** Whether so little was seen of a face that by its looks it can be told from nobody. */
export function isGlimpse({ first, last, look }: Track): boolean {
  if (last.timeMs - first.timeMs > GLIMPSE_MS + JITTER_MS) return false;
  return !look || reliabilityOfMean(look) < MIN_RELIABILITY_TO_DIFFER;
}

/** What can be compared of a face. */
export function lookOf({ embedding, reliability }: FaceSeen): Look | undefined {
  return embedding && { embedding, reliability };
}

export function sightOf({ box, score }: FaceSeen, { index, timeMs }: FrameTime): Sight {
  return { frameIndex: index, timeMs, box, score };
}
