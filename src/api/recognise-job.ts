import { NearFaceError, throwIfAborted } from '../core/errors.ts';
import { distanceOf } from '../core/dot.ts';
import { imageType } from '../core/image-type.ts';
import type { Appearance, AppearancePage, ClosestPerson, RecogniseJobSummary } from '../core/recognition.ts';
import type { ReportFormat } from '../core/report.ts';
import { timecode } from '../video/timecode.ts';
import type { StoredAppearance, StoredClosest, StoredRecognition } from '../worker/contract.ts';
import { type JobRuns, summaryOf } from './job-facts.ts';
import {
  type RecogniseRunOptions,
  reportFormat,
  type ResolvedRecognise,
  resolveRecogniseRun,
  resolveResults,
  type ResultsOptions,
} from './recognise-options.ts';
import { loadVideoCode } from './load-video-code.ts';
import type { Session } from './session.ts';
import { writeReport } from './write-report.ts';

/** Appearances that are read at a time for a report. */
const REPORT_PAGE = 500;

/** A stored job that finds out whom videos and images show. Handles are light: any number may stand for the same job. */
export class RecogniseJob {
  /** What it does. */
  readonly kind = 'recognise';
  /** Finds it again with {@link Jobs.get}, after a reload too. */
  readonly id: string;
  readonly #session: Session;
  readonly #runs: JobRuns;

  /** @internal */
  constructor(session: Session, id: string, runs: JobRuns) {
    this.#session = session;
    this.id = id;
    this.#runs = runs;
  }

