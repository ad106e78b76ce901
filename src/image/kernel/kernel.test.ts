import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Affine } from '../../geometry/similarity.ts';
import type { RgbaImage } from '../pixels.ts';
import { greySlowly, noise, sampleSlowly, shrinkSlowly } from '../test-pixels.ts';
import { loadPixelKernel, type WarpTarget } from './kernel.ts';
import { SpareBuffers } from './spare-buffers.ts';
import { builtPixelKernel } from '../../../tools/pixel-kernel.ts';

const pixelKernel = await builtPixelKernel();

/** Samples are in float32, whose steps are 1.5e-5 at 255: they may be off by a few of these. */
const TOLERANCE = 1e-4;

/** So wide, or so large, that they do not fit the kernel's memory at once. */
const LARGE = [
  [50_000, 5],
  [22_000, 8],
  [3, 90_001],
  [700, 801],
  [1, 200_000],
] as const;

describe('halvings', () => {
  it('are the rounded means to the last bit, whatever the size', () => {
    const side = fc.integer({ min: 1, max: 70 });
    fc.assert(
      fc.property(side, side, fc.nat(), (width, height, seed) => {
        const image = noise(width, height, seed);
        expect(pixelKernel.halve(image)).toEqual(shrinkSlowly(image, 2));
        const whole = noise(4 * width, 4 * Math.ceil(height / 4), seed);
        expect(pixelKernel.quarter(whole)).toEqual(shrinkSlowly(whole, 4));
        expect(pixelKernel.halveTwice(whole)).toEqual([shrinkSlowly(whole, 2), shrinkSlowly(whole, 4)]);
      }),
      { numRuns: 60 },
    );
  });

  it.each(LARGE)('are so of %d × %d pixels, too', (width, height) => {
    const image = noise(width, height);
    expect(isSame(pixelKernel.halve(image), shrinkSlowly(image, 2))).toBe(true);
    const [w, h] = [4 * Math.ceil(width / 4), 4 * Math.ceil(height / 4)];
    const whole = noise(w, h);
    const [half, fourth] = [shrinkSlowly(whole, 2), shrinkSlowly(whole, 4)];
    expect(isSame(pixelKernel.quarter(whole), fourth)).toBe(true);
    const [toHalf, toFourth] = pixelKernel.halveTwice(whole);
    expect(isSame(toHalf, half) && isSame(toFourth, fourth)).toBe(true);
  });
});

