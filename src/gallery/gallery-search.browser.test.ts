/** Filters, the two precisions, recall, upkeep, and what one page finds of another's changes. */
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { GalleryEngine } from './gallery-engine.ts';
import {
  dropDatabase,
  openEngine,
  openEngineWith,
  rawStore,
  testDatabase,
  testFace,
  testKernel,
  testVector,
} from './test-gallery.ts';

const DIMENSION = 64;
const MODEL = 'model-64';

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

const face = (seed: number, change: Parameters<typeof testFace>[1] = {}) =>
  testFace(seed, { modelId: MODEL, vector: testVector(seed, DIMENSION), ...change });

const request = (seed: number, limit = 3) => ({
  modelId: MODEL,
  probes: [testVector(seed, DIMENSION)],
  limit,
  minCosine: -1,
});

const many = (from: number, count: number): ReturnType<typeof face>[] =>
  Array.from({ length: count }, (_, i) => face(from + i));

const idsOf = async (gallery: string, search: Parameters<GalleryEngine['search']>[1]): Promise<string[]> => {
  const [hits = []] = await engine.search(gallery, search);
  return hits.map(({ record }) => record.id);
};

test('filters by meta, person and time hold together, and several galleries are one search', async () => {
  await engine.createGallery('a', null);
  await engine.createGallery('b', null);
  await engine.addFaces([
    face(1, { meta: 'Sam', personId: 'p', timestamp: 1000 }),
    face(2, { meta: 'Sam', galleries: ['a'], timestamp: 2000 }),
    face(3, { meta: 'Kim', galleries: ['default', 'a'], personId: 'p', timestamp: 3000 }),
    face(4, { meta: 'Sam', galleries: ['b'], personId: 'q', timestamp: 4000 }),
  ]);
  const ids = async (change: object): Promise<string[]> =>
    (await idsOf('default', { ...request(1, 10), ...change })).toSorted();
  expect(await ids({})).toEqual(['face-1', 'face-3']);
  expect(await ids({ galleries: ['a', 'b'] })).toEqual(['face-1', 'face-2', 'face-3', 'face-4']);
  expect(await ids({ galleries: ['a'], meta: 'Sam' })).toEqual(['face-1', 'face-2']);
  expect(await ids({ personId: 'p' })).toEqual(['face-1', 'face-3']);
  expect(await ids({ personId: 'p', meta: 'Kim' })).toEqual(['face-3']);
  expect(await ids({ galleries: ['a', 'b'], from: 2000, until: 4000 })).toEqual(['face-2', 'face-3']);
  expect(await ids({ meta: 'nobody' })).toEqual([]);
  await engine.updateFace('default', 'face-1', { meta: 'Lee', personId: null });
  expect(await ids({ personId: 'p' })).toEqual(['face-3']);
  expect(await ids({ meta: 'Lee' })).toEqual(['face-1']);
  const page = await engine.listFaces('a', { limit: 10, from: 2500 });
  expect(page.records.map(({ id }) => id)).toEqual(['face-3']);
  expect((await engine.listFaces('a', { limit: 10, personId: 'p' })).records).toHaveLength(1);
});

test('a large set keeps bytes in memory and answers as full precision does', async () => {
  await engine.addFaces(many(0, 6000));
  const exact = await engine.search('default', { ...request(-1, 10), exact: true });
  const bytes = await openEngineWith({ database, kernel: await testKernel(), floatFaces: 5000 });
  expect((await bytes.stats('default')).code).toMatchObject({ rows: 'byte' });
  expect((await engine.stats('default')).code).toMatchObject({ rows: 'float' });
  for (const whole of [true, false]) {
    const found = await bytes.search('default', { ...request(-1, 10), exact: whole });
    expect(found[0]?.map(({ record }) => record.id)).toEqual(exact[0]?.map(({ record }) => record.id));
    found[0]?.forEach(({ cosine }, i) => expect(cosine).toBeCloseTo(exact[0]?.[i]?.cosine as number, 5));
  }
  bytes.close();
});

