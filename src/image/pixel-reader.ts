import { NearFaceError } from '../core/errors.ts';
import type { RgbaImage } from './pixels.ts';

/** Larger canvases are not kept: 4 bytes a pixel would lie idle. */
const MAX_KEPT_PIXELS = 2 ** 22;

/**
 * Reads pixels back from what the browser decoded. Owns one canvas, kept between images of the same size: making one
 * costs as much as reading it, some 4 ms for 1280 × 960.
 */
export class PixelReader {
  #context: OffscreenCanvasRenderingContext2D | undefined;

  /** The picture drawn on white at `width` × `height`; `source` is neither closed nor changed. */
  read(source: ImageBitmap | VideoFrame, width: number, height: number): RgbaImage {
    const context = this.#contextOf(width, height);
    context.fillStyle = '#fff';
    context.fillRect(0, 0, width, height);
    context.imageSmoothingQuality = 'medium';
    context.drawImage(source, 0, 0, width, height);
    const { data } = context.getImageData(0, 0, width, height);
    return { width, height, data };
  }

  #contextOf(width: number, height: number): OffscreenCanvasRenderingContext2D {
    const kept = this.#context;
    if (kept && kept.canvas.width === width && kept.canvas.height === height) return kept;
    const canvas = new OffscreenCanvas(width, height);
    const context = canvas.getContext('2d', { alpha: false, willReadFrequently: true });
    if (!context)
      throw new NearFaceError('BACKEND_UNAVAILABLE', 'This browser gives no 2d context to workers');
    this.#context = width * height <= MAX_KEPT_PIXELS ? context : undefined;
    return context;
  }
}
