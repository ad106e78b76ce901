import fc from 'fast-check';
import { expect, test, vi } from 'vitest';
import { NearFaceError } from '../../core/errors.ts';
import { assumedReliability } from '../../core/reliability.ts';
import { type ArchiveFace, type ArchiveHeader, readArchive, writeArchive } from './archive.ts';
import { crc32 } from '../../core/crc32.ts';
import { anyFace, bytesOf, collect, each, MODEL, smallFace, streamOf } from './test-faces.ts';

type Bytes = Uint8Array<ArrayBuffer>;

const HEADER: ArchiveHeader = {
  gallery: 'staff',
  modelId: MODEL,
  dimension: 3,
  createdAt: 1_700_000_000_000,
  faces: null,
  pictures: ['thumbnail', 'crop', 'photo'],
};

const PASSPHRASE = 'grün wie der Wald';

function write(faces: readonly ArchiveFace[], change: Partial<ArchiveHeader> = {}, passphrase?: string) {
  return bytesOf(writeArchive({ ...HEADER, ...change }, each(faces), { passphrase }));
}

/** What was read until the end or an error, and the error. */
async function read(bytes: Bytes, options: { passphrase?: string; size?: number; piece?: number } = {}) {
  const faces: ArchiveFace[] = [];
  const { piece, ...rest } = options;
  try {
    const archive = await readArchive(streamOf(bytes, piece), rest);
    for await (const face of archive.faces) faces.push(face);
    return { header: archive.header, faces, error: undefined };
  } catch (error) {
    return { header: undefined, faces, error };
  }
}

/** Whether it is an error of the library, and all faces that came before it are as they were written. */
function expectRefusal(result: Awaited<ReturnType<typeof read>>, written: readonly ArchiveFace[]) {
  expect(result.error).toBeInstanceOf(NearFaceError);
  expect(result.faces).toEqual(written.slice(0, result.faces.length));
}

/** The places of the chunks of an archive, the last being the end. */
function chunksOf(bytes: Bytes, overhead = 4): { readonly start: number; readonly end: number }[] {
  const view = new DataView(bytes.buffer);
  const places = [];
  for (let start = 16 + view.getUint32(12, true) + 4; start < bytes.length;) {
    const end = start + 12 + view.getUint32(start + 8, true) + overhead;
    places.push({ start, end });
    start = end;
  }
  return places;
}

/** With checksums that are right again, as a hostile file has them. */
function mend(bytes: Bytes): Bytes {
  const mended = bytes.slice();
  const view = new DataView(mended.buffer);
  const headerEnd = 16 + view.getUint32(12, true);
  let crc = crc32(mended.subarray(0, headerEnd));
  view.setUint32(headerEnd, crc, true);
  for (const { start, end } of chunksOf(mended)) {
    crc = crc32(mended.subarray(start, end - 4), crc);
    view.setUint32(end - 4, crc, true);
  }
  return mended;
}

/** An archive with one chunk of this payload. */
async function withPayload(payload: Bytes, change: Partial<ArchiveHeader> = {}): Promise<Bytes> {
  const empty = await write([], change);
  const [end] = chunksOf(empty);
  const bytes = new Uint8Array(empty.length + 16 + payload.length);
  bytes.set(empty.subarray(0, end!.start));
  bytes.set(payload, end!.start + 12);
  bytes.set(empty.subarray(end!.start), end!.start + 16 + payload.length);
  const view = new DataView(bytes.buffer, end!.start);
  view.setUint32(0, 1, true);
  view.setUint32(4, 1, true);
  view.setUint32(8, payload.length, true);
  view.setUint32(16 + payload.length + 4, 2, true);
  view.setBigUint64(16 + payload.length + 12, 1n, true);
  return mend(bytes);
}

