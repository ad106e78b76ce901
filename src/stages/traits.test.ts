import { describe, expect, it } from 'vitest';
import type { ModelEntry } from '../core/manifest.ts';
import type { ModelSession } from '../core/model-session.ts';
import { Pyramid } from '../image/pixels.ts';
import { createTraits, decodeTraits, TRAITS_SIZE, type Traits } from './traits.ts';

/** Logits of a face with nothing on it and nothing before it. */
const PLAIN = {
  glasses: [5, 0, 0],
  hair: [5, 0, 0, 0],
  hat: -5,
  bangs: -5,
  mask: -5,
  covered: [-6, -6, -6, -6, -6, -6, -6],
};

function decoded(logits: Partial<typeof PLAIN>): Traits {
  const { glasses, hair, hat, bangs, mask, covered } = { ...PLAIN, ...logits };
  return decodeTraits([
    Float32Array.from([...glasses, ...hair, hat, bangs, mask]),
    Float32Array.from(covered),
  ]);
}

const PARTS = ['leftEyeBrow', 'rightEyeBrow', 'leftEye', 'rightEye', 'nose', 'mouth', 'faceContour'] as const;

describe('decodeTraits', () => {
  it('finds nothing on a plain face, and all of it visible', () => {
    const { completeness, ...traits } = decoded({});
    expect(Object.values(traits).map(({ value }) => value)).toEqual(Array(5).fill('without'));
    for (const { certainty } of Object.values(traits)) expect(certainty).toBeGreaterThan(0.97);
    for (const share of Object.values(completeness)) expect(share).toBeCloseTo(1, 12);
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
    expect(decoded({ bangs: -Math.log(4) }).bangs).toEqual({
      value: 'without',
      certainty: expect.closeTo(0.8, 6),
    });
  });

  it.each(PARTS.map((part, index) => [part, index] as const))(
    'lets %s fall alone when it is covered',
    (part, index) => {
      const covered = PLAIN.covered.with(index, 4);
      const { total, ...parts } = decoded({ covered }).completeness;
      expect(parts[part]).toBeLessThan(0.05);
      for (const other of PARTS.filter((name) => name !== part)) expect(parts[other], other).toBe(1);
      expect(total).toBeLessThan(0.98);
    },
  );

  it('falls steadily as more of a part is covered', () => {
    const logits = Array.from({ length: 25 }, (_, i) => i / 2 - 6);
    const shares = logits.map(
      (logit) => decoded({ covered: PLAIN.covered.with(5, logit) }).completeness.mouth,
    );
    expect(shares).toEqual(shares.toSorted((a, b) => b - a));
    expect(shares[0]).toBe(1);
    expect(shares.at(-1)).toBeLessThan(0.01);
  });

  it.each([
    ['fully_covered', 3, 3],
    ['mouth_covered', -3, 3],
    ['nose_covered', 3, -3],
  ] as const)('says what a mask covers: %s', (value, nose, mouth) => {
    const covered = PLAIN.covered.with(4, nose).with(5, mouth);
    const { mask } = decoded({ mask: 4, covered });
    expect(mask.value).toBe(value);
    expect(mask.certainty).toBeGreaterThan(0.85);
    expect(mask.certainty).toBeLessThan(1 / (1 + Math.exp(-4)));
    expect(decoded({ covered }).mask.value).toBe('without');
  });
});

describe('createTraits', () => {
  /** A network that says how dark the image's left half is as the left eye's covered share, and the right half as the right eye's. */
  function session(): ModelSession {
    const size = [TRAITS_SIZE, TRAITS_SIZE] as const;
    const input = { size, layout: 'nchw', channels: 'rgb', mean: 0, std: 255 } as const;
    const entry: ModelEntry = { id: 'fake', role: 'traits', format: 'onnx', file: '', input, outputs: [] };
    return {
      entry,
      maxBatch: 8,
      dispose: () => Promise.resolve(),
      run(pixels, [batch = 0]) {
        const traits = Array.from({ length: batch }, () => [5, 0, 0, 5, 0, 0, 0, -5, -5, -5]).flat();
        const row = TRAITS_SIZE / 2;
        const level = (i: number, x: number): number =>
          pixels[i * 3 * TRAITS_SIZE ** 2 + row * TRAITS_SIZE + x]!;
        const covered = Array.from({ length: batch }, (_, i) => {
          const [left, right] = [level(i, 10), level(i, TRAITS_SIZE - 10)].map((light) =>
            light < 0.5 ? 4 : -6,
          );
          return [-6, -6, left!, right!, -6, -6, -6];
        });
        return Promise.resolve([Float32Array.from(traits), Float32Array.from(covered.flat())]);
      },
    };
  }

  it('looks at a face and its mirror image, and gives the parts of the mirror image back their sides', async () => {
    const data = new Uint8ClampedArray(4 * TRAITS_SIZE ** 2).map((_, i) =>
      (i >> 2) % TRAITS_SIZE < TRAITS_SIZE / 2 ? 0 : 255,
    );
    const image = new Pyramid({ width: TRAITS_SIZE, height: TRAITS_SIZE, data });
    const crop = { image, toImage: [1, 0, 0, 1, 0, 0] as const };
    const [first, second] = await createTraits(session()).describe([crop, crop]);
    expect(second).toEqual(first);
    const { leftEye, rightEye } = first!.completeness;
    expect(leftEye).toBeLessThan(0.05);
    expect(rightEye).toBe(1);
  });
});
