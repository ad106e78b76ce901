import { afterEach, beforeEach, expect, test } from 'vitest';
import { shortHash, textHash } from '../core/text-hash.ts';
import type { GalleryEngine } from './gallery-engine.ts';
import {
  dropDatabase,
  openEngine,
  openEngineWith,
  rawDatabase,
  rawStore,
  testDatabase,
  testFace,
  testKernel,
  testVector,
} from './test-gallery.ts';

let database: string;
let engine: GalleryEngine;

beforeEach(async () => {
  database = testDatabase();
  engine = await openEngine(database);
});

afterEach(async () => {
  engine.close();
  await dropDatabase(database);
});

async function reopen(): Promise<void> {
  engine.close();
  engine = await openEngine(database);
}

const probe = (seed: number, limit = 10, minCosine = -1) => ({
  modelId: 'model-8',
  probes: [testVector(seed)],
  limit,
  minCosine,
});

const idsFound = async (gallery: string, seed: number, limit = 10): Promise<string[]> => {
  const [hits] = await engine.search(gallery, probe(seed, limit));
  return (hits ?? []).map(({ record }) => record.id);
};

test('default is always there and cannot be deleted', async () => {
  expect(await engine.listGalleries()).toMatchObject([
    { name: 'default', capacity: null, count: 0, modelId: null },
  ]);
  await expect(engine.deleteGallery('default')).rejects.toMatchObject({
    code: 'BAD_PARAM',
    details: { param: 'name', value: 'default' },
  });
});

test('keeps the quality and the attributes that a face was enrolled with, through changes and reopening', async () => {
  const parts = {
    leftEyeBrow: 1,
    rightEyeBrow: 1,
    leftEye: 0.9,
    rightEye: 1,
    nose: 1,
    mouth: 0.4,
    faceContour: 1,
  };
  const shape = { mouthClosed: 1, centered: 0.7, size: 0.2, integrity: 1, alignment: 1 };
  const quality = { brightness: -0.2, sharpness: 0.8, ...shape, completeness: { total: 0.9, ...parts } };
  const attributes = { gender: { value: 'female', certainty: 0.9 } } as const;
  const [measured, bare] = await engine.addFaces([testFace(1, { quality, attributes }), testFace(2)]);
  expect(measured).toMatchObject({ quality, attributes });
  expect(bare).not.toHaveProperty('quality');
  await engine.updateFace('default', 'face-1', { meta: 'Sam' });
  await reopen();
  expect(await engine.getFace('default', 'face-1')).toMatchObject({ meta: 'Sam', quality, attributes });
  expect(await engine.getFace('default', 'face-2')).not.toHaveProperty('attributes');
});

test('galleries are created once, with checked names', async () => {
  expect(await engine.createGallery('staff', 3)).toMatchObject({ name: 'staff', capacity: 3, count: 0 });
  await expect(engine.createGallery('staff', null)).rejects.toMatchObject({ code: 'GALLERY_EXISTS' });
  await expect(engine.createGallery('a/b', null)).rejects.toMatchObject({ code: 'BAD_PARAM' });
  await expect(engine.createGallery('c', 0)).rejects.toMatchObject({ code: 'BAD_PARAM' });
  await expect(engine.count('stafff')).rejects.toMatchObject({ code: 'GALLERY_NOT_FOUND' });
  await reopen();
  expect((await engine.listGalleries()).map(({ name }) => name)).toEqual(['default', 'staff']);
});

test('faces are found by the next search, after reopening too, and deleted ones never again', async () => {
  await engine.addFaces([testFace(1), testFace(2), testFace(3)]);
  const [hits] = await engine.search('default', probe(2, 1));
  expect(hits).toMatchObject([{ record: { id: 'face-2', meta: 'name-2' } }]);
  expect(hits?.[0]?.cosine).toBeCloseTo(1, 5);
  await reopen();
  expect((await idsFound('default', 2))[0]).toBe('face-2');
  expect(await engine.deleteFaces('default', ['face-2', 'face-2'])).toBe(1);
  expect((await idsFound('default', 2)).toSorted()).toEqual(['face-1', 'face-3']);
  await reopen();
  expect((await idsFound('default', 2)).toSorted()).toEqual(['face-1', 'face-3']);
});

