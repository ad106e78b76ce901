import * as z from 'zod/mini';
import type { Box, Threshold } from '../core/types.ts';
import { THRESHOLDS } from '../core/confidence.ts';
import type { FieldFault } from './problem.ts';

/** A value of a request, checked and typed; what the OpenAPI document says of it hangs on it. */
export type Field<T> = z.ZodMiniType<T>;

/** Part of a JSON Schema. */
export type JsonSchema = Readonly<Record<string, unknown>>;

/** A picture as it stands in a request: a file, or text that is base64, a data URL or a URL. */
export type Picture = Blob | string;

/** What a reader answers for a value that it does not take. */
class Refusal {
  readonly fault: FieldFault;

  constructor(fault: FieldFault) {
    this.fault = fault;
  }
}

const refuse = (fault: FieldFault): Refusal => new Refusal(fault);

/**
 * A field with a reader of its own. `expected` completes the sentence "NAME must be"; `schema` is what the document says. Not given at all is
 * refused, unless it is made {@link optional}.
 */
function field<T>(expected: string, schema: JsonSchema, read: (value: unknown) => T | Refusal): Field<T> {
  const reader = z.transform((value: unknown, context) => {
    const result = value === undefined ? refuse('missing') : read(value);
    if (!(result instanceof Refusal)) return result;
    const params = { fault: result.fault, expected, given: value };
    context.issues.push({ code: 'custom', input: value, message: expected, params });
    return z.NEVER;
  });
  return reader.check(z.meta({ ...schema }));
}

/** A field that may be left out. */
export function optional<T>(inner: Field<T>): Field<T | undefined> {
  return z.optional(inner);
}

/** A field that is `value` where it is left out. */
export function withDefault<T>(inner: Field<T>, value: T): Field<T> {
  return z._default(inner, value as never);
}

const TRUE = /^(true|1|yes|on)$/i;
const FALSE = /^(false|0|no|off)$/i;

/** A boolean: JSON's, or `true false 1 0 yes no on off` in any case. */
export function flag(description: string): Field<boolean> {
  const expected = 'true or false (or 1, 0, yes, no, on, off)';
  return field(expected, { type: 'boolean', description }, (value) => {
    if (typeof value === 'boolean') return value;
    const text = typeof value === 'number' ? String(value) : value;
    if (typeof text !== 'string') return refuse('type');
    if (TRUE.test(text)) return true;
    return FALSE.test(text) ? false : refuse('type');
  });
}

/** No digit can be taken by two of its parts: text of many would be tried in every way otherwise. */
const DECIMAL = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:e[+-]?\d+)?$/i;

function numberOf(value: unknown): number | Refusal {
  if (typeof value === 'number') return value;
  if (typeof value !== 'string' || !DECIMAL.test(value.trim())) return refuse('type');
  return Number(value);
}

/** A number in `min..max`: JSON's, or decimal text. */
export function decimal(min: number, max: number, description: string): Field<number> {
  const schema = { type: 'number', minimum: min, maximum: max, description };
  return field(`a number from ${min} to ${max}`, schema, (value) => {
    const number = numberOf(value);
    if (typeof number !== 'number') return number;
    return number >= min && number <= max ? number : refuse('value');
  });
}

/** A whole number in `min..max`: JSON's, or decimal text. */
export function whole(min: number, max: number, description: string): Field<number> {
  const schema = { type: 'integer', minimum: min, maximum: max, description };
  return field(`a whole number from ${min} to ${max}`, schema, (value) => {
    const number = numberOf(value);
    if (typeof number !== 'number') return number;
    return Number.isSafeInteger(number) && number >= min && number <= max ? number : refuse('value');
  });
}

/** Text of at most `maxLength` characters; `pattern` is what it must match. Numbers of JSON are taken as their text. */
export function text(maxLength: number, description: string, pattern?: RegExp): Field<string> {
  const schema = {
    ...{ type: 'string', maxLength, description },
    ...(pattern && { pattern: pattern.source }),
  };
  const form = pattern ? ` that matches ${pattern.source}` : '';
  return field(`text of at most ${maxLength} characters${form}`, schema, (value) => {
    const string = typeof value === 'number' ? String(value) : value;
    if (typeof string !== 'string') return refuse('type');
    return string.length <= maxLength && (pattern?.test(string) ?? true) ? string : refuse('value');
  });
}

