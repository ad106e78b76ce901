import { DEFAULT_THRESHOLD, checkThreshold } from '../core/confidence.ts';
import { badParam } from '../core/errors.ts';
import { MAX_GALLERIES_PER_FACE, MAX_GALLERIES_PER_SEARCH } from '../core/limits.ts';
import {
  abortSignal,
  arrayOf,
  boolean,
  type Check,
  type Fields,
  integer,
  number,
  oneOf,
  resolveOptions,
} from '../core/options.ts';
import type { Camera } from '../core/people.ts';
import type { Region, Threshold } from '../core/types.ts';
import { GEOMETRY } from '../video/regions.ts';
import {
  BOX,
  detectDetails,
  ENROL,
  GALLERY_NAME,
  ID,
  KEEP,
  META,
  PEOPLE,
  type Resolved,
} from './resolve-options.ts';
import type {
  DedupeOptions,
  OverlayOptions,
  PostToOptions,
  WatchEnrolOptions,
  WatchOptions,
} from './watch-options.ts';

const DEFAULTS = {
  motionThreshold: 0.002,
  motionScale: 0.3,
  galleries: ['default'] as readonly string[],
  topK: 1,
  action: 'identify',
  minShotScore: 0.3,
  scoreStep: 0.05,
  delayMs: 0,
  refreshMs: 0,
  maxPersons: 16,
  boxScale: 1,
  photo: false,
  fps: 25,
} as const;

const DAY_MS = 86_400_000;
const ms = (most: number): Check<number> => number(0, most);
const share = number(0, 1);
const degrees = number(0, 90);
const pixels = number(1, 1e5);

const galleries =
  (most: number): Check<readonly string[]> =>
  (value, path) => {
    const names = arrayOf(GALLERY_NAME, most)(value, path);
    if (names.length === 0) throw badParam(path, value, 'at least one gallery');
    return names;
  };

const dedupe: Check<DedupeOptions> = (value, path) =>
  resolveOptions<DedupeOptions, object>(
    value,
    path,
    { windowMs: ms(DAY_MS), maxDuplicates: integer(1, 1000), maxShiftPx: number(0, 1e5) },
    {},
  );

const enrol: Check<WatchEnrolOptions> = (value, path) =>
  resolveOptions<WatchEnrolOptions, object>(
    value,
    path,
    {
      galleries: galleries(MAX_GALLERIES_PER_FACE),
      meta: META,
      returnDetails: ENROL.returnDetails,
      keep: ENROL.keep,
    },
    {},
  );

const address: Check<string | URL> = (value, path) => {
  const isAddress = typeof value === 'string' && value !== '' && URL.canParse(value, 'https://localhost/');
  if (value instanceof URL || isAddress) return value;
  throw badParam(path, value, 'a URL');
};

const headers: Check<Readonly<Record<string, string>>> = (value, path) => {
  let all: Record<string, string>;
  try {
    all = Object.fromEntries(new Headers(value as HeadersInit));
  } catch {
    throw badParam(path, value, 'an object of headers');
  }
  const type = all['content-type'];
  if (type === undefined) return all;
  throw badParam(`${path}.content-type`, type, 'left out: it tells where the parts of each post begin');
};

/** What else is sent. */
const OTHER_FIELDS: readonly string[] = ['camera', 'timestamp', 'bbox', 'face0', 'detectorParams'];

const imageField: Check<string> = (value, path) => {
  if (OTHER_FIELDS.includes(value as string))
    throw badParam(path, value, `another name than ${OTHER_FIELDS.join(', ')}, which are sent too`);
  return ID(value, path);
};

const postTo: Check<PostToOptions> = (value, path) => {
  const fields = {
    url: address,
    headers,
    imageField,
    timeoutMs: integer(1, 600_000),
  };
  const resolved = resolveOptions<PostToOptions, object>(value, path, fields, {});
  if (resolved.url === undefined) throw badParam(`${path}.url`, undefined, 'a URL');
  return resolved;
};

const above =
  (least: number, most: number): Check<number> =>
  (value, path) => {
    if (typeof value === 'number' && value > least && value <= most) return value;
    throw badParam(path, value, `a number above ${least} and up to ${most}`);
  };

const SIDES = /^0*[1-9]\d*x0*[1-9]/;

/** Where it lies is found out with the first picture. */
export const REGION: Check<Region> = (value, path) => {
  if (typeof value === 'string' && GEOMETRY.test(value) && SIDES.test(value)) return value;
  if (Array.isArray(value)) {
    const [width, height] = value as unknown[];
    if (
      value.length === 4 &&
      value.every((n) => Number.isFinite(n)) &&
      Number(width) > 0 &&
      Number(height) > 0
    )
      return value as unknown as Region;
  } else if (typeof value === 'object') return BOX(value, path);
  const expected =
    "a box { left, top, width, height }, [W, H, X, Y] or a text 'WxH+X+Y', in pixels and with a positive size";
  throw badParam(path, value, expected);
};

