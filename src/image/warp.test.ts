import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compose, IDENTITY, invert, type Affine } from '../geometry/similarity.ts';
import type { RgbaImage } from './pixels.ts';
import { Pyramid } from './pyramid.ts';
import { warpToRgba, warpToTensor, type TensorFormat } from './warp.ts';
import { builtPixelKernel } from '../../tools/pixel-kernel.ts';

const pixelKernel = await builtPixelKernel();

const RGB: TensorFormat = { layout: 'nchw', channels: 'rgb', mean: 0, std: 1 };

function paint(
  width: number,
  height: number,
  colour: (x: number, y: number) => readonly number[],
): RgbaImage {
  const data = new Uint8ClampedArray(4 * width * height);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) data.set([...colour(x, y), 255], 4 * (y * width + x));
  }
  return { width, height, data };
}

/** Linear in x and y, so that bilinear sampling reproduces it exactly: red = 2·x, green = 4·y at (x, y) continuous. */
const ramp = paint(80, 60, (x, y) => [2 * x + 1, 4 * y + 2, 50]);

describe('warpToRgba', () => {
  it('returns the very pixels under the identity', () => {
    expect(warpToRgba(new Pyramid(ramp, pixelKernel), IDENTITY, 80, 60)).toEqual(ramp);
  });

  it('shifts by whole pixels and fills what lies outside', () => {
    const shifted = warpToRgba(new Pyramid(ramp, pixelKernel), [1, 0, 0, 1, -2, 0], 4, 1, 9);
    expect([...shifted.data]).toEqual([9, 9, 9, 255, 9, 9, 9, 255, 1, 2, 50, 255, 3, 2, 50, 255]);
  });

  it.each([NaN, Infinity, 1e308])('shows nothing at a scale of %d', (scale) => {
    const { data } = warpToRgba(new Pyramid(ramp, pixelKernel), [scale, 0, 0, scale, 0, 0], 2, 1, 9);
    expect([...data]).toEqual([9, 9, 9, 255, 9, 9, 9, 255]);
  });

  it('turns about pixel centres: a quarter turn of the frame permutes pixels exactly', () => {
    const turned = warpToRgba(new Pyramid(ramp, pixelKernel), [0, 1, -1, 0, 60, 0], 60, 60);
    const at = (image: RgbaImage, x: number, y: number): number[] => [
      ...image.data.subarray(4 * (y * image.width + x), 4 * (y * image.width + x) + 3),
    ];
    expect(at(turned, 0, 0)).toEqual(at(ramp, 59, 0));
    expect(at(turned, 59, 59)).toEqual(at(ramp, 0, 59));
    expect(at(turned, 10, 0)).toEqual(at(ramp, 59, 10));
  });
});