/** A payload as a hostile writer may make it. */
function payloadOf(json: string, rest: Bytes, counts: { faces?: number; json?: number } = {}): Bytes {
  const text = new TextEncoder().encode(json);
  const payload = new Uint8Array(8 + text.length + rest.length);
  const view = new DataView(payload.buffer);
  view.setUint32(0, counts.faces ?? 1, true);
  view.setUint32(4, counts.json ?? text.length, true);
  payload.set(text, 8);
  payload.set(rest, 8 + text.length);
  return payload;
}

const UNIT = new Uint8Array(Float32Array.of(0, 1, 0).buffer);
const facts = { id: 'a', meta: 'Sam', galleries: ['staff'], modelId: MODEL, timestamp: 5 };
const line = (record: object = {}, pictures: unknown = []) =>
  JSON.stringify([{ record: { ...facts, ...record }, pictures }]);

test('CRC-32 is that of zlib', () => {
  expect(crc32(new TextEncoder().encode('123456789'))).toBe(0xcbf43926);
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 60 }), fc.nat(60), (bytes, cut) => {
      expect(crc32(bytes.subarray(cut), crc32(bytes.subarray(0, cut)))).toBe(crc32(bytes));
    }),
  );
});

test('any faces come back as they were, however the stream is cut', async () => {
  const dimensions = fc.integer({ min: 2, max: 20 });
  const any = dimensions.chain((dimension) =>
    fc.record({ dimension: fc.constant(dimension), faces: fc.array(anyFace(dimension), { maxLength: 6 }) }),
  );
  await fc.assert(
    fc.asyncProperty(any, fc.integer({ min: 1, max: 500 }), async ({ dimension, faces }, piece) => {
      const bytes = await write(faces, { dimension, faces: faces.length });
      const result = await read(bytes, { piece, size: bytes.length });
      expect(result.error).toBeUndefined();
      expect(result.header).toEqual({ ...HEADER, dimension, faces: faces.length });
      expect(result.faces).toEqual(faces);
    }),
    { numRuns: 60 },
  );
});

test('any faces come back from an encrypted archive, whose text shows none of them', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(anyFace(3), { minLength: 1, maxLength: 4 }), async (faces) => {
      const named = faces.map((face) => ({ ...face, record: { ...face.record, meta: 'Sam Berry' } }));
      const bytes = await write(named, {}, PASSPHRASE);
      expect(new TextDecoder('latin1').decode(bytes)).not.toContain('Sam Berry');
      const { header, faces: found } = await read(bytes, {
        passphrase: PASSPHRASE.normalize('NFD'),
        piece: 100,
      });
      expect(header?.encryption).toMatchObject({ cipher: 'AES-GCM-256', iterations: 600_000 });
      expect(found).toEqual(named);
    }),
    { numRuns: 3, endOnFailure: true },
  );
});

test('pieces of one byte, and more faces than a chunk takes', async () => {
  const faces = Array.from({ length: 600 }, (_, i) => smallFace(i));
  const bytes = await write(faces, { faces: 600 });
  expect(chunksOf(bytes)).toHaveLength(4);
  expect((await read(bytes, { piece: 1 })).faces).toEqual(faces);
});

test('large pictures close a chunk early', async () => {
  const photo = { kind: 'photo' as const, type: 'image/jpeg', bytes: new ArrayBuffer(1_500_000) };
  const faces = Array.from({ length: 7 }, (_, i) => ({ ...smallFace(i), pictures: [photo] }));
  const bytes = await write(faces);
  expect(chunksOf(bytes)).toHaveLength(5);
  expect((await read(bytes)).faces.map(({ record }) => record.pictures)).toEqual(faces.map(() => ['photo']));
});

test('an empty gallery, without a model', async () => {
  const bytes = await write([], { modelId: null, dimension: null, faces: 0 });
  expect(await read(bytes)).toMatchObject({ header: { modelId: null, dimension: null }, faces: [] });
});

