import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { floatToHalf, halfToFloat } from './float16.ts';

describe('half precision', () => {
  it('reads back every half that it writes', () => {
    const all = Array.from({ length: 0x10000 }, (_, bits) => bits);
    expect(
      all.filter((bits) => !Number.isNaN(halfToFloat(bits)) && floatToHalf(halfToFloat(bits)) !== bits),
    ).toEqual([]);
  });

  it('knows the landmarks of the format', () => {
    expect([0x3c00, 0xc000, 0x7bff, 0x0001, 0x0400].map(halfToFloat)).toEqual([
      1,
      -2,
      65504,
      2 ** -24,
      2 ** -14,
    ]);
    expect(halfToFloat(0x7c00)).toBe(Infinity);
    expect(halfToFloat(floatToHalf(NaN))).toBeNaN();
    expect(floatToHalf(1e6)).toBe(0x7c00);
  });

  it('rounds ties to even', () => {
    expect(halfToFloat(floatToHalf(1 + 1 / 2048))).toBe(1);
    expect(halfToFloat(floatToHalf(1 + 3 / 2048))).toBe(1 + 2 / 1024);
  });

  it('takes the nearest half', () => {
    fc.assert(
      fc.property(fc.double({ min: -65504, max: 65504, noNaN: true }), (value) => {
        const half = floatToHalf(value);
        const error = Math.abs(halfToFloat(half) - value);
        for (const neighbour of [half - 1, half + 1]) {
          const other = Math.abs(halfToFloat(neighbour & 0xffff) - value);
          if (Number.isFinite(other)) expect(error).toBeLessThanOrEqual(other);
        }
      }),
    );
  });
});
