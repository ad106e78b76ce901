import { badParam } from './errors.ts';
import type { Check } from './options.ts';

/** What JSON holds. */
export type JsonValue =
  string | number | boolean | null | readonly JsonValue[] | { readonly [key: string]: JsonValue };

/** Arrays and objects in one another: more would be no data, but a chain that walks of it, and clones of it, fall over. */
const MAX_DEPTH = 64;

/**
 * A value that JSON gives back as it was, of at most so many bytes as JSON in UTF-8. Answers a copy; fields that are `undefined` are left
 * out, as JSON leaves them out.
 */
export function jsonValue(maxBytes: number): Check<JsonValue> {
  const expected = `a JSON value of at most ${maxBytes} bytes`;
  return (value, path) => {
    // Each value takes a byte at least, so that no walk is long.
    let left = maxBytes;
    const check = (part: unknown, at: string, depth: number): void => {
      if (--left < 0) throw badParam(path, 'more', expected);
      if (part === null || typeof part === 'string' || typeof part === 'boolean') return;
      if (typeof part === 'number' && Number.isFinite(part)) return;
      if (depth >= MAX_DEPTH) throw badParam(at, 'deeper', `nested at most ${MAX_DEPTH} deep`);
      if (Array.isArray(part)) for (let i = 0; i < part.length; i++) check(part[i], `${at}[${i}]`, depth + 1);
      else if (isPlainObject(part))
        for (const [key, field] of Object.entries(part)) {
          if (field !== undefined) check(field, `${at}.${key}`, depth + 1);
        }
      else
        throw badParam(
          at,
          part,
          'what JSON holds: null, a boolean, a finite number, a string, an array, an object',
        );
    };
    check(value, path, 0);
    const text = JSON.stringify(value);
    const bytes = new TextEncoder().encode(text).length;
    if (bytes > maxBytes) throw badParam(path, `one of ${bytes} bytes`, expected);
    return JSON.parse(text) as JsonValue;
  };
}

function isPlainObject(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  // An object of another frame or realm has that one's prototype, behind which there is nothing.
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}