describe('warpToTensor', () => {
  it('samples the continuous coordinates that the affine names', () => {
    const angle = fc.double({ min: -3, max: 3, noNaN: true });
    const scale = fc.double({ min: 0.3, max: 1.5, noNaN: true });
    fc.assert(
      fc.property(angle, scale, (turn, size) => {
        const [a, b] = [size * Math.cos(turn), size * Math.sin(turn)];
        const toImage = compose([a, b, -b, a, 40, 30], [1, 0, 0, 1, -8, -8]);
        const out = new Float32Array(3 * 256);
        warpToTensor(new Pyramid(ramp, pixelKernel), toImage, 16, 16, RGB, out);
        for (const [x, y] of [
          [0, 0],
          [15, 3],
          [7, 12],
        ] as const) {
          const imageX = toImage[0] * (x + 0.5) + toImage[2] * (y + 0.5) + toImage[4];
          const imageY = toImage[1] * (x + 0.5) + toImage[3] * (y + 0.5) + toImage[5];
          expect(out[16 * y + x]).toBeCloseTo(2 * imageX, 2);
          expect(out[256 + 16 * y + x]).toBeCloseTo(4 * imageY, 2);
          expect(out[512 + 16 * y + x]).toBeCloseTo(50, 3);
        }
      }),
    );
  });

  it('equals the textbook bilinear formula inside, across and beyond the border', () => {
    const noisy = paint(7, 5, (x, y) => [
      (x * 97 + y * 31) % 256,
      (x * 53 + y * 71) % 256,
      (x * 19 + y * 11) % 256,
    ]);
    const at = (x: number, y: number, channel: number): number =>
      x < 0 || y < 0 || x >= 7 || y >= 5 ? 99 : noisy.data[4 * (7 * y + x) + channel]!;
    const textbook = (x: number, y: number, channel: number): number => {
      const [x0, y0] = [Math.floor(x - 0.5), Math.floor(y - 0.5)];
      const [fx, fy] = [x - 0.5 - x0, y - 0.5 - y0];
      const upper = (1 - fx) * at(x0, y0, channel) + fx * at(x0 + 1, y0, channel);
      const lower = (1 - fx) * at(x0, y0 + 1, channel) + fx * at(x0 + 1, y0 + 1, channel);
      return (1 - fy) * upper + fy * lower;
    };
    const factor = fc.constantFrom(-1, -0.7, -0.5, -0.1, 0, 0.1, 0.5, 0.7, 1);
    const shift = fc.oneof(fc.integer({ min: -8, max: 12 }), fc.double({ min: -8, max: 12, noNaN: true }));
    fc.assert(
      fc.property(factor, factor, shift, shift, (a, b, tx, ty) => {
        const out = new Float32Array(3 * 81);
        warpToTensor(new Pyramid(noisy, pixelKernel), [a, b, -b, a, tx, ty], 9, 9, RGB, out, 0, 99);
        for (let i = 0; i < 3 * 81; i++) {
          const [x, y] = [(i % 9) + 0.5, (Math.floor(i / 9) % 9) + 0.5];
          const expected = textbook(a * x - b * y + tx, b * x + a * y + ty, Math.floor(i / 81));
          if (Math.abs(out[i]! - expected) > 1e-3) expect([x, y, out[i]]).toEqual([x, y, expected]);
        }
      }),
      { numRuns: 500 },
    );
  });

  it('comes back to the image when it is warped by a map and its inverse', () => {
    const smooth = paint(128, 128, (x, y) => [
      128 + 80 * Math.sin(x / 14),
      128 + 80 * Math.cos(y / 11),
      128 + 60 * Math.sin((x + y) / 17),
    ]);
    const angle = fc.double({ min: -3, max: 3, noNaN: true });
    fc.assert(
      fc.property(angle, fc.double({ min: 0.7, max: 1.3, noNaN: true }), (turn, size) => {
        const [a, b] = [size * Math.cos(turn), size * Math.sin(turn)];
        const there: Affine = compose([a, b, -b, a, 64, 64], [1, 0, 0, 1, -96, -96]);
        const warped = warpToRgba(new Pyramid(smooth, pixelKernel), there, 192, 192);
        const back = warpToRgba(new Pyramid(warped, pixelKernel), invert(there), 128, 128);
        let worst = 0;
        for (let y = 48; y < 80; y++) {
          for (let k = 4 * (128 * y + 48); k < 4 * (128 * y + 80); k++) {
            worst = Math.max(worst, Math.abs(back.data[k]! - smooth.data[k]!));
          }
        }
        expect(worst).toBeLessThanOrEqual(4);
      }),
      { numRuns: 25 },
    );
  });

  it('does not alias: one-pixel stripes become grey when strongly reduced', () => {
    const stripes = paint(256, 256, (x, y) => ((x + y) % 2 === 0 ? [255, 255, 255] : [0, 0, 0]));
    const out = new Float32Array(3 * 32 * 32);
    warpToTensor(new Pyramid(stripes, pixelKernel), [8, 0, 0, 8, 0, 0], 32, 32, RGB, out);
    out.forEach((value) => expect(Math.abs(value - 127.5)).toBeLessThan(2));
  });

  it('keeps positions when it samples a deeper level', () => {
    const out = new Float32Array(3 * 20 * 15);
    warpToTensor(new Pyramid(ramp, pixelKernel), [4, 0, 0, 4, 0, 0], 20, 15, RGB, out);
    expect(out[20 * 7 + 10]).toBeCloseTo(2 * 42, 0);
    expect(out[300 + 20 * 7 + 10]).toBeCloseTo(4 * 30, 0);
  });

  it('lays out planes or triples, RGB, BGR or luma, from the offset on', () => {
    const one = new Pyramid(
      paint(1, 1, () => [10, 20, 30]),
      pixelKernel,
    );
    const tensor = (format: Partial<TensorFormat>, size: number): number[] => {
      const out = new Float32Array(size + 1).fill(-1);
      warpToTensor(one, IDENTITY, 1, 1, { ...RGB, ...format }, out, 1);
      return [...out];
    };
    expect(tensor({}, 3)).toEqual([-1, 10, 20, 30]);
    expect(tensor({ channels: 'bgr' }, 3)).toEqual([-1, 30, 20, 10]);
    expect(tensor({ mean: 10, std: 5 }, 3)).toEqual([-1, 0, 2, 4]);
    expect(tensor({ channels: 'grey' }, 1)[1]).toBeCloseTo(0.299 * 10 + 0.587 * 20 + 0.114 * 30, 4);
    const two = new Pyramid(
      paint(2, 1, (x) => [x, x + 10, x + 20]),
      pixelKernel,
    );
    const out = new Float32Array(6);
    warpToTensor(two, IDENTITY, 2, 1, { ...RGB, layout: 'nhwc' }, out);
    expect([...out]).toEqual([0, 10, 20, 1, 11, 21]);
    warpToTensor(two, IDENTITY, 2, 1, RGB, out);
    expect([...out]).toEqual([0, 1, 10, 11, 20, 21]);
  });

  it('gives the constant for a crop wholly outside, and refuses a tensor that is too small', () => {
    const out = new Float32Array(12);
    warpToTensor(
      new Pyramid(ramp, pixelKernel),
      [1, 0, 0, 1, -500, 900],
      2,
      2,
      { ...RGB, mean: 127.5, std: 128 },
      out,
      0,
      127.5,
    );
    expect([...out].every((value) => value === 0)).toBe(true);
    expect(() => warpToTensor(new Pyramid(ramp, pixelKernel), IDENTITY, 2, 2, RGB, out, 1)).toThrow(
      RangeError,
    );
  });
});
