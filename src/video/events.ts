import type { Attributes } from '../core/attributes.ts';
import type { Liveness } from '../core/liveness.ts';
import type { ErrorCode } from '../core/errors.ts';
import type { Sighting } from '../core/people.ts';
import type { LostReason } from './track-events.ts';
import type { Quality } from '../core/quality.ts';
import type { FaceRecord } from '../core/records.ts';
import type { AlignedCrop, Angle, Box, Point, Point3 } from '../core/types.ts';

/** When something happened in a video. */
export interface VideoTime {
  /** Milliseconds since 1970 where the session has a `startTime` (live sources have one), else since the first frame. */
  readonly timeMs: number;
  /** Counts the source's frames from 0, with those that were dropped. */
  readonly frameIndex: number;
}

/** A frame in which a face was seen, and where. */
export interface VideoSight extends VideoTime {
  /** In pixels of the frame. */
  readonly box: Box;
}

/** The mean embedding of a track, of unit length, and how far it can be trusted. */
export interface MeanFace {
  /** Of unit length. */
  readonly embedding: Float32Array<ArrayBuffer>;
  /** 0..1. */
  readonly reliability: number;
}

/** A stored face that a track matched. */
export interface TrackMatch {
  /** The enrolled face. */
  readonly record: FaceRecord;
  /** Of the track's mean embedding with the stored one. */
  readonly cosine: number;
  /** L2 distance of the same, 0..2. */
  readonly distance: number;
  /** Calibrated, 0..1; absent if the embedding model has no calibration. */
  readonly confidence?: number;
}

/** The best look at a face, measured. */
export interface BestShot extends VideoSight {
  /**
   * Shot score 0..1: `exp(−loss / 0.25)`, where the loss is how much lower the cosine to another picture of the person is expected to be than
   * that of a flawless shot, by size, sharpness, light, pose, closed eyes and what covers the face.
   */
  readonly score: number;
  /** Head pose. */
  readonly angle: Angle;
  /** How fit the face is for recognition. */
  readonly quality: Quality;
  /** The face and what is around it, a JPEG of at most 256 pixels a side. */
  readonly crop: Blob;
  /** The same smaller, of at most 96 pixels. */
  readonly thumbnail: Blob;
  /** The aligned crop that was embedded; only where reports are posted. */
  readonly aligned?: AlignedCrop;
  /** The whole frame, a JPEG; only with `photo: true`. */
  readonly photo?: Blob;
  /** Unit-length embedding of this shot. */
  readonly embedding: Float32Array<ArrayBuffer>;
  /** The model that made the embedding. */
  readonly modelId: string;
  /** How far the embedding can be trusted, 0..1; absent if the model tells none. */
  readonly reliability?: number;
  /** Those that `returnDetails` asks for. */
  readonly attributes?: Attributes;
  /** Of this shot alone, if `returnDetails` asks for it; absent where it cannot be told. */
  readonly liveness?: Liveness;
  /** The 106 landmarks, in pixels of the frame. */
  readonly landmarks?: readonly Point[];
  /** The 478 points of the dense mesh, in pixels of the frame. */
  readonly mesh?: readonly Point3[];
}

/** When an event was told of, and by which camera; of those that tell of a frame, that frame. */
export interface VideoOrigin extends VideoTime {
  /** As the session was told. */
  readonly cameraId?: string;
}

/** A face is in the picture. */
export interface AppearedEvent extends VideoSight, VideoOrigin {
  /** What happened. */
  readonly type: 'appeared';
  /** Counts a session's tracks from 1; never used again. */
  readonly trackId: number;
}

/** A shot that is reported: live, each that beats the last; of a file, the best of the track once the face is gone. */
export interface BestShotEvent extends BestShot, VideoOrigin {
  /** What happened. */
  readonly type: 'best-shot';
  /** Counts a session's tracks from 1; never used again. */
  readonly trackId: number;
}

/** Who a track is, or that the answer has improved. */
export interface IdentifiedEvent extends VideoOrigin {
  /** The first answer, or that it has improved. */
  readonly type: 'identified' | 'updated';
  /** Counts a session's tracks from 1; never used again. */
  readonly trackId: number;
  /** Who it was assigned to, with `people: 'auto'`; else the person of the first match, if it has one. */
  readonly personId?: string;
  /** By falling similarity; empty for somebody who is in none of the galleries. */
  readonly matches: readonly TrackMatch[];
  /** Distance of the mean embedding of the track to the first match, 0..2; absent without one. */
  readonly meanDistance?: number;
  /** Cosine of the same: 1 − d² / 2. */
  readonly meanSimilarity?: number;
}

/** A face has left. */
export interface LostEvent extends VideoOrigin {
  /** What happened. */
  readonly type: 'lost';
  /** Counts a session's tracks from 1; never used again. */
  readonly trackId: number;
  /** The first frame in which it was seen. */
  readonly firstFrame: number;
  /** The last one. */
  readonly lastFrame: number;
  /** Time of the first. */
  readonly firstTimeMs: number;
  /** Time of the last. */
  readonly lastTimeMs: number;
  /** Gone, the camera cut, the source ended, larger faces took its place, or it was an older track's face all the time. */
  readonly reason: LostReason;
  /** With the reason `same`: the older track, which goes on. */
  readonly same?: number;
  /** Its best shot, if there was one of the least score. */
  readonly best?: BestShot;
  /** Who it was taken for at last. */
  readonly matches: readonly TrackMatch[];
  /** The mean of its embeddings, weighted by their reliabilities; absent if it has none. */
  readonly mean?: MeanFace;
  /** Who it was assigned to, with `people: 'auto'`. */
  readonly personId?: string;
}

