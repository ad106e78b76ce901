/** An image on its way to the vision worker, which owns and closes it. */
export type WireImage =
  | { readonly kind: 'encoded'; readonly blob: Blob }
  | { readonly kind: 'bitmap'; readonly bitmap: ImageBitmap }
  | { readonly kind: 'frame'; readonly frame: VideoFrame }
  | { readonly kind: 'pixels'; readonly pixels: ImageData };