test('a face in two galleries is stored and searched once, and goes with its last gallery', async () => {
  await engine.createGallery('a', null);
  await engine.createGallery('b', null);
  await engine.addFaces([testFace(1, { galleries: ['a', 'b'] }), testFace(2, { galleries: ['b'] })]);
  expect(await idsFound('a', 1)).toEqual(['face-1']);
  expect((await idsFound('b', 1)).length).toBe(2);
  await engine.deleteFaces('a', ['face-1']);
  expect(await idsFound('a', 1)).toEqual([]);
  expect((await idsFound('b', 1)).length).toBe(2);
  await engine.deleteGallery('b');
  await expect(engine.getFace('b', 'face-1')).rejects.toMatchObject({ code: 'GALLERY_NOT_FOUND' });
  expect(await rawStore(database, 'records')).toEqual([]);
  expect(await rawStore(database, 'vectors')).toEqual([]);
});

test('deleting a face erases every trace of it in the raw store', async () => {
  const thumbnail = new Blob(['its thumbnail']);
  await engine.addFaces([
    testFace(1, { id: 'secret-id', meta: 'Secret Name', pictures: { thumbnail, crop: thumbnail } }),
    testFace(2, { pictures: { thumbnail } }),
  ]);
  expect(await rawStore(database, 'pictures')).toHaveLength(3);
  await engine.updateFace('default', 'secret-id', { meta: 'Another Secret' });
  const traces = [textHash('Another Secret'), textHash('Secret Name'), shortHash('secret-id')].map(String);
  expect(JSON.stringify(await rawDatabase(database))).toContain(traces[0]);
  expect(JSON.stringify(await rawDatabase(database))).toContain(traces[2]);
  await engine.deleteFaces('default', ['secret-id']);
  expect(await rawStore(database, 'pictures')).toHaveLength(1);
  const left = JSON.stringify(await rawDatabase(database));
  expect(left).not.toMatch(/secret/i);
  for (const trace of traces) expect(left).not.toContain(trace);
  const [segment] = (await rawStore(database, 'vectors')) as { vectors: Float32Array; seqs: Float64Array }[];
  expect([...(segment?.seqs ?? [])]).toEqual([2]);
  expect(segment?.vectors).toEqual(testVector(2));
  expect(await engine.stats('default')).toMatchObject({
    faces: 1,
    segments: 1,
    dimension: 8,
    bytes: { vectors: 32, pictures: 13 },
  });
  await engine.deleteFaces('default', ['face-2']);
  expect(await rawStore(database, 'vectors')).toEqual([]);
  expect(await engine.stats('default')).toMatchObject({
    faces: 0,
    segments: 0,
    bytes: { vectors: 0, records: 0, pictures: 0 },
    memoryBytes: 0,
    code: null,
    modelId: null,
    dimension: null,
  });
});

test('vectors and pictures come back whole', async () => {
  const crop = new Blob([Uint8Array.of(0, 1, 2, 255)], { type: 'image/webp' });
  const [record] = await engine.addFaces([
    testFace(7, { pictures: { crop }, box: { left: 1, top: 2, width: 3, height: 4 } }),
  ]);
  expect(record).toMatchObject({ pictures: ['crop'], box: { left: 1, top: 2, width: 3, height: 4 } });
  expect(Object.keys(record ?? {})).not.toContain('seq');
  expect(await engine.getVector('default', 'face-7')).toEqual(testVector(7));
  const picture = await engine.getPicture('default', 'face-7', 'crop');
  expect(picture?.type).toBe('image/webp');
  expect(new Uint8Array((await picture?.arrayBuffer()) ?? new ArrayBuffer(0))).toEqual(
    Uint8Array.of(0, 1, 2, 255),
  );
  expect(await engine.getPicture('default', 'face-7', 'photo')).toBeNull();
  await expect(engine.getPicture('default', 'face-8', 'crop')).rejects.toMatchObject({
    code: 'FACE_NOT_FOUND',
  });
});

test('a full gallery takes nothing, not even a part of a batch', async () => {
  await engine.createGallery('small', 2);
  const before = await rawDatabase(database);
  const three = [1, 2, 3].map((seed) => testFace(seed, { galleries: ['default', 'small'] }));
  await expect(engine.addFaces(three)).rejects.toMatchObject({
    code: 'GALLERY_FULL',
    details: { gallery: 'small', capacity: 2, count: 0, adding: 3 },
  });
  expect(await rawDatabase(database)).toEqual(before);
  expect(await idsFound('default', 1)).toEqual([]);
  await engine.addFaces(three.slice(0, 2));
  await engine.addFaces([testFace(3)]);
  await expect(
    engine.updateFace('default', 'face-3', { galleries: { add: ['small'] } }),
  ).rejects.toMatchObject({ code: 'GALLERY_FULL' });
});

