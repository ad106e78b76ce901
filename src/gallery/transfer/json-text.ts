import { badParam, NearFaceError } from '../../core/errors.ts';
import type { Check } from '../../core/options.ts';

/** The value that UTF-8 bytes of JSON stand for. @throws NearFaceError `MALFORMED_JSON`, naming `where` */
export function parseJson(bytes: Uint8Array<ArrayBuffer>, where: string): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    throw new NearFaceError('MALFORMED_JSON', `${where} is not JSON: ${message}`, { param: where }, error);
  }
}

/** JSON as UTF-8. */
export function jsonBytes(text: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(text);
}

type OptionalKeys<T> = { [K in keyof T]-?: object extends Pick<T, K> ? K : never }[keyof T];

/** A check for each field. */
export type FieldChecks<T> = { readonly [K in keyof Required<T>]: Check<Required<T>[K]> };

/** An object with these fields, each passing its check. Other fields are dropped; those in `optional` may be absent. */
export function fieldsOf<T extends object>(
  fields: FieldChecks<T>,
  optional: readonly OptionalKeys<T>[] = [],
): Check<T> {
  const checks = Object.entries<Check<unknown>>(fields);
  const mayBeAbsent = new Set<string>(optional as readonly string[]);
  return (value, path) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value))
      throw badParam(path, value, 'an object');
    const given = new Map(Object.entries(value));
    const result: Record<string, unknown> = {};
    for (const [key, check] of checks) {
      const field: unknown = given.get(key);
      if (field === undefined && mayBeAbsent.has(key)) continue;
      result[key] = check(field, `${path}.${key}`);
    }
    return result as T;
  };
}

/** The value, or `null`. */
export function orNull<T>(check: Check<T>): Check<T | null> {
  return (value, path) => (value === null ? null : check(value, path));
}
