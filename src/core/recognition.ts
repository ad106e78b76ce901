import type { JobError, JobFacts } from './job-facts.ts';
import type { JsonValue } from './json-value.ts';
import type { Box } from './types.ts';

/** What a source of a recognise job is. */
export type RecogniseMedia = 'video' | 'image';

/** What becomes of a source. */
export type SourceStatus = 'waiting' | 'done' | 'failed';

/** A source of a recognise job. What is not known before it was opened is absent until then. */
export interface RecognisedSource {
  /** The file's name, or the address. */
  readonly name: string;
  /** What it is. */
  readonly mediaType: RecogniseMedia;
  /** What became of it. */
  readonly status: SourceStatus;
  /** Frames that were looked at so far. */
  readonly framesDone: number;
  /** Frames a second. */
  readonly fps?: number;
  /** Size of its frames in pixels. */
  readonly width?: number;
  /** The same. */
  readonly height?: number;
  /** How many frames it has. */
  readonly totalFrames?: number;
  /** How long it is, in milliseconds. */
  readonly durationMs?: number;
  /** Who is in it, each once, in the order of their appearance. */
  readonly labels: readonly string[];
  /** Why it `failed`. */
  readonly error?: JobError;
}

/** A stored job that finds out whom videos and images show. */
export interface RecogniseJobSummary extends JobFacts {
  /** Whom videos and images show. */
  readonly kind: 'recognise';
  /** Where people are looked for. */
  readonly galleries: readonly string[];
  /** What its sources are; `mixed` if both are among them. */
  readonly mediaType: RecogniseMedia | 'mixed';
  /** What becomes of each. */
  readonly sources: readonly RecognisedSource[];
  /** One sentence for each source that failed. */
  readonly errors: readonly string[];
  /** Seconds that it was worked at. */
  readonly duration: number;
  /** Your own data, as it was made with. */
  readonly extra?: JsonValue;
}

/** Somebody that an appearance may be. */
export interface ClosestPerson {
  /** What the most similar face of the person is called. */
  readonly person: string;
  /** The person's id, where the face has one. */
  readonly personId?: string;
  /** Cosine with the appearance's mean embedding, −1..1. */
  readonly similarity: number;
}

/** A frame in which a face was looked at, and where it was. */
export interface AppearanceDetection {
  /** Counts the source's frames from 0. */
  readonly frameIndex: number;
  /** As shares of the frame's width and height. */
  readonly box: Box;
}

/** Somebody in a source, from coming to leaving. */
export interface Appearance {
  /** The same however often the job stopped on its way. */
  readonly id: string;
  /** What its source is. */
  readonly mediaType: RecogniseMedia;
  /** The source's name. */
  readonly source: string;
  /** Its place among the sources, from 0. */
  readonly sourceIndex: number;
  /** The first frame in which the face was seen. */
  readonly frameStart: number;
  /** The last one. */
  readonly frameEnd: number;
  /** Time of the first, in milliseconds of the source. */
  readonly timeStart: number;
  /** Time of the last. */
  readonly timeEnd: number;
  /** `HH:MM:SS:FF` of the first; with `;` before the frames where the rate is 29.97 or 59.94 (drop-frame). */
  readonly timecodeStart: string;
  /** The same of the last. */
  readonly timecodeEnd: string;
  /** Who it is: what the person is called now, or `Unknown`, with a number where unknown people are told from each other. */
  readonly person: string;
  /** It is somebody who was in none of the galleries. */
  readonly isUnknown?: true;
  /** The person's id, where there is one. */
  readonly personId?: string;
  /** Who of those in the galleries is most similar, however little. */
  readonly closestPerson?: string;
  /** With `topK`: the most similar people, each once, by falling similarity. */
  readonly closestPersons?: readonly ClosestPerson[];
  /** L2 distance of the mean embedding to the face that `person` is known by, 0..2; of somebody unknown, to the most similar one. */
  readonly meanDistance?: number;
  /** Cosine of the same: 1 − d² / 2. */
  readonly meanSimilarity?: number;
  /** With `indexUnknowns`: the id, across jobs, of somebody who is in none of the galleries; see `nf.people`. */
  readonly indexedIdentity?: string;
  /** The best look at the face, a JPEG of at most 96 pixels a side. */
  readonly thumbnail?: Blob;
  /** Every frame in which the face was looked at. */
  readonly detections: readonly AppearanceDetection[];
}

/** A page of a job's appearances: by source, then by first frame. */
export interface AppearancePage {
  /** At most as many as were asked for. */
  readonly appearances: readonly Appearance[];
  /** All of the job so far. */
  readonly total: number;
}

/** How far a recognise job has come. */
export interface RecogniseProgress {
  /** Share of the job, 0..1. */
  readonly progress: number;
  /** The source under way, or that ended last. */
  readonly source: string;
  /** Sources that wait no more. */
  readonly sourcesDone: number;
  /** All sources. */
  readonly sources: number;
  /** Frames of this source that were looked at. */
  readonly frame: number;
  /** All frames of it; 0 where that is not known. */
  readonly frames: number;
  /** Appearances that were found since the run began. */
  readonly appearances: number;
  /** Milliseconds since the run began. */
  readonly elapsedMs: number;
  /** Frames a second. */
  readonly perSecond: number;
  /** Milliseconds that this source will still take at that speed; `null` where that is not known. */
  readonly msLeft: number | null;
}
