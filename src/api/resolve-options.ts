import { ATTRIBUTE_GROUPS, type AttributeGroup } from '../core/attributes.ts';
import { checkPairThreshold, checkThreshold } from '../core/confidence.ts';
import { badParam } from '../core/errors.ts';
import {
  abortSignal,
  arrayOf,
  boolean,
  callback,
  integer,
  number,
  oneOf,
  resolveOptions,
  string,
  type Check,
} from '../core/options.ts';
import { checkGate } from '../core/quality-gate.ts';
import type { Keep } from '../core/records.ts';
import { DEFAULT_MIN_RELIABILITY } from '../core/reliability.ts';
import type { Box, FacesRule, Progress } from '../core/types.ts';
import type { DecodeHook } from './image-input.ts';
import { resolveMetaRule, type ResolvedMetaRule } from '../sources/meta-rule.ts';
import { modelChoice } from './model-options.ts';
import type {
  AddEmbeddingOptions,
  AddEmbeddingsOptions,
  AddManyOptions,
  ChangePassphraseOptions,
  AddOptions,
  ClusterOptions,
  CompareOptions,
  CreateGalleryOptions,
  CreateOptions,
  DetectOptions,
  EmbedOptions,
  EnrolDetails,
  EnrolJobOptions,
  EncryptOptions,
  EraseOptions,
  ExportOptions,
  IdentifyOptions,
  ImportOptions,
  JobRunOptions,
  ListOptions,
  RegenerateOptions,
  PreloadDetails,
  ReturnDetails,
  SearchOptions,
  SignalOptions,
  StatsOptions,
} from './options.ts';

const KEEP = oneOf<Keep>('none', 'crops', 'photos');
/** Free text of a face. */
export const META: Check<string> = string(1024);
/** An id that the caller gives. */
export const ID: Check<string> = string(128, /^.+$/s);
/** A passphrase that something is encrypted with. */
export const PASSPHRASE: Check<string> = (value, path) => {
  if (typeof value === 'string' && value.length >= 8 && value.length <= 1024) return value;
  // The passphrase itself must not get into a message.
  throw badParam(path, '(not shown)', 'a passphrase of 8 to 1,024 characters');
};
/** A gallery's name. */
export const GALLERY_NAME: Check<string> = string(48, /^[A-Za-z0-9_-]{1,48}$/);

const url: Check<string | URL> = (value, path) => {
  if (typeof value === 'string' || value instanceof URL) return value;
  throw badParam(path, value, 'a URL');
};

const box: Check<Box> = (value, path) => {
  const { left, top, width, height } = (value ?? {}) as Partial<Box>;
  const valid = [left, top, width, height].every((x) => Number.isFinite(x)) && width! > 0 && height! > 0;
  if (!valid) throw badParam(path, value, 'a box { left, top, width, height } with a positive size');
  return { left: left!, top: top!, width: width!, height: height! };
};

const minFaceSize: Check<number | 'auto'> = (value, path) => {
  if (value === 'auto' || (typeof value === 'number' && value >= 1 && value <= 1e5)) return value;
  throw badParam(path, value, `'auto' or a number from 1 to 100000`);
};

const FIND = {
  mode: oneOf('fast', 'accurate', 'auto'),
  minScore: number(0, 1),
  minFaceSize,
  maxFaces: integer(1, 1000),
  area: box,
  autoRotate: boolean,
  signal: abortSignal,
};
const CHOOSE = { faces: oneOf<FacesRule>('biggest', 'all', 'reject'), boxes: arrayOf(box, 1000) };
const FIND_DEFAULTS = { minScore: 0.5, minFaceSize: 'auto', maxFaces: 100, autoRotate: false } as const;
/** Of a face that is recognised by itself; smaller ones give embeddings that say little. */
const LEAST_USED = 32;

