import { checkPairThreshold } from '../core/confidence.ts';
import { badParam } from '../core/errors.ts';
import {
  MAX_CAMERAS_PER_SEARCH,
  MAX_GALLERIES_PER_FACE,
  MAX_GALLERIES_PER_SEARCH,
  MAX_HITS,
  MAX_IMPORTED_ID_LENGTH,
  MAX_META_LENGTH,
  MAX_PAGE,
  MAX_PEOPLE_PER_CALL,
  MAX_RETENTION_DAYS,
  MAX_SIGHTINGS_PER_CALL,
  MAX_URL_LENGTH,
  MAX_WATCH_LENGTH,
} from '../core/limits.ts';
import {
  abortSignal,
  arrayOf,
  boolean,
  callback,
  type Check,
  type Fields,
  integer,
  number,
  oneOf,
  resolveOptions,
  string,
} from '../core/options.ts';
import type { Camera, CameraPatch, FriendRule } from '../core/people.ts';
import type { PictureKind } from '../core/records.ts';
import type { Box, Progress } from '../core/types.ts';
import { regionIn } from '../video/regions.ts';
import type {
  AddSightingsOptions,
  DeletePersonOptions,
  EnrolPersonOptions,
  ExportHistoryOptions,
  FindPeopleOptions,
  GetPersonOptions,
  ImportHistoryOptions,
  ListCamerasOptions,
  ListPeopleOptions,
  NewSighting,
  PersonFacesOptions,
  PruneOptions,
  RegroupOptions,
  SearchHistoryOptions,
  VisitsOptions,
} from './people-options.ts';
import { archivePassphrase } from './resolve-gallery-options.ts';
import {
  BOX,
  EMBED,
  EXTRA,
  GALLERY_NAME,
  ID,
  META,
  ONE_FACE,
  PASSPHRASE,
  PEOPLE,
  resolveFinding,
  TIME,
} from './resolve-options.ts';
import { nullable } from './resolve-patch.ts';
import { checkCameraWatch, REGION } from './resolve-watch.ts';

/** Ids that may have come with a file. */
export const KNOWN_ID: Check<string> = string(MAX_IMPORTED_ID_LENGTH, /^.+$/s);
export const KNOWN_IDS: Check<readonly string[]> = arrayOf(KNOWN_ID, MAX_PEOPLE_PER_CALL);

/** Ten years. */
const MAX_INTERVAL = 10 * 366 * 24 * 3600 * 1000;

const timeZone: Check<string> = (value, path) => {
  const name = string(64, /^.+$/)(value, path);
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return name;
  } catch {
    throw badParam(path, value, 'a time zone, as in Europe/Zurich or UTC');
  }
};

const friendRule: Check<FriendRule> = (value, path) =>
  resolveOptions<FriendRule, object>(
    value,
    path,
    { count: integer(1, 1000), intervalMs: number(0, MAX_INTERVAL), timeZone, now: TIME },
    {},
  );

/** Plain data: it crosses to the worker and is stored as JSON. */
const watch: Check<Readonly<Record<string, unknown>>> = (value, path) => {
  const expected = `an object of plain data, at most ${MAX_WATCH_LENGTH} characters as JSON`;
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw badParam(path, value, expected);
  let json = '';
  try {
    json = JSON.stringify(value);
  } catch {
    // It holds what JSON cannot.
  }
  if (json === '' || json.length > MAX_WATCH_LENGTH) throw badParam(path, value, expected);
  const plain = JSON.parse(json) as Record<string, unknown>;
  checkCameraWatch(plain, path);
  return plain;
};

/** A region of a picture whose size is not known, as a box. */
const regionAsBox: Check<Box> = (value, path) => {
  const region = REGION(value, path);
  if (typeof region === 'object' && 'left' in region) return region;
  const isFromTopLeft = typeof region === 'string' ? !region.includes('-') : region[2] >= 0 && region[3] >= 0;
  // A number with hundreds of digits is none any more.
  if (isFromTopLeft) return BOX(regionIn(region, Infinity, Infinity, path), path);
  throw badParam(
    path,
    value,
    'a region whose offsets count from the left and top edges; in watch they may count from others',
  );
};

