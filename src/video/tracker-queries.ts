import type { Box } from '../core/types.ts';
import { meanFaceOf, type MeanFace } from './identity.ts';
import { type FaceSeen, learnLook, placeAt } from './track.ts';
import type { TrackerState } from './tracker.ts';

/** A track that is missed for longer is found again by a search of the whole frame only. */
const MOST_MISSED_MS = 400;

/** Where a face is to be expected. */
export interface ExpectedPlace {
  readonly box: Box;
  /** Whether it is sure that there is a face and where, so that a scene in which nothing moves need not be looked at. */
  readonly isSettled: boolean;
}

/** Where faces are to be expected at a time: those of tracks, confirmed or not, and of those that were missed a moment ago. */
export function expectedPlaces({ tracks }: TrackerState, timeMs: number): ExpectedPlace[] {
  return tracks
    .filter(({ misses, last }) => misses === 0 || timeMs - last.timeMs <= MOST_MISSED_MS)
    .map((track) => ({ box: placeAt(track, timeMs), isSettled: track.id > 0 && track.misses === 0 }));
}

/**
 * The tracker after a face of a track was embedded beside what it asked for. Where it was crossed by another lately, and it is not yet
 * sure whose the face is, nothing is learnt.
 */
export function teachTracker(
  state: TrackerState,
  trackId: number,
  face: Pick<FaceSeen, 'embedding' | 'reliability'>,
  timeMs: number,
): TrackerState {
  const tracks = state.tracks.map((track) => {
    if (track.id !== trackId || track.crossedMs !== undefined) return track;
    const { box, score } = track.last;
    return { ...learnLook(track, { ...face, box, score }, timeMs), embeddedMs: timeMs };
  });
  return { ...state, tracks, hasLooks: state.hasLooks || face.embedding !== undefined };
}

/** The mean of a track's embeddings; undefined where it has none. */
export function meanOf({ tracks }: TrackerState, trackId: number): MeanFace | undefined {
  return meanFaceOf(tracks.find(({ id }) => id === trackId)?.look);
}
