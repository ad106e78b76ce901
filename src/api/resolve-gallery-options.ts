import { checkPairThreshold, checkThreshold } from '../core/confidence.ts';
import { badParam } from '../core/errors.ts';
import {
  MAX_CAPACITY,
  MAX_CONCURRENCY,
  MAX_FACES_PER_IMAGE,
  MAX_GALLERIES_PER_FACE,
  MAX_GALLERIES_PER_SEARCH,
  MAX_HITS,
  MAX_PAGE,
  MAX_PASSPHRASE_LENGTH,
  MAX_RECALL_PROBES,
  MAX_SKIP,
  MAX_SPLIT,
  MAX_PASSKEY_NAME_LENGTH,
} from '../core/limits.ts';
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
import { DEFAULT_MIN_RELIABILITY } from '../core/reliability.ts';
import type { Progress } from '../core/types.ts';
import { pathMatcher, type PathMatcher } from '../sources/match-path.ts';
import { resolveMetaRule, type ResolvedMetaRule } from '../sources/meta-rule.ts';
import type {
  AddEmbeddingOptions,
  AddEmbeddingsOptions,
  AddManyOptions,
  ChangePassphraseOptions,
  AddOptions,
  ClusterOptions,
  CountOptions,
  CreateGalleryOptions,
  DeleteGalleryOptions,
  EnrolJobOptions,
  EncryptOptions,
  ExportOptions,
  IdentifyOptions,
  ImportOptions,
  JobItemsOptions,
  JobRunOptions,
  ListOptions,
  MetasOptions,
  RegenerateOptions,
  ReplaceOptions,
  SearchOptions,
  SignalOptions,
  StatsOptions,
  AddPasskeyOptions,
} from './options.ts';
import {
  BOX,
  META,
  ID,
  isText,
  PASSPHRASE,
  GALLERY_NAME,
  FIND,
  LABEL,
  CHOOSE,
  ENROL,
  EMBED,
  EXTRA,
  ONE_FACE,
  PEOPLE,
  resolveFinding,
  type Resolved,
  type FindKeys,
  SOURCE_URL,
  TIME,
} from './resolve-options.ts';

const RECORD = {
  meta: META,
  id: ID,
  galleries: arrayOf(GALLERY_NAME, MAX_GALLERIES_PER_FACE),
  personId: ID,
  cameraId: ID,
  timestamp: TIME,
  sourceUrl: SOURCE_URL,
  extra: EXTRA,
  expiresAt: TIME,
  ...PEOPLE,
};

/** An id, or what makes one for each face. */
const ID_OR_MAKER: Check<string | (() => string)> = (value, path) =>
  typeof value === 'function' ? (value as () => string) : ID(value, path);

type KnownFace = NonNullable<AddOptions['embeddings']>[number];

/** What is known of a face that is enrolled. Whether the embedding is one is found out by whoever knows the model. */
const KNOWN_FACE: Check<KnownFace> = (value, path) => {
  if (value === null || value instanceof Float32Array) return value;
  if (typeof value === 'object' && 'embedding' in value) return value as KnownFace;
  throw badParam(path, value, 'an embedding, a face of embed(), or null for one that is looked for');
};

export function resolveAdd(
  raw: unknown,
): Resolved<AddOptions, FindKeys | 'faces' | 'meta' | 'minReliability'> {
  const embeddings = arrayOf(KNOWN_FACE, MAX_FACES_PER_IMAGE);
  const fields = { ...FIND, ...CHOOSE, ...RECORD, ...ENROL, id: ID_OR_MAKER, embeddings };
  const defaults = { ...ONE_FACE, meta: '', minReliability: DEFAULT_MIN_RELIABILITY };
  const resolved = resolveFinding<AddOptions, typeof defaults>(raw, fields, defaults);
  const { embeddings: known, boxes = [], autoRotate } = resolved;
  if (known && known.length !== boxes.length)
    throw badParam('options.embeddings', known, `one for each of the ${boxes.length} boxes`);
  if (known && autoRotate)
    throw badParam('options.autoRotate', autoRotate, 'left out where embeddings are given');
  return resolved;
}

