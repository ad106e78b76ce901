import type { Box } from '../../core/types.ts';
import { choice, type Field, flag, json, type JsonSchema, optional, text, withDefault } from '../fields.ts';
import { wrongField } from '../problem.ts';
import { readField } from '../read-fields.ts';
import type { Read } from '../route.ts';

/** Base64 of the largest picture that any handler takes. */
const MAX_TEXT = 2 ** 31;
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
  image: text(MAX_TEXT, '`multipart:NAME`, an http(s) URL, or base64'),
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

/** Of the objects in `requests`. */
export const requestSchema: JsonSchema = {
  type: 'object',
  properties: {
    image: { type: 'string' },
    roi: roiSchema,
    detector: { enum: DETECTORS, default: 'nnd' },
    ...Object.fromEntries(
      Object.keys(FIELDS)
        .filter((name) => /^need_|^auto_/.test(name))
        .map((name) => [name, { type: 'boolean', default: false }]),
    ),
  },
  required: ['image'],
};

/** Reads one object of `requests`, which is called `path`. @throws RestError `BAD_PARAM` */
export function readRequest(given: unknown, path: string): ExtractionRequest {
  if (typeof given !== 'object' || given === null || Array.isArray(given))
    throw wrongField(path, given, 'an object with image', 'type');
  const values = given as Readonly<Record<string, unknown>>;
  const read = Object.entries(FIELDS).map(([name, field]) => {
    const value = values[name] === null ? undefined : values[name];
    return [name, readField<unknown>(field, value, `${path}.${name}`)] as const;
  });
  const { roi, ...request } = Object.fromEntries(read) as Read<Fields>;
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
