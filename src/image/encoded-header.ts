import { NearFaceError } from '../core/errors.ts';
import { readDimensions, type ImageDimensions } from './dimensions.ts';
import { formatOf, type ImageFormat } from './format.ts';

/** Enough for the headers of nearly every file; the whole file is read where it is not. */
const HEADER_BYTES = 256 * 1024;
/** Most bytes an encoded image may have. */
export const MAX_ENCODED_BYTES: number = 2 ** 29;

/** What an encoded image says of itself. */
export interface EncodedHeader {
  readonly format: ImageFormat | undefined;
  /** Undefined where the header cannot be read. */
  readonly size: ImageDimensions | undefined;
}

/** Reads an encoded image's header. @throws NearFaceError `IMAGE_DECODING_FAILED`, `IMAGE_TOO_LARGE` */
export async function readEncodedHeader(blob: Blob): Promise<EncodedHeader> {
  if (blob.size === 0) {
    throw new NearFaceError('IMAGE_DECODING_FAILED', 'The image is empty (0 bytes); pass the whole file');
  }
  checkEncodedBytes(blob.size);
  const start = await bytesOf(blob.slice(0, HEADER_BYTES));
  const format = formatOf(start);
  const size = readDimensions(start);
  const isPart = format !== undefined && blob.size > start.length;
  // WebP has its EXIF block behind the pixels.
  if (!isPart || (size && format !== 'webp')) return { format, size };
  return { format, size: readDimensions(await bytesOf(blob)) };
}

/** The EXIF orientation 1..8 that a file says; 1 if none. @throws as {@link readEncodedHeader} */
export async function orientationOf(blob: Blob): Promise<number> {
  return (await readEncodedHeader(blob)).size?.orientation ?? 1;
}

/** @throws NearFaceError `IMAGE_TOO_LARGE` for a file that is larger than any is read */
export function checkEncodedBytes(bytes: number): void {
  if (bytes <= MAX_ENCODED_BYTES) return;
  throw new NearFaceError(
    'IMAGE_TOO_LARGE',
    `The file has ${bytes} bytes; the limit is ${MAX_ENCODED_BYTES}. Save it smaller`,
    { bytes, maxBytes: MAX_ENCODED_BYTES },
  );
}

/** A file's bytes. @throws NearFaceError `IMAGE_DECODING_FAILED` */
export async function bytesOf(blob: Blob): Promise<Uint8Array<ArrayBuffer>> {
  try {
    return new Uint8Array(await blob.arrayBuffer());
  } catch (error) {
    const why = 'The file could not be read; it may have been moved or changed since it was picked';
    throw new NearFaceError('IMAGE_DECODING_FAILED', why, {}, error);
  }
}
