import { NearFaceError, type ErrorCode } from '../core/errors.ts';
import type { JobError } from '../core/jobs.ts';
import { packWithBlobs, unpack } from '../core/pack.ts';
import type { RecogniseProgress } from '../core/recognition.ts';
import type { Follower, FollowerState } from '../video/follower.ts';
import type { FrameSource, SourceInfo } from '../video/frame-source.ts';
import { Recogniser, type RecogniserState, type SeenAppearance } from '../video/recogniser.ts';
import { forgetStays, NO_UNKNOWNS, type UnknownsState } from '../video/unknowns.ts';
import type {
  RecognitionStep,
  SourceFacts,
  StoredAppearance,
  StoredRecognition,
} from '../worker/contract.ts';
import { FATAL } from './enrol.ts';

/** What a run is made of. `Picture` is the host's kind, `Sent` the same as the stages take it. */
export interface RunParts<Picture, Sent> {
  /** What the job goes on from. */
  readCheckpoint(): Promise<Uint8Array | null>;
  /** Keeps what was seen. Answers the job as it is then. */
  save(step: RecognitionStep): Promise<StoredRecognition>;
  /** Opens a source that is a video. */
  open(source: number, signal: AbortSignal): Promise<FrameSource<Picture>>;
  /** Makes what follows faces through it. */
  follow(info: SourceInfo, state: FollowerState | undefined): Follower<Sent>;
  send(picture: Picture): Sent;
  /** Looks at a source that is an image. */
  look(source: number, signal: AbortSignal): Promise<ImageSeen>;
  identify(
    source: number,
    seen: SeenAppearance,
    unknowns: UnknownsState,
  ): Promise<[StoredAppearance, UnknownsState]>;
  now(): number;
  /** What was seen is kept so often, in ms of work. */
  readonly saveEveryMs: number;
  readonly onProgress?: ((progress: RecogniseProgress) => void) | undefined;
}

/** An image, and who is in it. */
export interface ImageSeen extends Pick<SourceFacts, 'width' | 'height'> {
  readonly seen: readonly SeenAppearance[];
}

/** What a job goes on from. */
interface Checkpoint {
  /** The source under way, the frame that comes next, and what is known of those before; absent between two sources. */
  readonly at?: { readonly source: number; readonly frame: number; readonly state: RecogniserState };
  readonly unknowns: UnknownsState;
}

/** Where a video under way is. */
interface UnderWay<Sent> {
  /** The frame that comes next. */
  next: number;
  recogniser: Recogniser<Sent> | undefined;
  facts: SourceFacts | undefined;
}

/** Errors that would meet every further source as well, so that the job pauses. */
const PAUSING: ReadonlySet<ErrorCode> = new Set<ErrorCode>([...FATAL, 'WORKER_DIED', 'STORAGE_FAILED']);
/** Workers that die so often without anything that was kept in between are not started again. */
const MOST_DEATHS = 3;
/** How often progress is told. */
const TELL_EVERY_MS = 250;

/**
 * Works at a job's sources, one after the other, from where it stopped. What is known of a source under way is kept with what was seen, in
 * one transaction, so that a job that is killed at any moment goes on from the last such step, and tells what it would have told.
 */
