import type { AnalysisRequest } from '../core/analysis.ts';
import type { Region } from '../core/types.ts';
import type { TrackerOptions } from './tracker-options.ts';

/** How faces are followed; every field is resolved. Lengths are in pixels of the source's picture, times of the video in ms. */
export interface FollowOptions {
  readonly tracker: TrackerOptions;
  /** Share of pixels that must change for anything to run, 0..1; 0 looks at every frame. */
  readonly motionThreshold: number;
  /** Sides of the frame that motion is looked for in, as a share of the whole one's. */
  readonly motionScale: number;
  /** Faces are looked for as small as 32 pixels where the frame's shorter side has so many; absent: as small as can be recognised. */
  readonly detectionScale?: number;
  /** Whether the frames come in their own time, so that searches may not take too long. */
  readonly live: boolean;
  /** Real-time: reports while the face is there; else one when it has left. */
  readonly realtime: boolean;
  readonly minShotScore: number;
  readonly scoreStep: number;
  readonly delayMs: number;
  /** 0: never. */
  readonly refreshMs: number;
  /** Degrees either way; absent: any. */
  readonly maxYaw?: number;
  readonly maxPitch?: number;
  readonly maxRoll?: number;
  /** The least mean liveness of a track's faces for it to be reported and looked up; absent: any. `details` has to ask for it. */
  readonly minLiveness?: number;
  readonly dedupe?: {
    readonly windowMs: number;
    readonly maxDuplicates: number;
    readonly maxShiftPx: number;
  };
  /** Where faces are looked for; absent: everywhere. */
  readonly rot?: Region;
  /** Where the centre of a face must lie that is reported. */
  readonly roi?: Region;
  /** The shorter side of the smallest face reported, and the longer one of the largest. */
  readonly minFaceSize?: number;
  readonly maxFaceSize?: number;
  /** What reported boxes are scaled by, about their centres. */
  readonly boxScale: number;
  /** Further details of reported shots. */
  readonly details: Pick<AnalysisRequest['details'], 'landmarks' | 'mesh' | 'attributes' | 'liveness'>;
  /** Whether reports carry the whole frame. */
  readonly photo: boolean;
  /** Whether they carry the aligned crop. */
  readonly aligned: boolean;
  /** What event times begin at: ms since 1970, or 0. */
  readonly startTime: number;
}
