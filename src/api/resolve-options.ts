import { ATTRIBUTE_GROUPS, type AttributeGroup } from '../core/attributes.ts';
import { checkPairThreshold } from '../core/confidence.ts';
import type { DatabasePlace } from '../core/database-place.ts';
import { badParam } from '../core/errors.ts';
import { jsonValue, type JsonValue } from '../core/json-value.ts';
import {
  MAX_DATABASE_LENGTH,
  MAX_EXTRA_BYTES,
  MAX_FACES_PER_IMAGE,
  MAX_GALLERY_NAME_LENGTH,
  MAX_ID_LENGTH,
  MAX_LABEL_LENGTH,
  MAX_META_LENGTH,
  MAX_PASSPHRASE_LENGTH,
  MAX_RETENTION_DAYS,
  MAX_THREADS,
  MAX_URL_LENGTH,
  MIN_PASSPHRASE_LENGTH,
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
  type Fields,
} from '../core/options.ts';
import { checkGate } from '../core/quality-gate.ts';
import type { Keep } from '../core/records.ts';
import type { Box, FacesRule, Progress } from '../core/types.ts';
import type { DecodeHook } from './image-input.ts';
import { modelChoice } from './model-options.ts';
import type {
  AddOptions,
  ChooseOptions,
  CompareOptions,
  CreateOptions,
  DetectOptions,
  EmbedOptions,
  EnrolDetails,
  EraseOptions,
  FindOptions,
  PeopleOptions,
  PreloadDetails,
  ReturnDetails,
} from './options.ts';

export const KEEP: Check<Keep> = oneOf<Keep>('none', 'crops', 'photos');
export const PEOPLE: Fields<PeopleOptions> = {
  people: oneOf('auto', 'off'),
  global: boolean,
  personThreshold: checkPairThreshold,
};
/** Milliseconds since 1970, as far as a Date goes. */
export const TIME: Check<number> = number(0, 8.64e15);
/** Free text of a face. */
export const META: Check<string> = string(MAX_META_LENGTH);
/** Your own data of a face. */
export const EXTRA: Check<JsonValue> = jsonValue(MAX_EXTRA_BYTES);
/** Where a photo came from. */
export const SOURCE_URL: Check<string> = (value, path) => {
  if (typeof value === 'string' && value.length <= MAX_URL_LENGTH && /^https?:\/\/./i.test(value))
    return value;
  throw badParam(path, value, `an http: or https: URL of at most ${MAX_URL_LENGTH} characters`);
};
/** An id that the caller gives. */
export const ID: Check<string> = string(MAX_ID_LENGTH, /^.+$/s);
export const isText = (value: unknown, least: number): value is string =>
  typeof value === 'string' && value.length >= least && value.length <= MAX_PASSPHRASE_LENGTH;

/** A passphrase that something is encrypted with. */
export const PASSPHRASE: Check<string> = (value, path) => {
  if (isText(value, MIN_PASSPHRASE_LENGTH)) return value;
  // The passphrase itself must not get into a message.
  throw badParam(
    path,
    '(not shown)',
    `a passphrase of ${MIN_PASSPHRASE_LENGTH} to ${MAX_PASSPHRASE_LENGTH} characters`,
  );
};
/** What a gallery is called before people. */
export const LABEL: Check<string> = string(MAX_LABEL_LENGTH);
/** A gallery's name. */
export const GALLERY_NAME: Check<string> = string(MAX_GALLERY_NAME_LENGTH, /^[A-Za-z0-9_-]+$/);

const url: Check<string | URL> = (value, path) => {
  if (typeof value === 'string' || value instanceof URL) return value;
  throw badParam(path, value, 'a URL');
};

/** A rectangle with a size. */
export const BOX: Check<Box> = (value, path) => {
  const { left, top, width, height } = (value ?? {}) as Partial<Box>;
  const valid = [left, top, width, height].every((x) => Number.isFinite(x)) && width! > 0 && height! > 0;
  if (!valid) throw badParam(path, value, 'a box { left, top, width, height } with a positive size');
  return { left: left!, top: top!, width: width!, height: height! };
};