describe('warps', () => {
  const factor = fc.oneof(
    fc.constantFrom(-1, -0.5, 0, 1e-17, 0.5, 1, 1.5),
    fc.double({ min: -3, max: 3, noNaN: true }),
  );
  const shift = fc.oneof(fc.integer({ min: -20, max: 60 }), fc.double({ min: -20, max: 60, noNaN: true }));
  const side = fc.integer({ min: 1, max: 40 });
  const map = fc.tuple(factor, factor, factor, factor, shift, shift);

  it('sample as the formula says, inside, across and beyond the border, in every form', () => {
    fc.assert(
      fc.property(map, side, side, side, side, (toImage, w, h, width, height) => {
        expectSamples(noise(w, h), toImage, width, height, 99.5);
      }),
      { numRuns: 300 },
    );
  });

  it('sample whole pixels and what lies on the border as they are', () => {
    const image = noise(31, 17);
    for (const toImage of [
      [1, 0, 0, 1, 0, 0],
      [1, 0, 0, 1, -3, -2],
      [0, 1, -1, 0, 16, 0],
      [-1, 0, 0, -1, 30, 16],
    ] as const)
      expectSamples(image, toImage, 37, 41, 7);
  });

  it.each([
    ['rows of a large image', 1200, 900, [1.4, 0, 0, 1.4, -10, -10], 860, 640],
    ['blocks of a turned one', 1200, 900, [1, 0.9, -0.9, 1, 300, -200], 700, 800],
    ['a very wide image', 60_000, 3, [1.3, 0, 0, 0.5, -9.5, -0.5], 46_000, 7],
    ['a very high image', 3, 60_000, [0.3, 0, 0, 1.5, -0.5, -9.25], 9, 40_100],
    ['points far apart', 900, 900, [80, 30, -30, 80, 400, -100], 12, 12],
    ['points far apart in one direction', 3000, 600, [300, 0.1, 0, 0.2, 3, -5], 11, 300],
  ] as const)('sample %s', (_, w, h, toImage, width, height) => {
    expectSamples(noise(w, h), toImage, width, height, 0);
  });

  // Fixed point is off by some 2^-32 of a pixel there.
  it.each([
    ['end just above a row of a block', 400, 40, [-30, -0.1, 0, 0, 333, 6], 11],
    ['end just above the first row', 400, 40, [-30, -0.1, 0, 0, 333, 1], 11],
    ['end just below a row, in a memory that is full', 10_000, 40, [1400, 1.6, 0, 0, 100, 2.8 - 1e-12], 8],
    [
      'end just below the last row, in a memory that is full',
      10_000,
      15,
      [1400, 1.6, 0, 0, 100, 2.8 - 1e-12],
      8,
    ],
    [
      'are many, in steps between two of fixed point',
      10_003,
      2,
      [0.5 + 2 ** -33, 0, 0, 0, 0.25, 0.25],
      20_000,
    ],
  ] as const)('sample points that %s', (_, w, h, toImage, width) => {
    expectSamples(noise(w, h), toImage, width, 1, 0);
  });

  it.each([
    [NaN, 0, 0, 1, 0, 0],
    [1, 0, 0, 1, NaN, 0],
    [1, 0, 0, 1, 0, -Infinity],
    [Infinity, 0, 0, Infinity, 0, 0],
    [1e200, 0, 0, 1e308, 0, -1e308],
  ] as const)('see nothing but what is beyond by a map of %d, %d, %d, %d, %d, %d', (...toImage) => {
    const data = new Float32Array(3 * 300 * 2);
    const target = { ...{ width: 300, height: 2, offset: 0 }, isBgr: false, mean: 0, factor: 1 };
    const source = { image: noise(90, 90), toImage, outside: 9 };
    pixelKernel.warp(source, { ...target, form: 'triples', data });
    expect(data.every((value) => value === 9)).toBe(true);
  });

  it('writes nothing but what was asked for', () => {
    const data = new Float32Array(3 * 35 + 2).fill(-5);
    const target = { ...{ width: 7, height: 5, offset: 1 }, isBgr: false, mean: 0, factor: 1 };
    const source = { image: noise(9, 9), toImage: [1, 0.1, -0.1, 1, 0, 0] as const, outside: 0 };
    pixelKernel.warp(source, { ...target, form: 'triples', data });
    expect([data[0], data.at(-1)]).toEqual([-5, -5]);
    expect(data.subarray(1, -1).every((value) => value >= 0)).toBe(true);
  });
});

describe('grey copies', () => {
  it('are the means of the lumas to the last bit', () => {
    const places = (length: number, count: number): Int32Array =>
      Int32Array.from({ length: 2 * count }, (_, i) => Math.floor((i * length) / (2 * count)));
    const side = fc.integer({ min: 1, max: 60 });
    const check = (width: number, height: number, columns: number, rows: number): void => {
      const image = noise(width, height);
      const [down, across] = [places(height, rows), places(width, columns)];
      const grey = pixelKernel.grey(image, down, across);
      expect(grey.length).toBe(columns * rows);
      expect(isSame({ data: grey }, { data: greySlowly(image, down, across) })).toBe(true);
    };
    fc.assert(fc.property(side, side, side, side, check), { numRuns: 100 });
    check(1200, 900, 600, 420);
    check(90_000, 4, 40_000, 2);
    check(3, 90_000, 2, 40_000);
    check(1, 400_000, 1, 1);
    check(500_000, 1, 1, 1);
  });
});

