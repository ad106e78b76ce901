import { describe, expect, it } from 'vitest';
import type { ModelEntry } from '../core/manifest.ts';
import type { LazyModel } from '../core/model-session.ts';
import { Pyramid } from '../image/pyramid.ts';
import { createEmbedder, decodeEmbedding } from './embedder.ts';
import { builtPixelKernel } from '../../tools/pixel-kernel.ts';

const pixelKernel = await builtPixelKernel();

const INPUT = { size: [8, 8], layout: 'nchw', channels: 'rgb', mean: 0, std: 1 } as const;
const ALONE: ModelEntry = {
  ...{ id: 'alone', role: 'embedding', format: 'onnx', file: 'a.onnx', outputs: ['e'], dimension: 3 },
  input: INPUT,
};
const FUSED: ModelEntry = {
  ...{ ...ALONE, id: 'fused', dimension: 5 },
  fusedWith: { file: 'b.onnx', outputs: ['e'], dimension: 2, weight: 0.36, input: INPUT },
};

const floats = (...values: number[]): Float32Array => Float32Array.from(values);

function cosine(a: Float32Array, b: Float32Array): number {
  return a.reduce((sum, x, i) => sum + x * b[i]!, 0) / Math.hypot(...a) / Math.hypot(...b);
}

describe('decodeEmbedding', () => {
  it('scales an output to unit length and tells how long it was', () => {
    const { vector, length, unlimited, along } = decodeEmbedding([floats(2, 0, -1.5)], ALONE);
    expect([...vector]).toEqual([0.8, 0, -0.6].map(Math.fround));
    expect(length).toBe(2.5);
    expect(unlimited).toEqual(vector);
    expect(along).toEqual([]);
  });

  it('fuses two outputs so that a cosine is the weighted mean of theirs, however long they are', () => {
    const first = [floats(2, 0, -1.5), floats(1, 3, 0.5)] as const;
    const second = [floats(300, 400), floats(0.01, -0.02)] as const;
    const [a, b] = [0, 1].map((i) => decodeEmbedding([first[i]!, second[i]!], FUSED));
    expect(Math.hypot(...a!.vector)).toBeCloseTo(1, 6);
    expect(cosine(a!.vector, b!.vector)).toBeCloseTo(
      0.64 * cosine(first[0], first[1]) + 0.36 * cosine(second[0], second[1]),
      6,
    );
    expect(a!.length).toBe(2.5);
    expect([...a!.unlimited]).toEqual([0.8, 0, -0.6].map(Math.fround));
  });

  it('limits common directions of the whole, and leaves what the first network says alone', () => {
    const common = { limit: 0.1, directions: [[0, 0, 0, 1, 0]] };
    const { vector, along, unlimited } = decodeEmbedding([floats(1, 0, 0), floats(1, 0)], {
      ...FUSED,
      common,
    });
    expect(along[0]).toBeCloseTo(0.6, 6);
    expect(vector[3]! / vector[0]!).toBeCloseTo(0.1 / 0.8, 5);
    expect(Math.hypot(...vector)).toBeCloseTo(1, 6);
    expect([...unlimited]).toEqual([1, 0, 0]);
  });

  it.each([
    [ALONE, [floats(1, 2)]],
    [ALONE, [floats(0, 0, 0)]],
    [FUSED, [floats(1, 2, 3, 4, 5)]],
    [FUSED, [floats(1, 2, 3)]],
    [FUSED, [floats(1, 2, 3), floats(1, 2, 3)]],
    [FUSED, [floats(1, 2, 3), floats(0, 0)]],
    [FUSED, [floats(1, 2, 3), floats(NaN, 1)]],
  ])('refuses outputs that its entry does not describe: %#', (entry, outputs) => {
    expect(() => decodeEmbedding(outputs, entry)).toThrow(
      expect.objectContaining({
        code: 'MODEL_LOAD_FAILED',
        message: expect.stringContaining(entry.id) as string,
      }),
    );
  });
});

describe('createEmbedder', () => {
  /** Answers the mean of the left and of the right half of a crop's first plane, per network. */
  function modelOf(entry: ModelEntry): LazyModel {
    const halves = (crop: Float32Array, from: number): number => {
      let sum = 0;
      for (let y = 0; y < 8; y++) for (let x = from; x < from + 4; x++) sum += crop[8 * y + x]!;
      return sum / 32;
    };
    return {
      entry,
      open: async () => ({
        ...{ entry, maxBatch: 2, dispose: async () => undefined },
        async run(input, [batch = 0]) {
          const crops = Array.from({ length: batch }, (_, i) => input.subarray(192 * i, 192 * (i + 1)));
          const [left, right] = [0, 4].map((from) => crops.map((crop) => halves(crop, from)));
          return [
            Float32Array.from(crops.flatMap((_, i) => [left![i]!, right![i]!, 1])),
            Float32Array.from(crops.flatMap((_, i) => [right![i]!, left![i]!])),
          ];
        },
      }),
    };
  }

  /** A picture that is bright on its right. */
  const picture = {
    ...{ width: 8, height: 8 },
    data: Uint8ClampedArray.from({ length: 256 }, (_, i) => (i % 4 === 3 ? 255 : (i >> 2) % 8 < 4 ? 2 : 4)),
  };
  const crop = { image: new Pyramid(picture, pixelKernel), toImage: [1, 0, 0, 1, 0, 0] as const };

  it('answers an embedding for each crop, by both networks', async () => {
    const seen = await createEmbedder(modelOf(FUSED)).embed([crop, crop, crop]);
    expect(seen).toHaveLength(3);
    expect(seen[2]!.length).toBeCloseTo(Math.hypot(2, 4, 1), 5);
    expect([...seen[2]!.vector]).toEqual([...seen[0]!.vector]);
    expect(seen[0]!.vector[3]! / seen[0]!.vector[4]!).toBeCloseTo(2, 5);
  });

  it('adds what the mirrored crop gives, network by network', async () => {
    const [seen] = await createEmbedder(modelOf({ ...FUSED, mirror: true })).embed([crop]);
    expect(seen!.length).toBeCloseTo(Math.hypot(6, 6, 2), 5);
    expect(seen!.vector[3]).toBeCloseTo(seen!.vector[4]!, 6);
  });

  it('takes the first output of a model of one network for its embedding', async () => {
    const [seen] = await createEmbedder(modelOf(ALONE)).embed([crop]);
    expect(seen!.vector).toHaveLength(3);
  });
});
