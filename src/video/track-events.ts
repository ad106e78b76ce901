import type { Box } from '../core/types.ts';
import type { Sight, Track } from './track.ts';

/** A face of a frame that belongs to a track. */
export interface TrackedBox {
  readonly trackId: number;
  readonly box: Box;
  /** Not seen but taken to be there. */
  readonly predicted: boolean;
  /** Index of the detection; absent where it is predicted. */
  readonly face?: number;
}

export type TrackEvent =
  /** A track is confirmed. `sights` are all so far, so that it counts from its first frame. */
  | { readonly type: 'appeared'; readonly trackId: number; readonly sights: readonly Sight[] }
  /** A lost track was found again. `since` is where it had been seen last; `sights` are those of its return so far. */
  | {
      readonly type: 'returned';
      readonly trackId: number;
      readonly since: Sight;
      readonly sights: readonly Sight[];
    }
  /** A track has ended; `last` is when it was last seen, not when it was given up. */
  | {
      readonly type: 'lost';
      readonly trackId: number;
      readonly first: Sight;
      readonly last: Sight;
      readonly reason: LostReason;
      /** With the reason `same`: the older track that it turned out to be. */
      readonly same?: number;
    };

/** Gone for too long, the camera cut, the source ended, larger faces took its place, or it was an older track's face all the time. */
export type LostReason = 'left' | 'cut' | 'ended' | 'crowded' | 'same';

/** A track and the detection of this frame that it was seen by. */
export interface Moved {
  readonly track: Track;
  readonly face?: number;
}
