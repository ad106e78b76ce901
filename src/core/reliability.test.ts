import { expect, it } from 'vitest';
import type { Quality } from './quality.ts';
import { reliabilityOfQuality, storedReliability } from './reliability.ts';

const quality = (some: Partial<Quality>): Quality =>
  ({ sharpness: 0.8, alignment: 0.95, brightness: 0.1, ...some }) as Quality;
const box = (side: number): { left: number; top: number; width: number; height: number } => ({
  left: 0,
  top: 0,
  width: side,
  height: side + 20,
});

it('takes a good portrait of an earlier version for reliable, and small, blurred or dark ones for less', () => {
  const good = reliabilityOfQuality(quality({}), box(120));
  expect(good).toBeGreaterThan(0.75);
  expect(reliabilityOfQuality(quality({}), undefined)).toBe(good);
  expect(reliabilityOfQuality(quality({ sharpness: 0 }), box(120))).toBeLessThan(good - 0.2);
  expect(reliabilityOfQuality(quality({}), box(20))).toBeLessThan(0.3);
  expect(reliabilityOfQuality(quality({ brightness: -0.9 }), box(120))).toBeLessThan(good - 0.05);
  expect(reliabilityOfQuality(quality({ alignment: 0 }), box(12))).toBe(0);
});

it('assumes where quality says nothing, whatever it is', () => {
  const lacking = { sharpness: 'high', completeness: null } as unknown as Quality;
  const assumed = storedReliability({});
  expect(assumed.reliabilityAssumed).toBe(true);
  expect(storedReliability({ quality: lacking })).toEqual(assumed);
  expect(storedReliability({ quality: quality({}), box: box(90) })).not.toHaveProperty('reliabilityAssumed');
});
