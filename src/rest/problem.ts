import { type ErrorCode, type ErrorDetails, showValue } from '../core/errors.ts';
import type { Box } from '../core/types.ts';
import { type FieldNames, fieldOf, isNamed, wordsOf } from './words.ts';

/** What is wrong with a field; `unknown`: it names what is not there. */
export type FieldFault = 'missing' | 'type' | 'value' | 'unknown';

/** What went wrong with a request, before an interface puts it into its own words. */
export interface Problem {
  /** Of HTTP. */
  readonly status: number;
  /** In capitals. */
  readonly code: string;
  /** For people. */
  readonly message: string;
  /** The field that is wrong, if one is. */
  readonly param?: string;
  /** What it was, shortened. */
  readonly value?: unknown;
  /** What is wrong with it. */
  readonly fault?: FieldFault;
  /** For `TOO_MANY_FACES`. */
  readonly boxes?: readonly Box[];
  /** Beside those of every answer. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** Ends a call with a problem. */
export class RestError extends Error {
  readonly problem: Problem;

  constructor(problem: Problem) {
    super(problem.message);
    this.problem = problem;
  }
}

/** A field that is wrong. `expected` completes the sentence "NAME must be". */
export function wrongField(
  param: string,
  value: unknown,
  expected: string,
  fault: FieldFault = 'value',
): RestError {
  const shown = shownValue(value);
  const is = fault === 'missing' ? 'is missing' : `is ${shown}`;
  const problem = { status: 400, code: 'BAD_PARAM', message: `${param} must be ${expected}, but ${is}` };
  return new RestError({ ...problem, param, value: shown, fault });
}

/** Short, and nothing of what is in a picture or a vector. */
function shownValue(value: unknown): string {
  if (value === undefined) return '';
  if (typeof value === 'string') return value.length > 80 ? `${value.slice(0, 77)}…` : value;
  if (value instanceof Blob) return `a file of ${value.size} bytes`;
  if (Array.isArray(value)) return `an array of ${value.length}`;
  if (typeof value === 'object' && value !== null) return 'an object';
  return showValue(value);
}

/** An id or a name in the path that stands for nothing. */
export function notFound(what: string): RestError {
  return new RestError({ status: 404, code: 'NOT_FOUND', message: what });
}

/** A picture in which nobody is found whom the call could be about. `param` is the field that holds it. */
export function noFace(param?: string, message: string = 'No face is found in the picture'): RestError {
  const about = param === undefined ? {} : { param };
  return new RestError({ status: 400, code: 'NO_FACES', message, ...about });
}

/** Statuses of the library's errors; all others are 500. */
const STATUS: Readonly<Partial<Record<ErrorCode, number>>> = {
  AUTH_FAILED: 401,
  MALFORMED_JSON: 400,
  BAD_PARAM: 400,
  IMAGE_DECODING_FAILED: 400,
  VIDEO_DECODING_FAILED: 400,
  IMAGE_TOO_LARGE: 413,
  NO_FACE: 400,
  FACE_TOO_SMALL: 400,
  TOO_MANY_FACES: 400,
  GALLERY_NOT_FOUND: 404,
  FACE_NOT_FOUND: 404,
  PERSON_NOT_FOUND: 404,
  CAMERA_NOT_FOUND: 404,
  GALLERY_EXISTS: 409,
  FACE_EXISTS: 409,
  CAMERA_EXISTS: 409,
  GALLERY_FULL: 409,
  MODEL_MISMATCH: 409,
  STORAGE_FULL: 507,
  LOCKED: 503,
  DISPOSED: 503,
  WORKER_DIED: 503,
  STORAGE_FAILED: 503,
  BACKEND_UNAVAILABLE: 503,
  MODEL_LOAD_FAILED: 503,
  MODEL_INTEGRITY: 503,
  ABORTED: 503,
};

/** How a status is called where the library has another word, or none. */
const CODE: Readonly<Partial<Record<ErrorCode, string>>> = {
  NO_FACE: 'NO_FACES',
  GALLERY_NOT_FOUND: 'NOT_FOUND',
  FACE_NOT_FOUND: 'NOT_FOUND',
  PERSON_NOT_FOUND: 'NOT_FOUND',
  CAMERA_NOT_FOUND: 'NOT_FOUND',
};

/** An error of the library, whichever copy of it threw: `nf` may come from another script than the handler. */
export function isLibraryError(error: unknown): error is Error & { code: ErrorCode; details: ErrorDetails } {
  return error instanceof Error && error.name === 'NearFaceError' && 'code' in error && 'details' in error;
}

/**
 * What an error of any kind is to a client. What is not known tells nothing of the inside.
 *
 * @param names - what the request calls the library's parameters
 */
export function problemOf(error: unknown, names: FieldNames = {}): Problem {
  if (error instanceof RestError) return error.problem;
  if (!isLibraryError(error))
    return { status: 500, code: 'INTERNAL_ERROR', message: 'The call failed for a reason that is not known' };
  const status = STATUS[error.code] ?? 500;
  const { param, value, boxes } = error.details;
  const isBusy = status === 503;
  return {
    status,
    code:
      status === 500 ? 'INTERNAL_ERROR' : isBusy ? 'SERVICE_UNAVAILABLE' : (CODE[error.code] ?? error.code),
    message: wordsOf(error, names),
    ...(param !== undefined && { param: fieldOf(param, names) }),
    ...(value !== undefined && { value: shownValue(value) }),
    ...(error.code === 'BAD_PARAM' && { fault: 'value' as const }),
    ...(boxes && { boxes }),
    ...(isBusy && { headers: { 'Retry-After': '1' } }),
  };
}

/** What kind of error it was, without anything that it says. */
export function kindOf(error: unknown): string | undefined {
  if (isLibraryError(error)) return error.code;
  if (error instanceof RestError) return error.problem.code;
  return error instanceof Error ? error.name : typeof error;
}

/** Whether an error of the library has one of these codes. */
export function hasCode(error: unknown, ...codes: readonly ErrorCode[]): boolean {
  return isLibraryError(error) && codes.includes(error.code);
}

/** Calls `use`; what is not found there was named by a field of the request, which is then wrong. */
export async function namedBy<T>(param: string, value: unknown, use: () => Promise<T>): Promise<T> {
  try {
    return await use();
  } catch (error) {
    if (!hasCode(error, 'GALLERY_NOT_FOUND', 'FACE_NOT_FOUND', 'PERSON_NOT_FOUND', 'CAMERA_NOT_FOUND'))
      throw error;
    throw wrongField(param, value, 'one that exists', 'unknown');
  }
}

/** Calls `use`; what is wrong with a parameter of the library that has a name here is told of the field of that name. */
export async function aboutFields<T>(names: FieldNames, use: () => Promise<T>): Promise<T> {
  try {
    return await use();
  } catch (error) {
    const param = isLibraryError(error) ? error.details.param : undefined;
    if (param === undefined || !isNamed(param, names)) throw error;
    throw new RestError(problemOf(error, names));
  }
}

/** The same of a call that looks at the picture of one field. */
export function aboutPicture<T>(field: string, use: () => Promise<T>): Promise<T> {
  return aboutFields({ image: field }, use);
}

/** What is wrong with one of several things that a request asks for. What is no fault of the request fails the call: it is thrown. */
export function faultOf(error: unknown, names: FieldNames = {}): Problem {
  const problem = problemOf(error, names);
  if (problem.status >= 500) throw error;
  return problem;
}
