import type { FrameDetails, FrameFace, MeasuredFace, WholeSearch } from '../core/frames.ts';
import type { Box, Region } from '../core/types.ts';
import { containsCentre, iou } from '../geometry/boxes.ts';
import { reliabilityWithin } from './appearance.ts';
import { dueEmbeddings, type EmbeddingRequest } from './embedding-plan.ts';
import type { TrackedFace, Untold } from './events.ts';
import type { FollowOptions } from './follow-options.ts';
import type { Frame } from './frame-source.ts';
import type { MeanFace } from './identity.ts';
import { LivePace } from './live-pace.ts';
import { type MotionState, startMotion, stepMotion } from './motion.ts';
import { regionIn } from './regions.ts';
import { isSearchDue, NO_SEARCH_YET, searched, type SearchPlan, skipped } from './search-plan.ts';
import type { HeldFrame, Identify, Stages } from './stages.ts';
import type { FaceSeen, FrameTime, Sight } from './track.ts';
import type { TrackedBox } from './track-events.ts';
import { TrackFiles, type TrackFilesState } from './track-files.ts';
import {
  endTracker,
  planTracker,
  predictTracks,
  restTracker,
  startTracker,
  stepTracker,
  type TrackerState,
  type TrackerStep,
} from './tracker.ts';
import { expectedPlaces, meanOf, teachTracker } from './tracker-queries.ts';

/** How a whole frame is searched. */
const SEARCH: Omit<WholeSearch, 'area' | 'minFaceSize' | 'known'> = {
  at: 'all',
  mode: 'accurate',
  minScore: 0.5,
  maxFaces: 100,
};
/** Sides of the smallest face at {@link FollowOptions.detectionScale}, in pixels. */
const LEAST_FACE = 32;
/** What is asked of a face that only has to be told from others. */
const EMBEDDING: FrameDetails = {
  details: {
    ...{ angle: false, landmarks: false, mesh: false, quality: false, crop: false, attributes: [] },
    ...{ liveness: false, embedding: true },
  },
  keep: 'none',
};
/** The least that the near detector must see of a tracked face. */
const MIN_NEAR_SCORE = 0.3;
/** A live source that shows nothing new for so long is looked at only so often, until something moves. */
const STILL_MS = 1000;
const STILL_EVERY_MS = 100;
/** A hundredth of a millisecond. */
const MOMENT_MS = 0.01;
/** Boxes that overlap by more are one face's. */
const SAME_IOU = 0.4;

/** What is left of a region when the source has taken on a size at which none of it lies in the picture; it may yet be another. */
const NOWHERE: Box = Object.freeze({ left: 0, top: 0, width: 0, height: 0 });

/** What a follower has done. */
export interface FollowCounts {
  readonly processed: number;
  readonly still: number;
  readonly searches: number;
  readonly looks: number;
  readonly measured: number;
  readonly tracks: number;
}

/** Where a track was seen. */
export interface TrackSight extends Sight {
  readonly trackId: number;
}

/** All that a follower knows, as plain data but for pictures. */
export interface FollowerState {
  readonly tracker: Omit<TrackerState, 'options'>;
  readonly motion: MotionState;
  readonly search: SearchPlan;
  readonly active: readonly TrackedBox[];
  readonly counts: Omit<FollowCounts, 'tracks'>;
  readonly files: TrackFilesState;
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
  /** Times of the last frame in which faces were looked for, and of the last one that was looked at at all. */
  #movedMs = -Infinity;
  /** Whether a live source was searched whole since it came to rest: the first search of what is new may be of a blurred frame. */
  #isSearched = false;
  #lookedMs = -Infinity;
  /** Of a live source. */
  readonly #pace = new LivePace();
  #active: readonly TrackedBox[] = [];
  #sights: readonly TrackSight[] = [];
  /** Where faces are looked for, in this frame. */
  #rot: Box | null = null;
  #counts = { processed: 0, still: 0, searches: 0, looks: 0, measured: 0 };

  /** @param state - what another one knew, over the same source and with the same options: this one goes on as that would */
  constructor(
    stages: Stages<Image>,
    options: FollowOptions,
    identify: Identify | undefined,
    state?: FollowerState,
  ) {
    this.#stages = stages;
    this.#options = options;
    this.#files = new TrackFiles(options, identify);
    this.#tracker = startTracker(options.tracker);
    if (!state) return;
    this.#tracker = { ...state.tracker, options: options.tracker };
    this.#motion = state.motion;
    this.#search = state.search;
    this.#active = state.active;
    this.#counts = state.counts;
    this.#files.restore(state.files);
  }

