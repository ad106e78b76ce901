import { describe, expect, it } from 'vitest';
import { faceEvidence } from './face-evidence.ts';

describe('faceEvidence', () => {
  const none = new Float32Array(192);

  it('grows with the score of each model, within 0..1', () => {
    const evidence = faceEvidence('mobilefacenet', 192)!;
    const even = { near: 0.5, proposed: 0.5, mesh: 0.5 };
    const scores = [0, 0.3, 0.6, 0.9, 1];
    for (const model of ['near', 'proposed', 'mesh'] as const) {
      const seen = scores.map((score) => evidence(none, { ...even, [model]: score }));
      expect([model, seen]).toEqual([model, seen.toSorted((a, b) => a - b)]);
      expect(new Set(seen).size).toBe(scores.length);
    }
    expect(evidence(none, { near: 0, proposed: 0, mesh: 0 })).toBeGreaterThan(0);
    expect(evidence(none, { near: 1, proposed: 1, mesh: 1 })).toBeLessThan(1);
  });

  it('believes the near detector more than the wide look', () => {
    const evidence = faceEvidence('mobilefacenet', 192)!;
    const [near, wide] = [
      { near: 0.9, proposed: 0.3, mesh: 0.5 },
      { near: 0.3, proposed: 0.9, mesh: 0.5 },
    ];
    expect(evidence(none, near)).toBeGreaterThan(evidence(none, wide));
  });

  it('knows only the models that it was fitted on', () => {
    for (const dimension of [2, 128, 512]) expect(faceEvidence('mobilefacenet', dimension)).toBeUndefined();
    expect(faceEvidence('own', 192)).toBeUndefined();
    expect(faceEvidence('toString', 192)).toBeUndefined();
  });
});
