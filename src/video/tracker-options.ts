import { badParam } from '../core/errors.ts';
import { boolean, type Check, integer, number, resolveOptions } from '../core/options.ts';
import { type Appearance, DEFAULT_APPEARANCE } from './appearance.ts';

/** How faces are followed. Scores are the detector's certainty 0..1, times are of the video, in ms. */
export interface TrackerOptions {
  /** From this score on a detection begins a track, and is the first to continue one. OC-SORT's for MOT17. */
  readonly highScore: number;
  /** Detections below `highScore` and from here on continue tracks that found nothing better (ByteTrack's second pass). */
  readonly lowScore: number;
  /** Whether that second pass is made. */
  readonly lowScorePass: boolean;
  /** Least IoU of a detection with where a track is predicted, or was last seen. SORT's. */
  readonly minIou: number;
  /** Weight of the consistency of direction against IoU (OC-SORT's inertia λ). */
  readonly directionWeight: number;
  /** Least IoU of a detection of a low score with the prediction: what is half seen, or no face at all, leads no track astray. ByteTrack's. */
  readonly minLowIou: number;
  /** A track's direction is from the oldest place seen within this time to the newest: three frames, as OC-SORT's Δt. */
  readonly directionMs: number;
  /** Detections that make a track: one that has not as many, with at most one missed in between, never was. */
  readonly confirmHits: number;
  /** How long after a track was last seen its motion finds it again: 30 frames, as OC-SORT's. */
  readonly motionMs: number;
  /** How long its appearance does. */
  readonly reviveMs: number;
  /** How long a track that was not found counts as there, at its predicted place; one missed detection always does not end that. */
  readonly coastMs: number;
  /** Most tracks seen at once; the largest faces win. */
  readonly maxPersons: number;
  /** Whether a face that moved too far for any overlap is found by its distance, where there is one candidate only. */
  readonly reach: boolean;
  /** How embeddings are judged; false: boxes alone decide. */
  readonly appearance: Appearance | false;
}

export const DEFAULT_TRACKER: TrackerOptions = Object.freeze({
  highScore: 0.6,
  lowScore: 0.1,
  lowScorePass: true,
  minIou: 0.3,
  minLowIou: 0.5,
  directionWeight: 0.2,
  directionMs: 120,
  confirmHits: 2,
  motionMs: 1200,
  reviveMs: 3000,
  coastMs: 100,
  maxPersons: 16,
  reach: true,
  appearance: DEFAULT_APPEARANCE,
});

/** OC-SORT's published rule and parameters, without anything of ours: what the tracker is measured against. */
export const OC_SORT: TrackerOptions = Object.freeze({
  ...DEFAULT_TRACKER,
  lowScorePass: false,
  confirmHits: 3,
  reviveMs: 1200,
  coastMs: 0,
  maxPersons: 1000,
  reach: false,
  appearance: false,
});

const appearance: Check<Appearance | false> = (value, path) => {
  if (value === false) return value;
  const { judge, same, different } = (value ?? {}) as Partial<Appearance>;
  const isJudge = typeof judge === 'function' && isShare(same) && isShare(different) && different <= same;
  if (!isJudge)
    throw badParam(path, value, 'false or { judge, same, different } with different ≤ same, 0..1');
  return { judge, same, different };
};

function isShare(value: unknown): value is number {
  return typeof value === 'number' && value >= 0 && value <= 1;
}

/** The options with the defaults for those not given. @throws NearFaceError `BAD_PARAM` naming the option */
export function resolveTracker(raw?: Partial<TrackerOptions>): TrackerOptions {
  const share = number(0, 1);
  const time = number(0, 600_000);
  return resolveOptions<TrackerOptions, TrackerOptions>(
    raw,
    'tracker',
    {
      highScore: share,
      lowScore: share,
      lowScorePass: boolean,
      minIou: share,
      minLowIou: share,
      directionWeight: share,
      directionMs: time,
      confirmHits: integer(1, 100),
      motionMs: time,
      reviveMs: time,
      coastMs: time,
      maxPersons: integer(1, 1000),
      reach: boolean,
      appearance,
    },
    DEFAULT_TRACKER,
  );
}