describe('the kernel', () => {
  it('says where it could not be loaded from', async () => {
    const missing = (): Promise<Uint8Array<ArrayBuffer>> => Promise.reject(new Error('404'));
    await expect(loadPixelKernel(missing, 'https://example.org/lib/')).rejects.toMatchObject({
      code: 'BACKEND_UNAVAILABLE',
      details: { url: 'https://example.org/lib/pixels.wasm' },
    });
    const html = async (): Promise<Uint8Array<ArrayBuffer>> => new Uint8Array([60, 33, 100]);
    await expect(loadPixelKernel(html, 'https://example.org/lib/')).rejects.toMatchObject({
      code: 'BACKEND_UNAVAILABLE',
    });
  });

  it('keeps memory that was given back for the next of its size, up to a limit', () => {
    const spare = new SpareBuffers();
    const [first, second] = [spare.take(64), spare.take(64)];
    expect(second).not.toBe(first);
    spare.giveBack(first);
    expect(spare.take(32)).not.toBe(first);
    expect(spare.take(64)).toBe(first);
    expect(spare.take(64)).not.toBe(first);
    spare.giveBack(first);
    const large = new ArrayBuffer(64 * 2 ** 20);
    spare.giveBack(large);
    expect(spare.take(large.byteLength)).not.toBe(large);
    expect(spare.take(64)).toBe(first);
    spare.giveBack(first);
    const most = new ArrayBuffer(12 * 2 ** 20);
    spare.giveBack(most);
    expect(spare.take(64)).not.toBe(first);
    expect(spare.take(most.byteLength)).toBe(most);
  });
});

function isSame(a: { readonly data: ArrayLike<number> }, b: { readonly data: ArrayLike<number> }): boolean {
  return a.data.length === b.data.length && Array.prototype.every.call(a.data, (x, i) => x === b.data[i]);
}

/** Every form of a warp against the formula: off by {@link TOLERANCE} of a grey level at most. */
function expectSamples(
  image: RgbaImage,
  toImage: Affine,
  width: number,
  height: number,
  outside: number,
): void {
  const samples = sampleSlowly(image, toImage, width, height, outside);
  const size = { width, height, offset: 0 };
  const [mean, std, pixels] = [127.5, 64, width * height];
  const warped = (target: Pick<WarpTarget & { isBgr: boolean }, 'form' | 'isBgr'>, count: number) => {
    const data = new Float32Array(count * pixels);
    const numbers = { ...size, ...target, mean, factor: 1 / std, data } as WarpTarget;
    pixelKernel.warp({ image, toImage, outside }, numbers);
    return data;
  };
  let worst = 0;
  const compare = (value: number, expected: number): void => {
    worst = Math.max(worst, Math.abs(value * std + mean - expected));
  };
  for (const isBgr of [false, true]) {
    const planes = warped({ form: 'planes', isBgr }, 3);
    const triples = warped({ form: 'triples', isBgr }, 3);
    samples.forEach((expected, i) => {
      const channel = isBgr ? 2 - (i % 3) : i % 3;
      compare(planes[channel * pixels + Math.floor(i / 3)]!, expected);
      compare(triples[3 * Math.floor(i / 3) + channel]!, expected);
    });
  }
  warped({ form: 'grey', isBgr: false }, 1).forEach((value, i) => {
    const [r, g, b] = samples.subarray(3 * i, 3 * i + 3);
    compare(value, 0.299 * r! + 0.587 * g! + 0.114 * b!);
  });
  expect(worst).toBeLessThanOrEqual(TOLERANCE);
  const bytes = new Uint8ClampedArray(4 * pixels);
  pixelKernel.warp({ image, toImage, outside }, { ...size, form: 'rgba', data: bytes });
  // Rounded to the nearest, whichever it is where both are as near.
  const off = bytes.findIndex((value, i) =>
    i % 4 === 3 ? value !== 255 : Math.abs(value - samples[3 * (i >> 2) + (i % 4)]!) > 0.5 + TOLERANCE,
  );
  expect(off).toBe(-1);
}
