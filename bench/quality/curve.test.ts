import { describe, expect, it } from 'vitest';
import type { QualityFaults } from '../../src/core/quality-score.ts';
import { discardCurve, pairsOf, thresholdOf, type Sample } from './curve.ts';
import { fitCosts } from './fit.ts';

let seed = 3;
const random = (): number => (seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0) / 2 ** 32 - 0.5;
const unit = (values: number[]): number[] => values.map((x) => x / Math.hypot(...values));

/** People of three photos, whose embeddings stray from the person's as far as their fault says. */
const STRAYING = 8;
const faults: number[] = [];
const samples: Sample[] = Array.from({ length: 60 }, (_, person) => {
  const middle = unit(Array.from({ length: 32 }, random));
  return [0, 1, 2].map((photo) => {
    const fault = (person + photo) % 10 === 0 ? STRAYING : 0.2;
    faults.push(fault);
    const strayed = unit(middle.map((x) => x + fault * 0.3 * random()));
    return { person: `p${person}`, embedding: strayed };
  });
}).flat();
const pairs = pairsOf(samples);

describe('discardCurve', () => {
  it('has every pair once, and the false match rate asked for', () => {
    expect(pairs.genuine).toHaveLength(180);
    const impostors = pairs.impostor.flatMap(({ cosine }) => [...cosine].filter((x) => !Number.isNaN(x)));
    expect(impostors).toHaveLength((180 * 179) / 2 - 180);
    const everyone = samples.map(() => true);
    const threshold = thresholdOf(pairs, everyone, 0.01);
    expect(impostors.filter((x) => x > threshold)).toHaveLength(Math.floor(0.01 * impostors.length));
  });

  it('falls to nothing when quality tells who strays, and not otherwise', () => {
    const good = discardCurve(
      pairs,
      faults.map((x) => -x),
      [0, 0.1],
      0.01,
    );
    expect(good[0]!.nonMatches).toBeGreaterThan(10);
    expect(good[1]!).toMatchObject({ nonMatches: 0, fnmr: 0, fnmrRefitted: 0 });
    const wrong = discardCurve(pairs, faults, [0, 0.1], 0.01);
    expect(wrong[1]!.fnmr).toBeGreaterThanOrEqual(wrong[0]!.fnmr);
  });
});

describe('fitCosts', () => {
  it('gives the cost to what matters, and nothing to what does not', () => {
    const zero: QualityFaults = {
      turned: 0,
      up: 0,
      down: 0,
      tilted: 0,
      blurred: 0,
      dark: 0,
      bright: 0,
      mouthOpen: 0,
      covered: 0,
      misfit: 0,
      eyesClosed: 0,
    };
    const given = faults.map((fault, i) => ({
      ...zero,
      blurred: fault,
      bright: (i % 7) / 7,
      covered: -fault,
    }));
    const people = samples.map(({ person }) => person);
    const costs = fitCosts(pairs, people, given);
    expect(costs.blurred).toBeGreaterThan(0.03);
    expect(costs.bright).toBeLessThan(0.1 * STRAYING * costs.blurred);
    expect(costs.covered).toBe(0);
    expect(costs.turned).toBe(0);
  });
});
