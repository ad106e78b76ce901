import type { BrowserObject } from '../core/browser-object.ts';

/** Pixels in memory: RGBA, 8 bits each, not premultiplied, row by row. */
export interface RgbaPixels {
  /** In pixels. */
  readonly width: number;
  /** In pixels. */
  readonly height: number;
  /** width × height × 4 bytes. */
  readonly data: Uint8ClampedArray | Uint8Array;
}

/**
 * Anything a page has that shows faces: a `Blob` or `File`, encoded bytes, a base64 or data-URL string, a
 * same-origin or CORS URL, `ImageData` or other {@link RgbaPixels}, `ImageBitmap`, `<img>`, `<canvas>`, `OffscreenCanvas`, `<video>`,
 * `VideoFrame`. In Node: `Blob`, encoded bytes (a `Buffer` too), a base64 or data-URL string, an `https:`, `http:` or `file:` URL, the
 * path of a file, `RgbaPixels`. The library never closes, detaches or changes what it is given.
 *
 * A project without the DOM's types (`lib` without `dom`) has the members that Node has.
 */
export type ImageInput =
  | Blob
  | ArrayBuffer
  | Uint8Array
  | string
  | URL
  | RgbaPixels
  | BrowserObject<'ImageData'>
  | BrowserObject<'ImageBitmap'>
  | BrowserObject<'HTMLImageElement'>
  | BrowserObject<'HTMLCanvasElement'>
  | BrowserObject<'OffscreenCanvas'>
  | BrowserObject<'HTMLVideoElement'>
  | BrowserObject<'VideoFrame'>;

/**
 * A decoder of one's own, called with the encoded image when the host cannot decode it. The answer is read as any
 * image of its kind is, upright; it is neither closed nor changed. In Node it answers {@link RgbaPixels}.
 */
export type DecodeHook = (image: Blob) => Promise<DecodedByHook> | DecodedByHook;

/** What a {@link DecodeHook} answers. */
export type DecodedByHook = BrowserObject<'ImageBitmap'> | BrowserObject<'ImageData'> | RgbaPixels;
