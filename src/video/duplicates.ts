import type { Association } from './association.ts';
import type { Track } from './track.ts';
import type { TrackEvent } from './track-events.ts';

/** Tracks whose face was found, by its looks, to be another track's. */
export interface Displaced {
  /** Keys of those that began after the other was last seen, so that they were that one all the time. */
  readonly same: ReadonlySet<number>;
  /** Keys of those that must be looked for elsewhere: the two had been swapped. */
  readonly placeless: ReadonlySet<number>;
  readonly events: readonly TrackEvent[];
}

/** Finds tracks that would otherwise take turns with the one that their face belongs to. */
export function findDisplaced({ matches, pairs }: Association): Displaced {
  const { tracks, options } = pairs;
  const matched = new Set(matches.map(({ track }) => track));
  const same = new Set<number>();
  const placeless = new Set<number>();
  const events: TrackEvent[] = [];
  for (const { face, track } of matches) {
    const owner = tracks[track]!;
    const isFound = owner.misses > 0 || pairs.isJump(face, track);
    if (!isFound || pairs.at(face, track).verdict?.isSame !== true) continue;
    tracks.forEach((other, j) => {
      if (matched.has(j) || same.has(other.key) || !pairs.isMoving(j)) return;
      const { iou, verdict } = pairs.at(face, j);
      if (iou < options.minIou) return;
      if (!isSuccessor(other, owner) || verdict?.isDifferent) return void placeless.add(other.key);
      same.add(other.key);
      const { id, first, last } = other;
      if (id > 0) events.push({ type: 'lost', trackId: id, first, last, reason: 'same', same: owner.id });
    });
  }
  return { same, placeless, events };
}

function isSuccessor(young: Track, old: Track): boolean {
  return young.first.timeMs > old.last.timeMs;
}
