import { sizeOf } from './graph.ts';

/** Whether a shape is that of a batch of images. */
export function isImage(shape: readonly unknown[]): boolean {
  return shape.length === 4;
}

/** The sides of an NHWC shape in NCHW order. */
export function nchw<T>([batch, height, width, channels]: readonly T[]): T[] {
  return [batch, channels, height, width] as T[];
}

/** The NCHW place of an NHWC axis. */
export function nchwAxis(axis: number): number {
  return [0, 2, 3, 1][axis < 0 ? axis + 4 : axis] ?? axis;
}

/** The data of an array of `shape` with its axes in another order. */
export function permuted(
  shape: readonly number[],
  order: readonly number[],
  data: Float32Array,
): Float32Array {
  const steps = shape.map((_, axis) => sizeOf(shape.slice(axis + 1)));
  const result = new Float32Array(data.length);
  const index = new Array<number>(shape.length).fill(0);
  for (let at = 0; at < data.length; at++) {
    result[at] =
      data[order.reduce((sum, axis, place) => sum + (steps[axis] ?? 0) * (index[place] ?? 0), 0)] ?? 0;
    for (let place = order.length - 1; place >= 0; place--) {
      index[place] = (index[place] ?? 0) + 1;
      if ((index[place] ?? 0) < (shape[order[place] ?? 0] ?? 0)) break;
      index[place] = 0;
    }
  }
  return result;
}
