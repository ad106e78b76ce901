import { THRESHOLDS } from '../core/confidence.ts';
import type { Box } from '../core/types.ts';
import { area, intersection, iou } from '../geometry/boxes.ts';
import { judgeLook, type Verdict } from './appearance.ts';
import { assign } from './assignment.ts';
import {
  directionOf,
  directionOrigin,
  type FaceSeen,
  isGlimpse,
  lookOf,
  placeAt,
  type Track,
} from './track.ts';
import type { TrackerOptions } from './tracker-options.ts';

/** How a detection was found to continue a track. */
export type MatchedBy = 'first' | 'low-score' | 'last-place' | 'distance' | 'glimpse';

export interface Match {
  /** Index of the detection. */
  readonly face: number;
  /** Index of the track. */
  readonly track: number;
  readonly by: MatchedBy;
}

/** Which detections continue which tracks. */
export interface Association {
  readonly matches: readonly Match[];
  /** Indices of detections of a high score that continue none, rising. */
  readonly newFaces: readonly number[];
  /** What was known of each pair. */
  readonly pairs: PairTable;
}

/** A face's overlap with another's track from which on appearance is asked whose it is. */
export const CONTESTED_IOU = 0.1;
/** Share of the smaller box from which on two faces cover each other. */
export const COVERING = 0.15;
/** How long after two tracks parted they may still turn out to have been swapped. */
export const CROSSED_MS = 1500;
/** Share of the smaller box in which a face comes up where another was seen in a glimpse; the edge may have cut off more of one, and the camera may have moved. */
const GLIMPSED = 0.3;
/** A face unseen for so long, four frames of film, may have made way for somebody else's. */
export const GAP_MS = 150;
/** Embeddings in a row that are somebody else's, after which a track that nothing else contests is not believed either. */
const MOST_DOUBTS = 2;
/** Confidences that differ by this, a hundredth of the false match rate, tell two people apart who crossed. */
const NEARER_BY = THRESHOLDS.medium - THRESHOLDS.low;
/** What appearance weighs where another face covers this one: the embedding is of both. */
const COVERED_WEIGHT = 0.4;
/** A face moves so many of its widths a second at most (1.3 m/s, 16 cm), so many between two frames in any case, and is looked for no further. */
const REACH = { perSecond: 8, least: 0.5, most: 3 };
const REACH_MS = 500;
const REACH_AREA_RATIO = 2;

/** A detection and a track. */
export interface Pair {
  /** IoU with where the track is predicted. */
  readonly iou: number;
  /** IoU, direction and appearance together: the higher, the rather they are one. */
  readonly value: number;
  readonly verdict: Verdict | undefined;
  /** Whether appearance forbids it. */
  readonly isVetoed: boolean;
  /** Whether the first pass may match them. */
  readonly isFeasible: boolean;
}

/** Every detection against every track. */
export class PairTable {
  readonly places: readonly Box[];
  readonly #covered: readonly boolean[];
  readonly #pairs: readonly (readonly Pair[])[];

  constructor(
    readonly faces: readonly FaceSeen[],
    readonly tracks: readonly Track[],
    readonly timeMs: number,
    readonly options: TrackerOptions,
  ) {
    this.places = tracks.map((track) => placeAt(track, timeMs));
    this.#covered = faces.map((face, i) => this.#isCovered(face.box, i));
    const overlaps = faces.map(({ box }) => this.places.map((place) => iou(box, place)));
    this.#pairs = faces.map((face, i) => tracks.map((track, j) => this.#pair(face, track, overlaps, i, j)));
  }

  at(face: number, track: number): Pair {
    return this.#pairs[face]![track]!;
  }

  /** Time since the track was seen, in ms. */
  gap(track: number): number {
    return this.timeMs - this.tracks[track]!.last.timeMs;
  }

  /** Whether the track was seen so lately that its motion tells where it is. */
  isMoving(track: number): boolean {
    const { misses, isPlaceless } = this.tracks[track]!;
    return !isPlaceless && (misses === 0 || this.gap(track) <= this.options.motionMs);
  }

  /** Whether the track is lost, and only its place can tell who it was. */
  isGlimpsed(track: number): boolean {
    const { id, misses, isPlaceless } = this.tracks[track]!;
    const isLost = id > 0 && misses > 0 && !isPlaceless;
    return isLost && this.gap(track) <= this.options.reviveMs && isGlimpse(this.tracks[track]!);
  }

  /** Whether the face cannot be a track's that is lost: by its looks, or as nobody is called by that track. */
  isSurelyNot(face: number, track: number): boolean {
    return this.tracks[track]!.id === 0 || this.at(face, track).verdict?.isDifferent === true;
  }

  /** Whether nothing but their looks brings a face and a track together. */
  isJump(face: number, track: number): boolean {
    const { minIou } = this.options;
    const { last, isPlaceless } = this.tracks[track]!;
    if (this.at(face, track).verdict?.isSame !== true) return false;
    const overlap = Math.max(this.at(face, track).iou, iou(this.faces[face]!.box, last.box));
    return isPlaceless || (overlap < minIou && nearness(this, face, track) <= 0);
  }