test('no byte of an archive can be flipped unnoticed', async () => {
  const faces = [smallFace(1), smallFace(2)];
  const bytes = await write(faces);
  for (let at = 0; at < bytes.length; at++) {
    for (const bits of [1, 0x80, 0xff]) {
      const flipped = bytes.slice();
      flipped[at]! ^= bits;
      expectRefusal(await read(flipped), faces);
    }
  }
});

test('an archive that is cut off anywhere, or goes on, is refused', async () => {
  const faces = Array.from({ length: 300 }, (_, i) => smallFace(i));
  const bytes = await write(faces.slice(0, 2));
  for (let length = 0; length < bytes.length; length++) {
    const result = await read(bytes.slice(0, length));
    expect(result.error).toMatchObject({
      code: 'BAD_PARAM',
      message: expect.stringContaining('ends too soon'),
    });
    expectRefusal(result, faces);
  }
  const long = await write(faces);
  const [, , end] = chunksOf(long);
  expectRefusal(await read(long.slice(0, end!.start)), faces);
  const more = new Uint8Array(long.length + 1);
  more.set(long);
  expectRefusal(await read(more), faces);
});

test('chunks cannot be left out, doubled, exchanged or brought from another file', async () => {
  const faces = Array.from({ length: 600 }, (_, i) => smallFace(i));
  const bytes = await write(faces);
  const other = await write(faces.map((face) => ({ ...face, vector: Float32Array.of(0, 0, 1) })));
  const [one, two, three, end] = chunksOf(bytes).map(({ start, end }) => bytes.slice(start, end));
  const foreign = other.slice(chunksOf(other)[1]!.start, chunksOf(other)[1]!.end);
  const prologue = bytes.slice(0, chunksOf(bytes)[0]!.start);
  const orders = [
    [two, one, three],
    [one, three],
    [one, one, two, three],
    [one, two],
    [],
    [one, foreign, three],
  ];
  for (const order of orders) {
    const blob = new Blob([prologue, ...[...order, end].map((chunk) => chunk!)]);
    expectRefusal(await read(new Uint8Array(await blob.arrayBuffer())), faces);
  }
});

test('an encrypted archive: a sample of flips, cuts and exchanges', async () => {
  const faces = Array.from({ length: 300 }, (_, i) => smallFace(i));
  const bytes = await write(faces, {}, PASSPHRASE);
  const [one, two, end] = chunksOf(bytes, 16);
  const places = [
    one!.start,
    one!.start + 4,
    one!.start + 8,
    one!.start + 40,
    one!.end - 1,
    two!.end - 1,
    end!.end - 1,
  ];
  for (const at of places) {
    const flipped = bytes.slice();
    flipped[at]! ^= 1;
    expectRefusal(await read(flipped, { passphrase: PASSPHRASE }), faces);
  }
  for (const length of [one!.end, two!.end, bytes.length - 1])
    expectRefusal(await read(bytes.slice(0, length), { passphrase: PASSPHRASE }), faces);
  const swapped = bytes.slice();
  swapped.copyWithin(one!.start, two!.start, two!.end);
  expectRefusal(await read(swapped, { passphrase: PASSPHRASE }), []);
  // With its number set right, the second chunk does not open in the first one's place.
  new DataView(swapped.buffer).setUint32(one!.start + 4, 1, true);
  const renumbered = await read(swapped, { passphrase: PASSPHRASE });
  expect(renumbered.error).toMatchObject({ code: 'BAD_PARAM', message: expect.stringContaining('decrypt') });
});

test('the header of an encrypted archive is part of what its tags cover', async () => {
  const bytes = await write([smallFace(1)], {}, PASSPHRASE);
  const changed = bytes.slice();
  const at = new TextDecoder('latin1').decode(bytes).indexOf('staff');
  changed[at]! ^= 1;
  const headerEnd = 16 + new DataView(bytes.buffer).getUint32(12, true);
  new DataView(changed.buffer).setUint32(headerEnd, crc32(changed.subarray(0, headerEnd)), true);
  const result = await read(changed, { passphrase: PASSPHRASE });
  expect(result).toMatchObject({ faces: [], error: { code: 'BAD_PARAM' } });
});

