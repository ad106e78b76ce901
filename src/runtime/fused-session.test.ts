import { expect, test } from 'vitest';
import type { ModelEntry } from '../core/manifest.ts';
import type { ModelSession } from '../core/model-session.ts';
import { FusedSession, secondOf } from './fused-session.ts';

const ENTRY: ModelEntry = {
  ...{ id: 'fused', role: 'embedding', format: 'onnx', file: 'a.onnx', outputs: ['e'], dimension: 5 },
  input: { size: [112, 112], layout: 'nchw', channels: 'rgb', mean: 127.5, std: 128 },
  common: { limit: 0.1, directions: [[1, 0, 0, 0, 0]] },
  fusedWith: {
    ...{ file: 'b.onnx', sha256: 'ab', bytes: 7, outputs: ['o'], dimension: 2, weight: 0.4 },
    input: { size: [112, 112], layout: 'nchw', channels: 'rgb', mean: 127, std: 64 },
  },
};

/** Gives back what it is given, and notes whether it is disposed of. */
function echo(entry: ModelEntry, maxBatch: number): ModelSession & { disposed: boolean } {
  return {
    ...{ entry, maxBatch, disposed: false },
    run: async (input) => [input.slice(), Float32Array.of(1)],
    async dispose() {
      this.disposed = true;
    },
  };
}

test('the second network is loaded as a model of its own', () => {
  expect(secondOf(ENTRY, ENTRY.fusedWith!)).toEqual({
    ...{ id: 'fused', role: 'embedding', format: 'onnx', file: 'b.onnx', sha256: 'ab', bytes: 7 },
    ...{ outputs: ['o'], dimension: 2, input: ENTRY.fusedWith!.input },
  });
});

test('both networks see the same pixels, each scaled as it wants them', async () => {
  const [first, second] = [echo(ENTRY, 8), echo(secondOf(ENTRY, ENTRY.fusedWith!), 1)];
  const session = new FusedSession(ENTRY, first, second);
  expect(session.maxBatch).toBe(1);
  const pixels = [0, 1, 127, 255];
  const input = Float32Array.from(pixels, (x) => (x - 127.5) / 128);
  const [a, b, ...more] = await session.run(input, [1, 1, 2, 2]);
  expect(more).toEqual([]);
  expect(a).toEqual(input);
  pixels.forEach((x, i) => expect(b![i]).toBeCloseTo((x - 127) / 64, 5));
  await session.dispose();
  expect([first.disposed, second.disposed]).toEqual([true, true]);
});