/** Frames came faster than they could be looked at. */
export interface DroppedEvent extends VideoOrigin {
  /** What happened. */
  readonly type: 'dropped';
  /** How many since the last such event. */
  readonly frames: number;
}

/** How far a file has been seen. */
export interface ProgressEvent extends VideoOrigin {
  /** What happened. */
  readonly type: 'progress';
  /** Frames. */
  readonly done: number;
  /** 0 where it is not known. */
  readonly total: number;
  /** Frames a second. */
  readonly perSecond: number;
  /** Milliseconds until the end; absent where it is not known. */
  readonly msLeft?: number;
}

/** Something happened to the source, or to the work on it, and the session goes on. */
export interface SourceChangedEvent extends VideoOrigin {
  /** What happened. */
  readonly type: 'source';
  /**
   * `resized`, `stalled`, `resumed`, `muted`, `unmuted`, `jumped`, `taken-away`: as they say of a camera or a `<video>`;
   * `seeking`: the file is read by a `<video>` element, as the browser's decoders do not take it; `recovered`: a worker that died was
   * replaced, and one frame lost; `skipped`: an image in a row could not be read and was left out.
   */
  readonly change:
    | 'resized'
    | 'stalled'
    | 'resumed'
    | 'muted'
    | 'unmuted'
    | 'jumped'
    | 'taken-away'
    | 'seeking'
    | 'recovered'
    | 'skipped';
  /** One sentence. */
  readonly text: string;
  /** With `skipped`: why. */
  readonly error?: { readonly code: ErrorCode; readonly message: string };
}

/** A report was sent to `postTo`. */
export interface PostedEvent extends VideoOrigin {
  /** What happened. */
  readonly type: 'posted';
  /** Counts a session's tracks from 1; never used again. */
  readonly trackId: number;
  /** Of the answer; 0 if there was none. */
  readonly status: number;
  /** Of the answer, or why there was none. */
  readonly body: string;
}

/** A report was enrolled, as `action: 'enrol'` asks, or could not be. */
export interface EnrolledEvent extends VideoOrigin {
  /** What happened. */
  readonly type: 'enrolled';
  /** Counts a session's tracks from 1; never used again. */
  readonly trackId: number;
  /** Of the face that was stored. */
  readonly record?: FaceRecord;
  /** Why none was. */
  readonly error?: { readonly code: ErrorCode; readonly message: string };
}

/** A report was noted in the history, as `people: 'auto'` asks, or could not be. */
export interface SightedEvent extends VideoOrigin {
  /** What happened. */
  readonly type: 'sighted';
  /** Counts a session's tracks from 1; never used again. */
  readonly trackId: number;
  /** What was noted. */
  readonly sighting?: Sighting;
  /** Why nothing was. */
  readonly error?: { readonly code: ErrorCode; readonly message: string };
}

/** The source has ended, or the session was stopped. It is the last event. */
export interface EndedEvent extends VideoOrigin {
  /** What happened. */
  readonly type: 'ended';
  /** All that was done. */
  readonly stats: VideoStats;
}

/** What a session has done so far. */
export interface VideoStats {
  /** Frames of the source, dropped ones included. */
  readonly frames: number;
  /** Frames that were looked at. */
  readonly processed: number;
  /** Frames that were not looked at since newer ones had come. */
  readonly dropped: number;
  /**
   * Of those looked at, frames in which nothing moved, so that no face was looked for. When nothing has moved for a second in a live source,
   * one in 100 ms is compared with the last, and those between count as the same.
   */
  readonly still: number;
  /** Searches of whole frames. */
  readonly searches: number;
  /** Looks around tracked faces. */
  readonly looks: number;
  /** Faces that were measured or embedded. */
  readonly measured: number;
  /** Tracks so far. */
  readonly tracks: number;
  /** Time since the start, in ms, pauses left out. */
  readonly elapsedMs: number;
  /** Frames looked at a second. */
  readonly perSecond: number;
  /** From taking a frame to its answer, ms: the median and the 95th percentile of the last 200. */
  readonly latencyMs: { readonly median: number; readonly p95: number };
}

/** What {@link VideoSession} tells. */
export type VideoEvent =
  | AppearedEvent
  | BestShotEvent
  | IdentifiedEvent
  | LostEvent
  | DroppedEvent
  | ProgressEvent
  | SourceChangedEvent
  | PostedEvent
  | EnrolledEvent
  | SightedEvent
  | EndedEvent;

/** Events before it is said when and by which camera they are told; some know the frame that they tell of. */
export type Untold<Event extends VideoEvent = VideoEvent> = Event extends VideoEvent
  ? Omit<Event, keyof VideoOrigin> & Partial<VideoTime>
  : never;

/** A face that is in the picture now. */
export interface TrackedFace {
  /** Counts a session's tracks from 1; never used again. */
  readonly trackId: number;
  /** In pixels of the frame. */
  readonly box: Box;
  /** Not seen in this frame but taken to be there. */
  readonly predicted: boolean;
  /** Who it is taken for. */
  readonly matches: readonly TrackMatch[];
  /** Who it was assigned to, with `people: 'auto'`. */
  readonly personId?: string;
  /** Of its best shot so far. */
  readonly score?: number;
  /** Of the same. */
  readonly angle?: Angle;
  /** Those that were measured. */
  readonly attributes?: Attributes;
  /** The mean over the faces of it that were measured so far, if `returnDetails` or `minLiveness` asks for it and it could be told. */
  readonly liveness?: Liveness;
}