test('without the passphrase, or with another, an encrypted archive is locked', async () => {
  const bytes = await write([smallFace(1)], {}, PASSPHRASE);
  expect(await read(bytes)).toMatchObject({ faces: [], error: { code: 'LOCKED' } });
  expect(await read(bytes, { passphrase: 'another' })).toMatchObject({
    faces: [],
    error: { code: 'LOCKED' },
  });
  expect(await read(bytes, { passphrase: '' })).toMatchObject({ error: { code: 'BAD_PARAM' } });
  expect(() => writeArchive(HEADER, each([]), { passphrase: '' })).toThrow('not empty');
});

test('an archive that is not encrypted refuses a passphrase', async () => {
  const bytes = await write([smallFace(1)]);
  expect(await read(bytes, { passphrase: PASSPHRASE })).toMatchObject({
    faces: [],
    error: { code: 'BAD_PARAM', message: expect.stringContaining('is not encrypted; leave out passphrase') },
  });
});

test('a newer version, and a file that is no archive, say so', async () => {
  const bytes = await write([smallFace(1)]);
  const newer = bytes.slice();
  newer[8] = 2;
  expect((await read(newer)).error).toMatchObject({
    code: 'BAD_PARAM',
    message: expect.stringContaining('version 2, newer'),
  });
  const png = Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 13, 10, 26, 10, 0, 0, 0, 13, 73, 72, 68, 82);
  expect((await read(png)).error).toMatchObject({ message: expect.stringContaining('not a .nearface') });
});

test('a false length is refused before it is waited for', async () => {
  const bytes = await write([smallFace(1)]);
  const view = new DataView(bytes.buffer);
  const [chunk] = chunksOf(bytes);
  view.setUint32(12, 0xffffffff, true);
  expect((await read(bytes)).error).toMatchObject({ message: expect.stringContaining('claims 4294967295') });
  const good = await write([smallFace(1)]);
  const length = new DataView(good.buffer, chunk!.start + 8);
  length.setUint32(0, 0xffffffff, true);
  expect((await read(good)).error).toMatchObject({ message: expect.stringContaining('claims 4294967295') });
  length.setUint32(0, 200 * 2 ** 20, true);
  expect((await read(good, { size: good.length })).error).toMatchObject({
    message: expect.stringContaining('ends too soon'),
  });
});

test('a length beyond the size of the file is refused without reading on', async () => {
  const bytes = await write([smallFace(1)]);
  const [chunk] = chunksOf(bytes);
  new DataView(bytes.buffer).setUint32(chunk!.start + 8, 200 * 2 ** 20, true);
  let pulls = 0;
  const endless = new ReadableStream<Bytes>(
    { pull: (controller) => controller.enqueue(pulls++ ? new Uint8Array(1000) : bytes) },
    { highWaterMark: 0 },
  );
  const archive = await readArchive(endless, { size: bytes.length });
  await expect(collect(archive.faces)).rejects.toThrow('ends too soon');
  expect(pulls).toBe(1);
});

test('a header that is not JSON is malformed', async () => {
  const bytes = await write([]);
  bytes[16] = 0x5b;
  expect((await read(mend(bytes))).error).toMatchObject({
    code: 'MALFORMED_JSON',
    message: expect.stringContaining('The header of the archive'),
  });
});

test('random bytes after a good start never give faces, and never hang', async () => {
  const start = (await write([])).slice(0, -24);
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 200 }), fc.boolean(), async (noise, isAll) => {
      const bytes = new Uint8Array(isAll ? noise : [...start, ...noise]);
      expectRefusal(await read(bytes), []);
    }),
  );
});

