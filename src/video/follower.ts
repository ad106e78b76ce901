import type { FrameDetails, FrameFace, MeasuredFace } from '../core/frames.ts';
import type { Box } from '../core/types.ts';
import { iou } from '../geometry/boxes.ts';
import type { AppearedEvent, LostEvent, TrackedFace, VideoEvent, VideoTime } from './events.ts';
import type { FollowOptions } from './follow-options.ts';
import type { Frame } from './frame-source.ts';
import { startMotion, stepMotion, type MotionState } from './motion.ts';
import { isSearchDue, NO_SEARCH_YET, type SearchPlan } from './search-plan.ts';
import type { HeldFrame, Identify, Stages } from './stages.ts';
import { TrackFiles } from './track-files.ts';
import type { FrameTime } from './track.ts';
import type { TrackEvent, TrackedBox } from './track-events.ts';
import {
  endTracker,
  expectedPlaces,
  planTracker,
  predictTracks,
  restTracker,
  startTracker,
  stepTracker,
  type TrackerState,
  type TrackerStep,
} from './tracker.ts';

/** What is asked of a face that only has to be told from others. */
const EMBEDDING: FrameDetails = {
  details: {
    ...{ angle: false, landmarks: false, mesh: false, quality: false, crop: false, attributes: [] },
    embedding: true,
  },
  keep: 'none',
};
/** Most faces embedded in one frame to be told apart. */
const MOST_EMBEDDED = 4;
/** The least that the near detector must see of a tracked face. */
const MIN_NEAR_SCORE = 0.3;
/** Boxes that overlap by more are one face's. */
const SAME_IOU = 0.4;

/** What a follower has done. */
export interface FollowCounts {
  readonly processed: number;
  readonly still: number;
  readonly searches: number;
  readonly looks: number;
  readonly measured: number;
  readonly tracks: number;
}

/**
 * Follows faces through the frames of one source: gate by motion, find, associate, measure the shots that may be better, identify.
 * Everything goes by the frames and their times, and for a live source by how long a search takes, so that two runs over a file tell
 * the same. A frame that fails leaves the tracks as they are.
 */
export class Follower<Image> {
  readonly #stages: Stages<Image>;
  readonly #options: FollowOptions;
  readonly #files: TrackFiles;
  #tracker: TrackerState;
  #motion: MotionState = startMotion();
  #search: SearchPlan = NO_SEARCH_YET;
  #size = { width: 0, height: 0 };
  #active: readonly TrackedBox[] = [];
  #counts = { processed: 0, still: 0, searches: 0, looks: 0, measured: 0, tracks: 0 };

  constructor(stages: Stages<Image>, options: FollowOptions, identify: Identify | undefined) {
    this.#stages = stages;
    this.#options = options;
    this.#files = new TrackFiles(options, identify);
    this.#tracker = startTracker(options.tracker);
  }

  get counts(): FollowCounts {
    return { ...this.#counts, measured: this.#counts.measured + this.#files.measured };
  }

  /** Looks at the next frame, and tells what it brought. The frame's picture is given to the stages. */
  async see(frame: Frame<Image>, signal?: AbortSignal): Promise<readonly VideoEvent[]> {
    const { motionScale, newestOf } = this.#options;
    const how = { greyScale: motionScale, ...(newestOf !== undefined && { newestOf }) };
    const held = await this.#stages.take(frame.image, how, signal);
    try {
      this.#counts.processed++;
      this.#size = held;
      return await this.#look(held, { index: frame.index, timeMs: frame.timeMs }, signal);
    } finally {
      held.giveBack();
    }
  }

  /** The source has ended: so have all tracks. */
  async end(): Promise<readonly VideoEvent[]> {
    const [tracker, { events }] = endTracker(this.#tracker);
    this.#tracker = tracker;
    this.#active = [];
    return this.#tell(events, undefined);
  }

  /** The faces in the picture at a time of the video: where they are seen, or taken to be by then. By rising id. */
  facesAt(timeMs: number): readonly TrackedFace[] {
    return predictTracks(this.#tracker, timeMs).flatMap(({ trackId, box, predicted }) => {
      const file = this.#files.get(trackId);
      return file?.isReported
        ? [{ trackId, box: this.#files.reportedBox(box), predicted, ...file.known }]
        : [];
    });
  }

  /** The same of the last frame that was looked at. */
  get faces(): readonly TrackedFace[] {
    return this.#active.flatMap(({ trackId, box, predicted }) => {
      const file = this.#files.get(trackId);
      return file?.isReported
        ? [{ trackId, box: this.#files.reportedBox(box), predicted, ...file.known }]
        : [];
    });
  }

  async #look(held: HeldFrame, time: FrameTime, signal: AbortSignal | undefined): Promise<VideoEvent[]> {
    const [motion, { moved, cut }] = stepMotion(this.#motion, held.grey!, this.#options);
    this.#motion = motion;
    const places = cut ? [] : expectedPlaces(this.#tracker, time.timeMs);
    if (!moved && places.every(({ isSettled }) => isSettled)) {
      this.#counts.still++;
      return this.#advance(restTracker(this.#tracker, time), time);
    }
    const faces = await this.#find(
      held,
      time,
      cut,
      places.map(({ box }) => box),
      signal,
    );
    const frame = { ...time, cut };
    const requests = planTracker(this.#tracker, faces, frame).slice(0, MOST_EMBEDDED);
    const embedded = await held.measure(
      requests.map(({ face }) => faces[face]!),
      EMBEDDING,
      signal,
    );
    this.#counts.measured += requests.length;
    const seen = faces.map((face, i) => {
      const at = requests.findIndex((request) => request.face === i);
      return { ...face, ...lookOf(embedded[at]) };
    });
    const step = stepTracker(this.#tracker, seen, frame);
    const events = await this.#advance(step, time);
    const shots = this.#active.flatMap(({ trackId, face }) =>
      face === undefined ? [] : [{ trackId, face: faces[face]! }],
    );
    const shown = await this.#files.look(
      held,
      shots,
      time,
      (id, look) => this.#teach(id, look, time),
      signal,
    );
    return [...events, ...shown];
  }
}
