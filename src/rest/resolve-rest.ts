import { badParam } from '../core/errors.ts';
import {
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
import type { Answered, FetchImage, RestApi, RestOptions, RestToken } from './options.ts';

const MIB = 2 ** 20;
/** A Request holds its body in memory while it is read. */
const MAX_BYTES = 2 ** 30;

type Optional = 'publicUrl' | 'maxImageBytes' | 'maxPictures' | 'minFaceSize' | 'limitRate' | 'onAnswered';

/** Options of which none is missing but those that differ between interfaces. */
export type ResolvedRest = Readonly<
  Required<Omit<RestOptions, Optional | 'tokens'>> & Pick<RestOptions, Optional>
> & { readonly tokens: 'none' | readonly RestToken[] };

/** Every interface, in the order in which a path is looked for in them. */
export const REST_APIS: readonly RestApi[] = [
  'compreface',
  'findface',
  'findface-extraction',
  'findface-vectors',
  'api4ai',
  'anysee',
  'mercury',
  'deepva',
];

const DEFAULTS = {
  apis: REST_APIS,
  tokens: [],
  basePath: '',
  origins: [],
  maxBodyBytes: 64 * MIB,
  fetchImages: true,
  personIdentify: false,
  personIdentifyGlobal: false,
  personIdentifyThreshold: 0.75,
  friendCount: 5,
  friendInterval: 604_800,
  qualityEstimator: true,
  now: Date.now,
} as const;

/** What can stand in a header and in a path as it is. */
const KEY = /^[\w.~-]{8,}$/;

const tokenFields: Fields<RestToken> = {
  key: string(256, KEY),
  secret: string(256, /^.{8,}$/),
  inPath: boolean,
  gallery: string(48, /^[\w-]+$/),
};

const token: Check<RestToken> = (value, path) => {
  const given = typeof value === 'string' ? { key: value } : value;
  try {
    const resolved = resolveOptions<RestToken, object>(given, path, tokenFields, {});
    if (resolved.key === undefined) throw badParam(`${path}.key`, undefined, 'a key');
    return resolved;
  } catch (error) {
    // A key must not get into a message, from which it would get into logs.
    throw badParam(path, 'a token that is not shown', reasonOf(error));
  }
};

const EXPECTED_TOKEN =
  'a key of 8 to 256 of the characters A-Z a-z 0-9 - . _ ~, or { key, secret?, inPath?, gallery? }';

function reasonOf(error: unknown): string {
  const param = (error as { details?: { param?: string } }).details?.param ?? '';
  return /\.(secret|inPath|gallery)$/.test(param) ? `${EXPECTED_TOKEN}; look at ${param}` : EXPECTED_TOKEN;
}

const tokens: Check<'none' | readonly RestToken[]> = (value, path) => {
  if (value === 'none') return 'none';
  if (!Array.isArray(value)) throw badParam(path, value, "'none' or an array of tokens");
  return arrayOf(token, 10_000)(value, path);
};

const fetchImages: Check<boolean | FetchImage> = (value, path) =>
  typeof value === 'function' ? callback<FetchImage>()(value, path) : boolean(value, path);

const basePath: Check<string> = (value, path) => {
  const text = string(1024, /^(\/[\w.~-]+)*\/?$/)(value, path);
  return text.replace(/\/$/, '');
};

const isOrigin = (text: string): boolean => URL.canParse(text) && new URL(text).origin === text;

const origin: Check<string> = (value, path) => {
  if (value === '*') return '*';
  const text = string(1024)(value, path);
  if (isOrigin(text)) return text;
  throw badParam(path, value, "an origin, as in 'https://app.example', or '*'");
};

const publicUrl: Check<string> = (value, path) => {
  const text = string(1024)(value, path).replace(/\/$/, '');
  if (/^https?:/.test(text) && isOrigin(text)) return text;
  throw badParam(path, value, "an origin, as in 'https://faces.example'; a path is said by basePath");
};

const fields: Fields<RestOptions> = {
  apis: arrayOf(oneOf(...REST_APIS)),
  tokens,
  basePath,
  publicUrl,
  origins: arrayOf(origin, 1000),
  maxImageBytes: integer(1, MAX_BYTES),
  maxBodyBytes: integer(1, MAX_BYTES),
  maxPictures: integer(1, 10_000),
  fetchImages,
  personIdentify: boolean,
  personIdentifyGlobal: boolean,
  personIdentifyThreshold: number(0, 1),
  friendCount: integer(1, 1000),
  friendInterval: number(1, 1e10),
  minFaceSize: integer(1, 4096),
  limitRate: callback<(token: number) => number | Promise<number>>(),
  onAnswered: callback<(answered: Answered) => void>(),
  qualityEstimator: boolean,
  now: callback<() => number>(),
};

/** Checks the options of {@link createHandler}. @throws NearFaceError `BAD_PARAM`, which shows no key */
export function resolveRest(raw: unknown): ResolvedRest {
  return resolveOptions<RestOptions, object>(raw, 'options', fields, DEFAULTS) as ResolvedRest;
}