export class RecognitionRun<Picture, Sent> {
  readonly #parts: RunParts<Picture, Sent>;
  #job: StoredRecognition;
  #unknowns: UnknownsState = NO_UNKNOWNS;
  /** Seen since the last step. */
  #seen: StoredAppearance[] = [];
  #savedMs: number;
  #toldMs = -Infinity;
  readonly #startedMs: number;
  #told: Pick<RecogniseProgress, 'frame' | 'frames' | 'appearances'> = {
    frame: 0,
    frames: 0,
    appearances: 0,
  };
  #frames = 0;
  #deaths = 0;

  constructor(job: StoredRecognition, parts: RunParts<Picture, Sent>) {
    this.#job = job;
    this.#parts = parts;
    this.#startedMs = parts.now();
    this.#savedMs = this.#startedMs;
  }

  /**
   * Until all sources are done, the job is no longer running, or `stop`.
   *
   * @throws NearFaceError what would meet every further source as well
   */
  async run(stop: AbortSignal): Promise<void> {
    for (let no = 0; no < this.#job.sources.length;) {
      if (stop.aborted || this.#job.state !== 'running') return;
      const source = this.#job.sources[no]!;
      if (source.status !== 'waiting') {
        no++;
        continue;
      }
      this.#told = { ...this.#told, frame: source.framesDone, frames: source.facts?.frames ?? 0 };
      this.#tell(no, true);
      try {
        await (source.mediaType === 'image' ? this.#image(no, stop) : this.#video(no, stop));
      } catch (error) {
        if (stop.aborted && codeOf(error) === 'ABORTED') return;
        if (codeOf(error) !== 'WORKER_DIED' || ++this.#deaths >= MOST_DEATHS) throw error;
      }
      this.#tell(no, true);
    }
  }

  async #image(no: number, stop: AbortSignal): Promise<void> {
    await this.#restore(no);
    const failed = await this.#fails(async () => {
      const { seen, width, height } = await this.#parts.look(no, stop);
      await this.#identify(no, seen);
      await this.#save(no, 1, { ended: {}, facts: { width, height, frames: 1 } });
    });
    if (failed) await this.#save(no, 0, { ended: { error: failed } });
  }

  async #video(no: number, stop: AbortSignal): Promise<void> {
    const before = await this.#restore(no);
    const way: UnderWay<Sent> = { next: before?.frame ?? 0, recogniser: undefined, facts: undefined };
    const failed = await this.#fails(async () => {
      const frames = await this.#parts.open(no, stop);
      try {
        const follower = this.#parts.follow(frames.info, before?.state.follower);
        way.recogniser = new Recogniser(follower, before?.state.places);
        way.facts = factsOf(frames.info);
        await moveTo(frames, way.next, stop);
        await this.#follow(no, frames, way, stop);
      } finally {
        await frames.close().catch(() => undefined);
      }
    });
    if (!failed) return;
    // What was seen before the damage is told.
    await this.#identify(no, (await way.recogniser?.end()) ?? []);
    await this.#save(no, way.next, { facts: way.facts, ended: { error: failed } });
  }

  /** Looks at the frames up to the last one, or until the job is stopped. */
  async #follow(
    no: number,
    frames: FrameSource<Picture>,
    way: UnderWay<Sent>,
    stop: AbortSignal,
  ): Promise<void> {
    const recogniser = way.recogniser!;
    for (;;) {
      const frame = await nextUnlessStopped(frames, stop);
      if (frame === 'stopped') return this.#save(no, way.next, way);
      if (!frame) break;
      try {
        // What is under way is ended: half of a frame cannot be kept.
        const left = await recogniser.see({ ...frame, image: this.#parts.send(frame.image) });
        await this.#identify(no, left);
      } finally {
        frame.close();
      }
      way.next = frame.index + 1;
      way.facts = factsOf(frames.info);
      this.#frames++;
      this.#told = { ...this.#told, frame: way.next, frames: way.facts.frames ?? 0 };
      this.#tell(no);
      if (this.#parts.now() - this.#savedMs < this.#parts.saveEveryMs) continue;
      await this.#save(no, way.next, way);
      if (this.#job.state !== 'running') return;
    }
    await this.#identify(no, await recogniser.end());
    await this.#save(no, way.next, { facts: way.facts, ended: {} });
  }

  /** Works at a source. Answers why that failed, if the next one may not. */
  async #fails(work: () => Promise<void>): Promise<JobError | undefined> {
    try {
      await work();
      return undefined;
    } catch (error) {
      const failure = NearFaceError.from(error, 'VIDEO_DECODING_FAILED', 'The source could not be read');
      if (PAUSING.has(failure.code)) throw failure;
      return { code: failure.code, message: failure.message };
    }
  }

  /** Goes back to what was kept last. Answers where in this source that was; nothing where it begins, for the first time or again. */
  async #restore(no: number): Promise<Checkpoint['at']> {
    const bytes = await this.#parts.readCheckpoint();
    const { at, unknowns = NO_UNKNOWNS } = (bytes ? unpack(bytes) : {}) as Partial<Checkpoint>;
    const isUnderWay = at?.source === no;
    this.#unknowns = isUnderWay ? unknowns : forgetStays(unknowns, no);
    this.#found(-this.#seen.length);
    this.#seen = [];
    return isUnderWay ? at : undefined;
  }

  async #identify(no: number, left: readonly SeenAppearance[]): Promise<void> {
    for (const one of left) {
      const [appearance, unknowns] = await this.#parts.identify(no, one, this.#unknowns);
      this.#unknowns = unknowns;
      this.#seen.push(appearance);
      this.#found(1);
    }
  }

  #found(more: number): void {
    this.#told = { ...this.#told, appearances: this.#told.appearances + more };
  }

  async #save(
    source: number,
    frame: number,
    {
      recogniser,
      facts,
      ended,
    }: Partial<UnderWay<Sent>> & { readonly ended?: NonNullable<RecognitionStep['ended']> },
  ): Promise<void> {
    const at = recogniser && { source, frame, state: recogniser.save() };
    const checkpoint: Checkpoint = { ...(at && { at }), unknowns: this.#unknowns };
    const now = this.#parts.now();
    this.#job = await this.#parts.save({
      ...{ source, framesDone: frame, workedMs: now - this.#savedMs, appearances: this.#seen },
      checkpoint: await packWithBlobs(checkpoint),
      ...(facts && { facts }),
      ...(ended && { ended }),
    });
    this.#savedMs = now;
    this.#seen = [];
    this.#deaths = 0;
  }

  #tell(no: number, isDue = false): void {
    const now = this.#parts.now();
    if (!isDue && now - this.#toldMs < TELL_EVERY_MS) return;
    this.#toldMs = now;
    const { sources } = this.#job;
    const elapsedMs = now - this.#startedMs;
    const perSecond = elapsedMs > 0 ? (1000 * this.#frames) / elapsedMs : 0;
    const done = sources.filter(({ status }) => status !== 'waiting').length;
    const isDone = sources[no]!.status !== 'waiting';
    const { frame, frames } = this.#told;
    const known = frames > 0 && !isDone;
    this.#parts.onProgress?.({
      ...{ source: sources[no]!.name, sources: sources.length, sourcesDone: done },
      ...{ ...this.#told, elapsedMs, perSecond },
      progress: (done + (known ? Math.min(1, frame / frames) : 0)) / sources.length,
      msLeft: known && perSecond > 0 ? (1000 * Math.max(0, frames - frame)) / perSecond : null,
    });
  }
}

async function nextUnlessStopped<Picture>(
  frames: FrameSource<Picture>,
  stop: AbortSignal,
): Promise<Awaited<ReturnType<typeof frames.next>> | 'stopped'> {
  if (stop.aborted) return 'stopped';
  try {
    return await frames.next(stop);
  } catch (error) {
    if (stop.aborted && codeOf(error) === 'ABORTED') return 'stopped';
    throw error;
  }
}

/** Goes to a frame, which may be behind the last. */
async function moveTo(frames: FrameSource<unknown>, next: number, stop: AbortSignal): Promise<void> {
  if (next === 0) return;
  await frames.seek?.(next - 1);
  for (let at = -1; at < next - 1;) {
    const frame = await frames.next(stop);
    if (!frame) return;
    frame.close();
    at = frame.index;
  }
}

function factsOf({ width, height, fps, frames, durationMs }: SourceInfo): SourceFacts {
  return {
    ...{ width, height },
    ...(fps !== undefined && { fps }),
    ...(frames !== undefined && { frames }),
    ...(durationMs !== undefined && { durationMs }),
  };
}

function codeOf(error: unknown): ErrorCode | undefined {
  return error instanceof NearFaceError ? error.code : undefined;
}
