import { readFileSync } from 'node:fs';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ModelManifest } from '../core/manifest.ts';
import { measureReliability, type ReliabilityInput } from './reliability.ts';

const { models, defaults } = JSON.parse(
  readFileSync(new URL('../../models/manifest.json', import.meta.url), 'utf8'),
) as ModelManifest;
const fit = models.find(({ id }) => id === defaults.embedding)!.reliability!;
const shares = fit.weights[0]!.length - 8;

/** What model-factory/train/reliability.py makes of measurements of some faces, good and bad. */
const goldens = JSON.parse(
  readFileSync(new URL('test-reliability.json', import.meta.url), 'utf8'),
) as (ReliabilityInput & {
  readonly reliability: number;
})[];

const portrait: ReliabilityInput = {
  ...{ along: new Array<number>(shares).fill(0), length: 70, faceSize: 120, presence: 1, alignment: 1 },
  ...{ sharpness: 0.9, yaw: 0, pitch: 0, roll: 0 },
};

describe('measureReliability', () => {
  it('gives what the fit gave', () => {
    for (const { reliability, ...face } of goldens)
      expect(measureReliability(face, fit)).toBeCloseTo(reliability, 2);
  });

  it('trusts a portrait, and the same face of 18 pixels little', () => {
    expect(measureReliability(portrait, fit)).toBeGreaterThan(0.9);
    expect(measureReliability({ ...portrait, faceSize: 18 }, fit)).toBeLessThan(0.6);
  });

  it('is 0..1 whatever is measured', () => {
    const number = fc.double({ noNaN: false });
    fc.assert(
      fc.property(fc.array(number, { minLength: 8 + shares, maxLength: 8 + shares }), ([...values]) => {
        const [length, faceSize, presence, alignment, sharpness, yaw, pitch, roll, ...along] = values;
        const face = { along, length, faceSize, presence, alignment, sharpness, yaw, pitch, roll };
        const reliability = measureReliability(face as ReliabilityInput, fit);
        expect(reliability >= 0 && reliability <= 1).toBe(true);
      }),
    );
  });
});
