import { NearFaceError, throwIfAborted } from '../../core/errors.ts';
import type { WireImage } from '../../core/wire-image.ts';
import { decodedFrom, type DecodedPixels, onWhite, shrinkFactor } from '../../image/decoded-image.ts';
import { bytesOf, orientationOf, readEncodedHeader } from '../../image/encoded-header.ts';
import { isComplete, type ImageFormat } from '../../image/format.ts';
import type { PixelKernel } from '../../image/kernel/kernel.ts';
import { stretch } from '../../image/letterbox.ts';
import { checkPixels, checkWholePixels, MAX_PIXELS } from '../../image/pixel-limit.ts';
import type { RgbaImage } from '../../image/pixels.ts';
import { Pyramid } from '../../image/pyramid.ts';
import { undecoded, type DecoderWords } from '../../image/undecoded.ts';
import { warpToRgba } from '../../image/warp.ts';
import { loadSharp, type Sharp } from './sharp.ts';

const SHARP: DecoderWords = {
  name: 'sharp',
  reads: 'JPEG, PNG, WebP, AVIF, GIF and TIFF',
  unread: { heic: 'HEIC', jxl: 'JPEG XL', bmp: 'BMP', ico: 'ICO' },
  answer: 'pixels { width, height, data }',
};

/** Decodes an image by sharp; see {@link ImageDecoder}. */
export async function decodeImage(
  image: WireImage,
  signal: AbortSignal | undefined,
  maxPixels: number,
  kernel: PixelKernel,
): Promise<DecodedPixels> {
  throwIfAborted(signal);
  if (image.kind === 'encoded') return decodeBlob(image.blob, signal, maxPixels);
  if (image.kind === 'pixels') {
    const decoded = decodePixels(image.pixels as RgbaImage, maxPixels, kernel);
    return image.file ? { ...decoded, orientation: await orientationOf(image.file) } : decoded;
  }
  throw new NearFaceError('IMAGE_DECODING_FAILED', 'Node has no bitmaps and no video frames; pass pixels');
}

function decodePixels(pixels: RgbaImage, maxPixels: number, kernel: PixelKernel): DecodedPixels {
  const { width, height } = pixels;
  const shrink = shrinkFactor(width, height, maxPixels);
  const whole = onWhite(pixels);
  if (shrink === 1) return decodedFrom(whole, width, height);
  const [w, h] = [scaled(width, shrink), scaled(height, shrink)];
  const toImage = stretch({ left: 0, top: 0, width, height }, w, h);
  return decodedFrom(warpToRgba(new Pyramid(whole, kernel), toImage, w, h), width, height);
}

async function decodeBlob(
  blob: Blob,
  signal: AbortSignal | undefined,
  maxPixels: number,
): Promise<DecodedPixels> {
  const { format, size } = await readEncodedHeader(blob);
  if (size && format !== 'jpg') checkWholePixels(size.width, size.height);
  const bytes = await bytesOf(blob);
  const refuse = (cause?: unknown): NearFaceError =>
    undecoded({ blob, format, firstBytes: bytes.slice(0, 8) }, SHARP, cause);
  if (format === undefined || format === 'svg' || !isComplete(format, bytes)) throw refuse();
  const sharp = await loadSharp();
  throwIfAborted(signal);
  try {
    const decoded = await decodeBySharp(sharp, bytes, format, maxPixels);
    return { ...decoded, orientation: size?.orientation ?? 1 };
  } catch (error) {
    throw error instanceof NearFaceError ? error : refuse(error);
  }
}

async function decodeBySharp(
  sharp: Sharp,
  bytes: Uint8Array<ArrayBuffer>,
  format: ImageFormat,
  maxPixels: number,
): Promise<DecodedPixels> {
  // A file with some damage is shown as far as it goes, as browsers do it; one that was cut off is not.
  const source = sharp(bytes, { failOn: 'truncated', limitInputPixels: MAX_PIXELS, pages: 1 });
  const { width, height } = (await source.metadata()).autoOrient;
  (format === 'jpg' ? checkPixels : checkWholePixels)(width, height);
  const shrink = shrinkFactor(width, height, maxPixels);
  let picture = source.autoOrient();
  if (shrink < 1)
    picture = picture.resize(scaled(width, shrink), scaled(height, shrink), {
      fit: 'fill',
      kernel: 'linear',
    });
  const { data, info } = await picture
    .flatten({ background: '#fff' })
    .toColourspace('srgb')
    .ensureAlpha()
    .raw({ depth: 'uchar' })
    .toBuffer({ resolveWithObject: true });
  const pixels = new Uint8ClampedArray(data.buffer, data.byteOffset, data.length);
  return decodedFrom({ width: info.width, height: info.height, data: pixels }, width, height);
}

function scaled(side: number, by: number): number {
  return Math.max(1, Math.round(side * by));
}
