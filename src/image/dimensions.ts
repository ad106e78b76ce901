import { imageSize } from 'image-size';
import { NearFaceError } from '../core/errors.ts';

/** Most pixels an image may have: 2^28, a square of 16,384. */
export const MAX_PIXELS: number = 2 ** 28;

/** What the header of an encoded image says. */
export interface ImageDimensions {
  /** `jpg`, `png`, `webp`, `gif`, `avif`, `bmp`, `ico`, `jxl`, `heic`, `heif` or `tiff`. */
  readonly format: string;
  /** Width in pixels after EXIF orientation. */
  readonly width: number;
  /** Height in pixels after EXIF orientation. */
  readonly height: number;
  /** EXIF orientation 1..8 of JPEG and TIFF; 1 for other formats. */
  readonly orientation: number;
}

/** Formats that some browser decodes. */
const FORMATS: ReadonlyMap<string, string> = new Map([
  ['jpg', 'jpg'],
  ['png', 'png'],
  ['webp', 'webp'],
  ['gif', 'gif'],
  ['avif', 'avif'],
  ['bmp', 'bmp'],
  ['ico', 'ico'],
  ['jxl', 'jxl'],
  ['jxl-stream', 'jxl'],
  ['heic', 'heic'],
  ['heif', 'heif'],
  ['tiff', 'tiff'],
]);

/**
 * Reads format, size and EXIF orientation from the first bytes of an encoded image, without decoding it.
 * @throws `IMAGE_DECODING_FAILED` for anything that is not a picture with at least one pixel, `IMAGE_TOO_LARGE` for
 * more than {@link MAX_PIXELS}.
 */
export function readDimensions(bytes: Uint8Array): ImageDimensions {
  const { type, width, height, orientation } = readHeader(bytes);
  const format = FORMATS.get(type ?? '');
  if (format === undefined) throw unreadable(bytes);
  if (!(width >= 1 && height >= 1 && Number.isFinite(width) && Number.isFinite(height))) {
    throw new NearFaceError(
      'IMAGE_DECODING_FAILED',
      `The ${format} image says that it is ${width} × ${height} pixels, so there is nothing to decode; save it again`,
      { format, width, height },
    );
  }
  const turned = orientation >= 5;
  checkPixels(width, height);
  return { format, width: turned ? height : width, height: turned ? width : height, orientation };
}

/** Throws `IMAGE_TOO_LARGE` for more than {@link MAX_PIXELS}. */
export function checkPixels(width: number, height: number): void {
  if (width * height <= MAX_PIXELS) return;
  throw new NearFaceError(
    'IMAGE_TOO_LARGE',
    `The image has ${width} × ${height} = ${width * height} pixels; the limit is ${MAX_PIXELS}. Scale it down first`,
    { width, height, maxPixels: MAX_PIXELS },
  );
}

interface Header {
  readonly type: string | undefined;
  readonly width: number;
  readonly height: number;
  readonly orientation: number;
}

function readHeader(bytes: Uint8Array): Header {
  try {
    // The parsers read past the view they are given, so they get a buffer that ends with the data.
    const { type, width, height, orientation = 1 } = imageSize(bytes.slice());
    return { type, width, height, orientation: orientation >= 1 && orientation <= 8 ? orientation : 1 };
  } catch (error) {
    throw unreadable(bytes, error);
  }
}

function unreadable(bytes: Uint8Array, cause?: unknown): NearFaceError {
  const what =
    bytes.length === 0 ? 'The image is empty' : `The ${bytes.length} bytes read are not an image header`;
  return new NearFaceError(
    'IMAGE_DECODING_FAILED',
    `${what} of a known format, or an incomplete one; JPEG, PNG, WebP, GIF, AVIF, BMP and what else the browser decodes can be read`,
    { firstBytes: Array.from(bytes.subarray(0, 8), (byte) => byte.toString(16).padStart(2, '0')).join(' ') },
    cause,
  );
}
