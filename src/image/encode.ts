import { NearFaceError } from '../core/errors.ts';
import type { RgbaImage } from './pixels.ts';

/** Encodes an image as JPEG. `quality` is 0..1. Runs where `OffscreenCanvas` is, so in workers too. */
export async function encodeJpeg(image: RgbaImage, quality: number): Promise<Blob> {
  const canvas = new OffscreenCanvas(image.width, image.height);
  const context = canvas.getContext('2d', { alpha: false });
  if (!context) throw new NearFaceError('BACKEND_UNAVAILABLE', 'This browser gives no 2d context to workers');
  context.putImageData(new ImageData(image.data, image.width, image.height), 0, 0);
  return canvas.convertToBlob({ type: 'image/jpeg', quality });
}
