import { iou } from '../geometry/boxes.ts';
import { type Association, CONTESTED_IOU, GAP_MS, type Match } from './association.ts';
import { isToldFrom } from './revive.ts';
import type { Track } from './track.ts';

/** A face that must be embedded for the tracker to know whose it is. */
export interface EmbeddingRequest {
  /** Index of the detection. */
  readonly face: number;
  readonly reason: EmbeddingReason;
}

/**
 * In order of weight: a match that another one is close to, or that lies after a crossing; a match after a gap; a new face while
 * tracks are lost; a track whose mean has too few embeddings yet.
 */
export type EmbeddingReason = 'contested' | 'gap' | 'new' | 'reference';

const REASONS: readonly EmbeddingReason[] = ['contested', 'gap', 'new', 'reference'];

/** Sums of IoU, direction and appearance of a matching and of the one with two tracks swapped are close below this. */
const CLOSE_VALUES = 0.5;
/** Faces do not change places within this time, three frames of film. */
const SURE_MS = 120;
/** A track is embedded for its mean so often, at first and later, until it has enough. */
const FIRST_EVERY_MS = 150;
const LATER_EVERY_MS = 600;
const ENOUGH_LOOKS = 4;
/** A face that may be a lost one's, as long as its embeddings do not tell. */
const UNCERTAIN_EVERY_MS = 80;
/** And so often to see that it is still the same face, should a cut have passed unseen. */
const CHECK_EVERY_MS = 2000;

/** Which faces must be embedded, the most urgent first; those that have an embedding are not asked for. */
export function planEmbeddings(association: Association): EmbeddingRequest[] {
  const { matches, newFaces, pairs } = association;
  const requests: EmbeddingRequest[] = [];
  for (const match of matches) {
    const reason = reasonOf(match, association);
    if (reason) requests.push({ face: match.face, reason });
  }
  if (lostTracks(association).length > 0)
    requests.push(...newFaces.map((face) => ({ face, reason: 'new' as const })));
  return requests
    .filter(({ face }) => !pairs.faces[face]!.embedding)
    .sort((a, b) => REASONS.indexOf(a.reason) - REASONS.indexOf(b.reason) || a.face - b.face);
}

/** Most faces embedded in one frame to be told apart. */
const MOST_AT_ONCE = 4;

/**
 * Which of the faces are embedded in this frame. Of a live source one mean is added to at a time, and none in a frame that was searched
 * whole: they are asked for again in the next one, which would be late otherwise.
 *
 * @param live - of a source whose frames come in their own time; undefined of a file
 */
export function dueEmbeddings(
  requests: readonly EmbeddingRequest[],
  live: { readonly isSearched: boolean } | undefined,
): EmbeddingRequest[] {
  const urgent = requests.filter(({ reason }) => reason !== 'reference');
  const others = requests.filter(({ reason }) => reason === 'reference');
  const most = !live ? Infinity : live.isSearched ? 0 : 1;
  return [...urgent, ...others.slice(0, most)].slice(0, MOST_AT_ONCE);
}

function reasonOf(match: Match, association: Association): EmbeddingReason | undefined {
  const { pairs } = association;
  const track = pairs.tracks[match.track]!;
  const isCovered = pairs.isCovered(match.face);
  if (track.look) {
    const isSure = pairs.timeMs - track.sureMs < SURE_MS;
    if (!isSure && isClose(match, association)) return 'contested';
    if ((pairs.hasCrossed(match.track) || track.doubts > 0) && !isCovered) return 'contested';
    if (track.misses > 0 && pairs.gap(match.track) >= GAP_MS) return 'gap';
    if (match.by === 'distance') return 'gap';
  }
  if (isCovered) return undefined;
  const count = track.look?.count ?? 0;
  const since = pairs.timeMs - track.embeddedMs;
  if (
    track.id === 0 &&
    since >= UNCERTAIN_EVERY_MS &&
    !isToldFrom(track, lostTracks(association), pairs.options)
  )
    return 'new';
  const every = count === 0 ? FIRST_EVERY_MS : count < ENOUGH_LOOKS ? LATER_EVERY_MS : CHECK_EVERY_MS;
  return since >= every ? 'reference' : undefined;
}

/** Tracks that are not found in this frame, and whose looks are known. */
function lostTracks({ matches, pairs }: Association): Track[] {
  const matched = new Set(matches.map(({ track }) => track));
  return pairs.tracks.filter((track, i) => track.look && track.id > 0 && !matched.has(i));
}

/** Whether swapping the match's track with another's would be nearly as good. */
function isClose({ face, track }: Match, { matches, pairs }: Association): boolean {
  const { box } = pairs.faces[face]!;
  return pairs.tracks.some((other, j) => {
    if (j === track || !pairs.isMoving(j) || !other.look) return false;
    if (iou(box, pairs.places[j]!) < CONTESTED_IOU) return false;
    const rival = matches.find((match) => match.track === j);
    const here = pairs.at(face, track).value + (rival ? pairs.at(rival.face, j).value : 0);
    const swapped = pairs.at(face, j).value + (rival ? pairs.at(rival.face, track).value : 0);
    return here - swapped < CLOSE_VALUES;
  });
}
