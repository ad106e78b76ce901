import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  checkThreshold,
  ConfidenceCurve,
  DEFAULT_THRESHOLD,
  resolveThreshold,
  similarityFromDistance,
  THRESHOLDS,
} from './confidence.ts';
import { TEST_CALIBRATION } from './test-calibration.ts';

const curve = new ConfidenceCurve(TEST_CALIBRATION);
const cosines = fc.double({ min: -1, max: 1, noNaN: true });

describe('ConfidenceCurve', () => {
  it('gives the named levels at their false match rates', () => {
    expect(curve.confidence(0.198)).toBeCloseTo(THRESHOLDS.low, 10);
    expect(curve.confidence(0.45)).toBeCloseTo(THRESHOLDS.medium, 10);
    expect(curve.confidence(0.599)).toBeCloseTo(THRESHOLDS.strict, 10);
    expect(curve.confidence(-1)).toBe(0);
    expect(curve.confidence(1)).toBe(1);
  });

  it('rises with the cosine and stays within 0..1', () => {
    fc.assert(
      fc.property(cosines, cosines, (a, b) => {
        const [low, high] = [Math.min(a, b), Math.max(a, b)];
        expect(curve.confidence(low)).toBeLessThanOrEqual(curve.confidence(high) + 1e-12);
        expect(curve.confidence(low)).toBeGreaterThanOrEqual(0);
        expect(curve.confidence(high)).toBeLessThanOrEqual(1);
      }),
    );
  });

  it('is smooth: no jump in value or slope anywhere', () => {
    const step = 1e-4;
    let slope = NaN;
    for (let x = -1; x < 1 - 2 * step; x += step) {
      const next = (curve.confidence(x + step) - curve.confidence(x)) / step;
      if (!Number.isNaN(slope)) expect(Math.abs(next - slope)).toBeLessThan(0.02);
      slope = next;
    }
  });

  it('is undone by cosine()', () => {
    fc.assert(
      fc.property(fc.double({ min: 0.001, max: 0.999, noNaN: true }), (confidence) => {
        expect(curve.confidence(curve.cosine(confidence))).toBeCloseTo(confidence, 9);
      }),
    );
  });

  it('interpolates and extrapolates the cosine at a false match rate', () => {
    expect(curve.cosineAtFmr(1e-3)).toBeCloseTo(0.45, 10);
    expect(curve.cosineAtFmr(10 ** -3.5)).toBeCloseTo((0.45 + 0.531) / 2, 10);
    expect(curve.cosineAtFmr(1e-6)).toBeCloseTo(0.599 + (0.599 - 0.531), 10);
    expect(curve.cosineAtFmr(1e-300)).toBe(1);
  });

  it('refuses a table without the named levels, or out of order', () => {
    const without = TEST_CALIBRATION.points.filter(({ fmr }) => fmr !== 1e-3);
    const [first, second, ...rest] = TEST_CALIBRATION.points;
    for (const points of [without, [second!, first!, ...rest], []]) {
      expect(() => new ConfidenceCurve({ ...TEST_CALIBRATION, points })).toThrowError(
        expect.objectContaining({ code: 'BAD_PARAM' }),
      );
    }
  });
});

describe('resolveThreshold', () => {
  it('takes names, confidences and cosines', () => {
    expect(resolveThreshold('medium', curve).cosine).toBeCloseTo(0.45, 9);
    expect(resolveThreshold('none', curve).cosine).toBe(-1);
    expect(resolveThreshold(DEFAULT_THRESHOLD, curve)).toMatchObject({ confidence: 0.75 });
    expect(resolveThreshold({ cosine: 0.5 }, curve).cosine).toBe(0.5);
  });

  it('takes distances and similarities as the cosines that they are', () => {
    expect(resolveThreshold({ distance: 1 }, undefined).cosine).toBeCloseTo(0.5, 12);
    expect(resolveThreshold({ distance: 2 }, curve).cosine).toBe(-1);
    expect(resolveThreshold({ similarity: 0 }, curve).cosine).toBe(-1);
    const { cosine } = resolveThreshold({ similarity: 0.8 }, curve);
    expect(similarityFromDistance(Math.sqrt(2 - 2 * cosine))).toBeCloseTo(0.8, 9);
    for (let c = -1; c <= 1; c += 0.001) {
      const distance = Math.sqrt(Math.max(0, 2 - 2 * c));
      expect(resolveThreshold({ distance }, curve).cosine).toBeLessThanOrEqual(c);
    }
  });

  it('spreads fpir over the gallery: N chances of a false match', () => {
    const one = resolveThreshold({ fpir: 0.01 }, curve, 1).cosine;
    const thousand = resolveThreshold({ fpir: 0.01 }, curve, 1000).cosine;
    expect(one).toBeCloseTo(curve.cosineAtFmr(0.01), 10);
    expect(thousand).toBeCloseTo(curve.cosineAtFmr(1 - 0.99 ** (1 / 1000)), 6);
    expect(thousand).toBeGreaterThan(one);
  });

  it('wants a cosine where the model is not calibrated', () => {
    expect(resolveThreshold({ cosine: 0.3 }, undefined)).toEqual({ cosine: 0.3 });
    expect(() => resolveThreshold('medium', undefined)).toThrowError(/calibrat/);
  });
});

describe('checkThreshold', () => {
  it.each([
    'sure',
    1.2,
    -0.1,
    NaN,
    {},
    { cosine: 2 },
    { distance: -1 },
    { similarity: 2 },
    { size: 1 },
    { fpir: 0 },
    { fpir: 1 },
    { fpir: 0.1, cosine: 0 },
    null,
  ])('refuses %j', (value) => {
    expect(() => checkThreshold(value, 'threshold')).toThrowError(
      expect.objectContaining({
        code: 'BAD_PARAM',
        details: expect.objectContaining({ param: 'threshold' }),
      }),
    );
  });
});

describe('similarityFromDistance', () => {
  it('is 1 at distance 0, one half at a, and 0.8 near 1.046 for a = 1.23', () => {
    expect(similarityFromDistance(0)).toBe(1);
    expect(similarityFromDistance(1.23)).toBeCloseTo(0.5, 12);
    expect(similarityFromDistance(1)).toBeCloseTo(Math.exp(Math.log(0.5) / 1.23 ** 7), 12);
    expect(() => similarityFromDistance(-1)).toThrowError(/distance/);
  });
});
