import fc from 'fast-check';
import { expect, test } from 'vitest';
import { pack, packWithBlobs, unpack } from './pack.ts';

const numbers = fc.oneof(
  fc.double(),
  fc.constantFrom(Infinity, -Infinity, NaN, -0, 0, Number.MAX_SAFE_INTEGER),
);
const arrays = fc.oneof(
  fc.uint8Array(),
  fc.uint32Array(),
  fc.float32Array(),
  fc.float64Array(),
) as fc.Arbitrary<unknown>;
const keys = fc.string().filter((key) => key !== '__proto__' && !key.includes('\u0001'));
const { tree } = fc.letrec((tie) => ({
  leaf: fc.oneof(numbers, fc.string(), fc.boolean(), fc.constant(null), fc.constant(undefined), arrays),
  tree: fc.oneof(
    { depthSize: 'small' },
    tie('leaf'),
    fc.array(tie('tree')),
    fc.dictionary(keys, tie('tree'), { noNullPrototype: true }),
    fc.array(fc.tuple(fc.integer(), tie('tree'))).map((entries) => new Map(entries)),
  ),
}));

test('what is packed is given back to the last bit', () => {
  fc.assert(
    fc.property(tree, (value) => {
      const packed = pack(value);
      expect(unpack(packed)).toStrictEqual(value);
      // Also from the middle of other bytes, as a database may hand them out.
      const shifted = new Uint8Array(packed.length + 3);
      shifted.set(packed, 3);
      expect(unpack(shifted.subarray(3))).toStrictEqual(value);
    }),
  );
});

test('bytes that were damaged give an error with a code', () => {
  const packed = pack({ a: Float32Array.of(1, 2, 3), b: 'text' });
  fc.assert(
    fc.property(fc.nat(packed.length - 1), (length) => {
      try {
        unpack(packed.slice(0, length));
      } catch (error) {
        expect(error).toMatchObject({ code: 'STORAGE_FAILED' });
      }
    }),
  );
  expect(() => unpack(packed.slice(0, 20))).toThrow('damaged');
  fc.assert(
    fc.property(fc.uint8Array(), (bytes) => {
      try {
        unpack(bytes);
      } catch (error) {
        expect(error).toMatchObject({ code: 'STORAGE_FAILED' });
      }
    }),
  );
});

test('blobs come back with their types', async () => {
  const blob = new Blob(['picture'], { type: 'image/jpeg' });
  const packed = await packWithBlobs({ a: [blob], b: new Map([[1, { blob, none: undefined }]]) });
  const { a, b } = unpack(packed) as { a: [Blob]; b: Map<number, { blob: Blob; none: undefined }> };
  for (const each of [a[0], b.get(1)?.blob]) {
    expect(each?.type).toBe('image/jpeg');
    expect(await each?.text()).toBe('picture');
  }
  expect(b.get(1)).toHaveProperty('none', undefined);
});
