import type { FrameDetails, FrameFace, MeasuredFace } from '../core/frames.ts';
import { type Liveness, livenessOf, passesLiveness } from '../core/liveness.ts';
import type { Angle, Box } from '../core/types.ts';
import type { BestShot, IdentifiedEvent, TrackedFace, TrackMatch, Untold, VideoTime } from './events.ts';
import type { FollowOptions } from './follow-options.ts';
import { answered, type Identity, isLastSearchDue, isSearchDue, type MeanFace } from './identity.ts';
import type { Leisure } from './live-pace.ts';
import { afterShot, type LastMeasuring, planShots, type ShotPlan } from './shot-plan.ts';
import type { HeldFrame, Identify } from './stages.ts';
import type { FrameTime, Sight } from './track.ts';
import type { TrackEvent } from './track-events.ts';
import { isReported, reportedBox } from './regions.ts';
import { Reports, type ReportsState } from './reports.ts';
import { shotOf } from './shot-of.ts';

/** A tracked face that was seen in this frame. */
export interface SeenTrack {
  readonly trackId: number;
  readonly face: FrameFace;
}

/** How shots are measured. */
export interface LookOptions {
  /** A track's face was embedded. Answers the track's mean. */
  learn(trackId: number, measured: MeasuredFace): MeanFace | undefined;
  /** What a live source leaves time for. */
  readonly leisure: Leisure;
}

/** What is known of tracks, as plain data but for pictures. */
export interface TrackFilesState {
  readonly files: readonly TrackFile[];
  readonly reports: ReportsState;
  readonly measured: number;
  readonly told: number;
}

/** What is known of one track beside where it is. */
interface TrackFile {
  readonly trackId: number;
  readonly first: Sight;
  /** Whether it was told of: its face was once within the bounds of what is reported. */
  isReported: boolean;
  plan?: ShotPlan;
  /** The best shot measured within the bounds. */
  best?: BestShot;
  identity?: Identity;
  /** Of the faces of it of which it could be told: the sum of their scores, and how many there were. */
  alive?: { readonly sum: number; readonly count: number };
}

/** What is known of each track, and what is told of it: shots, reports, identities. */
export class TrackFiles {
  readonly #options: FollowOptions;
  readonly #identify: Identify | undefined;
  readonly #reports: Reports;
  readonly #files = new Map<number, TrackFile>();
  /** What is to be told. It waits where the frame fails in which it happened. */
  readonly #events: Untold[] = [];
  /** Of a live source. */
  #measuring: LastMeasuring | undefined;
  /** Whether the last frame showed tracks of which there is no shot yet, and that had to wait. */
  owesShots = false;
  /** Faces measured so far, and tracks told of. */
  measured = 0;
  told = 0;
  /** Where the centre of a face must lie that is reported, in this picture; undefined: anywhere. */
  roi: Box | undefined;

  constructor(options: FollowOptions, identify: Identify | undefined) {
    this.#options = options;
    this.#identify = identify;
    this.#reports = new Reports(options);
  }

