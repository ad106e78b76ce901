import { NearFaceError } from '../core/errors.ts';

/** Most pixels an image may have: 2^28, a square of 16,384. */
export const MAX_PIXELS: number = 2 ** 28;

/** Throws `IMAGE_TOO_LARGE` for more than {@link MAX_PIXELS}. */
export function checkPixels(width: number, height: number): void {
  if (width * height <= MAX_PIXELS) return;
  throw new NearFaceError(
    'IMAGE_TOO_LARGE',
    `The image has ${width} × ${height} = ${width * height} pixels; the limit is ${MAX_PIXELS}. Scale it down first`,
    { width, height, maxPixels: MAX_PIXELS },
  );
}
