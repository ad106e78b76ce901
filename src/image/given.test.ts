import { describe, expect, it } from 'vitest';
import { copyPixels, isPixels } from './given.ts';

describe('pixels in memory', () => {
  it('are copied', () => {
    const data = Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8);
    const copy = copyPixels({ width: 2, height: 1, data }, 'photo');
    data.fill(0);
    expect(copy).toEqual({ width: 2, height: 1, data: Uint8ClampedArray.of(1, 2, 3, 4, 5, 6, 7, 8) });
  });

  it('are told by their bytes', () => {
    expect(isPixels({ width: 1, height: 1, data: new Uint8ClampedArray(4) })).toBe(true);
    for (const other of [
      null,
      undefined,
      5,
      'data',
      {},
      { data: [1, 2, 3, 4] },
      { data: new Float32Array(4) },
    ])
      expect(isPixels(other)).toBe(false);
  });

  it.each([
    [{ width: 2, height: 2, data: new Uint8Array(12) }, 'BAD_PARAM', /16 bytes of RGBA/],
    [{ width: 0, height: 2, data: new Uint8Array(0) }, 'BAD_PARAM', /whole sides/],
    [{ width: 1.5, height: 2, data: new Uint8Array(12) }, 'BAD_PARAM', /whole sides/],
    [{ width: 2 ** 15, height: 2 ** 15, data: new Uint8Array(4) }, 'IMAGE_TOO_LARGE', /pixels/],
  ])('that are not what they say are refused: %j', (pixels, code, message) => {
    expect(() => copyPixels(pixels, 'photo')).toThrow(
      expect.objectContaining({ code, message: expect.stringMatching(message) as unknown }),
    );
  });
});
