import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import manifest from '../../models/manifest.json' with { type: 'json' };
import { ConfidenceCurve, THRESHOLDS } from './confidence.ts';
import type { Calibration } from './manifest.ts';
import { PairConfidence, passesLevel } from './pair-confidence.ts';
import { ASSUMED_RELIABILITY, byteReliability, reliabilityByte, roundReliability } from './reliability.ts';
import { BY_RELIABILITY, TEST_CALIBRATION } from './test-calibration.ts';

const curve = new ConfidenceCurve(TEST_CALIBRATION);
const pair = new PairConfidence(BY_RELIABILITY);
const plain = new PairConfidence(TEST_CALIBRATION);
/** What faces of such reliabilities need at a false match rate. */
const cosineAtFmr = (fmr: number, a: number, b: number): number =>
  pair.cosine(curve.confidence(curve.cosineAtFmr(fmr)), a, b);
const cosines = fc.double({ min: -1, max: 1, noNaN: true });
const bytes = fc.integer({ min: 0, max: 255 });
const reliabilities = bytes.map(byteReliability);

describe('PairConfidence', () => {
  it('is the curve between two faces of reliability 1, and without byReliability between any two', () => {
    fc.assert(
      fc.property(cosines, reliabilities, reliabilities, (cosine, a, b) => {
        expect(pair.confidence(cosine, 1, 1)).toBe(curve.confidence(cosine));
        expect(plain.confidence(cosine, a, b)).toBe(curve.confidence(cosine));
      }),
    );
    expect(plain.cosine(0.75, 0.2, 0.9)).toBe(curve.cosine(0.75));
    expect([plain.assumed, pair.assumed]).toEqual([roundReliability(ASSUMED_RELIABILITY), 0.6]);
  });

  it('is the same, to the last bit, whichever face comes first', () => {
    fc.assert(
      fc.property(cosines, reliabilities, reliabilities, (cosine, a, b) => {
        expect(pair.confidence(cosine, a, b)).toBe(pair.confidence(cosine, b, a));
        expect(pair.cosine(0.7, a, b)).toBe(pair.cosine(0.7, b, a));
      }),
    );
  });

  it('moves and spreads the cosine by what stands at the knots, in a straight line between them', () => {
    expect(pair.confidence(0.17 + 1.3 * 0.45, 0, 0.3)).toBeCloseTo(THRESHOLDS.medium, 10);
    const shift = (0.31 + 0.17) / 2;
    const scale = (1.6 + 1.3) / 2;
    expect(pair.cosine(THRESHOLDS.medium, 0, 0.15)).toBeCloseTo(shift + scale * 0.45, 8);
    expect(cosineAtFmr(1e-3, 0.3, 0)).toBeCloseTo(0.17 + 1.3 * 0.45, 10);
    // Two faces of which nothing can be seen are never of one person at this level.
    expect(pair.cosine(THRESHOLDS.strict, 0, 0)).toBeGreaterThan(1);
    expect(pair.confidence(1, 0, 0)).toBeLessThan(THRESHOLDS.strict);
  });

  it('is undone by cosine(), and levelsFor() is that for every stored reliability', () => {
    fc.assert(
      fc.property(fc.double({ min: 0.01, max: 0.95, noNaN: true }), reliabilities, bytes, (c, a, byte) => {
        const b = byteReliability(byte);
        const needed = pair.cosine(c, a, b);
        expect(pair.confidence(needed, a, b)).toBeCloseTo(c, 9);
        expect(pair.levelsFor(c, a)[byte]).toBe(needed);
      }),
    );
    expect(pair.levelsFor(0.7, 1)).toHaveLength(256);
  });

  it('finds a pair at its own confidence, and whatever a threshold finds is there at every lower one', () => {
    fc.assert(
      fc.property(cosines, reliabilities, reliabilities, cosines, (cosine, a, b, other) => {
        const confidence = pair.confidence(cosine, a, b);
        const level = PairConfidence.levelFor(confidence, pair, 1);
        expect(passesLevel(level, { cosine, confidence })).toBe(true);
        // A scan that goes by cosine with a hair to spare never loses what passes.
        expect(cosine).toBeGreaterThanOrEqual(pair.levelsFor(confidence, a)[reliabilityByte(b)]! - 1e-6);
        const second = pair.confidence(other, a, b);
        if (passesLevel(level, { cosine: other, confidence: second }))
          expect(other).toBeGreaterThanOrEqual(pair.levelsFor(confidence, a)[reliabilityByte(b)]! - 1e-6);
      }),
    );
  });

  it('keeps rates beyond the strictest one as they were fitted, and tells one picture from any other', () => {
    const [shift, scale] = [0.02, 1.02];
    expect(cosineAtFmr(1e-6, 0.7, 0.7)).toBeCloseTo(shift + scale * curve.cosineAtFmr(1e-6), 10);
    expect(pair.confidence(1, 0.7, 0.3)).toBe(1);
    expect(pair.confidence(0.9999, 0.7, 0.3)).toBeGreaterThan(0.97);
  });

  it('gives every pair a confidence of 0 or more', () => {
    expect([pair.cosine(0, 0, 0), ...pair.levelsFor(0, 0.2)].every((cosine) => cosine <= -1)).toBe(true);
  });

  it('takes names, confidences, cosines and fpir for levels', () => {
    expect(PairConfidence.levelFor('none', pair, 1)).toEqual({ by: 'confidence', confidence: 0 });
    expect(PairConfidence.levelFor({ cosine: 0.4 }, pair, 1)).toEqual({ by: 'cosine', cosine: 0.4 });
    expect(PairConfidence.levelFor({ cosine: 0.4 }, undefined, 1)).toEqual({ by: 'cosine', cosine: 0.4 });
    expect(PairConfidence.levelFor({ fpir: 1e-3 }, pair, 1)).toMatchObject({
      by: 'confidence',
      confidence: expect.closeTo(THRESHOLDS.medium, 9) as number,
    });
    expect(() => PairConfidence.levelFor('medium', undefined, 1)).toThrowError(/calibrat/);
    expect(passesLevel({ by: 'confidence', confidence: 0 }, { cosine: -1, confidence: 0 })).toBe(true);
  });
});

