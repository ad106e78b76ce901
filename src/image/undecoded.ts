import { NearFaceError } from '../core/errors.ts';
import type { ImageFormat } from './format.ts';

/** What is known of formats that hardly any browser decodes. */
const NAMES: Readonly<Partial<Record<ImageFormat, string>>> = { tiff: 'TIFF', heic: 'HEIC', jxl: 'JPEG XL' };

/** The error of an encoded image that the browser's decoders refuse in the worker; the page may know another way. */
export function undecoded(
  blob: Blob,
  format: ImageFormat | undefined,
  firstBytes: Uint8Array,
  cause?: unknown,
): NearFaceError {
  const details = {
    bytes: blob.size,
    firstBytes: Array.from(firstBytes, (byte) => byte.toString(16).padStart(2, '0')).join(' '),
    decodable: false,
    ...(format !== undefined && { format }),
  };
  return new NearFaceError('IMAGE_DECODING_FAILED', messageOf(blob, format), details, cause);
}

function messageOf(blob: Blob, format: ImageFormat | undefined): string {
  if (/^text\/html/i.test(blob.type)) {
    return `The ${blob.size} bytes are a page of HTML, no image; servers send one for a wrong address, so check the URL`;
  }
  if (format === undefined) {
    return (
      `The ${blob.size} bytes are no image of a known format; JPEG, PNG, WebP, GIF, AVIF, BMP, ICO and what else the ` +
      'browser decodes can be read, other formats by a decoder of your own: NearFace.create({ decode })'
    );
  }
  if (format === 'svg') {
    return 'The image is an SVG drawing, which has no pixels; draw it on a canvas of the size you want and pass that';
  }
  const name = NAMES[format];
  if (name !== undefined) {
    return (
      `The image is ${name}, which this browser does not decode; save it as JPEG or PNG, or give a decoder of your own: ` +
      'NearFace.create({ decode }), called with the file, answers ImageData or an ImageBitmap'
    );
  }
  return (
    `The browser could not decode the ${format} image of ${blob.size} bytes; the file is damaged or incomplete, or this ` +
    'browser does not read the format: get the whole file, or save it as JPEG or PNG'
  );
}
