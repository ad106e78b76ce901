import type { Keep } from '../core/records.ts';
import type { Region, Threshold } from '../core/types.ts';
import type { EnrolDetails, PeopleOptions, ReturnDetails } from './options.ts';

/** Which faces of a video are reported at most once: {@link WatchOptions.dedupe}. */
export interface DedupeOptions {
  /** So long after a report, in ms. Default: 10000. */
  readonly windowMs?: number;
  /** So many reports of one person within that time are let through. Default: 1. */
  readonly maxDuplicates?: number;
  /** Only faces within so many pixels of the one that was reported. Default: no limit. */
  readonly maxShiftPx?: number;
}

/** How reported faces are enrolled: {@link WatchOptions.enrol}. Live, and with a `startTime`, their `timestamp` is when they were seen. */
export interface WatchEnrolOptions {
  /** Default: those that are searched. */
  readonly galleries?: readonly string[];
  /** Default: empty. */
  readonly meta?: string;
  /** Stored with each face. Default: neither is measured. */
  readonly returnDetails?: EnrolDetails;
  /** Which pictures are stored. Default: as for sightings. */
  readonly keep?: Keep;
}

/** Where reports are posted: {@link WatchOptions.postTo}. */
export interface PostToOptions {
  /** Relative to the page. */
  readonly url: string | URL;
  /** Default: none. */
  readonly headers?: Readonly<Record<string, string>>;
  /** The field with the JPEG of the frame; none of the others that are sent: `camera`, `timestamp`, `bbox`, `face0`, `detectorParams`. Default: `photo`. */
  readonly imageField?: string;
  /** Default: 3000. */
  readonly timeoutMs?: number;
}

/**
 * Options of {@link NearFace.watch}. Lengths are in pixels of the source's picture, times in ms. With `people: 'auto'` each report is noted in
 * the history, and each track gets a person; that of its first report that can be told from others.
 */
export interface WatchOptions extends PeopleOptions {
  /**
   * Goes into each event, face and sighting. If there is a camera of this id, its `rot`, `roi` and `watch` are what options default to.
   * Default: none.
   */
  readonly cameraId?: string;
  /**
   * Share of the pixels of the scaled frame that must have changed, 0..1: until then nothing is looked for. 0 looks at every frame.
   * Default: 0.002.
   */
  readonly motionThreshold?: number;
  /**
   * Sides of the frame that motion is looked for in, as a share of the whole one's, above 0 and up to 1; a face should keep several pixels there.
   * Default: 0.3.
   */
  readonly motionScale?: number;
  /** Galleries in which tracks are looked for, at least one. Default: `['default']`. */
  readonly galleries?: readonly string[];
  /** Most matches of a track, 1..10. Default: 1. */
  readonly topK?: number;
  /** From when on a stored face counts as the same person. Default: confidence 0.75. */
  readonly threshold?: Threshold;
  /** The same as L2 distance of unit vectors, 0..2, instead of `threshold`. */
  readonly maxDistance?: number;
  /** What is done with a best shot: `identify` looks tracks up, `enrol` enrols each report as well, `none` does neither. Default: `identify`. */
  readonly action?: 'identify' | 'enrol' | 'none';
  /** With `action: 'enrol'`. */
  readonly enrol?: WatchEnrolOptions;
  /** Which pictures are kept with sightings, and with enrolled faces where `enrol.keep` does not say. Default: as `NearFace.create` was told. */
  readonly keep?: Keep;
  /** Measured of each reported shot, and given in its event. Pose and quality always are. Default: nothing else. */
  readonly returnDetails?: ReturnDetails;
  /** Whether `best-shot` events carry the whole frame. What is kept or posted is measured without it, and not told. Default: false. */
  readonly photo?: boolean;
  /** Reports while a face is there, each better than the last; else one, the best, when it has left. Default: true for live sources. */
  readonly realtime?: boolean;
  /** Least shot score of a report, 0..1. Default: 0.3. */
  readonly minShotScore?: number;
  /** Degrees, 0..90: shots of faces turned further either way are not reported. Default: any. */
  readonly maxYaw?: number;
  /** The same of heads that look up or down. */
  readonly maxPitch?: number;
  /** The same of heads that are tilted. */
  readonly maxRoll?: number;
  /**
   * Tracks of a lower mean liveness, 0..1, are neither reported nor looked up, enrolled or noted; nor are those of which it cannot be told. It
   * is the mean over the faces of a track that were measured so far, and 0.5 is where {@link Liveness.value} begins to be `live`. Default:
   * nothing is asked.
   */
  readonly minLiveness?: number;
  /** Real-time: by how much a further report of a track must beat the last, 0..1. Default: 0.05. */
  readonly scoreStep?: number;
  /** Real-time: least time between two reports of a track. Default: 0. */
  readonly delayMs?: number;
  /** Real-time: after so long without a report the bar falls back to `minShotScore`. Default: 0, never. */
  readonly refreshMs?: number;
  /** A person lost and found again is not reported twice. Default: off. */
  readonly dedupe?: DedupeOptions;
  /** Where faces are looked for and followed; saves work. Default: the whole picture. */
  readonly rot?: Region;
  /** Only faces whose box's centre lies in it are reported. Default: the whole picture. */
  readonly roi?: Region;
  /** Faces whose box's shorter side is smaller are not reported. Default: any that are found. */
  readonly minFaceSize?: number;
  /** Faces whose box's longer side is larger are not reported. Default: any. */
  readonly maxFaceSize?: number;
  /** Most faces followed at once, the largest first, 1..1000. Default: 16. */
  readonly maxPersons?: number;
  /** What reported boxes are scaled by about their centre, 0.1..10. Default: 1. */
  readonly boxScale?: number;
  /**
   * Of frames that wait only the newest is kept, and those that were dropped are counted; else every frame is looked at in order.
   * Default: true for live sources.
   */
  readonly dropFrames?: boolean;
  /**
   * When frame 0 was, in ms since 1970: event times count from it. Default: now for live sources, 0 for others, whose
   * sightings and posts are dated from when the session began.
   */
  readonly startTime?: number;
  /** Frames a second of images in a row, above 0 and up to 1000. Default: 25. */
  readonly fps?: number;
  /** Each report is also sent there by POST, as multipart. Default: nowhere. */
  readonly postTo?: PostToOptions;
  /** Stops the session. */
  readonly signal?: AbortSignal;
}

/** Options of {@link VideoSession.overlayStream}. */
export interface OverlayOptions {
  /** Of the stream, in pixels, 16..8192. */
  readonly width: number;
  /** The same. */
  readonly height: number;
}
