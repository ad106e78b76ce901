import { describe, expect, it } from 'vitest';
import { QUALITY_CROP, type QualityCrop } from './quality-crop.ts';
import { blurWidth, edgeEnergy, measureSharpness } from './quality-sharpness.ts';

const N = QUALITY_CROP;
const inside = new Uint8Array(N * N).fill(1);

/** The integral of a Gaussian: a step edge blurred by it. */
const edge = (x: number, width: number): number => 1 / (1 + Math.exp((-1.702 * x) / width));

/** Grey discs on grey, of edges blurred by `width`: edges of every direction, and smooth parts. */
function discs(width: number, noise = 0, stretch: readonly [number, number] = [1, 1]): QualityCrop {
  let seed = 7;
  const random = (): number => (seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0) / 2 ** 32;
  const luma = new Float32Array(N * N);
  for (let y = 0; y < N; y++) {
    for (let x = 0; x < N; x++) {
      const dx = ((x % 76) - 38) / stretch[0];
      const dy = ((y % 76) - 38) / stretch[1];
      const shade = 90 + 80 * edge(22 - Math.hypot(dx, dy), width);
      const spread = Math.sqrt(-2 * Math.log(random() + 1e-12)) * Math.cos(2 * Math.PI * random());
      luma[y * N + x] = Math.min(255, Math.max(0, shade + noise * spread));
    }
  }
  return { luma, inside };
}

describe('blurWidth', () => {
  it('finds the blur that edges were made with', () => {
    for (const width of [0.8, 1.2, 2, 3, 4.5]) {
      expect(blurWidth(discs(width))! / width).toBeGreaterThan(0.8);
      expect(blurWidth(discs(width))! / width).toBeLessThan(1.25);
    }
  });

  it('finds it under noise', () => {
    for (const width of [1.2, 2, 3]) {
      for (const noise of [3, 8, 15]) {
        expect(blurWidth(discs(width, noise))! / width).toBeGreaterThan(0.75);
        expect(blurWidth(discs(width, noise))! / width).toBeLessThan(1.6);
      }
    }
  });

  it('has nothing to say of a face that cannot be seen', () => {
    expect(blurWidth({ ...discs(1), inside: new Uint8Array(N * N) })).toBeUndefined();
    expect(measureSharpness({ ...discs(1), inside: new Uint8Array(N * N) })).toBe(0);
  });
});

describe('measureSharpness', () => {
  it('falls strictly with blur and does not take noise alone for edges', () => {
    const values = [0.6, 0.9, 1.3, 1.8, 2.5, 3.5, 5].map((width) => measureSharpness(discs(width)));
    values.slice(1).forEach((value, i) => expect(value).toBeLessThan(values[i]!));
    expect(values[0]!).toBeGreaterThan(0.9);
    expect(values.at(-1)).toBeLessThan(0.15);
    const clean = discs(1).luma;
    const flat: QualityCrop = { luma: discs(1, 20).luma.map((v, i) => v - clean[i]! + 128), inside };
    expect(measureSharpness(flat)).toBeLessThan(0.4);
  });
});

describe('edgeEnergy', () => {
  it('is the energy of second differences of a blurred step, but for a factor', () => {
    const width = 2.4;
    const ratio = (lag: number): number => {
      let sum = 0;
      for (let x = -80; x < 80; x += 0.05) {
        const second = 2 * erfEdge(x, width) - erfEdge(x - lag, width) - erfEdge(x + lag, width);
        sum += second * second;
      }
      return sum / edgeEnergy(lag, width);
    };
    for (const lag of [2, 4, 8]) expect(ratio(lag) / ratio(1)).toBeCloseTo(1, 2);
  });
});

/** ½ + ½·erf(x / σ√2), by quadrature. */
function erfEdge(x: number, width: number): number {
  const steps = 200;
  const end = Math.max(-8, Math.min(8, x / width));
  let sum = 0;
  for (let i = 0; i < steps; i++) sum += Math.exp(-0.5 * (((i + 0.5) / steps) * end) ** 2);
  return 0.5 + (sum * end) / steps / Math.sqrt(2 * Math.PI);
}
