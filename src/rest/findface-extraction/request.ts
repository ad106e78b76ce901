import type { Box } from '../../core/types.ts';
import {
  choice,
  encodedPicture,
  type Field,
  flag,
  json,
  type JsonSchema,
  optional,
  withDefault,
} from '../fields.ts';
import { list, object } from '../object-field.ts';
import { wrongField } from '../problem.ts';
import { readField } from '../read-fields.ts';
import type { Read } from '../route.ts';

/** The most pictures of one call. */
const MAX_REQUESTS = 64;
const DETECTORS = ['nnd', 'legacy', 'prenormalized'] as const;

const off = (description: string): Field<boolean> => withDefault(flag(description), false);

const side: JsonSchema = { type: 'number' };
const roiSchema: JsonSchema = {
  type: 'object',
  properties: { left: side, top: side, right: side, bottom: side },
  required: ['left', 'top', 'right', 'bottom'],
};

/** What is asked of one picture. */
export interface ExtractionRequest {
  readonly image: string;
  readonly roi?: Box;
  readonly detector: (typeof DETECTORS)[number];
  readonly need_facen: boolean;
  readonly need_gender: boolean;
  readonly need_emotions: boolean;
  readonly need_age: boolean;
  readonly need_normalized: boolean;
  readonly auto_rotate: boolean;
}

type Fields = {
  readonly [Name in Exclude<keyof ExtractionRequest, 'roi'>]: Field<ExtractionRequest[Name]>;
} & {
  readonly roi: Field<unknown>;
};

const FIELDS: Fields = {
  image: encodedPicture('`multipart:NAME`, an http(s) URL, or base64'),
  roi: optional(json('Only faces that overlap it; it may reach outside of the picture', roiSchema)),
  detector: withDefault(
    choice(DETECTORS, '`prenormalized`: the picture is one normalized face, as `normalized` gives it'),
    'nnd',
  ),
  need_facen: off('The embedding'),
  need_gender: off('The gender'),
  need_emotions: off('The emotions'),
  need_age: off('The age'),
  need_normalized: off('The normalized crop, a PNG'),
  auto_rotate: off('Faces of each of the four quarter turns'),
};

/** An object in `requests`. */
const REQUEST: Field<Read<Fields>> = object(FIELDS, 'What is asked of one picture');

/** `requests`, each of which is read on its own. */
export const requestsField: Field<readonly unknown[]> = list(
  REQUEST,
  [1, MAX_REQUESTS],
  'One object for each picture',
);

/** Reads one object of `requests`, which is called `path`. @throws RestError `BAD_PARAM` */
export function readRequest(given: unknown, path: string): ExtractionRequest {
  const { roi, ...request } = readField(REQUEST, given, path);
  const { auto_rotate: turns, detector } = request;
  if (turns && detector !== 'nnd')
    throw wrongField(`${path}.auto_rotate`, true, `false with the detector ${detector}: nnd alone takes it`);
  return roi === undefined ? request : { ...request, roi: boxOf(roi, `${path}.roi`) };
}

function boxOf(roi: unknown, path: string): Box {
  const { left, top, right, bottom } = (roi ?? {}) as Record<string, number>;
  const isBox = [left, top, right, bottom].every(Number.isFinite) && right! > left! && bottom! > top!;
  if (!isBox) throw wrongField(path, roi, '{ left, top, right, bottom } with right > left and bottom > top');
  return { left: left!, top: top!, width: right! - left!, height: bottom! - top! };
}
