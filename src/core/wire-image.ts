/** An image on its way to the vision worker, which owns and closes it; `file` is what the page decoded it from, if it was encoded. */
export type WireImage =
  | { readonly kind: 'encoded'; readonly blob: Blob }
  | { readonly kind: 'bitmap'; readonly bitmap: ImageBitmap; readonly file?: Blob }
  | { readonly kind: 'frame'; readonly frame: VideoFrame }
  | { readonly kind: 'pixels'; readonly pixels: ImageData; readonly file?: Blob };