const FIELDS: Fields<WatchOptions> = {
  ...PEOPLE,
  cameraId: ID,
  motionThreshold: share,
  motionScale: above(0, 1),
  galleries: galleries(MAX_GALLERIES_PER_SEARCH),
  topK: integer(1, 10),
  threshold: checkThreshold,
  maxDistance: number(0, 2),
  action: oneOf('identify', 'enrol', 'none'),
  enrol,
  keep: KEEP,
  returnDetails: detectDetails,
  photo: boolean,
  realtime: boolean,
  minShotScore: share,
  maxYaw: degrees,
  maxPitch: degrees,
  maxRoll: degrees,
  minLiveness: share,
  scoreStep: share,
  delayMs: ms(DAY_MS),
  refreshMs: ms(DAY_MS),
  dedupe,
  rot: REGION,
  roi: REGION,
  minFaceSize: pixels,
  maxFaceSize: pixels,
  maxPersons: integer(1, 1000),
  boxScale: number(0.1, 10),
  dropFrames: boolean,
  startTime: number(0, 1e15),
  fps: above(0, 1000),
  postTo,
  signal: abortSignal,
};

/** What `watch` was asked for, checked, with its defaults but for those that go by the source. */
export type ResolvedWatch = Resolved<WatchOptions, keyof typeof DEFAULTS>;

/** Options each of which is right by itself. @throws NearFaceError `BAD_PARAM` naming the option */
export function checkWatch(raw: unknown, path = 'options'): WatchOptions {
  return resolveOptions<WatchOptions, object>(raw, path, FIELDS, {});
}

/** Checked options that are right together, with their defaults. @throws NearFaceError `BAD_PARAM` naming the option */
export function completeWatch(checked: WatchOptions, path = 'options'): ResolvedWatch {
  const resolved: ResolvedWatch = Object.freeze({ ...DEFAULTS, ...checked });
  const { threshold, maxDistance, minFaceSize = 1, maxFaceSize = Infinity } = resolved;
  if (threshold !== undefined && maxDistance !== undefined)
    throw badParam(`${path}.maxDistance`, maxDistance, 'left out where threshold is given');
  if (resolved.enrol && resolved.action !== 'enrol')
    throw badParam(`${path}.enrol`, resolved.enrol, "left out, or action: 'enrol'");
  if (maxFaceSize < minFaceSize)
    throw badParam(`${path}.maxFaceSize`, maxFaceSize, `at least minFaceSize, ${minFaceSize}`);
  return resolved;
}

/**
 * The options of a session on a camera: those that it was called with, and for the rest what the camera says. Of choices that exclude each
 * other, the call's counts.
 *
 * @throws NearFaceError `BAD_PARAM` naming the option; of the camera's, `camera.watch` and the name
 */
export function cameraWatch(
  { watch = {}, rot, roi }: Omit<Camera, 'id'>,
  called: WatchOptions,
): ResolvedWatch {
  const kept: Record<string, unknown> = { ...checkCameraWatch(watch) };
  if (called.threshold !== undefined || called.maxDistance !== undefined) {
    delete kept['threshold'];
    delete kept['maxDistance'];
  }
  if (called.action !== undefined && called.action !== 'enrol') delete kept['enrol'];
  return completeWatch({ ...kept, ...(rot && { rot }), ...(roi && { roi }), ...called });
}

/** The options in a camera's record. @throws NearFaceError `BAD_PARAM` naming the option */
export function checkCameraWatch(watch: unknown, path = 'camera.watch'): WatchOptions {
  const checked = checkWatch(watch, path);
  if (checked.cameraId !== undefined)
    throw badParam(`${path}.cameraId`, checked.cameraId, 'left out: it is the camera itself');
  completeWatch(checked, path);
  return checked;
}

/** The threshold of the tracks' searches; a distance as the cosine that it is. */
export function thresholdOf({ threshold, maxDistance }: ResolvedWatch): Threshold {
  if (maxDistance !== undefined) return { cosine: 1 - maxDistance ** 2 / 2 };
  return threshold ?? DEFAULT_THRESHOLD;
}

/** @throws NearFaceError `BAD_PARAM` naming the option */
export function resolveOverlay(raw: unknown): OverlayOptions {
  const side = integer(16, 8192);
  const resolved = resolveOptions<OverlayOptions, object>(raw, 'options', { width: side, height: side }, {});
  return { width: side(resolved.width, 'options.width'), height: side(resolved.height, 'options.height') };
}