/** One of some words. */
export function choice<const T extends string>(choices: readonly T[], description: string): Field<T> {
  const expected = `one of ${choices.join(', ')}`;
  return field(expected, { type: 'string', enum: choices, description }, (value) => {
    if (typeof value !== 'string') return refuse('type');
    return choices.find((word) => word === value) ?? refuse('value');
  });
}

/** Several words, from a list, a repeated field, or a text with commas between them. */
export function words(description: string, maxWords = 1000): Field<readonly string[]> {
  const schema = { type: 'array', items: { type: 'string' }, maxItems: maxWords, description };
  return field('a list of names', schema, (value) => {
    const list = asList(value);
    if (!list.every((item) => typeof item === 'string' || typeof item === 'number')) return refuse('type');
    const all = list.flatMap((item) => String(item).split(',')).map((word) => word.trim());
    const found = [...new Set(all.filter((word) => word !== ''))];
    return found.length <= maxWords ? found : refuse('value');
  });
}

/** A list as JSON has it, also as text, or the repetitions of a field of a form. */
function asList(value: unknown): readonly unknown[] {
  const parsed = typeof value === 'string' && /^\s*\[/.test(value) ? (jsonOf(value) ?? value) : value;
  return Array.isArray(parsed) ? parsed : [parsed];
}

/** What a text of JSON says; undefined for one that is none. */
export function jsonOf(value: string): unknown {
  try {
    return JSON.parse(value) as unknown;
  } catch {
    return undefined;
  }
}

/** A picture: a file part, or text. What the text is, is told when it is read. */
export function picture(description: string): Field<Picture> {
  const expected = 'a picture: a file, a URL, base64 or a data URL';
  return field(expected, { type: 'string', format: 'binary', description }, (value) =>
    value instanceof Blob || typeof value === 'string' ? value : refuse('type'),
  );
}

/** A picture as text, for objects of JSON. What the text is, is told when it is read. */
export function encodedPicture(description: string): Field<string> {
  const expected = 'a picture: base64, a data URL or a URL';
  return field(expected, { type: 'string', contentEncoding: 'base64', description }, (value) =>
    typeof value === 'string' ? value : refuse('type'),
  );
}

/** Text, or a file that holds it. */
export function textOrFile(description: string): Field<Picture> {
  return field('text, or a file', { type: 'string', description }, (value) =>
    value instanceof Blob || typeof value === 'string' ? value : refuse('type'),
  );
}

/** Files, or texts that stand for files, as many as come. */
export function files(description: string): Field<readonly Picture[]> {
  const items = { type: 'string', format: 'binary' };
  return field('one file or several', { type: 'array', items, description }, (value) => {
    const all: readonly unknown[] = Array.isArray(value) ? value : [value];
    return all.every((each) => each instanceof Blob || typeof each === 'string') ? all : refuse('type');
  });
}

/** Boxes of faces in a picture, in its pixels: `{"x1","y1","x2","y2"}` or `[x1,y1,x2,y2]`, one or several, JSON or JSON as text. */
export function boxes(description: string): Field<readonly Box[]> {
  const corner = { type: 'number' };
  const box = { type: 'object', properties: { x1: corner, y1: corner, x2: corner, y2: corner } };
  const expected =
    'a box {"x1","y1","x2","y2"} or [x1,y1,x2,y2] with x2 > x1 and y2 > y1, or an array of them';
  return field(expected, { type: 'array', items: box, description }, (value) => {
    const given = parsedDeep(value);
    const list = isCorners(given) || !Array.isArray(given) ? [given] : given.flatMap(flatBoxes);
    const found: Box[] = [];
    for (const item of list) {
      const read = boxOf(item);
      if (read instanceof Refusal) return read;
      found.push(read);
    }
    return found.length <= 1000 ? found : refuse('value');
  });
}

/** A form repeats a field, each time with a box or a list of them. */
function flatBoxes(item: unknown): readonly unknown[] {
  return Array.isArray(item) && !isCorners(item) ? item : [item];
}

const isCorners = (value: unknown): value is readonly unknown[] =>
  Array.isArray(value) && value.length === 4 && value.every((corner) => typeof corner !== 'object');

function parsedDeep(value: unknown): unknown {
  if (typeof value === 'string') return jsonOf(value) ?? value;
  if (Array.isArray(value))
    return value.map((item) => (typeof item === 'string' ? parsedDeep(item) : item) as unknown);
  return value;
}

function boxOf(value: unknown): Box | Refusal {
  if (typeof value !== 'object' || value === null) return refuse('type');
  const { x1, y1, x2, y2 } = value as Record<string, unknown>;
  const corners = (isCorners(value) ? value : [x1, y1, x2, y2]).map(numberOf);
  if (!corners.every((corner): corner is number => typeof corner === 'number')) return refuse('type');
  const [left, top, right, bottom] = corners as [number, number, number, number];
  const isSane = corners.every((corner) => Math.abs(corner) <= 1e6) && right > left && bottom > top;
  return isSane ? { left, top, width: right - left, height: bottom - top } : refuse('value');
}

/** `strict`, `medium`, `low`, `none`, or a confidence 0..1. */
export function threshold(description: string): Field<Threshold> {
  const named = Object.keys(THRESHOLDS);
  const schema = { type: ['string', 'number'], examples: [...named, 0.75], description };
  return field(`${named.join(', ')}, or a number from 0 to 1`, schema, (value) => {
    const name = named.find((known) => known === value);
    if (name !== undefined) return name as Threshold;
    const number = numberOf(value);
    if (typeof number !== 'number') return number;
    return number >= 0 && number <= 1 ? number : refuse('value');
  });
}

/** Vectors of finite numbers, as many as `max`. Whether they have the model's length, the library finds out. */
export function vectors(max: number, description: string): Field<readonly Float32Array<ArrayBuffer>[]> {
  const schema = { type: 'array', maxItems: max, items: vectorSchema, description };
  return field(`an array of at most ${max} arrays of numbers`, schema, (value) => {
    if (!Array.isArray(value)) return refuse('type');
    if (value.length > max) return refuse('value');
    const read = value.map(vectorOf);
    const refusal = read.find((each) => each instanceof Refusal);
    return refusal ?? (read as Float32Array<ArrayBuffer>[]);
  });
}

const vectorSchema: JsonSchema = { type: 'array', items: { type: 'number' } };
const MAX_DIMENSION = 4096;

/** A vector of finite numbers. */
export function vector(description: string): Field<Float32Array<ArrayBuffer>> {
  return field('an array of numbers', { ...vectorSchema, description }, vectorOf);
}

function vectorOf(value: unknown): Float32Array<ArrayBuffer> | Refusal {
  if (!Array.isArray(value)) return refuse('type');
  if (!value.every((each) => typeof each === 'number')) return refuse('type');
  if (value.length === 0 || value.length > MAX_DIMENSION) return refuse('value');
  const numbers = Float32Array.from(value);
  return numbers.every(Number.isFinite) ? numbers : refuse('value');
}

/** A time, in milliseconds since 1970: ISO 8601, UTC where no zone is given. */
export function time(description: string): Field<number> {
  const schema = { type: 'string', format: 'date-time', description };
  return field('a time as in 2017-05-17T08:58:00', schema, (value) => {
    if (typeof value !== 'string') return refuse('type');
    const parts = /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?))?(Z|[+-]\d\d:?\d\d)?$/.exec(
      value,
    );
    if (!parts) return refuse('value');
    const [, day, clock = '00:00:00', zone = 'Z'] = parts;
    const ms = Date.parse(`${day}T${clock.replace(/(\.\d{3})\d+$/, '$1')}${zone}`);
    return Number.isFinite(ms) && ms >= 0 ? ms : refuse('value');
  });
}

/** A value of JSON that is checked where it is used. In a form it is JSON as text. */
export function json(description: string, schema: JsonSchema = {}): Field<unknown> {
  return field('JSON', { ...schema, description }, (value) => {
    if (typeof value !== 'string') return value instanceof Blob ? refuse('type') : value;
    return jsonOf(value) ?? refuse('value');
  });
}

/** A list of texts, as JSON has it. */
export function texts(maxItems: number, maxLength: number, description: string): Field<readonly string[]> {
  const schema = { type: 'array', items: { type: 'string', maxLength }, maxItems, description };
  return field(
    `an array of at most ${maxItems} texts of at most ${maxLength} characters`,
    schema,
    (value) => {
      if (!Array.isArray(value) || !value.every((item) => typeof item === 'string')) return refuse('type');
      const list = value as readonly string[];
      return list.length <= maxItems && list.every((item) => item.length <= maxLength)
        ? list
        : refuse('value');
    },
  );
}
