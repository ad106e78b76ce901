import { expect, test } from 'vitest';
import type { ModelEntry } from '../core/manifest.ts';
import type { LazyModel } from '../core/model-session.ts';
import { Pyramid } from '../image/pyramid.ts';
import { noise, shrinkSlowly } from '../image/test-pixels.ts';
import { runCrops } from './run-crops.ts';
import { builtPixelKernel } from '../../tools/pixel-kernel.ts';

const input = { size: [8, 8], layout: 'nchw', channels: 'rgb', mean: 0, std: 1 } as const;
const entry = { id: 'echo', role: 'detector', format: 'onnx', file: '', input, outputs: ['pixels'] } as const;

/** Answers the input, and remembers in what memory it came. */
function echo(isBroken: () => boolean = () => false): { model: LazyModel; seen: ArrayBuffer[] } {
  const seen: ArrayBuffer[] = [];
  const run = async (tensor: Float32Array<ArrayBuffer>): Promise<Float32Array[]> => {
    seen.push(tensor.buffer);
    if (isBroken()) throw new Error('broken');
    return [tensor.slice()];
  };
  const session = { entry: entry as ModelEntry, maxBatch: 2, run, dispose: async () => undefined };
  return { model: { entry: session.entry, open: async () => session }, seen };
}

test('batches share memory, and each crop gets its own pixels', async () => {
  const kernel = await builtPixelKernel();
  const images = Array.from({ length: 6 }, (_, i) => noise(16, 16, i));
  const crops = images.map((image) => ({
    image: new Pyramid(image, kernel),
    toImage: [2, 0, 0, 2, 0, 0] as const,
  }));
  const { model, seen } = echo();
  const outputs = await runCrops(model, crops, ([output]) => output!.slice());
  expect(new Set(seen).size).toBe(1);
  outputs.forEach((output, i) => {
    const { data } = shrinkSlowly(images[i]!, 2);
    expect([...output]).toEqual(Array.from({ length: 192 }, (_, k) => data[4 * (k % 64) + (k >> 6)]));
  });
});

test('memory of a run that failed, which may still be read, is not used again', async () => {
  const kernel = await builtPixelKernel();
  const crop = { image: new Pyramid(noise(16, 16), kernel), toImage: [2, 0, 0, 2, 0, 0] as const };
  let fails = true;
  const { model, seen } = echo(() => fails);
  await expect(runCrops(model, [crop], () => 0)).rejects.toThrow('broken');
  fails = false;
  await runCrops(model, [crop], () => 0);
  expect(seen[1]).not.toBe(seen[0]);
});
