/** An image in memory: RGBA, 8 bits each, row by row, not premultiplied. */
export interface RgbaImage {
  readonly width: number;
  readonly height: number;
  /** width × height × 4 bytes. */
  readonly data: Uint8ClampedArray<ArrayBuffer>;
}