test('an id is used once', async () => {
  await engine.addFaces([testFace(1)]);
  await expect(engine.addFaces([testFace(2), testFace(1)])).rejects.toMatchObject({ code: 'FACE_EXISTS' });
  await expect(engine.addFaces([testFace(2), testFace(2)])).rejects.toMatchObject({ code: 'FACE_EXISTS' });
  expect(await engine.count('default')).toBe(1);
});

test('a gallery holds one model; another model may have another gallery; an empty one takes any', async () => {
  await engine.createGallery('other', null);
  await engine.addFaces([testFace(1)]);
  const foreign = { modelId: 'model-5', vector: testVector(2, 5) };
  await expect(engine.addFaces([testFace(2, foreign)])).rejects.toMatchObject({
    code: 'MODEL_MISMATCH',
    details: { galleryModel: 'model-8', model: 'model-5' },
  });
  await engine.addFaces([testFace(2, { ...foreign, galleries: ['other'] })]);
  await expect(
    engine.updateFace('default', 'face-1', { galleries: { add: ['other'] } }),
  ).rejects.toMatchObject({ code: 'MODEL_MISMATCH' });
  await expect(engine.search('other', probe(1))).rejects.toMatchObject({ code: 'MODEL_MISMATCH' });
  const search = { ...probe(1), modelId: 'model-5', probes: [testVector(2, 5)] };
  expect((await engine.search('other', search))[0]?.[0]?.record.id).toBe('face-2');
  await engine.deleteFaces('default', ['face-1']);
  await engine.addFaces([testFace(3, { modelId: 'model-5', vector: testVector(3, 5) })]);
  expect((await engine.listGalleries()).map(({ modelId }) => modelId)).toEqual(['model-5', 'model-5']);
});

test('vectors of the wrong length are refused, stored or searched', async () => {
  await engine.addFaces([testFace(1)]);
  await expect(engine.addFaces([testFace(2, { vector: testVector(2, 9) })])).rejects.toMatchObject({
    code: 'BAD_PARAM',
    details: { param: 'faces[0].vector' },
  });
  const bad = { ...probe(1), probes: [testVector(1), testVector(1, 7)] };
  await expect(engine.search('default', bad)).rejects.toMatchObject({
    code: 'BAD_PARAM',
    details: { param: 'probes[1]' },
  });
  expect(await engine.count('default')).toBe(1);
});

test('an empty gallery gives an empty list per probe', async () => {
  expect(await engine.search('default', { ...probe(1), probes: [testVector(1), testVector(2)] })).toEqual([
    [],
    [],
  ]);
});

test('update changes what it names and nothing else', async () => {
  await engine.createGallery('friends', null);
  const [before] = await engine.addFaces([testFace(1, { personId: 'p1', cameraId: 'c1' })]);
  const patch = { meta: 'New Name', personId: null, galleries: { set: ['friends'] } };
  const after = await engine.updateFace('default', 'face-1', patch);
  const { personId: _, ...kept } = before as NonNullable<typeof before>;
  expect(after).toEqual({ ...kept, meta: 'New Name', galleries: ['friends'] });
  expect(await engine.getFace('friends', 'face-1')).toEqual(after);
  await expect(engine.getFace('default', 'face-1')).rejects.toMatchObject({ code: 'FACE_NOT_FOUND' });
  expect(await engine.metas('friends')).toEqual([{ meta: 'New Name', count: 1, face: after }]);
  expect(await engine.metas('default')).toEqual([]);
  expect(await idsFound('friends', 1)).toEqual(['face-1']);
  expect(await idsFound('default', 1)).toEqual([]);
});

test('a face that left a gallery takes no place among its hits', async () => {
  await engine.createGallery('a', null);
  await engine.addFaces([1, 2, 3].map((seed) => testFace(seed, { galleries: ['default', 'a'] })));
  await engine.updateFace('a', 'face-1', { galleries: { remove: ['a'] } });
  expect(await idsFound('a', 1, 2)).toHaveLength(2);
  await engine.deleteFaces('a', ['face-2']);
  expect(await idsFound('a', 2, 1)).toEqual(['face-3']);
  expect((await idsFound('default', 1, 1))[0]).toBe('face-1');
});

