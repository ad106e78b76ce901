import type { Box } from './types.ts';

/** Every code that a {@link NearFaceError} can carry. */
export type ErrorCode =
  | 'BAD_PARAM'
  | 'IMAGE_DECODING_FAILED'
  | 'IMAGE_TOO_LARGE'
  | 'VIDEO_DECODING_FAILED'
  | 'NO_FACE'
  | 'TOO_MANY_FACES'
  | 'FACE_TOO_SMALL'
  | 'MODEL_LOAD_FAILED'
  | 'MODEL_INTEGRITY'
  | 'MODEL_MISMATCH'
  | 'BACKEND_UNAVAILABLE'
  | 'GALLERY_EXISTS'
  | 'GALLERY_NOT_FOUND'
  | 'GALLERY_FULL'
  | 'FACE_NOT_FOUND'
  | 'FACE_EXISTS'
  | 'PERSON_NOT_FOUND'
  | 'TOO_FEW_PEOPLE'
  | 'CAMERA_NOT_FOUND'
  | 'CAMERA_EXISTS'
  | 'STORAGE_FULL'
  | 'STORAGE_FAILED'
  | 'LOCKED'
  | 'ABORTED'
  | 'DISPOSED'
  | 'WORKER_DIED'
  | 'AUTH_FAILED'
  | 'MALFORMED_JSON';

/** Facts beside the message. Values survive structured cloning. */
export interface ErrorDetails {
  /** Path of the option that was refused, as in `returnDetails.age`. */
  readonly param?: string;
  /** The value that was refused, or a short description of it. */
  readonly value?: unknown;
  /** For `TOO_MANY_FACES`: every face's box, in pixels of the oriented image. */
  readonly boxes?: readonly Box[];
  /** Further facts, by name. */
  readonly [fact: string]: unknown;
}

/** An error as plain data, so that it crosses a worker boundary whole. */
export interface WireError {
  /** As that of a {@link NearFaceError}. */
  readonly code: ErrorCode;
  /** What happened and what to do, in English. */
  readonly message: string;
  /** The facts behind the message. */
  readonly details: ErrorDetails;
  /** What led to it. */
  readonly cause?: { readonly name: string; readonly message: string; readonly stack?: string };
}

/**
 * The one error class of the library. `message` says what happened, with which value, and what to do;
 * `code` is for programs; `details` holds the facts; `cause` the error underneath, if any.
 */
export class NearFaceError extends Error {
  /** Tells it from other errors where `instanceof` cannot. */
  override readonly name = 'NearFaceError';
  /** What kind of error it is; stays the same between versions. */
  readonly code: ErrorCode;
  /** The facts behind the message. */
  readonly details: ErrorDetails;

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
    this.details = details;
  }

  /** What `JSON.stringify` writes, so that logs hold the message too. */
  toJSON(): Pick<NearFaceError, 'name' | 'code' | 'message' | 'details'> {
    const { name, code, message, details } = this;
    return { name, code, message, details };
  }

  /** The error as plain data. */
  toWire(): WireError {
    const cause = this.cause;
    if (cause === undefined) return { code: this.code, message: this.message, details: this.details };
    return { code: this.code, message: this.message, details: this.details, cause: describeCause(cause) };
  }

  /** The error that {@link NearFaceError.toWire} described. */
  static fromWire(wire: WireError): NearFaceError {
    if (wire.cause === undefined) return new NearFaceError(wire.code, wire.message, wire.details);
    const cause = new Error(wire.cause.message);
    cause.name = wire.cause.name;
    if (wire.cause.stack !== undefined) cause.stack = wire.cause.stack;
    return new NearFaceError(wire.code, wire.message, wire.details, cause);
  }

  /** `error` itself if it is one already; else wrapped under `code`, its message after `what`. */
  static from(error: unknown, code: ErrorCode, what: string): NearFaceError {
    if (error instanceof NearFaceError) return error;
    return new NearFaceError(code, `${what}: ${describeCause(error).message}`, {}, error);
  }
}

function describeCause(cause: unknown): { name: string; message: string; stack?: string } {
  if (!(cause instanceof Error)) return { name: 'Error', message: String(cause) };
  const { name, message, stack } = cause;
  return stack === undefined ? { name, message } : { name, message, stack };
}

/** A `BAD_PARAM` that names the option, shows the value and says what is accepted. */
export function badParam(param: string, value: unknown, expected: string): NearFaceError {
  const shown = showValue(value);
  return new NearFaceError('BAD_PARAM', `${param} must be ${expected}, but is ${shown}`, {
    param,
    value: shown,
  });
}

/** A short, safe rendering of any value for messages. */
export function showValue(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value.length > 80 ? `${value.slice(0, 77)}…` : value);
  if (typeof value === 'function') return 'a function';
  if (typeof value === 'bigint') return `${value}n`;
  if (typeof value !== 'object' || value === null) return String(value);
  if (Array.isArray(value)) return `an array of ${value.length}`;
  if (ArrayBuffer.isView(value)) return `a ${value.constructor.name} of ${value.byteLength} bytes`;
  const name = (value as { constructor?: { name?: string } }).constructor?.name ?? 'null-prototype object';
  return name === 'Object' ? showPlain(value) : `a ${name}`;
}

/** A plain object as JSON, cut short; only its kind where it cannot be written so. */
function showPlain(value: object): string {
  try {
    const json = JSON.stringify(value, (_, field: unknown) => (isPlain(field) ? field : showValue(field)));
    return json.length > 80 ? `${json.slice(0, 77)}…` : json;
  } catch {
    return 'an object';
  }
}

function isPlain(value: unknown): boolean {
  if (typeof value !== 'object' || value === null)
    return typeof value !== 'function' && typeof value !== 'bigint';
  return Object.getPrototypeOf(value) === Object.prototype;
}

/** Throws `ABORTED` if `signal` is aborted. */
export function throwIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw abortedError(signal.reason);
}

/** The error of a call that was cancelled through its `signal`. */
export function abortedError(reason?: unknown): NearFaceError {
  return new NearFaceError('ABORTED', 'The call was aborted through its signal', {}, reason);
}
