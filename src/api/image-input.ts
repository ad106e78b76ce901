/**
 * Anything a page has that shows faces: a `Blob` or `File`, encoded bytes, a base64 or data-URL string, a
 * same-origin or CORS URL, `ImageData`, `ImageBitmap`, `<img>`, `<canvas>`, `OffscreenCanvas`, `<video>`,
 * `VideoFrame`. The library never closes, detaches or changes what it is given.
 */
export type ImageInput =
  | Blob
  | ArrayBuffer
  | Uint8Array
  | string
  | URL
  | ImageData
  | ImageBitmap
  | HTMLImageElement
  | HTMLCanvasElement
  | OffscreenCanvas
  | HTMLVideoElement
  | VideoFrame;

/**
 * A decoder of one's own, called with the encoded image when the browser cannot decode it. The answer is read as any
 * `ImageData` or `ImageBitmap` is, upright; it is neither closed nor changed.
 */
export type DecodeHook = (image: Blob) => Promise<ImageBitmap | ImageData> | ImageBitmap | ImageData;
