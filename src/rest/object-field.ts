import * as z from 'zod/mini';
import type { Box } from '../core/types.ts';
import { type Field, jsonOf, type JsonSchema, whole } from './fields.ts';
import type { Read, Shape } from './route.ts';
import { objectSchema, schemaOf } from './schema.ts';

/** How far from a picture's corner a rectangle may begin, and how large it may be, in pixels. */
const MAX_SIDE = 1_000_000;

/**
 * An object of JSON, in a form JSON as text, whose fields are read as those of a request are: what is wrong is called by its path, what is not
 * named is passed over. Empty text and `null` count as not given.
 */
export function object<S extends Shape>(shape: S, description: string): Field<Read<S>> {
  const names = Object.keys(shape).join(', ');
  const expected = `an object with ${names}`;
  const reader = z.transform((value: unknown, context) => {
    const given = typeof value === 'string' ? jsonOf(value) : value;
    if (typeof given !== 'object' || given === null || Array.isArray(given)) {
      const params = { fault: value === undefined ? 'missing' : 'type', expected, given: value };
      context.issues.push({ code: 'custom', input: value, message: expected, params });
      return z.NEVER;
    }
    const read: Record<string, unknown> = {};
    for (const [name, field] of Object.entries(shape)) {
      const each = (given as Readonly<Record<string, unknown>>)[name];
      const result = z.safeParse(field, each === null || each === '' ? undefined : each);
      if (result.success) {
        read[name] = result.data;
        continue;
      }
      const [issue] = result.error.issues;
      const { message = expected, path = [] } = issue ?? {};
      const { params = {} } = (issue ?? {}) as { params?: object };
      context.issues.push({ code: 'custom', input: each, message, path: [name, ...path], params });
      return z.NEVER;
    }
    return read as Read<S>;
  });
  return reader.check(z.meta({ ...objectSchema(shape), description }));
}

/** A list of JSON, in a form JSON as text, whose items are checked one by one where they are used; `item` is what the document says of each. */
export function list(
  item: Field<unknown>,
  [min, max]: readonly [number, number],
  description: string,
): Field<readonly unknown[]> {
  const expected = min === max ? `an array of ${min}` : `an array of ${min} to ${max}`;
  const schema: JsonSchema = {
    ...{ type: 'array', minItems: min, maxItems: max, items: schemaOf(item), description },
  };
  const reader = z.transform((value: unknown, context) => {
    const given = typeof value === 'string' ? jsonOf(value) : value;
    const isList = Array.isArray(given);
    if (isList && given.length >= min && given.length <= max) return given as readonly unknown[];
    const fault = value === undefined ? 'missing' : isList ? 'value' : 'type';
    const params = { fault, expected, given: value };
    context.issues.push({ code: 'custom', input: value, message: expected, params });
    return z.NEVER;
  });
  return reader.check(z.meta({ ...schema }));
}

/** A rectangle of whole pixels, which may reach out of the picture. */
export function rectangle(description: string): Field<Box> {
  return object(
    {
      left: whole(-MAX_SIDE, MAX_SIDE, 'Pixels from the left edge'),
      top: whole(-MAX_SIDE, MAX_SIDE, 'Pixels from the upper edge'),
      width: whole(1, MAX_SIDE, 'In pixels'),
      height: whole(1, MAX_SIDE, 'In pixels'),
    },
    description,
  );
}
