import { describe, expect, it } from 'vitest';
import { decodeTraits, type Traits } from './traits.ts';

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
