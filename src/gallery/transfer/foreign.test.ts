import { readFile } from 'node:fs/promises';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { NearFaceError } from '../../core/errors.ts';
import { readForeign } from './foreign.ts';

const numbers = (length: number, first = 0.5) => Array.from({ length }, (_, i) => first + i / length);

test("human's own example of a face database", async () => {
  const file = '../../../node_modules/@vladmandic/human/demo/facematch/faces.json';
  const text = await readFile(new URL(file, import.meta.url), 'utf8');
  const db = JSON.parse(text) as { name: string; embedding: number[] }[];
  const found = readForeign(db);
  expect(found).toMatchObject({ source: 'human', dimension: 1024 });
  expect(found?.faces.map(({ meta }) => meta)).toEqual(db.map(({ name }) => name));
  expect(found?.faces[3]?.vector).toEqual(Float32Array.from(db[3]!.embedding));
});

test("human's descriptors as its faceid demo stores them, one alone, without a name", () => {
  expect(readForeign([{ id: 1, name: 'Sam', descriptor: numbers(1024), image: {} }])?.faces[0]?.meta).toBe(
    'Sam',
  );
  expect(readForeign({ name: null, embedding: numbers(1024) })?.faces[0]?.meta).toBe('');
});

test("face-api's labelled descriptors and its matcher", () => {
  const sam = { label: 'Sam', descriptors: [numbers(128), numbers(128, -1)] };
  const none = { label: 'None', descriptors: [] };
  const expected = {
    source: 'face-api',
    dimension: 128,
    faces: sam.descriptors.map((vector) => ({ meta: 'Sam', vector: Float32Array.from(vector) })),
  };
  expect(readForeign(sam)).toEqual(expected);
  expect(readForeign([none, sam])).toEqual(expected);
  expect(readForeign({ distanceThreshold: 0.6, labeledDescriptors: [sam, none] })).toEqual(expected);
});

test.each([
  ['nothing', undefined],
  ['null', null],
  ['an empty array', []],
  ['numbers', [1, 2, 3]],
  ['an embedding of another length', [{ name: 'a', embedding: numbers(512) }]],
  ['descriptors of another length', [{ label: 'a', descriptors: [numbers(64)] }]],
  ['no name', [{ embedding: numbers(1024) }]],
  ['a record of ours', { id: 'a', meta: 'b', embedding: numbers(128) }],
])('%s is not recognised', (_what, json) => {
  expect(readForeign(json)).toBeUndefined();
});

const human = { name: 'a', embedding: numbers(1024) };
const faceApi = { label: 'a', descriptors: [numbers(128)] };

test.each<[string, unknown]>([
  ['[1]', [human, 7]],
  ['[1].embedding', [human, { ...human, embedding: numbers(1023) }]],
  ['[1].embedding[5]', [human, { ...human, embedding: numbers(1024).with(5, null as never) }]],
  ['[1].embedding[5]', [human, { ...human, embedding: numbers(1024).with(5, 1e300) }]],
  ['[1].name', [human, { ...human, name: 7 }]],
  ['[1].name', [human, { ...human, name: 'x'.repeat(1025) }]],
  ['[1].descriptor', [human, { name: 'b' }]],
  ['[1]', [faceApi, { label: 'b' }]],
  ['[1].label', [faceApi, { descriptors: [] }]],
  ['[0].descriptors[1]', { ...faceApi, descriptors: [numbers(128), numbers(127)] }],
  ['[0].descriptors[1][0]', { ...faceApi, descriptors: [numbers(128), ['1', ...numbers(127)]] }],
])('a bad %s is refused by name', (param, json) => {
  expect(() => readForeign(json)).toThrow(
    expect.objectContaining({ code: 'BAD_PARAM', details: expect.objectContaining({ param }) }),
  );
});

test('any JSON gives faces, nothing, or an error of the library', () => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.constantFrom(undefined, human, faceApi), (value, first) => {
      const json = first ? [first, value] : value;
      try {
        const found = readForeign(json);
        expect(found === undefined || found.faces.length >= 0).toBe(true);
      } catch (error) {
        expect(error).toBeInstanceOf(NearFaceError);
      }
    }),
  );
});
