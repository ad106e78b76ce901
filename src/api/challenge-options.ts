import type { Threshold } from '../core/types.ts';
import type { ChallengeStep } from '../video/challenge/events.ts';
import type { ReturnDetails } from './options.ts';

/** Options of {@link NearFace.challenge}. Times are in ms. */
export interface ChallengeOptions {
  /** What may be asked for, each at most once. Default: `blink`, `turn-left`, `turn-right`, `smile`, `nod`. */
  readonly steps?: readonly ChallengeStep[];
  /** How many of them are asked for, picked at random, 1..5. Default: all. */
  readonly count?: number;
  /** Whether the order is drawn anew each time, so that no recording has it; else it is that of `steps`. Default: true. */
  readonly random?: boolean;
  /** How long there is for a step, 1000..120000. Default: 8000. */
  readonly stepTimeoutMs?: number;
  /** How long there is for all of it, with the time until somebody is before the camera, 1000..600000. Default: 60000. */
  readonly timeoutMs?: number;
  /** How many times another step than the one asked for may be done, 0..5; each gives a recording another chance. Default: 0. */
  readonly mistakes?: number;
  /** From when on the face of a later frame counts as that of the first; not `fpir`. Default: `medium`. */
  readonly threshold?: Threshold;
  /**
   * The least mean liveness, 0..1, of the looks at the face straight on; 0.5 is where {@link Liveness.value} begins to be `live`. Below it, or where
   * it cannot be told, the challenge fails with `not-live`. Default: nothing is asked.
   */
  readonly minLiveness?: number;
  /** Measured of the best look, and given with it. Pose and quality always are. Default: nothing else. */
  readonly returnDetails?: ReturnDetails;
  /** Whether the best look carries the whole frame. Default: false. */
  readonly photo?: boolean;
  /** Faces whose box's shorter side is smaller are asked to come closer, in pixels of the frame. Default: 80. */
  readonly minFaceSize?: number;
  /** Frames a second of images in a row, above 0 and up to 1000. Default: 25. */
  readonly fps?: number;
  /** Ends the challenge with `ABORTED`. */
  readonly signal?: AbortSignal;
}