  /** All that is known after the last frame. It changes with the next one: use it before. */
  save(): FollowerState {
    const { options: _, ...tracker } = this.#tracker;
    const [motion, search, active, counts] = [this.#motion, this.#search, this.#active, this.#counts];
    return { ...{ tracker, motion, search, active, counts }, files: this.#files.save() };
  }

  get counts(): FollowCounts {
    const { measured, told } = this.#files;
    return { ...this.#counts, measured: this.#counts.measured + measured, tracks: told };
  }

  /**
   * Looks at the next frame, and tells what it brought, with what happened in frames before it that failed. The frame's picture is given to
   * the stages.
   */
  async see(frame: Frame<Image>, signal?: AbortSignal): Promise<readonly Untold[]> {
    if (this.#canRest(frame.timeMs)) {
      frame.close();
      this.#counts.processed++;
      await this.#rest(this.#timeOf(frame), signal);
      return this.#files.takeEvents();
    }
    this.#lookedMs = frame.timeMs;
    this.#pace.begin(frame);
    const held = await this.#stages.take(frame.image, { greyScale: this.#options.motionScale }, signal);
    try {
      this.#clip(held);
      this.#counts.processed++;
      await this.#look(held, this.#timeOf(frame), signal);
      return this.#files.takeEvents();
    } finally {
      held.giveBack();
      this.#pace.end();
    }
  }

  /** Whether a frame need not be looked at: nothing has moved for a while, and one was looked at just before. */
  #canRest(timeMs: number): boolean {
    const isStill = timeMs - this.#movedMs >= STILL_MS && timeMs - this.#lookedMs < STILL_EVERY_MS;
    return this.#options.live && this.#options.motionThreshold > 0 && isStill;
  }

  #rest(time: FrameTime, signal: AbortSignal | undefined): Promise<void> {
    this.#counts.still++;
    this.#search = skipped(this.#search);
    return this.#go(restTracker(this.#tracker, time), signal);
  }

  /** Regions lie within the picture. @throws NearFaceError `BAD_PARAM` where nothing of one does in the first */
  #clip({ width, height }: HeldFrame): void {
    const { rot, roi } = this.#options;
    const within = (region: Region, path: string): Box => {
      try {
        return regionIn(region, width, height, path);
      } catch (error) {
        if (this.#counts.processed === 0) throw error;
        return NOWHERE;
      }
    };
    this.#files.roi = roi === undefined ? undefined : within(roi, 'options.roi');
    this.#rot = rot === undefined ? null : within(rot, 'options.rot');
  }

  /** A frame's time; one of the time of the frame before, as some files have them, counts as a moment later. */
  #timeOf({ index, timeMs }: Frame<Image>): FrameTime {
    const before = this.#tracker.frame?.timeMs ?? -Infinity;
    return { index, timeMs: timeMs > before ? timeMs : before + MOMENT_MS };
  }

  /** The source has ended: so have all tracks. */
  async end(): Promise<readonly Untold[]> {
    const step = endTracker(this.#tracker);
    // No track is kept from ending by a gallery that cannot be searched any more.
    await this.#askLast(step).catch(() => undefined);
    this.#advance(step);
    return this.#files.takeEvents();
  }

  /** The faces in the picture at a time of the video: where they are seen, or taken to be by then. By rising id. */
  facesAt(timeMs: number): readonly TrackedFace[] {
    return this.#describe(predictTracks(this.#tracker, timeMs));
  }

  /** The same of the last frame that was looked at. */
  get faces(): readonly TrackedFace[] {
    return this.#describe(this.#active);
  }

  /** Where tracks that were told of, or found again, with the last frame had been seen before that was known. */
  get sights(): readonly TrackSight[] {
    return this.#sights;
  }

  #describe(tracked: readonly TrackedBox[]): TrackedFace[] {
    return tracked.flatMap(
      ({ trackId, box, predicted }) => this.#files.describe(trackId, box, predicted) ?? [],
    );
  }