/** Checks {@link ReplaceOptions}; `newFaces` takes them as those of `add`. */
export function resolveReplace(raw: unknown): Readonly<ReplaceOptions> {
  const fields = {
    ...FIND,
    ...ENROL,
    faces: oneOf('biggest', 'reject'),
    boxes: arrayOf(BOX, 1),
    sourceUrl: SOURCE_URL,
  };
  return resolveOptions<ReplaceOptions, object>(raw, 'options', fields, {});
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

const FILTER = { meta: META, personId: ID, cameraId: ID, from: TIME, until: TIME };
const SEARCH = {
  ...FILTER,
  limit: integer(1, MAX_HITS),
  threshold: checkThreshold,
  galleries: arrayOf(GALLERY_NAME, MAX_GALLERIES_PER_SEARCH),
  exact: boolean,
  by: oneOf('face', 'person'),
  facesPerPerson: integer(1, MAX_HITS),
  signal: abortSignal,
};

export function resolveSearch(raw: unknown): Resolved<SearchOptions, 'limit'> {
  return resolveOptions<SearchOptions, { limit: number }>(raw, 'options', SEARCH, { limit: 1 });
}

/** Other writers of archives may have taken shorter ones. */
export const archivePassphrase: Check<string> = (value, path) => {
  if (isText(value, 1)) return value;
  throw badParam(path, '(not shown)', `a passphrase of 1 to ${MAX_PASSPHRASE_LENGTH} characters`);
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
  const fields = { recallProbes: integer(0, MAX_RECALL_PROBES), signal: abortSignal };
  return resolveOptions<StatsOptions, { recallProbes: number }>(raw, 'options', fields, { recallProbes: 0 });
}

export function resolveIdentify(raw: unknown): Resolved<IdentifyOptions, FindKeys | 'faces' | 'limit'> {
  const fields = { ...EMBED, ...SEARCH };
  const defaults = { ...ONE_FACE, limit: 1 };
  return resolveFinding<IdentifyOptions, typeof defaults>(raw, fields, defaults);
}

export function resolveList(raw: unknown): Resolved<ListOptions, 'limit'> {
  const fields = {
    ...FILTER,
    limit: integer(1, MAX_PAGE),
    skip: integer(0, MAX_SKIP),
    cursor: string(256),
    order: oneOf('oldest', 'newest'),
    before: integer(0, Number.MAX_SAFE_INTEGER),
    after: integer(0, Number.MAX_SAFE_INTEGER),
    signal: abortSignal,
  };
  return resolveOptions<ListOptions, { limit: number }>(raw, 'options', fields, { limit: 100 });
}

export function resolveCount(raw: unknown): Readonly<CountOptions> {
  return resolveOptions<CountOptions, object>(raw, 'options', { ...FILTER, signal: abortSignal }, {});
}

export function resolveMetas(raw: unknown): Readonly<MetasOptions> {
  const fields = { limit: integer(1, MAX_PAGE), offset: integer(0, MAX_SKIP), signal: abortSignal };
  return resolveOptions<MetasOptions, object>(raw, 'options', fields, {});
}

export function resolveCreateGallery(raw: unknown): Readonly<CreateGalleryOptions> {
  const fields = { capacity: integer(1, MAX_CAPACITY), label: LABEL, ifExists: oneOf('fail', 'get') };
  return resolveOptions<CreateGalleryOptions, object>(raw, 'options', fields, {});
}

export function resolveDeleteGallery(raw: unknown): Resolved<DeleteGalleryOptions, 'faces'> {
  const fields = { faces: boolean, signal: abortSignal };
  return resolveOptions<DeleteGalleryOptions, { faces: boolean }>(raw, 'options', fields, { faces: false });
}

export function resolveSignal(raw: unknown): Readonly<SignalOptions> {
  return resolveOptions<SignalOptions, object>(raw, 'options', { signal: abortSignal }, {});
}

export function resolveAddPasskey(raw: unknown): Resolved<AddPasskeyOptions, 'name'> {
  const fields = { name: string(MAX_PASSKEY_NAME_LENGTH, /\S/), signal: abortSignal };
  return resolveOptions<AddPasskeyOptions, { name: string }>(raw, 'options', fields, { name: 'nearface' });
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
export function resolveAddMany(raw: unknown): Readonly<AddManyOptions> {
  const fields = {
    ...FIND,
    ...CHOOSE,
    meta: META,
    galleries: RECORD.galleries,
    personId: ID,
    cameraId: ID,
    timestamp: TIME,
    sourceUrl: SOURCE_URL,
    extra: EXTRA,
    expiresAt: TIME,
    ...PEOPLE,
    ...ENROL,
    concurrency: integer(1, MAX_CONCURRENCY),
    onProgress: callback<NonNullable<AddManyOptions['onProgress']>>(),
  };
  return resolveFinding<AddManyOptions, object>(raw, fields, {});
}

/** Checks {@link EnrolJobOptions}; what remains is stored, and checked by `add` once more. */
export function resolveEnrolJob(raw: unknown): CheckedEnrolJob {
  const { meta: _meta, id: _id, ...record } = RECORD;
  const fields = {
    ...FIND,
    ...CHOOSE,
    ...record,
    ...ENROL,
    meta: resolveMetaRule,
    match: pathMatcher,
    split: integer(1, MAX_SPLIT),
    tag: META,
    duplicates: oneOf('add', 'skip', 'replace'),
    onListed: callback<(photos: number) => void>(),
  };
  const defaults = { meta: resolveMetaRule(undefined, 'options.meta') };
  return resolveFinding<CheckedEnrolJob, typeof defaults>(raw, fields, defaults);
}

type CheckedEnrolJob = Omit<EnrolJobOptions, 'meta' | 'match'> & {
  readonly meta: ResolvedMetaRule;
  readonly match?: PathMatcher;
  readonly split?: number;
};

export function resolveJobRun(raw: unknown): Readonly<JobRunOptions> {
  const fields = {
    concurrency: integer(1, MAX_CONCURRENCY),
    onProgress: callback<NonNullable<JobRunOptions['onProgress']>>(),
    signal: abortSignal,
  };
  return resolveOptions<JobRunOptions, object>(raw, 'options', fields, {});
}

export function resolveJobItems(raw: unknown): Readonly<JobItemsOptions> {
  const fields = { status: oneOf('waiting', 'added', 'rejected', 'skipped', 'failed') };
  return resolveOptions<JobItemsOptions, object>(raw, 'options', fields, {});
}
