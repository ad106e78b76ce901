import { checkThreshold } from '../core/confidence.ts';
import { badParam } from '../core/errors.ts';
import { MAX_GALLERIES_PER_SEARCH, MAX_PAGE, MAX_SKIP } from '../core/limits.ts';
import type { JsonValue } from '../core/json-value.ts';
import {
  abortSignal,
  arrayOf,
  boolean,
  callback,
  integer,
  number,
  oneOf,
  resolveOptions,
} from '../core/options.ts';
import type { RecogniseProgress } from '../core/recognition.ts';
import type { Threshold } from '../core/types.ts';
import type { ReportFormat } from '../core/report.ts';
import { EXTRA, GALLERY_NAME, META, type Resolved } from './resolve-options.ts';

/** A source of {@link Jobs.recognise}: a video (mp4, mov, webm, mkv) or an image, as a file or an address. */
export type RecogniseSource = Blob | string | URL;

/** Options of {@link Jobs.recognise}. */
export interface RecogniseOptions {
  /** Where people are looked for. Default: `['default']`. */
  readonly galleries?: readonly string[];
  /** The L2 distance of unit vectors up to which somebody counts as a stored face's person, 0..2. Default: 1. */
  readonly maxDistance?: number;
  /** The same as a threshold of searches, instead of `maxDistance`. */
  readonly threshold?: Threshold;
  /** Unknown people are told from each other: `Unknown #1`, `Unknown #2`, the same over the whole job. Default: false, all are `Unknown`. */
  readonly clusterUnknowns?: boolean;
  /**
   * Unknown people are kept, as people with a face in the gallery `unknowns`, so that they are the same in every job: `nf.people` lists,
   * merges and enrols them. Numbers are theirs then. Default: false.
   */
  readonly indexUnknowns?: boolean;
  /** The frame's shorter side, in pixels, at which faces of 32 pixels and more are looked for, 100..2000: more finds smaller faces. Default: 600. */
  readonly faceDetectionScale?: number;
  /** How many of the most similar people each appearance names, 1..10. Default: none but the first. */
  readonly topK?: number;
  /** Your own word for the job, at most 1,024 characters. Default: none. */
  readonly tag?: string;
  /** Your own data beside the job, at most 16,384 bytes of JSON; `info()` gives it back. Default: none. */
  readonly extra?: JsonValue;
  /** Ends the call with `ABORTED`; nothing is stored then. */
  readonly signal?: AbortSignal;
}

/** Options of {@link RecogniseJob.run}. */
export interface RecogniseRunOptions {
  /** Called at the start, some times a second, and after each source. */
  readonly onProgress?: (progress: RecogniseProgress) => void;
  /** Pauses the job. */
  readonly signal?: AbortSignal;
}

/** Options of {@link RecogniseJob.results}. */
export interface ResultsOptions {
  /** Appearances passed over. Default: 0. */
  readonly offset?: number;
  /** Most that are answered, 1..10000. Default: 100. */
  readonly limit?: number;
}

const DEFAULTS = {
  galleries: ['default'] as readonly string[],
  clusterUnknowns: false,
  indexUnknowns: false,
  faceDetectionScale: 600,
} as const;

/** What a job is told, checked. */
export type ResolvedRecognise = Resolved<RecogniseOptions, keyof typeof DEFAULTS>;

/** @throws NearFaceError `BAD_PARAM` naming the option */
export function resolveRecognise(raw: unknown): ResolvedRecognise {
  const resolved: ResolvedRecognise = resolveOptions<RecogniseOptions, typeof DEFAULTS>(
    raw,
    'options',
    {
      galleries: arrayOf(GALLERY_NAME, MAX_GALLERIES_PER_SEARCH),
      maxDistance: number(0, 2),
      threshold: checkThreshold,
      clusterUnknowns: boolean,
      indexUnknowns: boolean,
      faceDetectionScale: number(100, 2000),
      topK: integer(1, 10),
      tag: META,
      extra: EXTRA,
      signal: abortSignal,
    },
    DEFAULTS,
  );
  const { galleries, threshold, maxDistance } = resolved;
  if (galleries.length === 0) throw badParam('options.galleries', galleries, 'at least one gallery');
  if (threshold !== undefined && maxDistance !== undefined)
    throw badParam('options.maxDistance', maxDistance, 'left out where threshold is given');
  return resolved;
}

/** @throws NearFaceError `BAD_PARAM` naming the option */
export function resolveRecogniseRun(raw: unknown): Readonly<RecogniseRunOptions> {
  const onProgress = callback<NonNullable<RecogniseRunOptions['onProgress']>>();
  const fields = { onProgress, signal: abortSignal };
  return resolveOptions<RecogniseRunOptions, object>(raw, 'options', fields, {});
}

/** @throws NearFaceError `BAD_PARAM` naming the option */
export function resolveResults(raw: unknown): Required<ResultsOptions> {
  const fields = { offset: integer(0, MAX_SKIP), limit: integer(1, MAX_PAGE) };
  const defaults = { offset: 0, limit: 100 };
  return resolveOptions<Required<ResultsOptions>, typeof defaults>(raw, 'options', fields, defaults);
}

/** @throws NearFaceError `BAD_PARAM` */
export function reportFormat(raw: unknown): ReportFormat {
  return oneOf<ReportFormat>('json', 'csv', 'html')(raw, 'format');
}
