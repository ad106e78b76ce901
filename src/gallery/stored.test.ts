import fc from 'fast-check';
import { expect, test } from 'vitest';
import { bytesOf, bytesOfTexts, type StoredFace } from './stored.ts';

const face: fc.Arbitrary<StoredFace> = fc.record(
  {
    ...{ id: fc.string({ unit: 'binary' }), meta: fc.string({ unit: 'binary' }), modelId: fc.string() },
    galleries: fc.array(fc.stringMatching(/^[A-Za-z0-9_-]{1,48}$/), { minLength: 1, maxLength: 4 }),
    timestamp: fc.double({ noNaN: true, noDefaultInfinity: true }),
    pictures: fc.subarray(['thumbnail', 'crop', 'photo'] as const),
    ...{ pictureBytes: fc.nat(), seq: fc.maxSafeNat(), reliability: fc.nat(255).map((byte) => byte / 255) },
    ...{ reliabilityAssumed: fc.constant(true as const), personId: fc.string(), extra: fc.jsonValue() },
  },
  {
    requiredKeys: [
      ...(['id', 'meta', 'modelId', 'galleries', 'timestamp', 'pictures'] as const),
      ...(['pictureBytes', 'seq', 'reliability'] as const),
    ],
  },
) as fc.Arbitrary<StoredFace>;

test('bytes of faces are the same whether their JSON is known or not', () => {
  fc.assert(
    fc.property(fc.array(face), (faces) => {
      const texts = faces.map((one) => JSON.stringify(one));
      const parsed = texts.map((text) => JSON.parse(text) as StoredFace);
      expect(bytesOfTexts(parsed, texts)).toEqual(bytesOf(parsed));
    }),
  );
});
