import fc from 'fast-check';
import { expect, test } from 'vitest';
import { jsonValue } from './json-value.ts';

const check = jsonValue(16_384);

test('whatever JSON holds is taken, and given back as a copy', () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 5 }), (value) => {
      const copy = check(value, 'extra');
      expect(copy).toEqual(JSON.parse(JSON.stringify(value)));
      if (typeof value === 'object' && value !== null) expect(copy).not.toBe(value);
    }),
  );
  expect(check({ a: undefined, b: [{}] }, 'extra')).toEqual({ b: [{}] });
  expect(JSON.stringify(check(JSON.parse('{"__proto__":{"a":1}}'), 'extra'))).toBe('{"__proto__":{"a":1}}');
});

test('whatever JSON does not hold is refused, and where it is', () => {
  const circle: unknown[] = [];
  circle.push(circle);
  const cases: readonly (readonly [unknown, string])[] = [
    [undefined, 'extra'],
    [NaN, 'extra'],
    [{ a: { b: [1, Infinity] } }, 'extra.a.b[1]'],
    [[undefined], 'extra[0]'],
    // eslint-disable-next-line no-sparse-arrays -- a hole is what is looked for
    [[1, , 2], 'extra[1]'],
    [new Date(0), 'extra'],
    [new Map(), 'extra'],
    [{ a: () => 1 }, 'extra.a'],
    [{ a: 1n }, 'extra.a'],
    [{ toJSON: () => 1 }, 'extra.toJSON'],
    [new Uint8Array(3), 'extra'],
  ];
  for (const [value, param] of cases)
    expect(() => check(value, 'extra'), String(param)).toThrow(
      expect.objectContaining({ code: 'BAD_PARAM', details: expect.objectContaining({ param }) }),
    );
  expect(() => check(circle, 'extra')).toThrow(/nested at most 64 deep/);
});

test('bytes are counted in UTF-8, quotes and all', () => {
  expect(check('x'.repeat(16_382), 'extra')).toHaveLength(16_382);
  expect(() => check('x'.repeat(16_383), 'extra')).toThrow(/16384 bytes/);
  expect(check('ü'.repeat(8191), 'extra')).toHaveLength(8191);
  expect(() => check('ü'.repeat(8192), 'extra')).toThrow(/16386 bytes/);
  expect(() => check(new Array<number>(1e6).fill(0), 'extra')).toThrow(/16384 bytes/);
});
