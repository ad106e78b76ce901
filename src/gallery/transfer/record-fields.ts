import {
  ATTRIBUTE_VALUES,
  type CategoricalName,
  type Attribute,
  type Attributes,
  type Emotions,
} from '../../core/attributes.ts';
import { badParam } from '../../core/errors.ts';
import { jsonValue } from '../../core/json-value.ts';
import { boolean, type Check, number, oneOf, string } from '../../core/options.ts';
import type { Completeness, Quality } from '../../core/quality.ts';
import type { PortableRecord, PictureKind } from '../../core/records.ts';
import { type StoredReliability, storedReliability } from '../../core/reliability.ts';
import type { Box } from '../../core/types.ts';
import { checkGalleries } from '../face-input.ts';
import { fieldsOf } from './json-text.ts';
import {
  MAX_EXTRA_BYTES,
  MAX_GALLERIES_PER_FACE,
  MAX_IMPORTED_ID_LENGTH,
  MAX_META_LENGTH,
  MAX_URL_LENGTH,
} from '../../core/limits.ts';

/** A record without the list of its pictures, which whatever carries the pictures knows. */
export type RecordFacts = Omit<PortableRecord, 'pictures'>;

/** Most milliseconds from 1970 that a Date can have. */
const MAX_TIME = 8.64e15;

export const checkId: Check<string> = string(MAX_IMPORTED_ID_LENGTH, /./s);
export const checkTime: Check<number> = number(-MAX_TIME, MAX_TIME);
export const checkKind: Check<PictureKind> = oneOf('thumbnail', 'crop', 'photo');

/** What a sum of shares may be out by. */
const ROUNDING = 1e-6;

/** A number from `min` to 1, as far as rounding lets it. */
function upToOne(min: number): Check<number> {
  return (value, path) => {
    if (typeof value === 'number' && value >= min - ROUNDING && value <= 1 + ROUNDING) return value;
    throw badParam(path, value, `a number from ${min} to 1`);
  };
}

const share = upToOne(0);

const pixels = number(-1e9, 1e9);
const extent = number(0, 1e9);
/** A box in pixels. */
export const box: Check<Box> = fieldsOf<Box>({ left: pixels, top: pixels, width: extent, height: extent });

const completeness = fieldsOf<Completeness>({
  total: share,
  leftEyeBrow: share,
  rightEyeBrow: share,
  leftEye: share,
  rightEye: share,
  nose: share,
  mouth: share,
  faceContour: share,
});

const quality = fieldsOf<Quality>(
  {
    brightness: upToOne(-1),
    sharpness: share,
    mouthClosed: share,
    eyesOpen: share,
    centered: share,
    size: share,
    integrity: share,
    completeness,
    alignment: share,
  },
  ['eyesOpen'],
);

function attribute<const T extends string>(...values: readonly T[]): Check<Attribute<T>> {
  return fieldsOf<Attribute<T>>({ value: oneOf(...values), certainty: share });
}

const years = number(-1000, 1000);
const age = fieldsOf<NonNullable<Attributes['age']>>({ value: years, lowerLimit: years, upperLimit: years });

const emotions = fieldsOf<Emotions>({
  angry: share,
  happy: share,
  sad: share,
  calm: share,
  surprised: share,
  scared: share,
  disgusted: share,
  sleepy: share,
});

/** Attributes that are one of some values. */
const categorical = Object.fromEntries(
  Object.entries(ATTRIBUTE_VALUES).map(([name, values]) => [name, attribute<string>(...values)]),
) as unknown as { readonly [Name in CategoricalName]: Check<NonNullable<Attributes[Name]>> };

const { gender, ...worn } = categorical;
const ATTRIBUTES = { age, gender, emotions, ...worn };
const attributes = fieldsOf<Attributes>(ATTRIBUTES, Object.keys(ATTRIBUTES) as (keyof Attributes)[]);

const galleries: Check<readonly string[]> = (value, path) => {
  if (!Array.isArray(value) || value.length === 0 || value.length > MAX_GALLERIES_PER_FACE)
    throw badParam(path, value, `an array of 1 to ${MAX_GALLERIES_PER_FACE} gallery names`);
  return checkGalleries(value, path);
};

/** A record of an earlier version says nothing of its reliability. */
type GivenFacts = Omit<RecordFacts, keyof StoredReliability> & {
  readonly reliability?: number;
  readonly reliabilityAssumed?: boolean;
};

const givenFacts = fieldsOf<GivenFacts>(
  {
    id: checkId,
    meta: string(MAX_META_LENGTH),
    galleries,
    modelId: checkId,
    reliability: share,
    reliabilityAssumed: boolean,
    timestamp: checkTime,
    box,
    photoHash: string(64, /^[0-9a-f]{64}$/),
    personId: checkId,
    cameraId: checkId,
    sourceUrl: string(MAX_URL_LENGTH),
    extra: jsonValue(MAX_EXTRA_BYTES),
    expiresAt: checkTime,
    quality,
    attributes,
  },
  [
    'reliability',
    'reliabilityAssumed',
    'box',
    'photoHash',
    'personId',
    'cameraId',
    'sourceUrl',
    'extra',
    'expiresAt',
    'quality',
    'attributes',
  ],
);

/** A stored record's facts, of which those it does not know are dropped. @throws NearFaceError `BAD_PARAM` naming the field */
export const checkRecordFacts: Check<RecordFacts> = (value, path) => {
  const given = givenFacts(value, path);
  const { reliability: _, reliabilityAssumed: _assumed, extra, ...facts } = given;
  const known = extra !== undefined && extra !== null && { extra };
  return { ...facts, ...known, ...storedReliability(given) };
};
