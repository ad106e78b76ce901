import { badParam, NearFaceError } from '../core/errors.ts';
import { checkPixels } from './pixel-limit.ts';
import type { RgbaImage } from './pixels.ts';

/** An object's own tag, as in `Blob`, so that objects of other frames and realms are known too. */
export function tagOf(value: unknown): string {
  return Object.prototype.toString.call(value).slice(8, -1);
}

/** The error of an image, called `param`, that cannot be read. */
export function unreadable(param: string, why: string, cause?: unknown): NearFaceError {
  return new NearFaceError('IMAGE_DECODING_FAILED', `${param}: ${why}`, { param }, cause);
}

/** Text that may be long, as messages show it. */
export function shorten(text: string): string {
  return text.length > 200 ? `${text.slice(0, 199)}…` : text;
}

/** Copies, as a buffer may be shared or resizable, and its owner may write to it. */
export function blobOfBytes(input: Uint8Array | ArrayBuffer, param: string): Blob {
  try {
    const bytes =
      tagOf(input) === 'Uint8Array' ? (input as Uint8Array) : new Uint8Array(input as ArrayBuffer);
    return new Blob([bytes.slice()]);
  } catch (error) {
    throw unreadable(
      param,
      `the ${tagOf(input)} has no bytes any more; its buffer was transferred (detached): pass it before that, or a copy`,
      error,
    );
  }
}

/** Whether a value is pixels in memory; says nothing of how many there are. */
export function isPixels(value: unknown): value is GivenRgba {
  const data = (value as Partial<GivenRgba> | null | undefined)?.data;
  return ['Uint8Array', 'Uint8ClampedArray'].includes(tagOf(data));
}

interface GivenRgba {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8Array | Uint8ClampedArray;
}

/** A copy of pixels in memory, RGBA. @throws NearFaceError `BAD_PARAM` unless they are as many as they say, `IMAGE_TOO_LARGE` */
export function copyPixels({ width, height, data }: GivenRgba, param: string): RgbaImage {
  const isSide = (side: number): boolean => Number.isInteger(side) && side >= 1;
  if (!isSide(width) || !isSide(height)) {
    const wanted = 'pixels { width, height, data } with whole sides of 1 or more';
    throw badParam(param, { width, height }, wanted);
  }
  checkPixels(width, height);
  if (data.length !== 4 * width * height) {
    const wanted = `pixels { width, height, data } with ${4 * width * height} bytes of RGBA in data`;
    throw badParam(param, { width, height, bytes: data.length }, wanted);
  }
  return { width, height, data: new Uint8ClampedArray(data) };
}
