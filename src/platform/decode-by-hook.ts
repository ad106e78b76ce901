import { NearFaceError, throwIfAborted } from '../core/errors.ts';
import { untilAborted } from '../core/until-aborted.ts';
import type { RefusedImage } from './port.ts';

/** What the user's decoder makes of an image. @throws NearFaceError `IMAGE_DECODING_FAILED`, `ABORTED` */
export async function decodeByHook(
  { file, hook, param, refusal }: RefusedImage,
  signal: AbortSignal | undefined,
): Promise<unknown> {
  throwIfAborted(signal);
  try {
    return await untilAborted(Promise.resolve(hook?.(file)), signal);
  } catch (error) {
    if (error instanceof NearFaceError) throw error;
    const why = error instanceof Error ? error.message : String(error);
    const text = `${param}: options.decode failed: ${why}. It was asked because: ${refusal.message}`;
    throw new NearFaceError('IMAGE_DECODING_FAILED', text, refusal.details, error);
  }
}

/** Whether a file is no picture but text, such as the page that a server sends for a wrong address. Drawings in SVG are of type `image`. */
export function isText(file: Blob): boolean {
  return file.type.startsWith('text/');
}