  /** What is stored of it now. */
  async info(): Promise<RecogniseJobSummary> {
    return (await summaryOf(this.#session, this.#runs, await this.#stored())) as RecogniseJobSummary;
  }

  /**
   * Works at the sources that wait, one after the other, from the frame where it stopped; what comes of it is the same as if it had
   * never stopped. Jobs that recognise take turns: until its turn it is `waiting`. Answers when no source waits any more, or when it was
   * paused or cancelled. A source that cannot be read is noted and stops nothing.
   *
   * @throws NearFaceError `BAD_PARAM` if the job is under way already, here or in another instance, if it was cancelled,
   * or if the instance ended before all its sources were stored ({@link JobFacts}, `incomplete`); what would meet every further source as
   * well (`GALLERY_NOT_FOUND`, `STORAGE_FULL`, `LOCKED`, …): the job is paused then and can be run again
   */
  async run(options?: RecogniseRunOptions): Promise<RecogniseJobSummary> {
    return this.#run(options, false);
  }

  /** @param isRetry - whether the sources that failed wait again first */
  async #run(options: RecogniseRunOptions | undefined, isRetry: boolean): Promise<RecogniseJobSummary> {
    const { onProgress, signal } = resolveRecogniseRun(options);
    throwIfAborted(signal);
    return this.#runs.run(this.id, signal, async (stop) => {
      await this.#runs.step(this.id, 'queue');
      if (isRetry) await this.#session.gallery.ask('retryJob', [this.id]);
      try {
        await this.#runs.turns.run(() => this.#work(onProgress, stop), stop);
      } catch (error) {
        // It was stopped before its turn.
        if (!(stop.aborted && error instanceof NearFaceError && error.code === 'ABORTED')) throw error;
        await this.#runs.step(this.id, 'pause');
      }
      return this.info();
    });
  }

  /** Stops after the frame that is under way, in whichever instance. */
  async pause(): Promise<void> {
    await this.#runs.pause(this.id);
  }

  /** Stops for good, in whichever instance it is under way; what was seen so far can be read. */
  async cancel(): Promise<void> {
    await this.#runs.cancel(this.id);
  }

  /**
   * Lets the sources that failed wait again, from their first frames on, and runs the job.
   *
   * @throws NearFaceError as {@link RecogniseJob.run}; of a job that cannot be run nothing is changed
   */
  async retry(options?: RecogniseRunOptions): Promise<RecogniseJobSummary> {
    return this.#run(options, true);
  }

  /**
   * A page of what was seen, by source and first frame; also while the job is under way. People are called as they are now: whoever was
   * renamed since has the new name, and whoever was deleted none.
   *
   * @throws NearFaceError `BAD_PARAM`
   */
  async results(options?: ResultsOptions): Promise<AppearancePage> {
    const { offset, limit } = resolveResults(options);
    const job = await this.#stored();
    const { appearances, total } = await this.#session.gallery.ask('listAppearances', [
      this.id,
      offset,
      limit,
    ]);
    return { appearances: appearances.map((each) => appearanceOf(job, each)), total };
  }

  /**
   * What was seen, to be saved: JSON `{ title, time, sources, appearances }`, a table in CSV, or one HTML file with thumbnails and a timeline of each
   * source.
   *
   * @throws NearFaceError `BAD_PARAM`
   */
  async report(format: ReportFormat): Promise<Blob> {
    reportFormat(format);
    const appearances: Appearance[] = [];
    // A page may have fewer: what is damaged is left out of it.
    for (let offset = 0, total = 1; offset < total; offset += REPORT_PAGE) {
      const page = await this.results({ offset, limit: REPORT_PAGE });
      appearances.push(...page.appearances);
      ({ total } = page);
    }
    const { sources, tag, timeStarted, timeCreated } = await this.info();
    const title = tag || sources.map(({ name }) => name).join(', ');
    const input = { title, timeMs: timeStarted ?? timeCreated, sources, appearances };
    return writeReport(this.#session, format, input);
  }

  /** Deletes the job with all that it has seen. */
  async delete(): Promise<void> {
    await this.#runs.delete(this.id);
  }

  async #stored(): Promise<StoredRecognition> {
    return (await this.#session.gallery.ask('readJob', [this.id])) as StoredRecognition;
  }

  async #work(onProgress: RecogniseRunOptions['onProgress'], stop: AbortSignal): Promise<void> {
    // Somebody else may have paused it while it waited for its turn.
    if ((await this.#stored()).state !== 'waiting') return;
    const job = (await this.#runs.step(this.id, 'start')) as StoredRecognition;
    try {
      const { startRecognition } = await loadVideoCode(() => import('./recognise-start.ts'));
      await startRecognition(this.#session, job, onProgress).run(stop);
    } catch (error) {
      await this.#runs.stopped(this.id, error);
      throw error;
    }
    await this.#runs.step(this.id, 'end');
  }
}

/** An appearance as it is told. */
function appearanceOf({ id, sources, options }: StoredRecognition, stored: StoredAppearance): Appearance {
  const { source, track, frameStart, frameEnd, timeStart, timeEnd, person, personId, isUnknown } = stored;
  const { name = '', mediaType = 'video', facts } = sources[source] ?? {};
  const { topK } = options as ResolvedRecognise;
  const { closest, cosine, thumbnail, frames, boxes } = stored;
  const [first] = closest;
  const fps = facts?.fps ?? 25;
  return {
    ...{ id: `${id}-${source}-${track}`, mediaType, source: name, sourceIndex: source },
    ...{ frameStart, frameEnd, timeStart, timeEnd },
    timecodeStart: timecode(frameStart, fps),
    timecodeEnd: timecode(frameEnd, fps),
    person,
    ...(isUnknown && { isUnknown }),
    ...(personId !== undefined && { personId }),
    ...(isUnknown && personId !== undefined && { indexedIdentity: personId }),
    ...(first && { closestPerson: first.person }),
    ...(topK !== undefined && { closestPersons: closest.map(closestOf) }),
    ...(cosine !== undefined && {
      meanSimilarity: cosine,
      meanDistance: distanceOf(cosine),
    }),
    ...(thumbnail && { thumbnail: new Blob([thumbnail.bytes], { type: imageType(thumbnail.type) }) }),
    detections: Array.from(frames, (frameIndex, i) => {
      const [left = 0, top = 0, width = 0, height = 0] = boxes.subarray(4 * i, 4 * i + 4);
      return { frameIndex, box: { left, top, width, height } };
    }),
  };
}

function closestOf({ person, personId, cosine }: StoredClosest): ClosestPerson {
  return { person, similarity: cosine, ...(personId !== undefined && { personId }) };
}
