import type { FrameDetails, FrameFace, FrameLook, MeasuredFace, TakeFrame } from '../core/frames.ts';
import type { GreyImage } from '../core/frames.ts';
import type { TrackMatch } from './events.ts';
import type { MeanFace } from './identity.ts';

/** What finds and measures faces in frames, wherever it runs. */
export interface Stages<Image> {
  /**
   * Takes a frame's pixels; the picture stays its owner's.
   *
   * @throws NearFaceError `ABORTED` whose `details.reason` is `superseded` if a newer frame came; `WORKER_DIED`
   */
  take(image: Image, how: TakeFrame, signal?: AbortSignal): Promise<HeldFrame>;
}

/** A frame that is worked on. Whoever took it gives it back. */
export interface HeldFrame {
  /** In pixels. */
  readonly width: number;
  readonly height: number;
  readonly grey?: GreyImage;
  find(look: FrameLook, signal?: AbortSignal): Promise<readonly FrameFace[]>;
  /** The details of faces, in their order. */
  measure(
    faces: readonly FrameFace[],
    wanted: FrameDetails,
    signal?: AbortSignal,
  ): Promise<readonly MeasuredFace[]>;
  giveBack(): void;
}

/** Who in the galleries a face may be, best first. */
export type Identify = (face: MeanFace, signal?: AbortSignal) => Promise<readonly TrackMatch[]>;
