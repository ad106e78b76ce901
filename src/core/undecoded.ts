import { NearFaceError } from './errors.ts';

/** Whether an error says that a decoder of the worker's refused an encoded image. */
export function isUndecoded(error: unknown): error is NearFaceError {
  return error instanceof NearFaceError && error.details['decodable'] === false;
}

/** The same error, saying which of a call's images it is about: its place, and what the caller calls it. */
export function ofImage(error: NearFaceError, index: number, param: string): NearFaceError {
  return new NearFaceError(error.code, error.message, { param, ...error.details, index }, error.cause);
}
