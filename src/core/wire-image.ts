/** What a host has of a picture beside its pixels, as a browser its bitmaps and video frames; freed by closing. */
export interface HostPicture {
  close(): void;
}

/** Pixels as they were given, row by row; the host that reads them knows their format. */
export interface GivenPixels {
  readonly width: number;
  readonly height: number;
  readonly data: ArrayBufferView;
}

/** An image on its way to the vision worker, which owns and closes it; `file` is what it was decoded from before, if it was encoded. */
export type WireImage =
  | { readonly kind: 'encoded'; readonly blob: Blob }
  | { readonly kind: 'bitmap'; readonly bitmap: HostPicture; readonly file?: Blob }
  | { readonly kind: 'frame'; readonly frame: HostPicture }
  | { readonly kind: 'pixels'; readonly pixels: GivenPixels; readonly file?: Blob };

/** The same with what must be transferred along with it. */
export interface WireInput {
  readonly image: WireImage;
  readonly transfer: readonly object[];
}

/** Frees an image that is not sent, or was: closing what was transferred does nothing. */
export function closeWire(image: WireImage): void {
  if (image.kind === 'bitmap') image.bitmap.close();
  if (image.kind === 'frame') image.frame.close();
}