const attributes: Check<boolean | readonly AttributeGroup[]> = (value, path) => {
  if (typeof value === 'boolean') return value;
  if (Array.isArray(value)) return arrayOf(oneOf(...ATTRIBUTE_GROUPS))(value, path);
  throw badParam(path, value, `true, false or an array of ${ATTRIBUTE_GROUPS.join(', ')}`);
};
const DETAILS = { angle: boolean, landmarks: boolean, mesh: boolean, quality: boolean, attributes };
const detectDetails: Check<ReturnDetails> = (value, path) =>
  resolveOptions<ReturnDetails, object>(value, path, DETAILS, {});
const preloadDetails: Check<PreloadDetails> = (value, path) =>
  resolveOptions<PreloadDetails, object>(value, path, { ...DETAILS, embedding: boolean }, {});
const enrolDetails: Check<EnrolDetails> = (value, path) =>
  resolveOptions<EnrolDetails, object>(value, path, { quality: boolean, attributes }, {});
const ENROL = {
  keep: KEEP,
  minQuality: checkGate,
  minReliability: number(0, 1),
  returnDetails: enrolDetails,
};
const embedDetails: Check<NonNullable<EmbedOptions['returnDetails']>> = (value, path) =>
  resolveOptions<NonNullable<EmbedOptions['returnDetails']>, object>(
    value,
    path,
    { ...DETAILS, crop: boolean },
    {},
  );

type Resolved<T, K extends keyof T> = Readonly<T & Required<Pick<T, K>>>;
type FindKeys = 'mode' | 'minScore' | 'minFaceSize' | 'maxFaces' | 'autoRotate';

export function resolveCreate(raw: unknown): Resolved<CreateOptions, 'device' | 'database' | 'keep'> {
  const fields = {
    assets: url,
    device: oneOf('auto', 'webgpu', 'wasm'),
    threads: integer(1, 64),
    models: modelChoice,
    tfjs: url,
    database: DATABASE,
    passphrase: PASSPHRASE,
    keep: KEEP,
    preload: preloadDetails,
    decode: callback<DecodeHook>(),
    onProgress: callback<(progress: Progress) => void>(),
    signal: abortSignal,
  };
  const defaults = { device: 'auto', database: 'nearface', keep: 'none' } as const;
  return resolveOptions<CreateOptions, typeof defaults>(raw, 'options', fields, defaults);
}

const DATABASE = string(64, /^[A-Za-z0-9_.-]{1,64}$/);

export function resolveErase(raw: unknown): Resolved<EraseOptions, 'database'> {
  const fields = { assets: url, database: DATABASE };
  return resolveOptions<EraseOptions, { database: string }>(raw, 'options', fields, { database: 'nearface' });
}

export function resolveDetect(raw: unknown): Resolved<DetectOptions, FindKeys> {
  const defaults = { ...FIND_DEFAULTS, mode: 'accurate' } as const;
  const fields = { ...FIND, returnDetails: detectDetails };
  return resolveOptions<DetectOptions, typeof defaults>(raw, 'options', fields, defaults);
}

const EMBED = { ...FIND, ...CHOOSE, returnDetails: embedDetails };

export function resolveEmbed(raw: unknown): Resolved<EmbedOptions, FindKeys | 'faces'> {
  const defaults = { ...FIND_DEFAULTS, mode: 'auto', faces: 'all' } as const;
  return resolveOptions<EmbedOptions, typeof defaults>(raw, 'options', EMBED, defaults);
}

const ONE_FACE = {
  ...FIND_DEFAULTS,
  minFaceSize: LEAST_USED,
  mode: 'auto',
  faces: 'biggest',
} as const;

export function resolveCompare(raw: unknown): Resolved<CompareOptions, FindKeys | 'faces'> {
  const fields = { ...EMBED, threshold: checkPairThreshold };
  return resolveOptions<CompareOptions, typeof ONE_FACE>(raw, 'options', fields, ONE_FACE);
}

const RECORD = {
  meta: META,
  id: ID,
  galleries: arrayOf(GALLERY_NAME, 1000),
  personId: ID,
  cameraId: ID,
  friend: boolean,
};

