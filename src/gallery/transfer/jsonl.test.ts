import fc from 'fast-check';
import { expect, test, vi } from 'vitest';
import { readJsonLines, writeJsonLines } from './jsonl.ts';
import { anyFace, bytesOf, collect, each, MODEL, smallFace, streamOf } from './test-faces.ts';

const FACE = {
  id: 'a',
  meta: 'Zoë 🙂',
  galleries: ['staff'],
  modelId: MODEL,
  timestamp: 5,
  embedding: [0, 1],
};

function encode(text: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(text);
}

function read(text: string | Uint8Array<ArrayBuffer>, piece?: number) {
  return collect(readJsonLines(streamOf(typeof text === 'string' ? encode(text) : text, piece)));
}

test('any faces come back without their pictures, however the stream is cut', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(anyFace(5), { maxLength: 5 }),
      fc.integer({ min: 1, max: 500 }),
      async (faces, piece) => {
        const found = await read(await bytesOf(writeJsonLines(each(faces))), piece);
        expect(found).toEqual(
          faces.map(({ record, vector }) => ({ record: { ...record, pictures: [] }, vector })),
        );
      },
    ),
    { numRuns: 60 },
  );
});

test('a line is the fields of the record and the embedding', async () => {
  const face = { ...smallFace(1), vector: Float32Array.of(0.6, 0.8) };
  const text = new TextDecoder().decode(await bytesOf(writeJsonLines(each([face]))));
  expect(text).toBe(
    '{"id":"f1","meta":"name 1","galleries":["staff"],"modelId":"model-a","timestamp":1,"reliability":0.00392156862745098,"embedding":[0.600000024,0.800000012]}\n',
  );
});

test('characters of several bytes may be cut, blank lines are skipped, the last line needs no end', async () => {
  const text = `\ufeff${JSON.stringify(FACE)}\r\n\n  \t\r\n${JSON.stringify({ ...FACE, id: 'b', other: 1, extra: null })}`;
  const faces = await read(text, 1);
  expect(faces.map(({ record }) => [record.id, record.meta])).toEqual([
    ['a', FACE.meta],
    ['b', FACE.meta],
  ]);
  expect(faces[1]?.record).not.toHaveProperty('other');
  expect(faces[1]?.record).not.toHaveProperty('extra');
  expect(await read('')).toEqual([]);
});

test.each<[string, object]>([
  ['meta', { meta: null }],
  ['modelId', { modelId: undefined }],
  ['embedding', { embedding: undefined }],
  ['embedding', { embedding: [1, 1] }],
  ['embedding', { embedding: [] }],
  ['embedding[1]', { embedding: [1, '0'] }],
  ['embedding', { embedding: Array.from({ length: 5000 }, (_, i) => (i ? 0 : 1)) }],
])('a bad %s is refused by line and field', async (field, change) => {
  const text = `${JSON.stringify(FACE)}\n\n${JSON.stringify({ ...FACE, ...change })}\n`;
  const param = `line 3: face.${field}`;
  await expect(read(text)).rejects.toMatchObject({ code: 'BAD_PARAM', details: { param } });
});

test.each(['{', '[]]', '{"id":"a"} {}'])('%s is malformed', async (bad) => {
  const reading = read(`${JSON.stringify(FACE)}\n${bad}\n`);
  await expect(reading).rejects.toMatchObject({
    code: 'MALFORMED_JSON',
    message: expect.stringContaining('line 2'),
  });
});

test('broken UTF-8 is malformed, and null is no face', async () => {
  await expect(read(Uint8Array.of(0x22, 0xff, 0x22))).rejects.toMatchObject({ code: 'MALFORMED_JSON' });
  await expect(read('null')).rejects.toMatchObject({ code: 'BAD_PARAM', details: { param: 'line 1: face' } });
});

test('an endless line is refused when a megabyte of it has come', async () => {
  const cancelled = vi.fn();
  const endless = new ReadableStream<Uint8Array<ArrayBuffer>>({
    pull: (controller) => controller.enqueue(new Uint8Array(100_000).fill(0x20)),
    cancel: cancelled,
  });
  await expect(collect(readJsonLines(endless))).rejects.toMatchObject({
    code: 'BAD_PARAM',
    message: expect.stringContaining('line 1'),
  });
  expect(cancelled).toHaveBeenCalledOnce();
});

test('random bytes give faces or an error of the library', async () => {
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 100 }), async (noise) => {
      const code = await read(Uint8Array.from(noise)).then(
        () => 'none',
        (error: { code: string }) => error.code,
      );
      expect(['none', 'BAD_PARAM', 'MALFORMED_JSON']).toContain(code);
    }),
  );
});

test('leaving the loop lets the stream go', async () => {
  const cancelled = vi.fn();
  const bytes = await bytesOf(writeJsonLines(each([smallFace(1), smallFace(2), smallFace(3)])));
  for await (const { record } of readJsonLines(streamOf(bytes, 10, cancelled))) if (record.id === 'f2') break;
  expect(cancelled).toHaveBeenCalledOnce();
});

test('what could not be read back is not written', async () => {
  const face = smallFace(1);
  const bad = { ...face, record: { ...face.record, meta: 'x'.repeat(2000) } };
  await expect(bytesOf(writeJsonLines(each([face, bad])))).rejects.toThrow('faces[1].record.meta');
});
