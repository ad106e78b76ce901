import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { containment } from '../geometry/boxes.ts';
import { planPasses, type Pass } from './passes.ts';

const RFB = { size: [320, 240] as const, anySize: true };
const FIXED = { size: [192, 192] as const, anySize: false };
const pixelsOf = ({ regions, size }: Pass): number => regions.length * (size ? size[0] * size[1] : 0);

describe('planPasses', () => {
  it('takes one look at an image whose smallest faces are seen at once', () => {
    expect(planPasses({ width: 640, height: 480, minFace: 32, ...RFB })).toHaveLength(1);
    expect(planPasses({ width: 250, height: 250, minFace: 32, ...RFB })).toHaveLength(1);
  });

  it('looks again, finer, when they would be too small', () => {
    const [coarse, fine] = planPasses({ width: 1280, height: 960, minFace: 32, ...RFB });
    expect(coarse).toMatchObject({ size: [320, 256], maxFace: Infinity });
    expect(fine).toMatchObject({
      size: [480, 384],
      regions: [{ left: 0, top: 0, width: 1280, height: 960 }],
    });
  });

  it('tiles what does not fit', () => {
    const passes = planPasses({ width: 4000, height: 3000, minFace: 32, ...RFB });
    expect(passes[1]!.regions.length).toBeGreaterThan(1);
    expect(passes[1]!.size).toEqual([640, 480]);
  });

  it('keeps the shape of tall images', () => {
    const [coarse] = planPasses({ width: 480, height: 640, minFace: 64, ...RFB });
    expect(coarse!.size![0]).toBeLessThan(coarse!.size![1]);
  });

  it('sees every face from minFace on, whole, at 10 input pixels or more, in some region', () => {
    const side = fc.integer({ min: 64, max: 5000 });
    const share = fc.double({ min: 0, max: 1, noNaN: true });
    const plan = fc.record({ width: side, height: side, minFace: fc.integer({ min: 20, max: 120 }) });
    fc.assert(
      fc.property(plan, fc.constantFrom(RFB, FIXED), share, share, share, (lengths, net, sx, sy, sf) => {
        const { width, height, minFace } = lengths;
        const passes = planPasses({ ...lengths, ...net });
        const largest = Math.min(width, height);
        fc.pre(largest >= minFace);
        const face = minFace + sf * (largest - minFace);
        const box = { left: sx * (width - face), top: sy * (height - face), width: face, height: face };
        const seen = passes.some(({ regions, size, maxFace }) =>
          regions.some((region) => {
            const scale = Math.max(region.width / size![0], region.height / size![1]);
            return containment(box, region) > 0.999 && face / scale >= 10 && face <= maxFace;
          }),
        );
        expect(seen).toBe(true);
      }),
    );
  });

  it('costs what the pixels cost', () => {
    const cheap = planPasses({ width: 1280, height: 960, minFace: 96, ...RFB }).map(pixelsOf);
    const dear = planPasses({ width: 1280, height: 960, minFace: 32, ...RFB }).map(pixelsOf);
    expect(cheap.reduce((a, b) => a + b)).toBeLessThan(dear.reduce((a, b) => a + b));
  });
});
