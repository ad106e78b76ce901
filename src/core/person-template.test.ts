import { expect, test } from 'vitest';
import { scalarDot } from '../search/scalar.ts';
import { addLook, coherenceOf, meanOfLooks, unitOf } from './mean-look.ts';
import { personKeyOf, personTemplate } from './person-template.ts';

/** Unit vectors about one direction. */
function faces(
  count: number,
  spread: number,
): { embedding: Float32Array<ArrayBuffer>; reliability: number }[] {
  return Array.from({ length: count }, (_, n) => {
    const raw = Float32Array.from(
      { length: 64 },
      (_, i) => (i === 0 ? 1 : 0) + spread * Math.sin(n * 97 + i * 13),
    );
    const length = Math.hypot(...raw);
    return { embedding: raw.map((x) => x / length), reliability: (n + 1) / count };
  });
}

test('a mean of all at once is that of one after the other', () => {
  const looks = faces(5, 0.2);
  const once = meanOfLooks(looks)!;
  const oneByOne = looks.reduce<ReturnType<typeof addLook>>(
    (mean, look) => addLook(mean, look, 0),
    undefined,
  )!;
  expect([...unitOf(once)!]).toEqual([...unitOf(oneByOne)!]);
  expect({ ...once, sum: 0 }).toEqual({ ...oneByOne, sum: 0 });
});

test('the template of one face, or of the same one several times, is that face', () => {
  const [face] = faces(1, 0.2);
  for (const count of [1, 2, 9]) {
    const { vector, reliability } = personTemplate(Array.from({ length: count }, () => face!))!;
    expect(scalarDot(vector, face!.embedding)).toBeCloseTo(1, 5);
    expect(reliability).toBe(1);
  }
});

test('the less alike the faces are, the shorter is their template, and the better ones count more', () => {
  const lengths = [0.05, 0.1, 0.2].map((spread) => {
    const { vector } = personTemplate(faces(6, spread))!;
    return Math.sqrt(scalarDot(vector, vector));
  });
  expect(lengths.toSorted((a, b) => b - a)).toEqual(lengths);
  expect(lengths[2]).toBeLessThan(0.95);
  const looks = faces(6, 0.2);
  const { vector } = personTemplate(looks)!;
  const [worst, best] = [looks[0]!, looks[5]!].map(({ embedding }) => scalarDot(vector, embedding));
  expect(best).toBeGreaterThan(worst!);
  expect(Math.hypot(...vector)).toBeCloseTo(coherenceOf(meanOfLooks(looks)!) ** 0.3, 5);
});

test('faces that are worth nothing have a template too; opposite ones have none', () => {
  const looks = faces(3, 0.1).map(({ embedding }) => ({ embedding, reliability: 0 }));
  expect(personTemplate(looks)!.reliability).toBeCloseTo(1 / 255, 6);
  const [{ embedding }] = looks as [(typeof looks)[0]];
  const opposite = embedding.map((x) => -x);
  const cancelled = [embedding, opposite].map((each) => ({ embedding: each, reliability: 1 }));
  expect(personTemplate(cancelled)).toBeUndefined();
  expect(personTemplate([])).toBeUndefined();
});

test('who a face is of is told by its person, else by its name, else by itself alone', () => {
  const keys = [
    { id: 'a', meta: 'Sam', personId: 'p' },
    { id: 'b', meta: 'Sam' },
    { id: 'c', meta: 'p' },
    { id: 'd', meta: '' },
    { id: 'e', meta: '' },
  ].map(personKeyOf);
  expect(new Set(keys).size).toBe(5);
  expect(personKeyOf({ id: 'x', meta: 'Other', personId: 'p' })).toBe(keys[0]);
});
