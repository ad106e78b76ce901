import { imageSize } from 'image-size';
import { orientationOfPng, orientationOfTiff, orientationOfWebp } from './exif.ts';
import { formatOf } from './format.ts';
import { readJpegHeader } from './jpeg-header.ts';
import { checkPixels } from './pixel-limit.ts';

/** What the header of an encoded image says. */
export interface ImageDimensions {
  /** Width in pixels after EXIF orientation. */
  readonly width: number;
  /** Height in pixels after EXIF orientation. */
  readonly height: number;
  /** EXIF orientation 1..8 of JPEG, PNG, WebP and TIFF; 1 for other formats, whose turns the decoder knows. */
  readonly orientation: number;
}

/**
 * Reads size and EXIF orientation from the first bytes of an encoded image, without decoding it. It bounds memory and
 * judges no file: what it cannot read, or what says something impossible, is undefined, and the browser's to decide.
 * @throws `IMAGE_TOO_LARGE` for more pixels than {@link checkPixels} lets pass.
 */
export function readDimensions(bytes: Uint8Array): ImageDimensions | undefined {
  const header = readHeader(bytes);
  if (!header) return undefined;
  const { width, height, orientation } = header;
  if (!(width >= 1 && height >= 1 && Number.isFinite(width) && Number.isFinite(height))) return undefined;
  checkPixels(width, height);
  return orientation >= 5 ? { width: height, height: width, orientation } : { width, height, orientation };
}

function readHeader(bytes: Uint8Array): ImageDimensions | undefined {
  switch (formatOf(bytes)) {
    case undefined:
    case 'svg':
      return undefined;
    case 'jpg':
      return readJpegHeader(bytes);
    case 'bmp':
      return readBmpHeader(bytes);
    case 'webp':
      return sizeWith(bytes, orientationOfWebp(bytes));
    case 'png':
      return sizeWith(bytes, orientationOfPng(bytes));
    case 'tiff':
      return sizeWith(bytes, orientationOfTiff(bytes));
    default:
      return sizeWith(bytes, 1);
  }
}

function sizeWith(bytes: Uint8Array, orientation: number): ImageDimensions | undefined {
  try {
    // The parsers read past the view they are given, so they get a buffer that ends with the data.
    const { width, height } = imageSize(bytes.slice());
    return { width, height, orientation };
  } catch {
    return undefined;
  }
}

/** The size stands in 16 bits in OS/2's header of 12 bytes, and in 32 in all later ones; a negative height is top-down. */
function readBmpHeader(bytes: Uint8Array): ImageDimensions | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (view.byteLength < 26) return undefined;
  if (view.getUint32(14, true) === 12)
    return { width: view.getUint16(18, true), height: view.getUint16(20, true), orientation: 1 };
  return { width: view.getInt32(18, true), height: Math.abs(view.getInt32(22, true)), orientation: 1 };
}
