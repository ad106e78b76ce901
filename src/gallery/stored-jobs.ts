/** Jobs as every database keeps them, and what it is asked to keep of those that recognise. */
import type { EnrolJobSummary, JobError, JobState } from '../core/jobs.ts';
import type { RecogniseMedia, SourceStatus } from '../core/recognition.ts';

/** What is stored of every job. */
export interface StoredJobFacts {
  readonly id: string;
  readonly state: JobState;
  readonly tag?: string;
  /** In milliseconds since 1970, as are the next two. */
  readonly createdAt: number;
  readonly startedAt?: number;
  readonly completedAt?: number;
  readonly incomplete?: true;
  readonly error?: JobError;
  /** Plain data. */
  readonly options: Readonly<Record<string, unknown>>;
}

/** An enrolment job. Its options are those of `add`, and what is done with duplicates. */
export interface StoredJob extends StoredJobFacts, Pick<EnrolJobSummary, 'kind' | 'gallery' | 'counts'> {}

/** A job that recognises. */
export interface StoredRecognition extends StoredJobFacts {
  readonly kind: 'recognise';
  readonly galleries: readonly string[];
  readonly sources: readonly StoredSource[];
  /** How long it was worked at. */
  readonly workedMs: number;
}

/** A job of either kind. */
export type AnyStoredJob = StoredJob | StoredRecognition;

/** A source of a job. */
export interface StoredSource {
  readonly name: string;
  readonly mediaType: RecogniseMedia;
  /** Where it is, if its bytes are not kept here. */
  readonly url?: string;
  /** The media type of its bytes. */
  readonly type: string;
  readonly status: SourceStatus;
  readonly framesDone: number;
  readonly error?: JobError;
  readonly facts?: SourceFacts;
}

/** What is known of a source once it was opened. */
export interface SourceFacts {
  readonly width: number;
  readonly height: number;
  readonly fps?: number;
  readonly frames?: number;
  readonly durationMs?: number;
}

/** A source that a job is given. */
export type NewSource = Pick<StoredSource, 'name' | 'mediaType' | 'url' | 'type'>;

/** What a job that recognises is made of. */
export interface NewRecognition extends Pick<StoredRecognition, 'galleries' | 'options' | 'tag'> {
  readonly sources: readonly NewSource[];
}

/** Somebody in a source, as it is kept: numbers instead of objects, as there is one for each frame. */
export interface StoredAppearance {
  /** The source's number. */
  readonly source: number;
  /** The track's number within the source. */
  readonly track: number;
  readonly frameStart: number;
  readonly frameEnd: number;
  readonly timeStart: number;
  readonly timeEnd: number;
  /** What somebody is called whom no face names; empty where one does. Earlier versions kept what it was called then. */
  readonly person: string;
  /** Of somebody whom nobody knows; else the face says it. */
  readonly personId?: string;
  /** The stored face by which `person` is known. */
  readonly faceId?: string;
  /** Whether that is somebody who is in none of the galleries. */
  readonly isUnknown: boolean;
  readonly closest: readonly StoredClosest[];
  /** Cosine of the mean embedding with the face that `person` is known by; of somebody unknown, with the most similar one. */
  readonly cosine?: number;
  readonly thumbnail?: { readonly type: string; readonly bytes: Uint8Array<ArrayBuffer> };
  /** Frames that were looked at, and the boxes in them: left, top, width, height, as shares of the frame. */
  readonly frames: Uint32Array<ArrayBuffer>;
  readonly boxes: Float32Array<ArrayBuffer>;
}

/** Somebody whom it may be, with the face that says so, and how they are called; earlier versions kept that as well. */
export interface StoredClosest {
  readonly person: string;
  readonly personId?: string;
  readonly faceId: string;
  readonly cosine: number;
}

/** What a job has seen since it was stored last. */
export interface RecognitionStep {
  /** The source under way, which must wait. */
  readonly source: number;
  /** What is known of it. */
  readonly facts?: SourceFacts;
  /** Its frames that were looked at up to now. */
  readonly framesDone: number;
  /** Time of work since. */
  readonly workedMs: number;
  /** New appearances; one of a track that is stored already takes its place. */
  readonly appearances: readonly StoredAppearance[];
  /** What it goes on from. */
  readonly checkpoint: Uint8Array<ArrayBuffer>;
  /** The source has ended: its bytes go, unless it failed and may be tried again. */
  readonly ended?: { readonly error?: JobError };
}

/** Appearances of a job in the order of sources, first frames and tracks. */
export interface StoredAppearances {
  readonly appearances: readonly StoredAppearance[];
  /** All of the job. */
  readonly total: number;
}

/** What is stored of jobs that recognise. Every method throws NearFaceError, `BAD_PARAM` of an id that no such job has. */
export interface RecognitionStore {
  /** A job whose sources' bytes are yet to come. @throws NearFaceError `GALLERY_NOT_FOUND`, `BAD_PARAM` of an id that another one has */
  createRecognition(id: string, made: NewRecognition): Promise<StoredRecognition>;
  /** Keeps the next piece of a source's bytes. */
  addSourcePiece(id: string, source: number, bytes: Uint8Array<ArrayBuffer>): Promise<void>;
  /** A piece by its number, from 0; nothing behind the last, and of a source that is done. */
  readSourcePiece(id: string, source: number, no: number): Promise<Uint8Array<ArrayBuffer> | null>;
  /** Keeps what was seen, all of it or nothing; of a job that was cancelled, nothing. Answers the job as it is then. */
  saveRecognition(id: string, step: RecognitionStep): Promise<StoredRecognition>;
  /** What the job goes on from; nothing before the first step. */
  readCheckpoint(id: string): Promise<Uint8Array<ArrayBuffer> | null>;
  listAppearances(id: string, offset: number, limit: number): Promise<StoredAppearances>;
}
