import { expect, test } from 'vitest';
import { shortHash, textHash } from './text-hash.ts';

test('texts that differ a little have different hashes of 53 bits', () => {
  const texts = ['', 'a', 'b', 'ab', 'ba', 'a\0', '\0', '\0\0', 'é', 'e\u0301'];
  for (let i = 0; i < 200_000; i++) texts.push(`face-${i}`);
  const hashes = new Set(texts.map(textHash));
  expect(hashes.size).toBe(texts.length);
  for (const hash of hashes) expect(Number.isSafeInteger(hash) && hash > 0).toBe(true);
});

test('hashes spread evenly over the lower and the upper bits', () => {
  const buckets = new Int32Array(64);
  for (let i = 0; i < 64_000; i++) {
    const hash = textHash(`person ${i}`);
    buckets[hash % 32] = (buckets[hash % 32] ?? 0) + 1;
    const high = 32 + Math.floor(hash / 2 ** 48);
    buckets[high] = (buckets[high] ?? 0) + 1;
  }
  // 2,000 are expected in each; five standard deviations are 223.
  for (const count of buckets) expect(Math.abs(count - 2000)).toBeLessThan(223);
});

test('the short hash is the lower half', () => {
  expect(shortHash('some text')).toBe(textHash('some text') % 2 ** 32);
});