  hasCrossed(track: number): boolean {
    const { crossedMs } = this.tracks[track]!;
    return crossedMs !== undefined && this.timeMs - crossedMs <= CROSSED_MS;
  }

  /** Whether the face's looks are surely nearer to the track's than to those of any other that it may have been mistaken for. */
  isNearestLook(face: number, track: number): boolean {
    const own = this.at(face, track).verdict;
    if (!own || own.isDifferent) return false;
    const others = this.tracks.flatMap((_, j) =>
      j !== track && this.hasCrossed(j) ? [this.at(face, j).verdict?.confidence] : [],
    );
    return (
      others.length > 0 && others.every((other) => other !== undefined && own.confidence - other >= NEARER_BY)
    );
  }

  /** Whether the face and another cover each other: one that was found too, or one that was there a moment ago. Who is behind for longer covers nobody. */
  isCovered(face: number): boolean {
    return this.#covered[face]!;
  }

  #isCovered(box: Box, face: number): boolean {
    const reaches = (other: Box): boolean => covering(other, box) >= COVERING;
    const isThere = (track: number): boolean => this.isMoving(track) && this.gap(track) < GAP_MS;
    const places = this.places.filter((place, j) => isThere(j) && reaches(place));
    return places.length > 1 || this.faces.some((other, i) => i !== face && reaches(other.box));
  }

  #pair(face: FaceSeen, track: Track, overlaps: readonly (readonly number[])[], i: number, j: number): Pair {
    const { appearance, minIou, directionWeight, directionMs } = this.options;
    const overlap = overlaps[i]![j]!;
    const look = appearance ? lookOf(face) : undefined;
    const verdict = appearance && look && track.look ? judgeLook(appearance, look, track.look) : undefined;
    const isGap = this.tracks[j]!.misses > 0 && this.gap(j) >= GAP_MS;
    const isCrossed = this.hasCrossed(j);
    const isDoubted = track.doubts >= MOST_DOUBTS;
    const isContested = isGap || isCrossed || isDoubted || hasRival(overlaps, i, j);
    const isStranger =
      verdict?.isDifferent === true || (isGap && verdict !== undefined && verdict.weight < 0);
    const isVetoed = isContested && isStranger;
    const origin = directionOrigin(track, this.timeMs, directionMs);
    const along = directionWeight * face.score * directionCost(track, origin, face.box);
    const raw = isContested ? (verdict?.weight ?? 0) : Math.max(0, verdict?.weight ?? 0);
    const weight = this.isCovered(i) ? COVERED_WEIGHT * raw : raw;
    const isNear = overlap >= minIou && this.isMoving(j);
    const isKnown = verdict?.isSame === true && (track.misses > 0 || isCrossed) && !this.isCovered(i);
    const value = overlap + along + weight;
    return {
      iou: overlap,
      value,
      verdict,
      isVetoed,
      isFeasible: !isVetoed && (isNear || isKnown) && value > 0,
    };
  }
}

/** Whether another track claims the face, or another face the track. */
function hasRival(overlaps: readonly (readonly number[])[], face: number, track: number): boolean {
  return (
    overlaps[face]!.some((overlap, other) => other !== track && overlap >= CONTESTED_IOU) ||
    overlaps.some((row, other) => other !== face && row[track]! >= CONTESTED_IOU)
  );
}

/**
 * The consistency of direction, −0.5 against the way the track went .. 0.5 along it; 0 where it stood still
 * (observation-centric momentum: OC-SORT §4.2).
 */
function directionCost({ direction }: Track, origin: Box, box: Box): number {
  const way = direction && directionOf(origin, box);
  if (!way) return 0;
  const cosine = Math.min(1, Math.max(-1, way.x * direction.x + way.y * direction.y));
  return 0.5 - Math.acos(cosine) / Math.PI;
}

/**
 * Which detections continue which tracks, after OC-SORT (Cao et al., "Observation-Centric SORT", 2023) with ByteTrack's second
 * pass (Zhang et al., 2022) and appearance:
 * 1. Detections of a high score by IoU with the prediction, consistency of direction and, where both have one, embedding. An
 *    embedding that is clearly the same also matches without overlap, after the track was lost or when it has crossed another;
 *    one that is clearly different forbids, but only where there is reason to doubt: after a gap, after crossing, between rivals, or
 *    when it is not the first in a row.
 * 2. Detections of a low score by IoU, for tracks that found none.
 * 3. Detections of a high score by IoU with the place where the track was last seen (observation-centric recovery).
 * 4. What is left over by distance, where neither has another candidate.
 * 5. Then by the place where somebody was seen in a glimpse, as half a face at the picture's edge is: whom looks cannot tell from the one
 *    who comes up there is that one, for as long as looks would find it again, unless it may be somebody else who is lost.
 */