  /** All that is known. */
  save(): TrackFilesState {
    const { measured, told } = this;
    return { files: [...this.#files.values()], reports: this.#reports.save(), measured, told };
  }

  /** Goes on from what was known. */
  restore({ files, reports, measured, told }: TrackFilesState): void {
    for (const file of files) this.#files.set(file.trackId, file);
    this.#reports.restore(reports);
    this.measured = measured;
    this.told = told;
  }

  /** What has happened and was not taken yet, each once. */
  takeEvents(): readonly Untold[] {
    return this.#events.splice(0);
  }

  /**
   * What the tracker has told.
   *
   * @param meanOf - the mean of a track's embeddings up to then
   */
  hear(events: readonly TrackEvent[], meanOf: (trackId: number) => MeanFace | undefined): void {
    for (const event of events) {
      if (event.type === 'appeared') this.#begin(event.trackId, event.sights);
      if (event.type === 'lost') this.#close(event, meanOf(event.trackId));
    }
  }

  /**
   * Looks up once more who those are that will have ended with these events, by all that was seen of them. Changes nothing else: it comes
   * before {@link hear}.
   */
  async askLast(
    events: readonly TrackEvent[],
    meanOf: (trackId: number) => MeanFace | undefined,
    signal?: AbortSignal,
  ): Promise<void> {
    for (const event of events) {
      if (event.type !== 'lost' || event.same !== undefined) continue;
      const file = this.#files.get(event.trackId);
      const mean = meanOf(event.trackId);
      if (!file?.isReported || !mean || !isLastSearchDue(file.identity, mean)) continue;
      if (!this.#passes(file)) continue;
      const { frameIndex: index, timeMs } = event.last;
      await this.#ask(file, mean, { index, timeMs }, signal);
    }
  }

  /** A face in the picture as it is told of; undefined if it is not. */
  describe(trackId: number, box: Box, predicted: boolean): TrackedFace | undefined {
    const file = this.#files.get(trackId);
    if (!file?.isReported) return undefined;
    const { best, identity } = file;
    const liveness = meanLiveness(file);
    return {
      trackId,
      box: this.#boxOf(box),
      predicted,
      matches: (this.#passes(file) && identity?.matches) || [],
      ...(best && { score: best.score, angle: best.angle }),
      ...(best?.attributes && { attributes: best.attributes }),
      ...(liveness && { liveness }),
    };
  }

  /** Measures the faces whose shots may be better than before. */
  async look(
    held: HeldFrame,
    seen: readonly SeenTrack[],
    time: FrameTime,
    { learn, leisure }: LookOptions,
    signal: AbortSignal | undefined,
  ): Promise<void> {
    const within = seen.filter(({ face }) => this.#isWithin(face.box));
    for (const { trackId, face } of within) this.#showUp(trackId, { ...face, ...sightTime(time) });
    const candidates = within.map((one) => ({ ...one, plan: this.#files.get(one.trackId)?.plan }));
    const { live } = this.#options;
    const due = planShots(candidates, time.timeMs, live ? { last: this.#measuring, leisure } : undefined);
    const isFirst = ({ plan }: { readonly plan: ShotPlan | undefined }): boolean => plan === undefined;
    this.owesShots = candidates.filter(isFirst).length > due.filter(isFirst).length;
    if (due.length === 0) return;
    const wanted = this.#wanted();
    const started = performance.now();
    const measured = await held.measure(
      due.map(({ face }) => face),
      wanted,
      signal,
    );
    this.measured += due.length;
    if (live) this.#measuring = { timeMs: time.timeMs, tookMs: performance.now() - started };
    for (const [i, { trackId, face }] of due.entries()) {
      const file = this.#files.get(trackId);
      const one = measured[i]!;
      if (!file) continue;
      const mean = learn(trackId, one);
      count(file, one.face.liveness);
      const passes = this.#passes(file);
      const shot = passes ? this.#shotOf(one, time) : undefined;
      const isBetter = shot !== undefined && shot.score > (file.best?.score ?? 0);
      file.plan = afterShot(file.plan, face, time.timeMs, { isBetter, live });
      if (isBetter) file.best = shot;
      if (shot) this.#events.push(...this.#reports.shot(trackId, shot));
      if (passes && mean && isSearchDue(file.identity, mean, time.timeMs))
        await this.#ask(file, mean, time, signal);
    }
  }

  #wanted(): FrameDetails {
    const { details, photo, aligned } = this.#options;
    return {
      details: { ...details, angle: true, quality: true, embedding: true, crop: aligned },
      keep: photo ? 'photos' : 'crops',
    };
  }

  #begin(trackId: number, sights: readonly Sight[]): void {
    const file: TrackFile = { trackId, first: sights[0]!, isReported: false };
    this.#files.set(trackId, file);
    const shown = sights.find(({ box }) => this.#isWithin(box));
    if (shown) this.#showUp(trackId, shown);
  }

  /** Tells of a track when its face is first within the bounds. */
  #showUp(trackId: number, sight: Omit<Sight, 'score'>): void {
    const file = this.#files.get(trackId);
    if (!file || file.isReported) return;
    file.isReported = true;
    this.told++;
    this.#events.push({
      type: 'appeared',
      trackId,
      box: this.#boxOf(sight.box),
      ...this.#timeOf(sight),
    });
  }

  #close(
    { trackId, first, last, reason, same }: TrackEvent & { readonly type: 'lost' },
    mean: MeanFace | undefined,
  ): void {
    const file = this.#files.get(trackId);
    this.#files.delete(trackId);
    if (!file?.isReported) return;
    const passes = this.#passes(file);
    if (!passes) this.#reports.forget(trackId);
    const { identity } = file;
    const best = passes ? file.best : undefined;
    const { minShotScore } = this.#options;
    // What it showed was the older track's face, which has been within the bounds by that.
    const older = same === undefined ? undefined : this.#files.get(same);
    if (older) this.#showUp(older.trackId, last);
    if (older && file.alive) older.alive = added(older.alive, file.alive);
    if (older && best && best.score > (older.best?.score ?? 0)) older.best = best;
    this.#events.push(...this.#reports.left(trackId, same), {
      type: 'lost',
      trackId,
      firstFrame: first.frameIndex,
      lastFrame: last.frameIndex,
      firstTimeMs: this.#timeOf(first).timeMs,
      lastTimeMs: this.#timeOf(last).timeMs,
      reason,
      ...(same !== undefined && { same }),
      matches: (passes && identity?.matches) || [],
      ...(best && best.score >= minShotScore && { best }),
      ...(mean && { mean }),
    });
  }

  /** Looks up who a track is. */
  async #ask(
    file: TrackFile,
    mean: MeanFace,
    time: FrameTime,
    signal: AbortSignal | undefined,
  ): Promise<void> {
    if (!this.#identify) return;
    const matches = await this.#identify(mean, signal);
    const [identity, told] = answered(file.identity, mean, time.timeMs, matches);
    file.identity = identity;
    if (told) this.#events.push(this.#identified(told, file.trackId, identity.matches, time));
  }

  #identified(
    type: IdentifiedEvent['type'],
    trackId: number,
    matches: readonly TrackMatch[],
    time: FrameTime,
  ): Untold<IdentifiedEvent> {
    const [first] = matches;
    const personId = first?.record.personId;
    return {
      ...{ type, trackId, matches },
      ...this.#timeOf(sightTime(time)),
      ...(personId !== undefined && { personId }),
      ...(first && { meanDistance: first.distance, meanSimilarity: first.cosine }),
    };
  }

  /** The shot of a measured face; undefined if it is turned too far to be reported. */
  #shotOf(measured: MeasuredFace, time: FrameTime): BestShot | undefined {
    const { angle, position } = measured.face;
    if (!angle || !this.#isStraight(angle)) return undefined;
    return shotOf(measured, { ...this.#timeOf(sightTime(time)), box: this.#boxOf(position) });
  }

  /** Whether a track's faces are live enough to be reported: by their mean, as of many pictures of a print one passes by chance. */
  #passes(file: TrackFile): boolean {
    const { minLiveness } = this.#options;
    return minLiveness === undefined || passesLiveness(meanLiveness(file), minLiveness);
  }

  #isWithin(box: Box): boolean {
    const { minFaceSize, maxFaceSize } = this.#options;
    return isReported(box, { roi: this.roi, minFaceSize, maxFaceSize });
  }

  #isStraight({ yaw, pitch, roll }: Angle): boolean {
    const { maxYaw = Infinity, maxPitch = Infinity, maxRoll = Infinity } = this.#options;
    return Math.abs(yaw) <= maxYaw && Math.abs(pitch) <= maxPitch && Math.abs(roll) <= maxRoll;
  }

  #boxOf(box: Box): Box {
    return reportedBox(box, this.#options.boxScale);
  }

  #timeOf({ frameIndex, timeMs }: Pick<Sight, 'frameIndex' | 'timeMs'>): VideoTime {
    return { frameIndex, timeMs: timeMs + this.#options.startTime };
  }
}

function sightTime({ index, timeMs }: FrameTime): Pick<Sight, 'frameIndex' | 'timeMs'> {
  return { frameIndex: index, timeMs };
}

/** A track's face was measured; what cannot be told of it does not count. */
function count(file: TrackFile, liveness: Liveness | undefined): void {
  if (liveness) file.alive = added(file.alive, { sum: liveness.score, count: 1 });
}

function added(
  before: TrackFile['alive'],
  more: NonNullable<TrackFile['alive']>,
): NonNullable<TrackFile['alive']> {
  const { sum, count: counted } = before ?? { sum: 0, count: 0 };
  return { sum: sum + more.sum, count: counted + more.count };
}

function meanLiveness({ alive }: TrackFile): Liveness | undefined {
  return alive && livenessOf(alive.sum / alive.count);
}