const minFaceSize: Check<number | 'auto'> = (value, path) => {
  if (value === 'auto' || (typeof value === 'number' && value >= 1 && value <= 1e5)) return value;
  throw badParam(path, value, `'auto' or a number from 1 to 100000`);
};

const autoRotate: Check<boolean | 'all'> = (value, path) => {
  if (typeof value === 'boolean' || value === 'all') return value;
  throw badParam(path, value, `true, false or 'all'`);
};

export const FIND: Fields<FindOptions> = {
  input: oneOf('photo', 'aligned'),
  mode: oneOf('fast', 'accurate', 'auto'),
  minScore: number(0, 1),
  minFaceSize,
  maxFaces: integer(1, MAX_FACES_PER_IMAGE),
  area: BOX,
  autoRotate,
  signal: abortSignal,
};
export const CHOOSE: Fields<ChooseOptions> = {
  faces: oneOf<FacesRule>('biggest', 'all', 'reject'),
  boxes: arrayOf(BOX, MAX_FACES_PER_IMAGE),
};

/** What says where in a photo faces are, or how good they are, which an aligned crop does not tell. */
const OF_PHOTOS: readonly string[] = [
  ...['area', 'autoRotate', 'boxes', 'boxesA', 'boxesB', 'minQuality'],
  ...['minLiveness', 'minLivenessA', 'minLivenessB'],
];

/** Reads options with {@link FIND} among them. @throws NearFaceError `BAD_PARAM` also for what is not said of an aligned crop */
export function resolveFinding<T extends FindOptions, D extends Partial<T>>(
  raw: unknown,
  fields: Fields<T>,
  defaults: D,
): Readonly<T & D> {
  const resolved = resolveOptions<T, D>(raw, 'options', fields, defaults);
  if (resolved.input !== 'aligned') return resolved;
  const given = resolved as Readonly<Record<string, unknown>>;
  const unfit = OF_PHOTOS.find((name) => given[name]);
  if (unfit === undefined) return resolved;
  throw badParam(`options.${unfit}`, given[unfit], "left out: with input: 'aligned' the picture is the face");
}

type FindDefaults = Required<Pick<FindOptions, FindKeys>>;
const FIND_DEFAULTS = { minScore: 0.5, minFaceSize: 'auto', maxFaces: 100, autoRotate: false } as const;
/** Of a face that is recognised by itself; smaller ones give embeddings that say little. */
const LEAST_USED = 32;

const attributes: Check<boolean | readonly AttributeGroup[]> = (value, path) => {
  if (typeof value === 'boolean') return value;
  if (Array.isArray(value)) return arrayOf(oneOf(...ATTRIBUTE_GROUPS))(value, path);
  throw badParam(path, value, `true, false or an array of ${ATTRIBUTE_GROUPS.join(', ')}`);
};
const DETAILS = {
  position: boolean,
  angle: boolean,
  landmarks: boolean,
  mesh: boolean,
  quality: boolean,
  attributes,
  liveness: boolean,
};
export const detectDetails: Check<ReturnDetails> = (value, path) =>
  resolveOptions<ReturnDetails, object>(value, path, DETAILS, {});
const preloadDetails: Check<PreloadDetails> = (value, path) =>
  resolveOptions<PreloadDetails, object>(value, path, { ...DETAILS, embedding: boolean }, {});
const enrolDetails: Check<EnrolDetails> = (value, path) =>
  resolveOptions<EnrolDetails, object>(value, path, { quality: boolean, attributes }, {});
export const ENROL: Fields<
  Pick<AddOptions, 'keep' | 'minQuality' | 'minReliability' | 'minLiveness' | 'returnDetails'>
> = {
  keep: KEEP,
  minQuality: checkGate,
  minReliability: number(0, 1),
  minLiveness: number(0, 1),
  returnDetails: enrolDetails,
};
type EmbedDetails = NonNullable<EmbedOptions['returnDetails']>;
const crop: Check<boolean | { readonly type: 'image/png' }> = (value, path) => {
  if (typeof value === 'boolean') return value;
  const type = oneOf('image/png');
  const file = resolveOptions<{ readonly type: 'image/png' }, object>(value, path, { type }, {});
  return { type: type(file.type, `${path}.type`) };
};
const embedDetails: Check<EmbedDetails> = (value, path) =>
  resolveOptions<EmbedDetails, object>(value, path, { ...DETAILS, crop }, {});