test.each<[string, string, Bytes, { faces?: number; json?: number }, string]>([
  ['no faces', '[]', new Uint8Array(0), { faces: 0 }, 'claims 0 faces'],
  ['too many faces', line(), UNIT, { faces: 257 }, 'claims 257 faces'],
  ['more JSON than there is', line(), UNIT, { json: 1e6 }, 'where 1000000 should be'],
  ['far too much JSON', line(), UNIT, { json: 2 ** 31 }, 'bytes of JSON'],
  ['fewer lines than faces', '[]', UNIT, {}, 'chunk 1 must be an array of 1 faces'],
  ['vectors cut off', line(), UNIT.slice(1), {}, 'has 11 bytes where 12 should be'],
  ['bytes left over', line(), new Uint8Array([...UNIT, 0]), {}, 'has 1 bytes too many'],
  [
    'a picture that is not there',
    line({}, [{ kind: 'crop', type: '', bytes: 9 }]),
    UNIT,
    {},
    'where 9 should',
  ],
])('a chunk with %s is refused', async (_what, json, rest, counts, message) => {
  const result = await read(await withPayload(payloadOf(json, rest, counts)));
  expect(result).toMatchObject({
    faces: [],
    error: { code: 'BAD_PARAM', message: expect.stringContaining(message) },
  });
});

test.each<[string, object, unknown?]>([
  ['record.id', { id: '' }],
  ['record.meta', { meta: 7 }],
  ['record.meta', { meta: 'x'.repeat(1025) }],
  ['record.galleries', { galleries: [] }],
  ['record.galleries[0]', { galleries: ['../x'] }],
  ['record.modelId', { modelId: 'model-b' }],
  ['record.timestamp', { timestamp: '5' }],
  ['record.box.width', { box: { left: 0, top: 0, width: -1, height: 1 } }],
  ['record.photoHash', { photoHash: 'abc' }],
  ['record.personId', { personId: null }],
  ['record.quality.brightness', { quality: { brightness: -2 } }],
  ['record.attributes.age.value', { attributes: { age: {} } }],
  ['record.attributes.mask.value', { attributes: { mask: { value: 'blue', certainty: 1 } } }],
  ['pictures', {}, 'none'],
  ['pictures[0].type', {}, [{ kind: 'crop', type: 'text/html', bytes: 0 }]],
  ['pictures[0].type', {}, [{ kind: 'crop', type: 'image/svg+xml', bytes: 0 }]],
  ['pictures[0].kind', {}, [{ kind: 'video', type: '', bytes: 0 }]],
  ['pictures', {}, [1, 2].map(() => ({ kind: 'crop', type: '', bytes: 0 }))],
])('a bad %s is refused by chunk, face and field', async (field, record, pictures) => {
  const { error } = await read(await withPayload(payloadOf(line(record, pictures), UNIT)));
  const param = `chunk 1, face 1: face.${field}`;
  expect(error).toMatchObject({ code: 'BAD_PARAM', details: { param } });
});

test('unknown fields are dropped, a name like __proto__ among them', async () => {
  const json = line({ admin: true, friend: 1 }).replace('"admin"', '"__proto__":{"personId":"p"},"admin"');
  const { faces } = await read(await withPayload(payloadOf(json, UNIT)));
  expect(faces).toEqual([
    {
      record: { ...facts, ...assumedReliability(), pictures: [] },
      vector: Float32Array.of(0, 1, 0),
      pictures: [],
    },
  ]);
});

test.each([
  ['not a number', Float32Array.of(NaN, 1, 0), 'vector[0]'],
  ['too long', Float32Array.of(1, 1, 0), 'vector'],
  ['zeros', Float32Array.of(0, 0, 0), 'vector'],
])('a vector that is %s is refused', async (_what, vector, field) => {
  const bytes = await withPayload(payloadOf(line(), new Uint8Array(vector.buffer)));
  const param = `chunk 1, face 1: face.${field}`;
  expect((await read(bytes)).error).toMatchObject({ code: 'BAD_PARAM', details: { param } });
});

