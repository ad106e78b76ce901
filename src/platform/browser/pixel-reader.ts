import {
  chooseReadback,
  copyByFrame,
  copyFrame,
  framesTellTruth,
  noContext,
  type Readback,
} from './canvas-readback.ts';
import { takesCutFiles } from './cut-files.ts';
import { transformFor, turnsSides } from '../../image/orientation.ts';
import type { RgbaImage } from '../../image/pixels.ts';

/** Larger canvases and buffers are not kept: 4 bytes a pixel would lie idle. */
const MAX_KEPT_PIXELS = 2 ** 22;

/** Buffers that are kept at most: those of two sources at a time, a frame of each being measured and one waiting. */
const MAX_KEPT_BUFFERS = 4;

/** Bytes of all kept buffers together: four frames of 1920 × 1080. Photos of many sizes would leave one of each. */
const MAX_KEPT_BYTES = 4 * 4 * 1920 * 1080;

/**
 * Reads pixels back from what the browser decoded, and remembers what this browser does in its own way. Owns one canvas and some buffers, kept between images of the same size: making
 * them costs as much as reading, some 4 ms for a canvas of 1280 × 960 and 0.7 ms for a buffer of 640 × 480.
 */
export class PixelReader {
  #context: OffscreenCanvasRenderingContext2D | undefined;
  #readback: Readback | undefined;
  #frames: boolean | undefined;
  #cutFiles: boolean | undefined;
  readonly #free: Uint8ClampedArray<ArrayBuffer>[] = [];
  readonly #lent = new WeakSet<Uint8ClampedArray<ArrayBuffer>>();

  /** A buffer for `pixels` RGBA pixels, whatever is in it; the borrower's until it is given back. */
  borrow(pixels: number): Uint8ClampedArray<ArrayBuffer> {
    const index = this.#free.findIndex(({ length }) => length === 4 * pixels);
    const [kept] = index < 0 ? [] : this.#free.splice(index, 1);
    const buffer = kept ?? new Uint8ClampedArray(4 * pixels);
    this.#lent.add(buffer);
    return buffer;
  }

  /** Takes back a buffer that was borrowed; does nothing with any other, or with one that was given back. */
  giveBack(buffer: Uint8ClampedArray<ArrayBuffer>): void {
    if (!this.#lent.delete(buffer) || buffer.length > 4 * MAX_KEPT_PIXELS) return;
    this.#free.push(buffer);
    const bytes = (): number => this.#free.reduce((sum, { length }) => sum + length, 0);
    while (this.#free.length > MAX_KEPT_BUFFERS || bytes() > MAX_KEPT_BYTES) this.#free.shift();
  }

  /** Whether a file that was cut off is taken for the whole picture. */
  async takesCutFiles(): Promise<boolean> {
    return (this.#cutFiles ??= await takesCutFiles());
  }

  /**
   * The pixels of a frame that is opaque and needs neither scaling nor turning, in a borrowed buffer: several times as fast as drawing it.
   * Undefined for others, and where the browser does not copy frames as they are.
   */
  async copy(frame: VideoFrame): Promise<RgbaImage | undefined> {
    if (!isPlain(frame) || !(await this.#copiesFrames())) return undefined;
    const { displayWidth: width, displayHeight: height, format } = frame;
    const data = this.borrow(width * height);
    try {
      await copyFrame(frame, data);
      // Colours of a frame that was made of a bitmap are multiplied by alpha already, those of others are not. Chromium takes the unused
      // byte of RGBX for alpha.
      if ((format && !/[AX]$/.test(format)) || isOpaque(data)) return { width, height, data };
    } catch {
      // Not every browser converts every format to RGBA here; all of them draw.
    }
    this.giveBack(data);
    return undefined;
  }

  /**
   * The picture on white at `width` × `height`, which it has after `orientation` (EXIF, 1..8) is applied; `source` is
   * neither closed nor changed.
   * @throws NearFaceError `BACKEND_UNAVAILABLE` where the browser falsifies what is read from canvases
   */
  async read(
    source: ImageBitmap | VideoFrame,
    width: number,
    height: number,
    orientation: number = 1,
  ): Promise<RgbaImage> {
    const copied = await this.#copyBitmap(source, width, height, orientation);
    if (copied) return copied;
    this.#readback ??= await chooseReadback();
    const context = this.#contextOf(width, height);
    context.fillStyle = '#fff';
    context.fillRect(0, 0, width, height);
    context.imageSmoothingQuality = 'medium';
    const [drawnWidth, drawnHeight] = turnsSides(orientation) ? [height, width] : [width, height];
    context.setTransform(...transformFor(orientation, width, height));
    context.drawImage(source, 0, 0, drawnWidth, drawnHeight);
    context.resetTransform();
    if (this.#readback === 'canvas') {
      const { data } = context.getImageData(0, 0, width, height);
      return { width, height, data };
    }
    const data = this.borrow(width * height);
    try {
      await copyByFrame(context.canvas, data);
    } catch (error) {
      this.giveBack(data);
      throw error;
    }
    return { width, height, data };
  }

  async #copiesFrames(): Promise<boolean> {
    return (this.#frames ??= await framesTellTruth());
  }

  /** By a frame, if it is a bitmap as it is wanted. */
  async #copyBitmap(
    source: ImageBitmap | VideoFrame,
    width: number,
    height: number,
    orientation: number,
  ): Promise<RgbaImage | undefined> {
    const isWanted = 'width' in source && source.width === width && source.height === height;
    if (!isWanted || orientation !== 1 || !(await this.#copiesFrames())) return undefined;
    let frame: VideoFrame | undefined;
    try {
      frame = new VideoFrame(source, { timestamp: 0 });
      return await this.copy(frame);
    } catch {
      // No frame is as wide or high as a bitmap may be: Chromium's end at 32,767 pixels.
      return undefined;
    } finally {
      frame?.close();
    }
  }

  #contextOf(width: number, height: number): OffscreenCanvasRenderingContext2D {
    const kept = this.#context;
    if (kept && kept.canvas.width === width && kept.canvas.height === height) return kept;
    const canvas = new OffscreenCanvas(width, height);
    const context = canvas.getContext('2d', { alpha: false, willReadFrequently: true });
    if (!context) throw noContext();
    this.#context = width * height <= MAX_KEPT_PIXELS ? context : undefined;
    return context;
  }
}

/** Whether the frame's pixels are shown one to one, as they lie. */
function isPlain(frame: VideoFrame & { readonly rotation?: number; readonly flip?: boolean }): boolean {
  const { visibleRect: rect, displayWidth, displayHeight, rotation = 0, flip = false } = frame;
  return rect?.width === displayWidth && rect.height === displayHeight && rotation === 0 && !flip;
}

/** Whether no pixel, RGBA, lets anything through. */
function isOpaque({ buffer, byteOffset, byteLength }: Uint8ClampedArray<ArrayBuffer>): boolean {
  const pixels = new Int32Array(buffer, byteOffset, byteLength / 4);
  const even = pixels.length & ~3;
  let all = -1;
  for (let i = 0; i < even; i += 4) all &= pixels[i]! & pixels[i + 1]! & pixels[i + 2]! & pixels[i + 3]!;
  for (let i = even; i < pixels.length; i++) all &= pixels[i]!;
  return all >>> 24 === 255;
}