test('a set that grows large gives up full precision in memory, and loses nothing', async () => {
  engine.close();
  engine = await openEngineWith({ database, kernel: await testKernel(), floatFaces: 500 });
  await engine.addFaces(many(0, 400));
  expect((await engine.stats('default')).code?.rows).toBe('float');
  await engine.addFaces(many(400, 400));
  expect((await engine.stats('default')).code?.rows).toBe('byte');
  for (const seed of [0, 399, 400, 799])
    expect((await idsOf('default', request(seed)))[0]).toBe(`face-${seed}`);
});

test('recall is measured when asked for', async () => {
  await engine.addFaces(many(0, 5000));
  const stats = await engine.stats('default', 50);
  expect(stats.recall).toMatchObject({ probes: 50 });
  expect(stats.recall?.at1).toBeGreaterThan(0.97);
  expect(await engine.stats('default')).not.toHaveProperty('recall');
});

test('after deletions, segments are joined in the background', async () => {
  await engine.addFaces(many(0, 2560));
  expect(await rawStore(database, 'vectors')).toHaveLength(10);
  const gone = Array.from({ length: 2560 }, (_, i) => i).filter((i) => i % 4 !== 0);
  await engine.deleteFaces(
    'default',
    gone.map((i) => `face-${i}`),
  );
  await expect.poll(async () => (await rawStore(database, 'vectors')).length).toBe(3);
  expect((await engine.stats('default')).segments).toBe(3);
  for (const seed of [0, 4, 1280, 2556]) {
    expect((await idsOf('default', request(seed)))[0]).toBe(`face-${seed}`);
    expect(await engine.getVector('default', `face-${seed}`)).toEqual(testVector(seed, DIMENSION));
  }
  await engine.addFaces(many(5000, 300));
  engine.close();
  engine = await openEngine(database);
  expect(await engine.count('default')).toBe(940);
  expect((await idsOf('default', request(5299)))[0]).toBe('face-5299');
});

test('a search finds what another page has just changed, however much that is', async () => {
  const other = await openEngineWith({ database, kernel: await testKernel(), keptChanges: 20 });
  await other.addFaces(many(0, 300));
  expect((await idsOf('default', request(123)))[0]).toBe('face-123');
  await other.deleteFaces('default', ['face-123']);
  expect(await idsOf('default', request(123))).not.toContain('face-123');
  await other.createGallery('a', null);
  await other.updateFace('default', 'face-7', { galleries: { set: ['a'] } });
  expect(await idsOf('a', request(7))).toEqual(['face-7']);
  for (let i = 0; i < 25; i++) await other.updateFace('a', 'face-7', { meta: `${i}` });
  await other.addFaces([face(999)]);
  expect((await idsOf('default', request(999)))[0]).toBe('face-999');
  await other.eraseAll();
  expect(await idsOf('default', request(1))).toEqual([]);
  await other.addFaces([face(1)]);
  expect(await idsOf('default', request(1))).toEqual(['face-1']);
  other.close();
});

test('a gallery that another page deleted and made anew has its new faces', async () => {
  const other = await openEngine(database);
  await other.createGallery('a', null);
  await other.addFaces([face(1, { galleries: ['a'] }), face(2, { galleries: ['default', 'a'] })]);
  expect((await idsOf('a', request(1))).toSorted()).toEqual(['face-1', 'face-2']);
  await other.deleteGallery('a');
  await other.createGallery('a', null);
  await other.addFaces([face(3, { galleries: ['a'] })]);
  await other.updateFace('default', 'face-2', { galleries: { add: ['a'] } });
  expect((await idsOf('a', request(1))).toSorted()).toEqual(['face-2', 'face-3']);
  expect((await engine.listFaces('a', { limit: 9 })).records.map(({ id }) => id)).toEqual([
    'face-2',
    'face-3',
  ]);
  other.close();
});

