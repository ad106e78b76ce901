import { NearFaceError } from '../core/errors.ts';

/** Most pixels an image may have: 2^28, a square of 16,384. */
export const MAX_PIXELS: number = 2 ** 28;
/** Most pixels of an encoded image that browsers decode whole, 4 bytes each, before it is scaled down: every format but JPEG. */
const MAX_WHOLE_PIXELS = 1e8;

/** @throws NearFaceError `IMAGE_TOO_LARGE` */
export function checkPixels(width: number, height: number): void {
  if (width * height > MAX_PIXELS) throw tooLarge(width, height, MAX_PIXELS, 'Scale it down first');
}

/** The same for an encoded image of a format that cannot be scaled while it is decoded. @throws NearFaceError `IMAGE_TOO_LARGE` */
export function checkWholePixels(width: number, height: number): void {
  if (width * height > MAX_WHOLE_PIXELS)
    throw tooLarge(
      width,
      height,
      MAX_WHOLE_PIXELS,
      'Scale it down first, or save it as JPEG, which may be larger',
    );
}

function tooLarge(width: number, height: number, most: number, remedy: string): NearFaceError {
  const text = `The image has ${width} × ${height} = ${width * height} pixels; the limit is ${most}. ${remedy}`;
  return new NearFaceError('IMAGE_TOO_LARGE', text, { width, height, maxPixels: most });
}