export function resolveAdd(
  raw: unknown,
): Resolved<AddOptions, FindKeys | 'faces' | 'meta' | 'minReliability'> {
  const fields = { ...FIND, ...CHOOSE, ...RECORD, ...ENROL };
  const defaults = { ...ONE_FACE, meta: '', minReliability: DEFAULT_MIN_RELIABILITY };
  return resolveOptions<AddOptions, typeof defaults>(raw, 'options', fields, defaults);
}

export function resolveAddEmbedding(raw: unknown, path = 'options'): Resolved<AddEmbeddingOptions, 'meta'> {
  const fields = { ...RECORD, signal: abortSignal, modelId: ID, reliability: number(0, 1) };
  const defaults = { meta: '' };
  return resolveOptions<AddEmbeddingOptions, typeof defaults>(raw, path, fields, defaults);
}

export function resolveAddEmbeddings(raw: unknown): Readonly<AddEmbeddingsOptions> {
  const { id: _, ...record } = RECORD;
  const onProgress = callback<(progress: Progress) => void>();
  const fields = { ...record, signal: abortSignal, modelId: ID, reliability: number(0, 1), onProgress };
  return resolveOptions<AddEmbeddingsOptions, object>(raw, 'options', fields, {});
}

const FILTER = { meta: META, personId: ID, from: number(0, 1e15), until: number(0, 1e15) };
const SEARCH = {
  ...FILTER,
  limit: integer(1, 1000),
  threshold: checkThreshold,
  galleries: arrayOf(GALLERY_NAME, 1000),
  exact: boolean,
  signal: abortSignal,
};

export function resolveSearch(raw: unknown): Resolved<SearchOptions, 'limit'> {
  return resolveOptions<SearchOptions, { limit: number }>(raw, 'options', SEARCH, { limit: 1 });
}

/** Other writers of archives may have taken shorter ones. */
const archivePassphrase: Check<string> = (value, path) => {
  if (typeof value === 'string' && value.length >= 1 && value.length <= 1024) return value;
  throw badParam(path, '(not shown)', 'a passphrase of 1 to 1,024 characters');
};

const FORMAT = oneOf('archive', 'jsonl', 'npy');
const LONG = { onProgress: callback<(progress: Progress) => void>(), signal: abortSignal };

export function resolveExport(raw: unknown): Resolved<ExportOptions, 'format' | 'pictures'> {
  const fields = { format: FORMAT, pictures: boolean, passphrase: PASSPHRASE, ...LONG };
  const defaults = { format: 'archive', pictures: true } as const;
  return resolveOptions<ExportOptions, typeof defaults>(raw, 'options', fields, defaults);
}

export function resolveImport(raw: unknown): Resolved<ImportOptions, 'ids' | 'duplicates'> {
  const [ids, duplicates] = [oneOf('keep', 'new', 'skip'), oneOf('add', 'skip')];
  const fields = { format: FORMAT, passphrase: archivePassphrase, ids, duplicates, ...LONG };
  const defaults = { ids: 'keep', duplicates: 'add' } as const;
  return resolveOptions<ImportOptions, typeof defaults>(raw, 'options', fields, defaults);
}

export function resolveRegenerate(raw: unknown): Resolved<RegenerateOptions, 'missing'> {
  const fields = { missing: oneOf('keep', 'delete'), ...LONG };
  return resolveOptions<RegenerateOptions, { missing: 'keep' }>(raw, 'options', fields, { missing: 'keep' });
}

export function resolveCluster(raw: unknown): Resolved<ClusterOptions, 'minSize'> {
  const fields = {
    threshold: checkPairThreshold,
    minSize: integer(1, 1e6),
    onProgress: callback<(progress: Progress) => void>(),
    signal: abortSignal,
  };
  return resolveOptions<ClusterOptions, { minSize: number }>(raw, 'options', fields, { minSize: 2 });
}

