import { overallQuality } from '../core/quality-score.ts';
import type { FrameDetails, FrameFace, MeasuredFace } from '../core/frames.ts';
import type { Angle, Box } from '../core/types.ts';
import type { MeanLook } from './appearance.ts';
import type { BestShot, TrackedFace, TrackMatch, VideoEvent, VideoTime } from './events.ts';
import type { FollowOptions } from './follow-options.ts';
import { answered, isSearchDue, meanFaceOf, type Identity } from './identity.ts';
import { afterShot, planShots, type ShotPlan } from './shot-plan.ts';
import type { HeldFrame, Identify } from './stages.ts';
import type { FrameTime, Sight } from './track.ts';

/** What is known of one track beside where it is. */
export interface TrackFile {
  readonly trackId: number;
  readonly first: Sight;
  /** Whether it was told of: it was within the bounds of what is reported once. */
  isReported: boolean;
  plan: ShotPlan | undefined;
  /** The best shot measured within the bounds. */
  best: BestShot | undefined;
  shots: ShotState;
  identity: Identity | undefined;
}
