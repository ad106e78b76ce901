/**
 * What the page and the two workers say to each other. Every method answers with a {@link WireResult}, so
 * that errors cross the boundary whole; pixels and vectors are transferred, not copied.
 */
import type { DatabaseKey } from '../core/database-key.ts';
import type { DatabasePlace } from '../core/database-place.ts';
import type { Analysis, AnalysisRequest, Timings } from '../core/analysis.ts';
import type { Call } from '../core/call.ts';
import type { WireError } from '../core/errors.ts';
import type {
  FrameDetails,
  FrameFace,
  FrameLook,
  MeasuredFace,
  TakeFrame,
  TakenFrame,
} from '../core/frames.ts';
import type { Calibration, CommonDirections, ModelEntry, ModelRole } from '../core/manifest.ts';
import type { ReportFormat, ReportInput } from '../core/report.ts';
import type { Progress } from '../core/types.ts';
import type { WireImage } from '../core/wire-image.ts';
import type { GalleryCalls, GalleryInfo } from '../gallery/calls.ts';

export type * from '../gallery/calls.ts';

/** The outcome of a worker method. */
export type WireResult<T> =
  { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: WireError };

/** Reports progress from a worker to the page. */
export type ReportProgress = (progress: Progress) => void;

/** What the vision worker needs to start. URLs are absolute. */
export interface VisionConfig {
  readonly assets: string;
  readonly device: 'auto' | 'webgpu' | 'wasm';
  /** 0 lets the worker choose. */
  readonly threads: number;
  readonly models: Readonly<Partial<Record<ModelRole, string | ModelEntry>>>;
  /** Details whose models are loaded at the start. */
  readonly preload: AnalysisRequest['details'];
  /** Where TF.js is, for models of its format, if not where the host has it. */
  readonly tfjs?: string;
}

/** A model as `nf.info` lists it. */
export interface ModelInfo {
  /** As in the manifest. */
  readonly id: string;
  /** What it does; see {@link ModelRole}. */
  readonly role: string;
  /** In the words of whoever publishes it. */
  readonly version: string;
  /** Its name, as in `Apache-2.0`. */
  readonly licence: string;
  /** Size of its file. */
  readonly bytes: number;
  /** Whether it came from the cache. */
  readonly cached: boolean;
}

/** What the vision worker found when it started. */
export interface VisionInfo {
  /** The library's version; the page refuses assets of another one. */
  readonly version: string;
  readonly backend: 'webgpu' | 'wasm';
  readonly threads: number;
  readonly simd: 'none' | 'simd' | 'relaxed';
  /** The GPU adapter's name; empty on `wasm`. */
  readonly adapter: string;
  readonly models: readonly ModelInfo[];
  readonly embedding: {
    readonly id: string;
    readonly dimension: number;
    readonly calibration?: Calibration;
    /** The model whose stored embeddings become this one's by limiting what is common. */
    readonly convertsFrom?: { readonly modelId: string; readonly common: CommonDirections };
  };
}

/** The answer to one `analyse` call, with the stages' times, and the models and threads of the worker by now. */
export interface AnalysisBatch {
  readonly analyses: readonly Analysis[];
  readonly timings: Timings;
  readonly models: readonly ModelInfo[];
  readonly threads: number;
}

/** The vision worker. `callId` is the number of a call, by which `abort` reaches it. */
export interface VisionApi {
  open(callId: number, config: VisionConfig, report: ReportProgress): Promise<WireResult<VisionInfo>>;
  /** Analyses of the images in their order; the faces of all images share batches. */
  analyse(
    callId: number,
    images: readonly WireImage[],
    request: AnalysisRequest,
  ): Promise<WireResult<AnalysisBatch>>;
  /** Decodes a frame of a video and holds it until it is given back. */
  takeFrame(callId: number, image: WireImage, how: TakeFrame): Promise<WireResult<TakenFrame>>;
  findInFrame(callId: number, frame: string, look: FrameLook): Promise<WireResult<readonly FrameFace[]>>;
  measureInFrame(
    callId: number,
    frame: string,
    faces: readonly FrameFace[],
    wanted: FrameDetails,
  ): Promise<WireResult<readonly MeasuredFace[]>>;
  giveBackFrame(frame: string): void;
  /** What was seen in videos as a file; see `video/report/`. It is written here since few pages ask for it. */
  writeReport(callId: number, format: ReportFormat, input: ReportInput): Promise<WireResult<Blob>>;
  abort(callId: number): void;
}

/** What the gallery worker needs to start. */
export interface GalleryConfig {
  readonly assets: string;
  /** Sightings that are older, in days, are removed at the opening and once an hour. */
  readonly retentionDays?: number;
  /** `null`: galleries in memory. */
  readonly database: string | DatabasePlace | null;
  /** Whether it is an error if there is no storage; else galleries are in memory then. */
  readonly storage: 'auto' | 'required';
  /** Whether a worker that kept galleries in memory has ended before this one. */
  readonly lost?: boolean;
  /** The address of the page, for other pages to tell which one to close. */
  readonly page?: string;
  /** Opens an encrypted database; a passphrase encrypts a plain one. */
  readonly key?: DatabaseKey;
  /** Threads of a search; 0 lets the worker choose. Default: 1. */
  readonly threads?: number;
}

/** Stands, among a call's arguments, for the {@link Call} that its worker makes of the signal and the report. */
export const CALL: Call & { readonly isPlaceholder: true } = { isPlaceholder: true };

/** The gallery worker: the engine's calls by name. */
export interface GalleryApi {
  open(callId: number, config: GalleryConfig, report: ReportProgress): Promise<WireResult<GalleryInfo>>;
  call<Name extends keyof GalleryCalls>(
    callId: number,
    name: Name,
    report: ReportProgress | undefined,
    ...args: Parameters<GalleryCalls[Name]>
  ): Promise<WireResult<Awaited<ReturnType<GalleryCalls[Name]>>>>;
  /** Deletes a database, open or not. */
  deleteDatabase(name: string): Promise<WireResult<void>>;
  /** Lets go of the database; the worker is ended afterwards. */
  letGo(): Promise<WireResult<void>>;
  abort(callId: number): void;
}
