import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { Pyramid } from './pyramid.ts';
import { noise, shrinkSlowly } from './test-pixels.ts';
import { builtPixelKernel } from '../../tools/pixel-kernel.ts';

const pixelKernel = await builtPixelKernel();

describe('Pyramid', () => {
  it('halves by rounded means, whatever the size', () => {
    const side = fc.integer({ min: 1, max: 17 });
    fc.assert(
      fc.property(side, side, (width, height) => {
        let expected = noise(width, height);
        const pyramid = new Pyramid(expected, pixelKernel);
        for (let level = 1; level < 5; level++) {
          expected = shrinkSlowly(expected, 2);
          expect(pyramid.level(level)).toEqual(expected);
        }
      }),
    );
  });

  it('quarters by rounded means where a level is passed over', () => {
    const side = fc.integer({ min: 1, max: 17 });
    fc.assert(
      fc.property(side, side, fc.integer({ min: 2, max: 5 }), (width, height, index) => {
        const base = noise(width, height);
        const step = new Pyramid(base, pixelKernel);
        for (let level = 1; level < index; level++) step.level(level);
        const [direct, expected] = [new Pyramid(base, pixelKernel).level(index), step.level(index)];
        expect([direct.width, direct.height]).toEqual([expected.width, expected.height]);
        direct.data.forEach((value, i) => expect(Math.abs(value - expected.data[i]!)).toBeLessThanOrEqual(1));
      }),
    );
    const base = noise(16, 8);
    const { data } = new Pyramid(base, pixelKernel).level(2);
    for (let x = 0; x < 4; x++) {
      let sum = 0;
      for (let y = 0; y < 4; y++) for (let k = 0; k < 4; k++) sum += base.data[4 * (16 * y + 4 * x + k)]!;
      expect(data[4 * x]).toBe(Math.floor((sum + 8) / 16));
    }
  });

  it('makes a level and the finer one at once as it makes them one by one', () => {
    const side = fc.integer({ min: 1, max: 20 });
    const few = fc.integer({ min: 0, max: 4 });
    fc.assert(
      fc.property(side, side, few, few, (width, height, index, before) => {
        const base = noise(width, height);
        const [together, apart] = [new Pyramid(base, pixelKernel), new Pyramid(base, pixelKernel)];
        // One that is made already stays.
        const made = together.level(before);
        apart.level(before);
        expect(together.levelWithFiner(index)).toEqual(apart.level(index));
        for (let level = 0; level < 5; level++) expect(together.level(level)).toEqual(apart.level(level));
        expect(together.level(before)).toBe(made);
      }),
    );
  });

  it('ends at one pixel and keeps what it made', () => {
    const pyramid = new Pyramid(noise(9, 3), pixelKernel);
    expect(pyramid.level(99)).toMatchObject({ width: 1, height: 1 });
    expect(pyramid.level(1)).toBe(pyramid.level(1));
    expect(pyramid.levelFor(1e9)).toBe(4);
  });

  it('gives back the memory of its levels, and makes anew what is asked for later', () => {
    const base = noise(40, 20);
    const pyramid = new Pyramid(base, pixelKernel);
    const [half, fourth] = [pyramid.level(1), pyramid.level(2)];
    const expected = [shrinkSlowly(base, 2), shrinkSlowly(shrinkSlowly(base, 2), 2)];
    expect([half, fourth]).toEqual(expected);
    pyramid.giveBack();
    pyramid.giveBack();
    expect(pyramid.level(0)).toBe(base);
    const other = noise(40, 20, 7);
    const taken = new Pyramid(other, pixelKernel).level(1);
    expect(taken.data.buffer).toBe(half.data.buffer);
    expect(taken).toEqual(shrinkSlowly(other, 2));
    expect(pyramid.level(1)).toEqual(expected[0]);
    expect(pyramid.level(1).data.buffer).not.toBe(taken.data.buffer);
  });

  it('makes the level between in the same pass where the image is small, and only then', () => {
    const halve = vi.spyOn(pixelKernel, 'halve');
    const calls = (width: number, height: number): number => {
      halve.mockClear();
      const pyramid = new Pyramid(noise(width, height), pixelKernel);
      expect([pyramid.level(2).width, pyramid.level(1).width]).toEqual([width / 4, width / 2]);
      return halve.mock.calls.length;
    };
    expect([calls(64, 32), calls(2048, 1024), calls(2048, 1028)]).toEqual([0, 0, 1]);
    halve.mockRestore();
  });

  it('reads a base that lies inside a larger buffer', () => {
    const { data } = noise(4, 4);
    const buffer = new Uint8ClampedArray(8 + data.length);
    buffer.set(data, 8);
    const inside = new Pyramid({ width: 4, height: 4, data: buffer.subarray(8) }, pixelKernel);
    expect(inside.level(1)).toEqual(new Pyramid({ width: 4, height: 4, data }, pixelKernel).level(1));
  });

  it('chooses the base for enlargement and mild reduction, deeper levels for strong reduction', () => {
    const pyramid = new Pyramid(noise(1024, 8), pixelKernel);
    expect([0.2, 1, 1.5, 2, 3, 4, 8].map((scale) => pyramid.levelFor(scale))).toEqual([0, 0, 0, 1, 1, 2, 3]);
  });

  it('refuses pixels that do not fit the size', () => {
    expect(() => new Pyramid({ width: 2, height: 2, data: new Uint8ClampedArray(15) }, pixelKernel)).toThrow(
      RangeError,
    );
    expect(() => new Pyramid({ width: 0, height: 2, data: new Uint8ClampedArray(0) }, pixelKernel)).toThrow(
      RangeError,
    );
  });
});
