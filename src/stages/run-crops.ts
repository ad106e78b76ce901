import { throwIfAborted } from '../core/errors.ts';
import { nextTask } from '../core/next-task.ts';
import { inputDims, type LazyModel } from '../core/model-session.ts';
import { compose, type Affine } from '../geometry/similarity.ts';
import type { Pyramid } from '../image/pyramid.ts';
import { warpToTensor } from '../image/warp.ts';

/** A part of an image on its way into a model: `toImage` maps the model's input pixels to the image's. */
export interface Crop {
  readonly image: Pyramid;
  readonly toImage: Affine;
}

/** The same crop, seen in a mirror; `size` is the width of the model's input in pixels. */
export function mirrored({ image, toImage }: Crop, size: number): Crop {
  return { image, toImage: compose(toImage, [-1, 0, 0, 1, size, 0]) };
}

/** How {@link runCrops} runs. */
export interface RunOptions {
  /** Input size, where it is not the model's own. */
  readonly size?: readonly [width: number, height: number];
  /** Value, 0..255, of what lies outside the image. Default: 0. */
  readonly outside?: number;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Runs crops, of one image or several, through a model in batches, and answers what `read` makes of each crop's own
 * outputs (views that last as long as `read`), in the crops' order. Without crops the model is not even loaded. With a `signal`, the thread takes its messages before each
 * batch, so that an abort posted to a worker ends the work within one batch.
 *
 * @throws NearFaceError `ABORTED`; what loading a model throws
 */
export async function runCrops<C extends Crop, T>(
  model: LazyModel,
  crops: readonly C[],
  read: (outputs: readonly Float32Array[], crop: C) => T,
  { size = model.entry.input.size, outside = 0, signal }: RunOptions = {},
): Promise<T[]> {
  const results: T[] = [];
  if (crops.length === 0) return results;
  const { input } = model.entry;
  const session = await model.open(signal);
  for (let start = 0; start < crops.length; start += session.maxBatch) {
    if (signal) await nextTask();
    throwIfAborted(signal);
    const batch = crops.slice(start, start + session.maxBatch);
    const dims = inputDims(model.entry, batch.length, size);
    const length = dims.slice(1).reduce((product, side) => product * side);
    const { spare } = batch[0]!.image.kernel;
    const tensor = new Float32Array(spare.take(4 * batch.length * length));
    batch.forEach(({ image, toImage }, i) =>
      warpToTensor(image, toImage, size[0], size[1], input, tensor, i * length, outside),
    );
    const outputs = await session.run(tensor, dims);
    // A run that fails may still read it.
    spare.giveBack(tensor.buffer);
    batch.forEach((crop, i) => {
      const own = outputs.map((output) => shareOf(output, i, batch.length));
      results.push(read(own, crop));
    });
  }
  return results;
}

/** The part of a batch's output that belongs to its `i`-th input; a view. */
function shareOf(output: Float32Array, i: number, batch: number): Float32Array {
  const length = output.length / batch;
  return output.subarray(i * length, (i + 1) * length);
}
