import { describe, expect, it } from 'vitest';
import { visionWorkersFor as inPage } from './browser/vision-workers.ts';
import { visionWorkersFor as inNode } from './node/vision-workers.ts';

describe('vision workers', () => {
  it.each([
    [1, 8, 1],
    [2, 8, 1],
    [4, 8, 3],
    [16, 8, 4],
    [16, 2, 1],
    [16, 0.5, 1],
    [16, undefined, 2],
  ])('of a page on %d cores with %s GiB are %d', (cores, gib, workers) => {
    expect(inPage(cores, gib)).toBe(workers);
  });

  it.each([
    [1, 64e9, 1],
    [8, 64e9, 8],
    [8, 2e9, 2],
    [8, 256e6, 1],
  ])('of Node on %d cores with %d bytes are %d', (cores, bytes, workers) => {
    expect(inNode(cores, bytes)).toBe(workers);
  });
});