const CAMERA: Fields<Omit<Camera, 'id'>> = {
  meta: string(MAX_META_LENGTH),
  url: string(MAX_URL_LENGTH),
  deviceId: string(MAX_META_LENGTH),
  group: ID,
  rot: regionAsBox,
  roi: regionAsBox,
  watch,
};

export function resolveCamera(raw: unknown): Readonly<Partial<Camera>> {
  return resolveOptions<Partial<Camera>, object>(raw, 'camera', { ...CAMERA, id: ID }, {});
}

export function resolveCameraPatch(raw: unknown): CameraPatch {
  if (raw === undefined) throw badParam('patch', raw, 'an object with the changes');
  const fields = Object.fromEntries(
    Object.entries(CAMERA).map(([name, check]) => [name, nullable(check as Check<unknown>)]),
  ) as unknown as Fields<CameraPatch>;
  return resolveOptions<CameraPatch, object>(raw, 'patch', fields, {});
}

export function resolveListCameras(raw: unknown): Readonly<ListCamerasOptions> {
  return resolveOptions<ListCamerasOptions, object>(raw, 'options', { group: ID }, {});
}

const PAGE = { limit: integer(1, MAX_PAGE), cursor: string(256) };
const FIRST_PAGE = { limit: 100 };

export function resolveListPeople(raw: unknown): Readonly<ListPeopleOptions & { readonly limit: number }> {
  const fields = { ...PAGE, meta: META, named: boolean, friend: boolean, friendRule, signal: abortSignal };
  return resolveOptions<ListPeopleOptions, { limit: number }>(raw, 'options', fields, FIRST_PAGE);
}

export function resolveGetPerson(raw: unknown): { readonly friend?: FriendRule } {
  const friend: Check<boolean | FriendRule> = (value, path) =>
    typeof value === 'boolean' ? value : friendRule(value, path);
  const given = resolveOptions<GetPersonOptions, object>(raw, 'options', { friend }, {}).friend ?? false;
  if (given === false) return {};
  return { friend: given === true ? {} : given };
}

export function resolvePersonFaces(raw: unknown): Readonly<PersonFacesOptions & { readonly limit: number }> {
  return resolveOptions<PersonFacesOptions, { limit: number }>(raw, 'options', PAGE, FIRST_PAGE);
}

export function resolveEnrolPerson(
  raw: unknown,
): Readonly<EnrolPersonOptions & { readonly galleries: readonly string[] }> {
  const fields = { galleries: arrayOf(GALLERY_NAME, MAX_GALLERIES_PER_FACE), signal: abortSignal };
  const defaults = { galleries: ['default'] as readonly string[] };
  return resolveOptions<EnrolPersonOptions, typeof defaults>(raw, 'options', fields, defaults);
}

export function resolveFindPeople(
  raw: unknown,
): Readonly<FindPeopleOptions & typeof ONE_FACE & { readonly limit: number }> {
  const fields = { ...EMBED, limit: integer(1, MAX_HITS), threshold: checkPairThreshold };
  const defaults = { ...ONE_FACE, limit: 10 };
  return resolveFinding<FindPeopleOptions, typeof defaults>(raw, fields, defaults);
}

export function resolveRegroup(
  raw: unknown,
): Readonly<RegroupOptions & { readonly unnamed: boolean; readonly minSize: number }> {
  const fields = {
    galleries: arrayOf(GALLERY_NAME, MAX_GALLERIES_PER_SEARCH),
    threshold: checkPairThreshold,
    unnamed: boolean,
    minSize: integer(1, 1e6),
    onProgress: callback<(progress: Progress) => void>(),
    signal: abortSignal,
  };
  const defaults = { unnamed: false, minSize: 1 };
  return resolveOptions<RegroupOptions, typeof defaults>(raw, 'options', fields, defaults);
}

export function resolveDeletePerson(raw: unknown): Readonly<DeletePersonOptions> {
  const fields = { onProgress: callback<(progress: Progress) => void>(), signal: abortSignal };
  return resolveOptions<DeletePersonOptions, object>(raw, 'options', fields, {});
}

