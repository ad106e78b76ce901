import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readNpy, writeNpy } from './npy.ts';
import { bytesOf, collect, each, streamOf } from './test-faces.ts';

/** What `numpy.save` of numpy 2.4.6 writes for `numpy.array([[1, 2, 3], [-0.5, 0, 1e-3]], '<f4')`, as base64. */
const GOLDEN =
  'k05VTVBZAQB2AHsnZGVzY3InOiAnPGY0JywgJ2ZvcnRyYW5fb3JkZXInOiBGYWxzZSwgJ3NoYXBlJzogKDIsIDMpLCB9ICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIAoAAIA/AAAAQAAAQEAAAAC/AAAAAG8Sgzo=';

function npy(dictionary: string, data: Uint8Array = new Uint8Array(24), version = [1, 0]) {
  const text = new TextEncoder().encode(dictionary);
  const size = [text.length & 255, text.length >> 8];
  return new Uint8Array([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, ...version, ...size, ...text, ...data]);
}

async function read(bytes: Uint8Array<ArrayBuffer>, piece?: number, size?: number) {
  const { count, dimension, vectors } = await readNpy(streamOf(bytes, piece), { size });
  return { count, dimension, vectors: await collect(vectors) };
}

test('the bytes are those of numpy.save', async () => {
  const rows = [Float32Array.of(1, 2, 3), Float32Array.of(-0.5, 0, 1e-3)];
  const bytes = await bytesOf(writeNpy({ count: 2, dimension: 3 }, each(rows)));
  expect(Buffer.from(bytes).toString('base64')).toBe(GOLDEN);
  expect(await read(bytes, 1)).toEqual({ count: 2, dimension: 3, vectors: rows });
});

test('any vectors come back, and the data begin at a multiple of 64', async () => {
  const float = fc.float({ noNaN: true, noDefaultInfinity: true });
  const any = fc.integer({ min: 1, max: 40 }).chain((dimension) =>
    fc.array(fc.array(float, { minLength: dimension, maxLength: dimension }), {
      minLength: 1,
      maxLength: 9,
    }),
  );
  await fc.assert(
    fc.asyncProperty(any, fc.integer({ min: 1, max: 99 }), async (table, piece) => {
      const vectors = table.map((row) => Float32Array.from(row));
      const shape = { count: vectors.length, dimension: vectors[0]!.length };
      const bytes = await bytesOf(writeNpy(shape, each(vectors)));
      expect((bytes.length - 4 * shape.count * shape.dimension) % 64).toBe(0);
      expect(await read(bytes, piece, bytes.length)).toEqual({ ...shape, vectors });
    }),
  );
});

test('more rows than are read at a time, and none at all', async () => {
  const rows = Array.from({ length: 1000 }, (_, i) => Float32Array.of(i, -i));
  const many = await bytesOf(writeNpy({ count: 1000, dimension: 2 }, each(rows)));
  expect((await read(many, 100)).vectors).toEqual(rows);
  const none = await bytesOf(writeNpy({ count: 0, dimension: 512 }, each([])));
  expect(await read(none)).toEqual({ count: 0, dimension: 512, vectors: [] });
});

test.each([
  `{"shape":(2,3),"descr":"<f4","fortran_order":False}`,
  `{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3,), }      \n`,
  ` { 'fortran_order' : False , 'descr' : '<f4' , 'shape' : ( 2 , 3 ) } \n`,
])('%j is read: a reader must not depend on order or spaces', async (dictionary) => {
  expect(await read(npy(dictionary))).toMatchObject({ count: 2, dimension: 3 });
});

const good = { descr: `'<f4'`, fortran_order: 'False', shape: '(2, 3)' };
const dictionaryOf = (change: object) =>
  `{${Object.entries({ ...good, ...change })
    .map(([key, value]) => `'${key}': ${value}, `)
    .join('')}}\n`;

test.each([
  [{ descr: `'<f8'` }, 'dtype is <f8'],
  [{ descr: `'>f4'` }, 'dtype is >f4'],
  [{ descr: `[('x', '<f4')]` }, 'not one of a plain array'],
  [{ fortran_order: 'True' }, 'Fortran order'],
  [{ shape: '(6,)' }, 'two axes'],
  [{ shape: '()' }, 'two axes'],
  [{ shape: '(1, 2, 3)' }, 'two axes'],
  [{ shape: '(-2, 3)' }, 'not one of a plain array'],
  [{ shape: '(2, 0)' }, 'shape[1]'],
  [{ shape: '(2, 5000)' }, 'shape[1]'],
  [{ shape: '(99999999999, 3)' }, 'two axes'],
  [{ shape: '(9999999999, 3)' }, 'shape[0]'],
])('%o is refused', async (change, message) => {
  await expect(read(npy(dictionaryOf(change)))).rejects.toMatchObject({
    code: 'BAD_PARAM',
    message: expect.stringContaining(message),
  });
});

test('what is not a .npy file of version 1.0 is refused', async () => {
  await expect(read(npy(dictionaryOf({}), undefined, [2, 0]))).rejects.toThrow('version 2.0');
  await expect(read(npy('pickle'))).rejects.toThrow('not a dictionary');
  await expect(read(npy(`{${' '.repeat(60_000)}'}`))).rejects.toThrow('not one of');
  await expect(read(new TextEncoder().encode('[1, 2, 3, 4]'))).rejects.toThrow('does not start as one');
});

test('a file that is cut off, goes on, or is too short for its shape is refused', async () => {
  const whole = npy(dictionaryOf({}));
  for (let length = 0; length < whole.length; length++)
    await expect(read(whole.slice(0, length))).rejects.toMatchObject({ code: 'BAD_PARAM' });
  await expect(read(npy(dictionaryOf({}), new Uint8Array(25)))).rejects.toThrow('goes on');
  const huge = npy(dictionaryOf({ shape: '(1000000000, 4096)' }));
  await expect(readNpy(streamOf(huge), { size: huge.length })).rejects.toThrow('too short for its shape');
  await expect(read(huge)).rejects.toThrow('rows 0 to 255');
});

test('numbers that are not finite are refused by row', async () => {
  const data = new Uint8Array(Float32Array.of(0, 0, 0, 0, Infinity, 0).buffer);
  await expect(read(npy(dictionaryOf({}), data))).rejects.toMatchObject({ details: { param: 'row 1[1]' } });
});

test('the writer keeps to the shape', async () => {
  const rows = [Float32Array.of(1, 2)];
  const write = (count: number, dimension: number) => bytesOf(writeNpy({ count, dimension }, each(rows)));
  await expect(write(2, 2)).rejects.toThrow('vectors must be 2');
  await expect(write(0, 2)).rejects.toThrow('more than 0');
  await expect(write(1, 3)).rejects.toThrow('vectors[0]');
  expect(() => writeNpy({ count: 1.5, dimension: 3 }, each(rows))).toThrow('shape.count');
});

test('random bytes are refused with an error of the library', async () => {
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 200 }), fc.boolean(), async (noise, isHeader) => {
      const bytes = isHeader ? npy(`{${new TextDecoder('latin1').decode(noise)}}`) : Uint8Array.from(noise);
      await expect(read(bytes)).rejects.toMatchObject({ code: 'BAD_PARAM' });
    }),
  );
});
