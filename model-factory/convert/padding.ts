import type { Padding } from './graph.ts';

/** No padding. */
export const NO_PADDING: Padding = Object.freeze({ top: 0, bottom: 0, left: 0, right: 0 });

/**
 * TensorFlow's SAME padding along one axis: the output has ceil(length / stride) cells, and an odd pixel goes
 * after the image.
 */
export function samePadding(
  length: number,
  kernel: number,
  stride: number,
  dilation: number,
): [before: number, after: number] {
  const reach = (kernel - 1) * dilation + 1;
  const cells = Math.ceil(length / stride);
  const total = Math.max(0, (cells - 1) * stride + reach - length);
  const before = Math.floor(total / 2);
  return [before, total - before];
}

/** SAME padding of an image of `size` under a window. */
export function samePadding2d(
  size: readonly [height: number, width: number],
  kernel: readonly [height: number, width: number],
  stride: readonly [height: number, width: number],
  dilation: readonly [height: number, width: number],
): Padding {
  const [top, bottom] = samePadding(size[0], kernel[0], stride[0], dilation[0]);
  const [left, right] = samePadding(size[1], kernel[1], stride[1], dilation[1]);
  return { top, bottom, left, right };
}
