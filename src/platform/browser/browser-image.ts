/** What {@link WireImage} is in a browser. */
export type BrowserImage =
  | { readonly kind: 'encoded'; readonly blob: Blob }
  | { readonly kind: 'bitmap'; readonly bitmap: ImageBitmap; readonly file?: Blob }
  | { readonly kind: 'frame'; readonly frame: VideoFrame }
  | { readonly kind: 'pixels'; readonly pixels: ImageData; readonly file?: Blob };

/** The same with what must be transferred along with it. */
export interface BrowserInput {
  readonly image: BrowserImage;
  readonly transfer: readonly Transferable[];
}
