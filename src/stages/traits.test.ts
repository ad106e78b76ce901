import { describe, expect, it } from 'vitest';
import type { ModelEntry } from '../core/manifest.ts';
import { loadedModel, type ModelSession } from '../core/model-session.ts';
import { Pyramid } from '../image/pyramid.ts';
import { createTraits, decodeTraits, maskOf, TRAITS_SIZE, type Traits } from './traits.ts';
import { builtPixelKernel } from '../../tools/pixel-kernel.ts';

const pixelKernel = await builtPixelKernel();

/** Logits of a face with nothing on it. */
const PLAIN = {
  glasses: [5, 0, 0],
  hair: [5, 0, 0, 0],
  hat: -5,
  bangs: -5,
  mask: -5,
  helmet: -5,
};

function decoded(logits: Partial<typeof PLAIN>): Traits {
  const { glasses, hair, hat, bangs, mask, helmet } = { ...PLAIN, ...logits };
  return decodeTraits(Float32Array.from([...glasses, ...hair, hat, bangs, mask, helmet]));
}

describe('decodeTraits', () => {
  it('finds nothing on a plain face', () => {
    const { masked, ...traits } = decoded({});
    expect(Object.values(traits).map(({ value }) => value)).toEqual(Array(5).fill('without'));
    for (const { certainty } of Object.values(traits)) expect(certainty).toBeGreaterThan(0.97);
    expect(masked).toBeLessThan(0.01);
  });

  it.each([
    ['without', [2, 1, 0]],
    ['transparent', [1, 2, 0]],
    ['sunglasses', [0, 1, 2]],
  ] as const)('names the likeliest glasses: %s', (value, glasses) => {
    const certainty = 1 / (1 + Math.exp(-1) + Math.exp(-2));
    expect(decoded({ glasses: [...glasses] }).glasses).toEqual({
      value,
      certainty: expect.closeTo(certainty, 6),
    });
  });

  it.each(['without', 'moustache', 'beard', 'sideburns'] as const)(
    'names the likeliest facial hair: %s',
    (value) => {
      const order = ['without', 'moustache', 'beard', 'sideburns'];
      const hair = order.map((name) => (name === value ? 1 : 0));
      const certainty = Math.E / (Math.E + 3);
      expect(decoded({ hair }).facialHair).toEqual({ value, certainty: expect.closeTo(certainty, 6) });
    },
  );

  it('gives the probability of the value that it names', () => {
    expect(decoded({ hat: Math.log(4) }).hat).toEqual({ value: 'with', certainty: expect.closeTo(0.8, 6) });
    expect(decoded({ helmet: Math.log(9) })).toMatchObject({
      helmet: { value: 'with', certainty: expect.closeTo(0.9, 6) as number },
      hat: { value: 'without' },
    });
    expect(decoded({ bangs: -Math.log(4) }).bangs).toEqual({
      value: 'without',
      certainty: expect.closeTo(0.8, 6),
    });
  });
});

describe('maskOf', () => {
  it.each([
    ['fully_covered', 0.95, 0.95],
    ['mouth_covered', 0.05, 0.95],
    ['nose_covered', 0.95, 0.05],
  ] as const)('says what a mask covers: %s', (value, nose, mouth) => {
    const mask = maskOf(0.98, { nose, mouth });
    expect(mask.value).toBe(value);
    expect(mask.certainty).toBeGreaterThan(0.85);
    expect(mask.certainty).toBeLessThan(0.98);
    expect(maskOf(0.01, { nose, mouth })).toEqual({ value: 'without', certainty: 0.99 });
  });

  it('takes nothing for a mask that hides neither nose nor mouth', () => {
    expect(maskOf(0.9, { nose: 0, mouth: 0 })).toEqual({ value: 'without', certainty: 1 });
    expect(maskOf(0.9, { nose: 0.1, mouth: 0.1 }).value).toBe('without');
    expect(maskOf(0.9, { nose: 0.5, mouth: 0.1 })).toMatchObject({ value: 'nose_covered' });
  });
});

describe('createTraits', () => {
  /** A network to which the image's left half is a hat where it is dark. */
  function session(): ModelSession {
    const size = [TRAITS_SIZE, TRAITS_SIZE] as const;
    const input = { size, layout: 'nchw', channels: 'rgb', mean: 0, std: 255 } as const;
    const entry: ModelEntry = { id: 'fake', role: 'traits', format: 'onnx', file: '', input, outputs: [] };
    return {
      entry,
      maxBatch: 8,
      dispose: () => Promise.resolve(),
      run(pixels, [batch = 0]) {
        const row = (TRAITS_SIZE / 2) * TRAITS_SIZE;
        const logits = Array.from({ length: batch }, (_, i) => {
          const left = pixels[i * 3 * TRAITS_SIZE ** 2 + row + 10]!;
          return [5, 0, 0, 5, 0, 0, 0, left < 0.5 ? 3 : -1, -5, -5];
        });
        // Brighter on its left is a helmet.
        const helmets = logits.map((each) => (each[7]! < 0 ? 5 : -2));
        return Promise.resolve([Float32Array.from(logits.flat()), Float32Array.from(helmets)]);
      },
    };
  }

  it('takes the mean of the logits of a face and of its mirror image', async () => {
    const data = new Uint8ClampedArray(4 * TRAITS_SIZE ** 2).map((_, i) =>
      (i >> 2) % TRAITS_SIZE < TRAITS_SIZE / 2 ? 0 : 255,
    );
    const image = new Pyramid({ width: TRAITS_SIZE, height: TRAITS_SIZE, data }, pixelKernel);
    const crop = { image, toImage: [1, 0, 0, 1, 0, 0] as const };
    const [first, second] = await createTraits(loadedModel(session())).describe([crop, crop]);
    expect(second).toEqual(first);
    const certainty = 1 / (1 + Math.exp(-1));
    expect(first!.hat).toEqual({ value: 'with', certainty: expect.closeTo(certainty, 6) });
    const ofHelmet = 1 / (1 + Math.exp(-1.5));
    expect(first!.helmet).toEqual({ value: 'with', certainty: expect.closeTo(ofHelmet, 6) });
  });
});
