import { areAlike, falsifiedError, noContext } from './canvas-readback.ts';
import type { RgbaImage } from '../../image/pixels.ts';

/** Rows that are read back before encoding. */
const CHECKED_ROWS = 8;

/**
 * Encodes an image as JPEG. `quality` is 0..1. Runs where `OffscreenCanvas` is, so in workers too.
 * @throws NearFaceError `BACKEND_UNAVAILABLE` where the browser would encode other pixels than these
 */
export function encodeJpeg(image: RgbaImage, quality: number): Promise<Blob> {
  return encode(image, { type: 'image/jpeg', quality });
}

/** The same as PNG. */
export function encodePng(image: RgbaImage): Promise<Blob> {
  return encode(image, { type: 'image/png' });
}

async function encode(image: RgbaImage, options: ImageEncodeOptions): Promise<Blob> {
  const canvas = new OffscreenCanvas(image.width, image.height);
  const context = canvas.getContext('2d', { alpha: false });
  if (!context) throw noContext();
  context.putImageData(new ImageData(image.data, image.width, image.height), 0, 0);
  const rows = Math.min(CHECKED_ROWS, image.height);
  const read = context.getImageData(0, 0, image.width, rows).data;
  if (!areAlike(image.data.subarray(0, read.length), read)) throw falsifiedError();
  return canvas.convertToBlob(options);
}
