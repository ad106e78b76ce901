import fc from 'fast-check';
import { expect, test } from 'vitest';
import { checkCapacity, checkUnitVector, patchGalleries, prepareFace } from './face-input.ts';
import { editDistance } from '../core/edit-distance.ts';
import { checkGalleryName, galleryNotFound, modelMismatch } from './gallery-errors.ts';
import { groupBy } from './group-by.ts';
import { decodeCursor, encodeCursor, pageStart } from './page-cursor.ts';

const face = {
  meta: 'Sam',
  galleries: ['default'],
  modelId: 'm',
  vector: Float32Array.of(0.6, 0.8),
  pictures: {},
};

test.each(['staff', 'A-Z_09', 'x'.repeat(48)])('%s is a gallery name', (name) => {
  expect(checkGalleryName(name)).toBe(name);
});

test('a gallery of another model is told with the way out', () => {
  const error = modelMismatch('staff', 'mobilefacenet', 'mobilefacenet-2');
  expect(error).toMatchObject({ code: 'MODEL_MISMATCH', details: { gallery: 'staff' } });
  expect(error.message).toMatch(
    /model 'mobilefacenet', not of 'mobilefacenet-2'; .*galleries\.regenerate\(\)/,
  );
});

test.each(['', 'a/b', 'ä', 'x'.repeat(49), 'a b', '..', 7, null])('%s is not a gallery name', (name) => {
  expect(() => checkGalleryName(name)).toThrow(expect.objectContaining({ code: 'BAD_PARAM' }));
});

test('a missing gallery is told with a near name, or with those there are', () => {
  const near = galleryNotFound('Staf', ['default', 'staff']);
  expect(near.code).toBe('GALLERY_NOT_FOUND');
  expect(near.message).toBe(
    "There is no gallery 'Staf'; did you mean 'staff'? The galleries are 'staff', 'default'; create it first",
  );
  expect(galleryNotFound('guests', ['default']).message).toBe(
    "There is no gallery 'guests'. The galleries are 'default'; create it first",
  );
});

test('editDistance is a distance', () => {
  const word = fc.string({ maxLength: 8 });
  expect(editDistance('kitten', 'sitting')).toBe(3);
  fc.assert(
    fc.property(word, word, word, (a, b, c) => {
      expect(editDistance(a, b)).toBe(editDistance(b, a));
      expect(editDistance(a, a)).toBe(0);
      expect(editDistance(a, c)).toBeLessThanOrEqual(editDistance(a, b) + editDistance(b, c));
    }),
  );
});

test('cursors come back, and nothing else is taken for one', () => {
  fc.assert(
    fc.property(
      fc.maxSafeNat(),
      fc.constantFrom('oldest', 'newest'),
      (seq, order) => decodeCursor(encodeCursor(seq, order), order) === seq,
    ),
  );
  expect(pageStart(undefined, 1)).toBe(0);
  for (const bad of ['', 'after-', 'after-zzzzzzzzzzz', 'before-1', 'after-1 '])
    expect(() => decodeCursor(bad)).toThrow(expect.objectContaining({ code: 'BAD_PARAM' }));
});

test('a face gets an id, its galleries once and a copy of its vector', async () => {
  const prepared = await prepareFace({ ...face, galleries: ['a', 'b', 'a'] }, 'faces[0]');
  expect(prepared.id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  expect(prepared.galleries).toEqual(['a', 'b']);
  expect(prepared.vector).toEqual(face.vector);
  expect(prepared.vector).not.toBe(face.vector);
});

test('pictures become bytes', async () => {
  const crop = new Blob(['abc'], { type: 'image/webp' });
  const prepared = await prepareFace({ ...face, pictures: { crop } }, 'faces[0]');
  expect(prepared.pictures).toMatchObject([{ kind: 'crop', type: 'image/webp' }]);
  expect(new Uint8Array(prepared.pictures[0]?.bytes ?? new ArrayBuffer(0))).toEqual(
    Uint8Array.of(97, 98, 99),
  );
});

test.each<[string, object]>([
  ['galleries', { galleries: [] }],
  ['galleries[0]', { galleries: ['a/b'] }],
  ['meta', { meta: 'x'.repeat(1025) }],
  ['id', { id: '' }],
  ['vector[1]', { vector: Float32Array.of(1, NaN) }],
  ['vector', { vector: Float32Array.of(1, 1) }],
  ['vector', { vector: Float32Array.of(0, 0) }],
])('a bad %s is refused by name', async (field, change) => {
  const refusal = prepareFace({ ...face, ...change }, 'faces[2]');
  await expect(refusal).rejects.toMatchObject({ code: 'BAD_PARAM', details: { param: `faces[2].${field}` } });
});

test('vectors may be off unit length by rounding only', () => {
  expect(checkUnitVector(Float32Array.of(0.6, 0.8003), 'v')).toHaveLength(2);
  expect(() => checkUnitVector(Float32Array.of(0.6, 0.82), 'v')).toThrow('unit length');
  expect(() => checkUnitVector(new Float32Array(4097).fill(1 / Math.sqrt(4097)), 'v')).toThrow('4096');
});

test('capacity is null or a positive whole number', () => {
  expect(checkCapacity(null)).toBeNull();
  expect(checkCapacity(3)).toBe(3);
  for (const bad of [0, -1, 1.5, NaN]) expect(() => checkCapacity(bad)).toThrow('capacity');
});

test('set, add and remove change the galleries of a face, and never to none', () => {
  expect(patchGalleries(['a'], undefined)).toEqual(['a']);
  expect(patchGalleries(['a', 'b'], { add: ['c', 'a'], remove: ['b'] })).toEqual(['a', 'c']);
  expect(patchGalleries(['a'], { set: ['x'], add: ['y'] })).toEqual(['x', 'y']);
  expect(() => patchGalleries(['a'], { remove: ['a'] })).toThrow(
    expect.objectContaining({ code: 'BAD_PARAM' }),
  );
  expect(() => patchGalleries(['a'], { set: [] })).toThrow(expect.objectContaining({ code: 'BAD_PARAM' }));
});

test('groupBy keeps order', () => {
  expect([...groupBy([3, 1, 4, 1, 5], (x) => x % 2)]).toEqual([
    [1, [3, 1, 1, 5]],
    [0, [4]],
  ]);
});
