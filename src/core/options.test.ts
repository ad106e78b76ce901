import { describe, expect, it } from 'vitest';
import { badParam, NearFaceError, showValue } from './errors.ts';
import { arrayOf, boolean, integer, number, oneOf, resolveOptions, string, vector } from './options.ts';

interface Sample {
  readonly limit?: number;
  readonly mode?: 'fast' | 'slow';
}
const fields = { limit: integer(1, 10), mode: oneOf('fast', 'slow') };
const resolve = (raw: unknown): Sample =>
  resolveOptions<Sample, { limit: number }>(raw, 'options', fields, { limit: 3 });
const codeOf = (run: () => unknown): unknown => {
  try {
    run();
  } catch (error) {
    return error instanceof NearFaceError ? [error.code, error.details.param] : error;
  }
  return 'no error';
};

describe('resolveOptions', () => {
  it('fills in defaults, takes undefined for them, and freezes', () => {
    expect(resolve(undefined)).toEqual({ limit: 3 });
    expect(resolve({ limit: undefined, mode: 'fast' })).toEqual({ limit: 3, mode: 'fast' });
    expect(Object.isFrozen(resolve({}))).toBe(true);
  });

  it('names an unknown option and the nearest known one', () => {
    expect(() => resolve({ limits: 2 })).toThrowError(
      /options\.limits is not an option; did you mean limit\?/,
    );
    expect(() => resolve({ Limt: 2 })).toThrowError(/did you mean limit\?/);
    expect(() => resolve({ modulus: 2 })).toThrowError(/known options: limit, mode/);
    expect(() => resolve({ zoom: 2 })).toThrowError(/known options: limit, mode/);
    expect(() => resolve({ constructor: 1 })).toThrowError(/options\.constructor is not an option/);
  });

  it('names the path and the value of what it refuses', () => {
    expect(codeOf(() => resolve({ limit: 11 }))).toEqual(['BAD_PARAM', 'options.limit']);
    expect(() => resolve({ mode: 'medium' })).toThrowError(/'fast', 'slow', but is "medium"/);
    for (const raw of [null, 3, 'x', []])
      expect(codeOf(() => resolve(raw))).toEqual(['BAD_PARAM', 'options']);
  });
});

describe('checks', () => {
  it.each([
    [number(0, 1), NaN],
    [number(0, 1), '0.5'],
    [integer(0, 5), 2.5],
    [boolean, 1],
    [string(3), 'four'],
    [string(9, /^[a-z]+$/), 'A/b'],
    [arrayOf(boolean), 'no array'],
    [vector(3), [1, 2]],
    [vector(2), [1, NaN]],
    [vector(2), [0, 0]],
    [vector(), 'abc'],
  ])('%# refuse', (check, value) => {
    expect(codeOf(() => (check as (v: unknown, p: string) => unknown)(value, 'p'))).toEqual([
      'BAD_PARAM',
      expect.stringMatching(/^p/),
    ]);
  });

  it('says of a vector whose buffer was transferred, or that is a proxy, that it cannot be read', () => {
    const sent = Float32Array.of(1, 0);
    structuredClone(sent, { transfer: [sent.buffer] });
    for (const value of [sent, new Proxy(Float32Array.of(1, 0), {})]) {
      expect(codeOf(() => vector(2)(value, 'probe'))).toEqual(['BAD_PARAM', 'probe']);
      expect(() => vector(2)(value, 'probe')).toThrowError(/transferred.*proxy/);
    }
  });

  it('copies vectors, so that the caller may go on using the array', () => {
    const given = Float32Array.of(3, 4);
    const checked = vector(2)(given, 'p');
    given[0] = 9;
    expect([...checked]).toEqual([3, 4]);
  });
});

describe('NearFaceError', () => {
  it('crosses a structured clone whole', () => {
    const cause = new TypeError('below');
    const error = new NearFaceError(
      'TOO_MANY_FACES',
      'two',
      { boxes: [{ left: 1, top: 2, width: 3, height: 4 }] },
      cause,
    );
    const back = NearFaceError.fromWire(structuredClone(error.toWire()));
    expect(back).toBeInstanceOf(NearFaceError);
    expect(back).toMatchObject({ code: 'TOO_MANY_FACES', message: 'two', details: error.details });
    expect(back.cause).toMatchObject({ name: 'TypeError', message: 'below' });
  });

  it('keeps a known error and wraps any other', () => {
    const known = badParam('a', 1, 'b');
    expect(NearFaceError.from(known, 'STORAGE_FAILED', 'x')).toBe(known);
    expect(NearFaceError.from('text', 'STORAGE_FAILED', 'Writing failed')).toMatchObject({
      code: 'STORAGE_FAILED',
      message: 'Writing failed: text',
    });
  });

  it('shows values shortly', () => {
    expect(showValue('x'.repeat(500)).length).toBeLessThan(90);
    expect(showValue(new Uint8Array(7))).toBe('a Uint8Array of 7 bytes');
    expect(showValue([1, 2])).toBe('an array of 2');
    expect(showValue(Object.create(null))).toBe('a null-prototype object');
  });
});