export type Resolved<T, K extends keyof T> = Readonly<T & Required<Pick<T, K>>>;
export type FindKeys = 'mode' | 'minScore' | 'minFaceSize' | 'maxFaces' | 'autoRotate';

type ResolvedCreate = Resolved<CreateOptions, 'device' | 'database' | 'keep' | 'storage'>;

export function resolveCreate(raw: unknown): ResolvedCreate {
  const fields = {
    assets: url,
    device: oneOf('auto', 'webgpu', 'wasm'),
    threads: integer(1, MAX_THREADS),
    visionWorkers: integer(1, MAX_THREADS),
    models: modelChoice,
    tfjs: url,
    database: DATABASE_OR_NONE,
    storage: oneOf('auto', 'required'),
    passphrase: PASSPHRASE,
    passkey: boolean,
    keep: KEEP,
    ...PEOPLE,
    retentionDays: number(0, MAX_RETENTION_DAYS),
    preload: preloadDetails,
    decode: callback<DecodeHook>(),
    onProgress: callback<(progress: Progress) => void>(),
    signal: abortSignal,
  };
  const defaults = { device: 'auto', database: 'nearface', keep: 'none', storage: 'auto' } as const;
  const resolved: ResolvedCreate = resolveOptions<CreateOptions, typeof defaults>(
    raw,
    'options',
    fields,
    defaults,
  );
  const { database, passphrase, passkey, storage } = resolved;
  if (passkey && passphrase !== undefined)
    throw badParam('options.passkey', passkey, 'left out where a passphrase is given');
  if (passkey && typeof database !== 'string')
    throw badParam('options.passkey', passkey, 'left out: only databases of a browser are encrypted');
  if (database !== null) return resolved;
  if (passphrase !== undefined)
    throw badParam('options.passphrase', '(not shown)', 'left out: galleries in memory are not stored');
  if (storage === 'required')
    throw badParam('options.storage', storage, "'auto' or left out where database is null");
  return resolved;
}

const DATABASE = string(MAX_DATABASE_LENGTH, /^[A-Za-z0-9_.-]+$/);
/** What is in an object the worker checks that knows whether there are such places. */
const DATABASE_OR_NONE: Check<string | DatabasePlace | null> = (value, path) =>
  typeof value === 'object' ? (value as DatabasePlace | null) : DATABASE(value, path);

export function resolveErase(raw: unknown): Resolved<EraseOptions, 'database'> {
  const fields = { assets: url, database: DATABASE };
  return resolveOptions<EraseOptions, { database: string }>(raw, 'options', fields, { database: 'nearface' });
}

export function resolveDetect(raw: unknown): Resolved<DetectOptions, FindKeys> {
  const defaults = { ...FIND_DEFAULTS, mode: 'accurate' } as const;
  const fields = { ...FIND, returnDetails: detectDetails };
  return resolveFinding<DetectOptions, typeof defaults>(raw, fields, defaults);
}

export const EMBED: Fields<EmbedOptions> = { ...FIND, ...CHOOSE, returnDetails: embedDetails };

export function resolveEmbed(raw: unknown): Resolved<EmbedOptions, FindKeys | 'faces'> {
  const defaults = { ...FIND_DEFAULTS, mode: 'auto', faces: 'all' } as const;
  return resolveFinding<EmbedOptions, typeof defaults>(raw, EMBED, defaults);
}

export const ONE_FACE: FindDefaults & { readonly faces: FacesRule } = {
  ...FIND_DEFAULTS,
  minFaceSize: LEAST_USED,
  mode: 'auto',
  faces: 'biggest',
} as const;

export function resolveCompare(raw: unknown): Resolved<CompareOptions, FindKeys | 'faces'> {
  const { boxes } = CHOOSE;
  const minLiveness = number(0, 1);
  const fields = {
    ...EMBED,
    ...{ boxesA: boxes, boxesB: boxes, threshold: checkPairThreshold },
    ...{ minLiveness, minLivenessA: minLiveness, minLivenessB: minLiveness },
  };
  return resolveFinding<CompareOptions, typeof ONE_FACE>(raw, fields, ONE_FACE);
}