test.each([
  ['a chunk', '[{', 'The JSON of chunk 1'],
  ['a chunk with broken UTF-8', '', 'The JSON of chunk 1'],
])('bad JSON in %s is malformed', async (_what, json, where) => {
  const broken = json === '' ? payloadOf('x', UNIT) : payloadOf(json, UNIT);
  if (json === '') broken[8] = 0xff;
  expect((await read(await withPayload(broken))).error).toMatchObject({
    code: 'MALFORMED_JSON',
    message: expect.stringContaining(where),
  });
});

test('a count other than that of the header or the end is refused', async () => {
  const faces = [smallFace(1)];
  const bytes = await write(faces);
  const view = new DataView(bytes.buffer);
  view.setUint32(bytes.length - 12, 2, true);
  expectRefusal(await read(mend(bytes)), faces);
  await expect(write(faces, { faces: 2 })).rejects.toMatchObject({ details: { param: 'header.faces' } });
});

test.each<[string, Partial<ArchiveHeader>]>([
  ['gallery', { gallery: '../x' }],
  ['dimension', { dimension: 5000 }],
  ['dimension', { dimension: null }],
  ['createdAt', { createdAt: NaN }],
  ['faces', { faces: -1 }],
  ['pictures[0]', { pictures: ['video' as never] }],
])('a bad %s in the header is refused by name', (field, change) => {
  const make = () => writeArchive({ ...HEADER, ...change }, each([]));
  expect(make).toThrow(
    expect.objectContaining({ details: expect.objectContaining({ param: `header.${field}` }) }),
  );
});

test('what could not be read back is not written', async () => {
  const face = smallFace(1);
  const record = { ...face.record, modelId: 'model-b' };
  await expect(write([{ ...face, record }])).rejects.toMatchObject({ code: 'BAD_PARAM' });
  await expect(write([{ ...face, vector: Float32Array.of(1) }])).rejects.toThrow('faces[0].vector');
  const crop = { kind: 'crop' as const, type: 'text/html', bytes: new ArrayBuffer(1) };
  await expect(write([{ ...face, pictures: [crop] }], { pictures: ['photo'] })).rejects.toThrow('pictures');
  const { faces } = await read(await write([{ ...face, pictures: [crop] }]));
  expect(faces[0]?.pictures).toEqual([{ ...crop, type: '' }]);
});

test('both sides let go when the other does', async () => {
  const ended = vi.fn();
  async function* endless(): AsyncGenerator<ArchiveFace, void> {
    try {
      for (let i = 0; ; i++) yield smallFace(i);
    } finally {
      ended();
    }
  }
  const stream = writeArchive(HEADER, endless());
  const archive = await readArchive(stream);
  for await (const face of archive.faces) if (face.record.id === 'f700') break;
  expect(ended).toHaveBeenCalledOnce();

  const cancelled = vi.fn();
  const unread = await readArchive(streamOf(await write([smallFace(1)]), 200, cancelled));
  await unread.cancel();
  await unread.cancel();
  expect(cancelled).toHaveBeenCalledOnce();
  await expect(collect(unread.faces)).rejects.toMatchObject({ code: 'BAD_PARAM' });
});

test('what the stream or the faces throw is passed on', async () => {
  const broken = new Error('disk gone');
  const bytes = await write([smallFace(1)]);
  let isFirst = true;
  const stream = new ReadableStream<Bytes>({
    pull(controller) {
      if (isFirst) controller.enqueue(bytes.slice(0, 300));
      else controller.error(broken);
      isFirst = false;
    },
  });
  const reading = readArchive(stream).then((archive) => collect(archive.faces));
  await expect(reading).rejects.toBe(broken);
  async function* failing(): AsyncGenerator<ArchiveFace, void> {
    yield smallFace(1);
    throw broken;
  }
  await expect(bytesOf(writeArchive(HEADER, failing()))).rejects.toBe(broken);
});
