import { describe, expect, it } from 'vitest';
import { faceEvidence } from './face-evidence.ts';

describe('faceEvidence', () => {
  const none = new Float32Array(192);

  it('grows with the score of either detector, within 0..1', () => {
    const evidence = faceEvidence('mobilefacenet', 192)!;
    const scores = [0, 0.3, 0.6, 0.9, 1];
    for (const [i, score] of scores.slice(1).entries()) {
      expect(evidence(none, score, 0.5)).toBeGreaterThan(evidence(none, scores[i]!, 0.5));
      expect(evidence(none, 0.5, score)).toBeGreaterThan(evidence(none, 0.5, scores[i]!));
    }
    expect(evidence(none, 0, 0)).toBeGreaterThan(0);
    expect(evidence(none, 1, 1)).toBeLessThan(1);
  });

  it('believes the near detector more than the wide look', () => {
    const evidence = faceEvidence('mobilefacenet', 192)!;
    expect(evidence(none, 0.9, 0.3)).toBeGreaterThan(evidence(none, 0.3, 0.9));
  });

  it('knows only the models that it was fitted on', () => {
    for (const dimension of [2, 128, 512]) expect(faceEvidence('mobilefacenet', dimension)).toBeUndefined();
    expect(faceEvidence('own', 192)).toBeUndefined();
    expect(faceEvidence('toString', 192)).toBeUndefined();
  });
});