  async #look(held: HeldFrame, time: FrameTime, signal: AbortSignal | undefined): Promise<void> {
    const [motion, { moved, cut }] = stepMotion(this.#motion, held.grey!, this.#options);
    const places = cut ? [] : expectedPlaces(this.#tracker, time.timeMs);
    const isComplete = !this.#files.owesShots && (this.#isSearched || !this.#options.live);
    if (!moved && isComplete && places.every(({ isSettled }) => isSettled)) {
      this.#motion = motion;
      return this.#rest(time, signal);
    }
    this.#movedMs = time.timeMs;
    const searchesBefore = this.#counts.searches;
    const faces = await this.#find(
      held,
      time,
      cut,
      places.map(({ box }) => box),
      signal,
    );
    this.#isSearched = !moved && (this.#isSearched || this.#counts.searches > searchesBefore);
    // From here on the frame counts as seen: one that failed before is not compared with.
    this.#motion = motion;
    const frame = { ...time, cut };
    const seen = await this.#embed(held, faces, planTracker(this.#tracker, faces, frame), signal);
    await this.#go(stepTracker(this.#tracker, seen, frame), signal);
    const shown = this.#active.flatMap(({ trackId, face }) =>
      face === undefined ? [] : [{ trackId, face: faces[face]! }],
    );
    const learn = (trackId: number, { face }: MeasuredFace): MeanFace | undefined => {
      const box = shown.find((one) => one.trackId === trackId)?.face.box ?? face.position;
      const reliability = reliabilityWithin(face.reliability, box, held);
      const { embedding } = face;
      this.#tracker = teachTracker(this.#tracker, trackId, { embedding, reliability }, time.timeMs);
      return meanOf(this.#tracker, trackId);
    };
    await this.#files.look(held, shown, time, { learn, leisure: this.#pace.leisure }, signal);
  }

  /** The faces of the frame: those around where they are expected, and now and then all. */
  async #find(
    held: HeldFrame,
    { timeMs }: FrameTime,
    cut: boolean,
    places: readonly Box[],
    signal: AbortSignal | undefined,
  ): Promise<FrameFace[]> {
    const { detectionScale } = this.#options;
    const live = this.#options.live ? this.#pace : undefined;
    const rot = this.#rot;
    if (rot === NOWHERE) return [];
    const shorter = Math.min(held.width, held.height);
    const minFaceSize = detectionScale === undefined ? 'auto' : (LEAST_FACE * shorter) / detectionScale;
    const near: FrameFace[] = [];
    if (places.length > 0) {
      near.push(...(await held.find({ at: places, minScore: MIN_NEAR_SCORE }, signal)));
      this.#counts.looks += places.length;
    }
    const isDue = cut || isSearchDue(this.#search, timeMs, live);
    if (!isDue) {
      this.#search = skipped(this.#search);
      return inside(near, rot);
    }
    const started = performance.now();
    const known = near.map(({ box }) => box);
    const all = await held.find({ ...SEARCH, minFaceSize, area: rot, known }, signal);
    this.#counts.searches++;
    this.#pace.hasDone('search');
    this.#search = searched(this.#search, timeMs, performance.now() - started, cut);
    const others = all.filter(({ box }) => near.every((face) => iou(face.box, box) <= SAME_IOU));
    return inside([...near, ...others], rot);
  }

  /** Faces with embeddings where the tracker needs them to tell them apart. */
  async #embed(
    held: HeldFrame,
    faces: readonly FrameFace[],
    requests: readonly EmbeddingRequest[],
    signal: AbortSignal | undefined,
  ): Promise<FaceSeen[]> {
    const live = this.#options.live ? { isSearched: this.#pace.leisure === 'none' } : undefined;
    const wanted = dueEmbeddings(requests, live).map(({ face }) => face);
    if (wanted.length === 0) return [...faces];
    const measured = await held.measure(
      wanted.map((i) => faces[i]!),
      EMBEDDING,
      signal,
    );
    this.#counts.measured += wanted.length;
    this.#pace.hasDone('embed');
    return faces.map((face, i) => {
      const of = measured[wanted.indexOf(i)]?.face;
      if (!of?.embedding) return face;
      const reliability = reliabilityWithin(of.reliability, face.box, held);
      return { ...face, embedding: of.embedding, ...(reliability !== undefined && { reliability }) };
    });
  }

  /** Takes over what the tracker says of a frame, once those who have left were looked up for the last time. */
  async #go(step: readonly [TrackerState, TrackerStep], signal: AbortSignal | undefined): Promise<void> {
    await this.#askLast(step, signal);
    this.#advance(step);
  }

  #askLast([, { events }]: readonly [TrackerState, TrackerStep], signal?: AbortSignal): Promise<void> {
    return this.#files.askLast(events, (trackId) => meanOf(this.#tracker, trackId), signal);
  }

  #advance([tracker, { events, active }]: readonly [TrackerState, TrackerStep]): void {
    const before = this.#tracker;
    this.#tracker = tracker;
    this.#active = active;
    this.#sights = events.flatMap((event) =>
      'sights' in event ? event.sights.map((sight) => ({ trackId: event.trackId, ...sight })) : [],
    );
    // Tracks that ended are there no more.
    this.#files.hear(events, (trackId) => meanOf(before, trackId));
  }
}

/** Faces whose centre lies in the part of the picture that is looked at. */
function inside(faces: readonly FrameFace[], rot: Box | null): FrameFace[] {
  return rot ? faces.filter(({ box }) => containsCentre(rot, box)) : [...faces];
}
