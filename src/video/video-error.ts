import { NearFaceError } from '../core/errors.ts';

/** What the formats are called that are read. */
export const FORMATS = 'mp4, mov, webm or mkv';

/**
 * The error of a video that cannot be read, or not further.
 *
 * @param name - of the file, for messages
 * @param why - what is wrong with it, and what to do
 */
export function videoError(name: string, why: string, cause?: unknown, details: object = {}): NearFaceError {
  return new NearFaceError('VIDEO_DECODING_FAILED', `${name}: ${why}`, { file: name, ...details }, cause);
}

/** The error of a file that ends before its frames do. @param frame - the first one that is missing */
export function cutVideo(name: string, frame: number, frames?: number, cause?: unknown): NearFaceError {
  const of = frames === undefined ? '' : ` of ${frames}`;
  const why = `the file is cut short: frame ${frame}${of} is missing; get the whole file`;
  return videoError(name, why, cause, { frame, ...(frames !== undefined && { frames }) });
}

/** The error of a frame that the decoder refuses. */
export function damagedVideo(name: string, frame: number, cause: unknown): NearFaceError {
  const why = `frame ${frame} is damaged, those before it were read; get the file again, or seek to a later frame`;
  return videoError(name, why, cause, { frame });
}
