import type { PixelKernel } from './kernel/kernel.ts';
import type { RgbaImage } from './pixels.ts';
import { Pyramid } from './pyramid.ts';

/** What a decoder makes of an image. */
export interface DecodedPixels {
  /** The pixels to work on, oriented; transparent parts lie on white. */
  readonly pixels: RgbaImage;
  /** Width of the whole image in pixels, oriented. */
  readonly width: number;
  /** Height of the whole image in pixels, oriented. */
  readonly height: number;
  /** Pixels of the whole image per pixel of those, 1 or more. */
  readonly scale: number;
  /** The EXIF orientation 1..8 that its file says, which is applied; 1 without. */
  readonly orientation: number;
}

/** An image ready to be measured. */
export interface DecodedImage extends Omit<DecodedPixels, 'pixels'> {
  readonly pyramid: Pyramid;
}

/** Larger images are scaled down to this many pixels while they are decoded. */
export const MAX_WORKING_PIXELS = 16e6;

/** The factor, 1 or less, that brings an image down to `maxPixels`. */
export function shrinkFactor(width: number, height: number, maxPixels: number): number {
  return Math.min(1, Math.sqrt(maxPixels / (width * height)));
}

/** The pixels of an image of `width` × `height`, which may have been scaled down. */
export function decodedFrom(pixels: RgbaImage, width: number, height: number): DecodedPixels {
  const scale = Math.sqrt((width * height) / (pixels.width * pixels.height));
  return { pixels, width, height, scale, orientation: 1 };
}

/** The same with a pyramid over its pixels. */
export function withPyramid({ pixels, ...rest }: DecodedPixels, kernel: PixelKernel): DecodedImage {
  return { ...rest, pyramid: new Pyramid(pixels, kernel) };
}

/** Composites on white in place; an opaque image is only looked through. */
export function onWhite(image: RgbaImage): RgbaImage {
  const { data } = image;
  for (let i = 3; i < data.length; i += 4) {
    const alpha = data[i]!;
    if (alpha === 255) continue;
    const share = alpha / 255;
    for (let k = i - 3; k < i; k++) data[k] = 255 + share * (data[k]! - 255);
    data[i] = 255;
  }
  return image;
}