test('pages follow enrolment and stay right while faces come and go', async () => {
  const seeds = Array.from({ length: 25 }, (_, i) => i);
  await engine.addFaces(seeds.map((seed) => testFace(seed, { meta: seed % 2 ? 'odd' : 'even' })));
  const first = await engine.listFaces('default', { limit: 10 });
  expect(first.records.map(({ id }) => id)).toEqual(seeds.slice(0, 10).map((seed) => `face-${seed}`));
  await engine.deleteFaces('default', ['face-9', 'face-10']);
  await engine.addFaces([testFace(99)]);
  const second = await engine.listFaces('default', { limit: 10, cursor: first.cursor as string });
  expect(second.records.map(({ id }) => id)).toEqual(seeds.slice(11, 21).map((seed) => `face-${seed}`));
  const third = await engine.listFaces('default', { limit: 10, cursor: second.cursor as string });
  expect(third.records.map(({ id }) => id)).toEqual(['face-21', 'face-22', 'face-23', 'face-24', 'face-99']);
  expect(third).not.toHaveProperty('cursor');
  const odd = await engine.listFaces('default', { limit: 4, meta: 'odd' });
  const more = await engine.listFaces('default', { limit: 100, meta: 'odd', cursor: odd.cursor as string });
  expect([...odd.records, ...more.records].map(({ id }) => id)).toEqual(
    seeds.filter((seed) => seed % 2 && seed !== 9).map((seed) => `face-${seed}`),
  );
  const skipped = async (skip: number, meta?: string): Promise<string[]> => {
    const query = { limit: 2, skip, ...(meta !== undefined && { meta }) };
    return (await engine.listFaces('default', query)).records.map(({ id }) => id);
  };
  expect(await skipped(0)).toEqual(['face-0', 'face-1']);
  expect(await skipped(1)).toEqual(['face-1', 'face-2']);
  expect(await skipped(22)).toEqual(['face-24', 'face-99']);
  expect(await skipped(24)).toEqual([]);
  expect(await skipped(1, 'odd')).toEqual(['face-3', 'face-5']);
  const timed = await engine.listFaces('default', { limit: 2, skip: 1, from: 0 });
  expect(timed.records.map(({ id }) => id)).toEqual(['face-1', 'face-2']);
  await expect(
    engine.listFaces('default', { limit: 2, skip: 1, cursor: odd.cursor as string }),
  ).rejects.toMatchObject({ code: 'BAD_PARAM' });
  expect((await engine.listFaces('default', { limit: 5, meta: 'Odd' })).records).toEqual([]);
  await expect(engine.listFaces('default', { limit: 5, cursor: 'x' })).rejects.toMatchObject({
    code: 'BAD_PARAM',
  });
  await expect(engine.listFaces('default', { limit: 0 })).rejects.toMatchObject({ code: 'BAD_PARAM' });
});

test('segments fill up, roll over and shrink', async () => {
  const faces = Array.from({ length: 1100 }, (_, seed) => testFace(seed));
  await engine.addFaces(faces.slice(0, 500));
  await engine.addFaces(faces.slice(500));
  expect(await engine.stats('default')).toMatchObject({ faces: 1100, segments: 5 });
  await engine.deleteFaces(
    'default',
    faces.slice(0, 512).map(({ id }) => id as string),
  );
  expect(await engine.stats('default')).toMatchObject({ faces: 588, segments: 3 });
  await engine.deleteFaces(
    'default',
    faces.slice(1024).map(({ id }) => id as string),
  );
  await engine.addFaces([testFace(2000)]);
  await reopen();
  expect(await engine.getVector('default', 'face-2000')).toEqual(testVector(2000));
  expect((await idsFound('default', 700, 1))[0]).toBe('face-700');
  expect((await idsFound('default', 2000, 1))[0]).toBe('face-2000');
});

test('opening reports progress and can be aborted', async () => {
  await engine.addFaces(Array.from({ length: 9000 }, (_, seed) => testFace(seed)));
  engine.close();
  const kernel = await testKernel();
  const seen: [number, number][] = [];
  engine = await openEngineWith({ database, kernel, onProgress: (done, total) => seen.push([done, total]) });
  expect(seen[0]).toEqual([4096, 9000]);
  expect(seen.at(-1)).toEqual([9000, 9000]);
  const aborter = new AbortController();
  const onProgress = (): void => aborter.abort();
  const opening = openEngineWith({ database, kernel, onProgress, signal: aborter.signal });
  await expect(opening).rejects.toMatchObject({ code: 'ABORTED' });
  expect((await idsFound('default', 8999, 1))[0]).toBe('face-8999');
});
