import { MAX_URL_LENGTH } from '../core/limits.ts';
import type { ImageInput } from './image-input.ts';

/** The address that an image was given by, if it is an absolute one of the web that is not too long to be kept. */
export function sourceUrlOf(image: ImageInput): string | undefined {
  const text = image instanceof URL ? image.href : image;
  return typeof text === 'string' && text.length <= MAX_URL_LENGTH && /^https?:\/\//i.test(text)
    ? text
    : undefined;
}