test('a page that is far behind writes and reads what is there now', async () => {
  await engine.addFaces([face(1), face(2)]);
  const other = await openEngineWith({ database, kernel: await testKernel(), keptChanges: 20 });
  const farBehind = async (): Promise<void> => {
    for (let i = 0; i < 25; i++) await other.updateFace('default', 'face-1', { meta: `${i}` });
  };
  // Without word of it, the page does not follow step by step.
  vi.spyOn(BroadcastChannel.prototype, 'postMessage').mockImplementation(() => undefined);
  await other.addFaces([face(3, { meta: 'three' })]);
  await farBehind();
  await expect(engine.addFaces([face(3)])).rejects.toMatchObject({ code: 'FACE_EXISTS' });
  await other.addFaces([face(4, { meta: 'three' })]);
  await farBehind();
  expect((await engine.metas('default')).map(({ meta, count }) => [meta, count])).toEqual([
    ['24', 1],
    ['name-2', 1],
    ['three', 2],
  ]);
  await other.deleteFaces('default', ['face-2', 'face-4']);
  await farBehind();
  await expect(engine.updateFace('default', 'face-4', { meta: 'x' })).rejects.toMatchObject({
    code: 'FACE_NOT_FOUND',
  });
  expect(await engine.deleteFaces('default', ['face-1', 'face-3'])).toBe(2);
  expect(await other.count('default')).toBe(0);
  vi.restoreAllMocks();
  other.close();
});

test('many probes at once answer as each alone', async () => {
  await engine.addFaces(many(0, 5000));
  const probes = Array.from({ length: 40 }, (_, i) => testVector(-i - 1, DIMENSION));
  const together = await engine.search('default', { ...request(0, 5), probes });
  for (const [i, probe] of probes.entries())
    expect([together[i]]).toEqual(await engine.search('default', { ...request(0, 5), probes: [probe] }));
});

test('a gallery falls into groups of likely persons, and a group is named at once', async () => {
  // Each person lies on an axis of its own, so that no two are alike.
  const photo = (person: number, n: number): Float32Array<ArrayBuffer> => {
    const noise = testVector(person * 10 + n, DIMENSION);
    const mixed = noise.map((x, i) => 0.5 * x + (i === person ? 1 : 0));
    const length = Math.hypot(...mixed);
    return mixed.map((x) => x / length);
  };
  await engine.addFaces([face(500), face(501, { vector: photo(63, 0) })]);
  const people = Array.from({ length: 180 }, (_, i) =>
    face(i, { meta: '', vector: photo(i % 60, Math.floor(i / 60)) }),
  );
  await engine.addFaces(people);
  await engine.deleteFaces('default', ['face-500']);
  const seen: number[] = [];
  const request = { minCosine: 0.6, minSize: 2 };
  const { signal } = new AbortController();
  const { groups, singles } = await engine.cluster('default', request, {
    report: ({ done }) => void seen.push(done),
    signal,
  });
  expect(singles).toBe(1);
  expect(groups).toHaveLength(60);
  for (const { face: shown, ids } of groups) {
    expect(ids).toHaveLength(3);
    expect(ids[0]).toBe(shown.id);
    expect(new Set(ids.map((id) => Number(id.slice(5)) % 60)).size).toBe(1);
  }
  expect(seen.at(-1)).toBe(181);
  expect(await engine.updateFaces('default', groups[0]?.ids as string[], { meta: 'Sam' })).toBe(3);
  expect((await engine.metas('default')).find(({ meta }) => meta === 'Sam')?.count).toBe(3);
  await expect(engine.updateFaces('default', ['face-1', 'nobody'], { meta: 'x' })).rejects.toMatchObject({
    code: 'FACE_NOT_FOUND',
  });
  expect((await engine.metas('default')).some(({ meta }) => meta === 'x')).toBe(false);
});