describe.each([manifest.defaults.embedding, 'fused'])('the calibration of %s', (model) => {
  const { calibration } = manifest.models.find(({ id }) => id === model)!;
  const shipped = new PairConfidence(calibration as Calibration);

  it('never asks less of two faces of which less can be seen, nor of what is hardly a face', () => {
    for (const level of [THRESHOLDS.medium, THRESHOLDS.strict]) {
      for (let a = 0; a < 0.75; a += 0.05)
        for (let b = 0; b < 0.75; b += 0.05)
          expect(shipped.cosine(level, a, b)).toBeGreaterThanOrEqual(
            shipped.cosine(level, a + 0.05, b) - 1e-3,
          );
      expect(shipped.cosine(level, 0, 1)).toBe(shipped.cosine(level, 1, 1));
    }
  });

  it('calls no two faces of which nothing can be seen the same at strict', () => {
    expect(shipped.confidence(1, 0, 0)).toBeLessThan(THRESHOLDS.strict);
  });
});

describe('a calibration that cannot be used', () => {
  const { points, byReliability } = BY_RELIABILITY;
  const whole = byReliability!;
  const asymmetric = whole.shift.map((row, i) =>
    row.map((entry, j) => entry + (i === 0 && j === 1 ? 0.01 : 0)),
  );
  it.each<readonly [string, object]>([
    ['points[0]', { points: [null] }],
    ['points[1]', { points: [points[0], { fmr: '0.1', cosine: 0.2 }] }],
    ['points', { points: points.slice(1) }],
    ['points', { points: [...points].reverse() }],
    ['points', { points: [] }],
    ['byReliability', { byReliability: null }],
    ['byReliability.assumed', { byReliability: { ...whole, assumed: 1.5 } }],
    ['byReliability.knots', { byReliability: { ...whole, knots: [0, 0.7, 0.3, 1] } }],
    ['byReliability.knots', { byReliability: { ...whole, knots: [0.1, 0.3, 0.7, 1] } }],
    ['byReliability.knots', { byReliability: { ...whole, knots: [0, NaN, 0.7, 1] } }],
    ['byReliability.shift', { byReliability: { ...whole, shift: whole.shift.slice(1) } }],
    ['byReliability.shift[2]', { byReliability: { ...whole, shift: whole.shift.with(2, [0, 0]) } }],
    ['byReliability.shift[0][1]', { byReliability: { ...whole, shift: asymmetric } }],
    ['byReliability.scale[3]', { byReliability: { ...whole, scale: [...whole.scale.slice(0, 3), null] } }],
    [
      'byReliability.scale[0][0]',
      { byReliability: { ...whole, scale: whole.scale.with(0, [0, 1.3, 1.15, 1.1]) } },
    ],
    [
      'byReliability.scale[3][3]',
      { byReliability: { ...whole, scale: whole.scale.with(3, [1.1, 1.03, 1, Infinity]) } },
    ],
  ])('is refused, naming %s', (field, change) => {
    const made = (): unknown => new PairConfidence({ ...BY_RELIABILITY, ...change });
    const param = `calibration.${field}`;
    expect(made).toThrowError(
      expect.objectContaining({
        code: 'BAD_PARAM',
        details: expect.objectContaining({ param }) as object,
      }),
    );
  });
});

describe('roundReliability', () => {
  it('gives what a byte stands for, and changes nothing that is such', () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 1, noNaN: true }), bytes, (reliability, byte) => {
        expect(Math.abs(roundReliability(reliability) - reliability)).toBeLessThanOrEqual(0.5 / 255 + 1e-12);
        expect(reliabilityByte(byteReliability(byte))).toBe(byte);
      }),
    );
  });
});
