import { editDistance } from './edit-distance.ts';
import { badParam, NearFaceError, showValue } from './errors.ts';

/** What differs by more letters from an option was hardly meant for it. */
const MAX_TYPOS = 2;

/** Checks one value; returns it typed, or throws `BAD_PARAM` naming `path`. */
export type Check<T> = (value: unknown, path: string) => T;

/** A check for each option. */
export type Fields<T> = { readonly [K in keyof Required<T>]: Check<Required<T>[K]> };

/**
 * Reads an options object: unknown keys throw and name the nearest known one, `undefined` means the default,
 * every value passes its check. The result is frozen.
 */
export function resolveOptions<T extends object, D extends Partial<T>>(
  raw: unknown,
  path: string,
  fields: Fields<T>,
  defaults: D,
): Readonly<T & D> {
  if (raw === undefined) return Object.freeze({ ...defaults }) as Readonly<T & D>;
  if (typeof raw !== 'object' || raw === null || Array.isArray(raw))
    throw badParam(path, raw, 'an object of options');
  const known = fields as Record<string, Check<unknown>>;
  const result: Record<string, unknown> = { ...defaults };
  for (const [key, value] of Object.entries(raw)) {
    const check = Object.hasOwn(known, key) ? known[key] : undefined;
    if (!check) throw unknownOption(`${path}.${key}`, key, Object.keys(known));
    if (value !== undefined) result[key] = check(value, `${path}.${key}`);
  }
  return Object.freeze(result) as Readonly<T & D>;
}

function unknownOption(path: string, key: string, known: readonly string[]): NearFaceError {
  const [near] = known
    .filter((name) => editDistance(name, key) <= MAX_TYPOS)
    .sort((a, b) => editDistance(a, key) - editDistance(b, key));
  const hint = near ? `did you mean ${near}?` : `known options: ${known.join(', ') || 'none'}`;
  return new NearFaceError('BAD_PARAM', `${path} is not an option; ${hint}`, { param: path, value: key });
}

/** A finite number in `min..max`. */
export function number(min: number, max: number): Check<number> {
  return (value, path) => {
    if (typeof value === 'number' && value >= min && value <= max) return value;
    throw badParam(path, value, `a number from ${min} to ${max}`);
  };
}

/** A whole number in `min..max`. */
export function integer(min: number, max: number): Check<number> {
  return (value, path) => {
    if (Number.isSafeInteger(value) && (value as number) >= min && (value as number) <= max)
      return value as number;
    throw badParam(path, value, `a whole number from ${min} to ${max}`);
  };
}

export const boolean: Check<boolean> = (value, path) => {
  if (typeof value === 'boolean') return value;
  throw badParam(path, value, 'true or false');
};

/** A string of at most `maxLength` UTF-16 units, matching `pattern` if one is given. */
export function string(maxLength: number, pattern?: RegExp): Check<string> {
  return (value, path) => {
    if (typeof value === 'string' && value.length <= maxLength && (!pattern || pattern.test(value)))
      return value;
    const form = pattern ? ` that matches ${pattern.source}` : '';
    throw badParam(path, value, `a string of at most ${maxLength} characters${form}`);
  };
}

/** One of the given strings. */
export function oneOf<const T extends string>(...choices: readonly T[]): Check<T> {
  return (value, path) => {
    if (choices.includes(value as T)) return value as T;
    throw badParam(path, value, `one of ${choices.map((choice) => `'${choice}'`).join(', ')}`);
  };
}

/** An array whose items pass `check`. */
export function arrayOf<T>(check: Check<T>, maxLength = 1e6): Check<readonly T[]> {
  return (value, path) => {
    if (!Array.isArray(value) || value.length > maxLength)
      throw badParam(path, value, `an array of at most ${maxLength}`);
    return value.map((item: unknown, index) => check(item, `${path}[${index}]`));
  };
}

export const abortSignal: Check<AbortSignal> = (value, path) => {
  if (value instanceof AbortSignal) return value;
  throw badParam(path, value, 'an AbortSignal');
};

/** A function, not called here. */
export function callback<F extends (...args: never[]) => unknown>(): Check<F> {
  return (value, path) => {
    if (typeof value === 'function') return value as F;
    throw badParam(path, value, 'a function');
  };
}

/** A vector of finite numbers; `dimension` names the length it must have, if known. */
export function vector(dimension?: number): Check<Float32Array<ArrayBuffer>> {
  return (value, path) => {
    const isVector =
      value instanceof Float32Array || (Array.isArray(value) && value.every((x) => typeof x === 'number'));
    if (!isVector) throw badParam(path, value, 'a Float32Array (an embedding)');
    const copy = copyOf(value, path);
    if (dimension !== undefined && copy.length !== dimension) {
      throw badParam(path, `${copy.length} numbers`, `an embedding of ${dimension} numbers`);
    }
    let sum = 0;
    for (const x of copy) sum += x;
    if (!Number.isFinite(sum)) {
      const bad = copy.findIndex((x) => !Number.isFinite(x));
      throw badParam(`${path}[${bad}]`, copy[bad], 'a finite number');
    }
    if (!copy.some((x) => x !== 0))
      throw badParam(path, showValue(value), 'an embedding that is not all zeros');
    return copy;
  };
}

function copyOf(value: Float32Array | readonly number[], path: string): Float32Array<ArrayBuffer> {
  try {
    return new Float32Array(value);
  } catch {
    const expected =
      'an embedding that can be read: its buffer must not have been transferred, and it must not be a proxy (pass a copy)';
    throw badParam(path, value, expected);
  }
}
