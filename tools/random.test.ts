import { expect, test } from 'vitest';
import { Random, seeded } from './random.ts';

/** The reference, as published: mulberry32 by Tommy Ettinger. */
function mulberry32(a: number): () => number {
  return () => {
    let t = (a += 0x6d2b79f5);
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

test('gives the reference’s numbers for a seed, whole and as bits', () => {
  for (const seed of [0, 1, 1000, 2 ** 32 - 1]) {
    const [expected, random, next] = [mulberry32(seed), new Random(seed), seeded(seed)];
    const bits = new Random(seed);
    for (let i = 0; i < 100; i++) {
      const value = expected();
      expect(random.next()).toBe(value);
      expect(next()).toBe(value);
      expect(bits.bits()).toBe(value * 2 ** 32);
    }
  }
});

test('chooses among all values, and none besides', () => {
  const random = new Random(7);
  const values = ['a', 'b', 'c'] as const;
  const picked = Array.from({ length: 300 }, () => random.pick(values));
  expect(new Set(picked)).toEqual(new Set(values));
});
