import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { RgbaImage } from './pixels.ts';
import { Pyramid } from './pyramid.ts';

function noise(width: number, height: number): RgbaImage {
  const data = new Uint8ClampedArray(4 * width * height);
  for (let i = 0, seed = 1; i < data.length; i++) {
    seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
    data[i] = seed >>> 24;
  }
  return { width, height, data };
}

/** The obvious halving, channel by channel. */
function halveSlowly({ width, height, data }: RgbaImage): RgbaImage {
  const out = { width: Math.ceil(width / 2), height: Math.ceil(height / 2) };
  const halved = new Uint8ClampedArray(4 * out.width * out.height);
  for (let y = 0; y < out.height; y++) {
    for (let x = 0; x < out.width; x++) {
      for (let channel = 0; channel < 4; channel++) {
        let sum = 0;
        for (const [dx, dy] of [
          [0, 0],
          [1, 0],
          [0, 1],
          [1, 1],
        ] as const) {
          const fromX = Math.min(2 * x + dx, width - 1);
          const fromY = Math.min(2 * y + dy, height - 1);
          sum += data[4 * (fromY * width + fromX) + channel]!;
        }
        halved[4 * (y * out.width + x) + channel] = Math.floor((sum + 2) / 4);
      }
    }
  }
  return { ...out, data: halved };
}

describe('Pyramid', () => {
  it('halves by rounded means, whatever the size', () => {
    const side = fc.integer({ min: 1, max: 17 });
    fc.assert(
      fc.property(side, side, (width, height) => {
        let expected = noise(width, height);
        const pyramid = new Pyramid(expected);
        for (let level = 1; level < 5; level++) {
          expected = halveSlowly(expected);
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
        const step = new Pyramid(base);
        for (let level = 1; level < index; level++) step.level(level);
        const [direct, expected] = [new Pyramid(base).level(index), step.level(index)];
        expect([direct.width, direct.height]).toEqual([expected.width, expected.height]);
        direct.data.forEach((value, i) => expect(Math.abs(value - expected.data[i]!)).toBeLessThanOrEqual(1));
      }),
    );
    const base = noise(16, 8);
    const { data } = new Pyramid(base).level(2);
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
        const [together, apart] = [new Pyramid(base), new Pyramid(base)];
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
    const pyramid = new Pyramid(noise(9, 3));
    expect(pyramid.level(99)).toMatchObject({ width: 1, height: 1 });
    expect(pyramid.level(1)).toBe(pyramid.level(1));
    expect(pyramid.levelFor(1e9)).toBe(4);
  });

  it('reads a base that lies inside a larger buffer', () => {
    const { data } = noise(4, 4);
    const buffer = new Uint8ClampedArray(8 + data.length);
    buffer.set(data, 8);
    const inside = new Pyramid({ width: 4, height: 4, data: buffer.subarray(8) });
    expect(inside.level(1)).toEqual(new Pyramid({ width: 4, height: 4, data }).level(1));
  });

  it('chooses the base for enlargement and mild reduction, deeper levels for strong reduction', () => {
    const pyramid = new Pyramid(noise(1024, 8));
    expect([0.2, 1, 1.5, 2, 3, 4, 8].map((scale) => pyramid.levelFor(scale))).toEqual([0, 0, 0, 1, 1, 2, 3]);
  });

  it('refuses pixels that do not fit the size', () => {
    expect(() => new Pyramid({ width: 2, height: 2, data: new Uint8ClampedArray(15) })).toThrow(RangeError);
    expect(() => new Pyramid({ width: 0, height: 2, data: new Uint8ClampedArray(0) })).toThrow(RangeError);
  });
});