export function resolveStats(raw: unknown): Resolved<StatsOptions, 'recallProbes'> {
  const fields = { recallProbes: integer(0, 10_000), signal: abortSignal };
  return resolveOptions<StatsOptions, { recallProbes: number }>(raw, 'options', fields, { recallProbes: 0 });
}

export function resolveIdentify(raw: unknown): Resolved<IdentifyOptions, FindKeys | 'faces' | 'limit'> {
  const fields = { ...EMBED, ...SEARCH };
  const defaults = { ...ONE_FACE, limit: 1 };
  return resolveOptions<IdentifyOptions, typeof defaults>(raw, 'options', fields, defaults);
}

export function resolveList(raw: unknown): Resolved<ListOptions, 'limit'> {
  const fields = {
    ...FILTER,
    limit: integer(1, 10_000),
    skip: integer(0, 1e9),
    cursor: string(256),
    signal: abortSignal,
  };
  return resolveOptions<ListOptions, { limit: number }>(raw, 'options', fields, { limit: 100 });
}

export function resolveCreateGallery(raw: unknown): Readonly<CreateGalleryOptions> {
  const fields = { capacity: integer(1, 1e8), ifExists: oneOf('fail', 'get') };
  return resolveOptions<CreateGalleryOptions, object>(raw, 'options', fields, {});
}

export function resolveSignal(raw: unknown): Readonly<SignalOptions> {
  return resolveOptions<SignalOptions, object>(raw, 'options', { signal: abortSignal }, {});
}

export function resolveEncrypt(raw: unknown): Readonly<EncryptOptions> {
  return resolveOptions<EncryptOptions, object>(raw, 'options', LONG, {});
}

export function resolveChangePassphrase(raw: unknown): Resolved<ChangePassphraseOptions, 'rekey'> {
  const fields = { ...LONG, rekey: boolean };
  return resolveOptions<ChangePassphraseOptions, { rekey: boolean }>(raw, 'options', fields, {
    rekey: false,
  });
}

/** Checks {@link AddManyOptions}; `add` checks what it is handed itself. */
export function resolveAddMany(raw: unknown): Resolved<AddManyOptions, 'concurrency'> {
  const fields = {
    ...FIND,
    ...CHOOSE,
    meta: META,
    galleries: RECORD.galleries,
    personId: ID,
    cameraId: ID,
    friend: boolean,
    ...ENROL,
    concurrency: integer(1, 16),
    onProgress: callback<NonNullable<AddManyOptions['onProgress']>>(),
  };
  return resolveOptions<AddManyOptions, { concurrency: number }>(raw, 'options', fields, { concurrency: 3 });
}

/** Checks {@link EnrolJobOptions}; what remains is stored, and checked by `add` once more. */
export function resolveEnrolJob(
  raw: unknown,
): Omit<EnrolJobOptions, 'meta'> & { readonly meta: ResolvedMetaRule } {
  const { meta: _meta, id: _id, ...record } = RECORD;
  const fields = {
    ...FIND,
    ...CHOOSE,
    ...record,
    ...ENROL,
    meta: resolveMetaRule,
    duplicates: oneOf('add', 'skip', 'replace'),
    onListed: callback<(photos: number) => void>(),
  };
  type Checked = Omit<EnrolJobOptions, 'meta'> & { readonly meta: ResolvedMetaRule };
  const defaults = { meta: resolveMetaRule(undefined, 'options.meta') };
  return resolveOptions<Checked, typeof defaults>(raw, 'options', fields, defaults);
}

export function resolveJobRun(raw: unknown): Resolved<JobRunOptions, 'concurrency'> {
  const fields = {
    concurrency: integer(1, 16),
    onProgress: callback<NonNullable<JobRunOptions['onProgress']>>(),
    signal: abortSignal,
  };
  return resolveOptions<JobRunOptions, { concurrency: number }>(raw, 'options', fields, { concurrency: 3 });
}
