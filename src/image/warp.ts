/**
 * Resampling. Coordinates are continuous: pixel (i, j) covers [i, i + 1) × [j, j + 1) and has its centre at
 * (i + ½, j + ½), in the image and in the output alike.
 */
import { compose, scaleOf, type Affine } from '../geometry/similarity.ts';
import type { WarpTarget } from './kernel/kernel.ts';
import type { RgbaImage } from './pixels.ts';
import type { Pyramid } from './pyramid.ts';

/** How pixels become numbers: `(channel − mean) / std`, channels being 0..255; `grey` is Rec. 601 luma. */
export interface TensorFormat {
  readonly layout: 'nchw' | 'nhwc';
  readonly channels: 'rgb' | 'bgr' | 'grey';
  readonly mean: number;
  readonly std: number;
}

/**
 * Resamples a part of an image into a tensor of `width` × `height`, bilinear from the pyramid level that fits the
 * reduction. `toImage` takes output to image coordinates. Pixels beyond the image count as `outside` (0..255) in
 * every channel. Writes `out` from `offset` on: 3 planes or triples, 1 for `grey`.
 */
export function warpToTensor(
  source: Pyramid,
  toImage: Affine,
  width: number,
  height: number,
  format: TensorFormat,
  out: Float32Array,
  offset: number = 0,
  outside: number = 0,
): void {
  const size = width * height * (format.channels === 'grey' ? 1 : 3);
  if (offset < 0 || offset + size > out.length) {
    throw new RangeError(`A tensor of ${size} numbers does not fit ${out.length} from ${offset} on`);
  }
  warp(source, toImage, outside, {
    ...{ form: formOf(format), isBgr: format.channels === 'bgr' },
    ...{ mean: format.mean, factor: 1 / format.std },
    ...{ data: out, offset, width, height },
  });
}

function formOf({ layout, channels }: TensorFormat): 'grey' | 'planes' | 'triples' {
  if (channels === 'grey') return 'grey';
  return layout === 'nchw' ? 'planes' : 'triples';
}

/** Resamples a part of an image into an opaque RGBA image; see {@link warpToTensor}. */
export function warpToRgba(
  source: Pyramid,
  toImage: Affine,
  width: number,
  height: number,
  outside: number = 0,
): RgbaImage {
  const data = new Uint8ClampedArray(4 * width * height);
  warp(source, toImage, outside, { form: 'rgba', data, offset: 0, width, height });
  return { width, height, data };
}

function warp(source: Pyramid, toImage: Affine, outside: number, target: WarpTarget): void {
  const index = source.levelFor(scaleOf(toImage));
  const image = source.level(index);
  const shrink = 2 ** -index;
  // From output pixel indices to level pixel indices: half a pixel in, half a pixel out.
  const toLevel = compose([shrink, 0, 0, shrink, -0.5, -0.5], compose(toImage, [1, 0, 0, 1, 0.5, 0.5]));
  source.kernel.warp({ image, toImage: toLevel, outside }, target);
}