export function associate(
  faces: readonly FaceSeen[],
  tracks: readonly Track[],
  timeMs: number,
  options: TrackerOptions,
): Association {
  const pairs = new PairTable(faces, tracks, timeMs, options);
  const matches: Match[] = [];
  const high = faces.flatMap(({ score }, i) => (score >= options.highScore ? [i] : []));
  const low = faces.flatMap(({ score }, i) =>
    score < options.highScore && score >= options.lowScore ? [i] : [],
  );
  const all = tracks.map((_, i) => i);
  const left = { high, tracks: all };
  const pass = (by: MatchedBy, rows: readonly number[], value: (face: number, track: number) => number) => {
    const columns = left.tracks.filter(
      (track) => by === 'first' || by === 'glimpse' || pairs.isMoving(track),
    );
    const found = best(rows, columns, value).map(([face, track]) => ({ face, track, by }));
    matches.push(...found);
    left.high = left.high.filter((face) => !found.some((match) => match.face === face));
    left.tracks = left.tracks.filter((track) => !found.some((match) => match.track === track));
  };
  pass('first', left.high, (face, track) => {
    const { isFeasible, value } = pairs.at(face, track);
    return isFeasible ? value : 0;
  });
  const overlapping = (overlap: number, least: number, face: number, track: number): number =>
    overlap >= least && !pairs.at(face, track).isVetoed ? overlap : 0;
  const { minIou, minLowIou } = options;
  if (options.lowScorePass)
    pass('low-score', low, (face, track) => overlapping(pairs.at(face, track).iou, minLowIou, face, track));
  pass('last-place', left.high, (face, track) =>
    overlapping(iou(faces[face]!.box, tracks[track]!.last.box), minIou, face, track),
  );
  if (options.reach) pass('distance', left.high, lonePairs(pairs, left.high, left.tracks));
  if (options.appearance)
    pass('glimpse', left.high, (face, track) =>
      pairs.isGlimpsed(track) &&
      left.tracks.every((other) => other === track || pairs.isSurelyNot(face, other))
        ? overlapping(covering(faces[face]!.box, tracks[track]!.last.box), GLIMPSED, face, track)
        : 0,
    );
  return { matches, newFaces: left.high, pairs };
}

/** The pairs of the assignment of the highest sum, without those of value 0 or less. */
function best(
  rows: readonly number[],
  columns: readonly number[],
  value: (row: number, column: number) => number,
): [row: number, column: number][] {
  if (rows.length === 0 || columns.length === 0) return [];
  const values = rows.flatMap((row) => columns.map((column) => Math.max(0, value(row, column))));
  const assigned = assign(
    values.map((each) => -each),
    rows.length,
    columns.length,
  );
  return rows.flatMap((row, i): [number, number][] => {
    const j = assigned[i]!;
    return j >= 0 && values[i * columns.length + j]! > 0 ? [[row, columns[j]!]] : [];
  });
}

/** Values of the pairs within reach of each other and of no other; appearance may decide between several. */
function lonePairs(
  pairs: PairTable,
  faces: readonly number[],
  tracks: readonly number[],
): (face: number, track: number) => number {
  const moving = tracks.filter((track) => pairs.isMoving(track));
  const near = new Map(
    faces.map((face) => [face, moving.filter((track) => nearness(pairs, face, track) > 0)]),
  );
  const claims = (track: number): number => faces.filter((face) => near.get(face)?.includes(track)).length;
  return (face, track) => {
    const candidates = near.get(face);
    if (!candidates?.includes(track)) return 0;
    const isAlone = candidates.length === 1 && claims(track) === 1;
    return isAlone || pairs.at(face, track).verdict?.isSame ? nearness(pairs, face, track) : 0;
  };
}

/** 1 where the track was predicted .. 0 out of reach, or of another size, or another person. */
function nearness(pairs: PairTable, face: number, track: number): number {
  const gap = pairs.gap(track);
  const { isVetoed, verdict } = pairs.at(face, track);
  if (isVetoed || verdict?.isDifferent) return 0;
  if (gap > REACH_MS && pairs.tracks[track]!.misses > 0) return 0;
  const [{ box }, place] = [pairs.faces[face]!, pairs.places[track]!];
  const ratio = area(box) / area(pairs.tracks[track]!.last.box);
  if (!(ratio <= REACH_AREA_RATIO && ratio >= 1 / REACH_AREA_RATIO)) return 0;
  const x = box.left + box.width / 2 - place.left - place.width / 2;
  const y = box.top + box.height / 2 - place.top - place.height / 2;
  const reach = Math.min(REACH.most, REACH.least + (REACH.perSecond * gap) / 1000) * box.width;
  return 1 - Math.sqrt(x * x + y * y) / reach;
}

/** Share of the smaller of two boxes that the other covers. */
export function covering(a: Box, b: Box): number {
  const least = Math.min(area(a), area(b));
  return least > 0 ? intersection(a, b) / least : 0;
}