const picture: Check<Blob> = (value, path) => {
  if (value instanceof Blob) return value;
  throw badParam(path, value, 'a Blob with an encoded picture');
};

const pictures: Check<NonNullable<NewSighting['pictures']>> = (value, path) => {
  const fields: Fields<Record<PictureKind, Blob>> = { thumbnail: picture, crop: picture, photo: picture };
  return resolveOptions<Partial<Record<PictureKind, Blob>>, object>(value, path, fields, {});
};

/** The embedding is checked by whoever knows the model. */
const SIGHTING: Fields<NewSighting> = {
  id: ID,
  personId: KNOWN_ID,
  cameraId: ID,
  faceId: KNOWN_ID,
  trackId: ID,
  meta: META,
  box: BOX,
  timeMs: TIME,
  photoHash: string(64, /^[0-9a-f]{64}$/),
  extra: EXTRA,
  pictures,
  embedding: (value) => value as NonNullable<NewSighting['embedding']>,
};

export function resolveSightings(raw: unknown): readonly NewSighting[] {
  const list: unknown = Array.isArray(raw) ? raw : [raw];
  return arrayOf((value, path) => {
    if (value === undefined) throw badParam(path, value, 'a sighting');
    const sighting = resolveOptions<Partial<NewSighting>, object>(value, path, SIGHTING, {});
    if (sighting.timeMs === undefined)
      throw badParam(`${path}.timeMs`, undefined, 'a time in milliseconds since 1970');
    return sighting as NewSighting;
  }, MAX_SIGHTINGS_PER_CALL)(list, 'sightings');
}

export function resolveAddSightings(raw: unknown): Readonly<AddSightingsOptions> {
  const fields = { ...PEOPLE, signal: abortSignal };
  return resolveOptions<AddSightingsOptions, object>(raw, 'options', fields, {});
}

const personIds: Check<string | readonly string[]> = (value, path) =>
  typeof value === 'string' ? KNOWN_ID(value, path) : KNOWN_IDS(value, path);

const SIGHTINGS = {
  personId: personIds,
  cameraIds: arrayOf(KNOWN_ID, MAX_CAMERAS_PER_SEARCH),
  start: TIME,
  end: TIME,
  friend: boolean,
  friendRule,
};

export function resolveSearchHistory(
  raw: unknown,
): Readonly<SearchHistoryOptions & { readonly limit: number }> {
  const fields = { ...SIGHTINGS, ...PAGE, before: KNOWN_ID };
  return resolveOptions<SearchHistoryOptions, { limit: number }>(raw, 'options', fields, FIRST_PAGE);
}

export function resolveVisits(raw: unknown): Readonly<VisitsOptions & { readonly timeZone: string }> {
  const fields = { ...SIGHTINGS, timeZone };
  return resolveOptions<VisitsOptions, { timeZone: string }>(raw, 'options', fields, { timeZone: 'UTC' });
}

export function resolvePrune(raw: unknown): Readonly<PruneOptions> {
  const fields = { olderThanDays: number(0, MAX_RETENTION_DAYS), signal: abortSignal };
  return resolveOptions<PruneOptions, object>(raw, 'options', fields, {});
}

const LONG = { onProgress: callback<(progress: Progress) => void>(), signal: abortSignal };

export function resolveExportHistory(
  raw: unknown,
): Readonly<ExportHistoryOptions & { readonly pictures: boolean }> {
  const fields = { pictures: boolean, passphrase: PASSPHRASE, ...LONG };
  return resolveOptions<ExportHistoryOptions, { pictures: boolean }>(raw, 'options', fields, {
    pictures: true,
  });
}

export function resolveImportHistory(raw: unknown): Readonly<ImportHistoryOptions> {
  const fields = { passphrase: archivePassphrase, ...LONG };
  return resolveOptions<ImportHistoryOptions, object>(raw, 'options', fields, {});
}

export const pictureKind: Check<PictureKind> = oneOf('thumbnail', 'crop', 'photo');
