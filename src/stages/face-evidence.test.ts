import { expect, test } from 'vitest';
import { faceEvidence } from './face-evidence.ts';

test('an embedding of another length, of a model that bears the id only, goes by the near score', () => {
  const evidence = faceEvidence('mobilefacenet')!;
  for (const length of [2, 128, 512]) {
    const embedding = new Float32Array(length).fill(1 / Math.sqrt(length));
    expect([length, evidence(embedding, 0.3)]).toEqual([length, 0.3]);
  }
  const fitted = evidence(new Float32Array(192).fill(1 / Math.sqrt(192)), 0.3);
  expect(fitted).toBeGreaterThan(0);
  expect(fitted).not.toBe(0.3);
  expect(faceEvidence('own')).toBe(undefined);
});
