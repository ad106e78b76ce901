/** What fails in the middle leaves nothing behind, and the next good call works. */
import { openDB } from 'idb';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { GalleryEngine } from './gallery-engine.ts';
import {
  dropDatabase,
  openEngine,
  rawDatabase,
  rawStore,
  testDatabase,
  testFace,
  testVector,
} from './test-gallery.ts';

let database: string;
let engine: GalleryEngine;

beforeEach(async () => {
  database = testDatabase();
  engine = await openEngine(database);
  await engine.addFaces([testFace(1, { pictures: { crop: new Blob(['crop']) } }), testFace(2)]);
});

afterEach(async () => {
  vi.restoreAllMocks();
  engine.close();
  await dropDatabase(database);
});

const found = async (seed: number): Promise<string[]> => {
  const search = { modelId: 'model-8', probes: [testVector(seed)], limit: 9, minCosine: -1 };
  const [hits] = await engine.search('default', search);
  return (hits ?? []).map(({ record }) => record.id).toSorted();
};

/** Makes the n-th write to any store from now on fail as a request does. */
function failWrite(method: 'put' | 'add' | 'delete', n: number): void {
  const real = IDBObjectStore.prototype[method] as (...args: unknown[]) => IDBRequest;
  let calls = 0;
  vi.spyOn(IDBObjectStore.prototype, method).mockImplementation(function (
    this: IDBObjectStore,
    ...args: unknown[]
  ) {
    if (++calls === n) throw new DOMException('the disk is on fire', 'UnknownError');
    return real.apply(this, args) as never;
  });
}

const newFaces = () => [
  testFace(3, { pictures: { crop: new Blob(['a']), thumbnail: new Blob(['b']) } }),
  testFace(4, { pictures: { crop: new Blob(['c']) } }),
];

test.each([
  ['put', 1, 'the segment'],
  ['put', 2, 'the counters'],
  ['put', 3, 'the gallery'],
  ['put', 4, 'the bytes'],
  ['put', 5, 'a meta'],
  ['put', 7, 'the revision'],
  ['put', 8, 'the log of changes'],
  ['add', 1, 'a record'],
  ['add', 2, 'a picture'],
  ['add', 5, 'the last picture'],
] as const)('an enrolment whose %s no. %i fails (%s) leaves nothing', async (...[method, n]) => {
  const before = await rawDatabase(database);
  failWrite(method, n);
  await expect(engine.addFaces(newFaces())).rejects.toMatchObject({
    code: 'STORAGE_FAILED',
    message: expect.stringContaining('the disk is on fire') as string,
  });
  vi.restoreAllMocks();
  expect(await rawDatabase(database)).toEqual(before);
  expect(await found(3)).toEqual(['face-1', 'face-2']);
  await engine.addFaces(newFaces());
  expect(await found(3)).toEqual(['face-1', 'face-2', 'face-3', 'face-4']);
});

test.each([
  ['delete', 1, 'the record'],
  ['delete', 2, 'the picture'],
  ['delete', 3, 'the meta'],
  ['put', 1, 'the gallery'],
  ['put', 2, 'the segment'],
  ['put', 3, 'the counters'],
  ['put', 4, 'the bytes'],
  ['put', 5, 'the revision'],
  ['put', 6, 'the log of changes'],
] as const)('a deletion whose %s no. %i fails (%s) takes nothing', async (...[method, n]) => {
  const before = await rawDatabase(database);
  failWrite(method, n);
  await expect(engine.deleteFaces('default', ['face-1'])).rejects.toMatchObject({ code: 'STORAGE_FAILED' });
  vi.restoreAllMocks();
  expect(await rawDatabase(database)).toEqual(before);
  expect(await found(1)).toEqual(['face-1', 'face-2']);
  await engine.deleteFaces('default', ['face-1']);
  expect(await found(1)).toEqual(['face-2']);
});

test('an enrolment aborted in its transaction leaves nothing', async () => {
  const before = await rawDatabase(database);
  const aborter = new AbortController();
  const real = IDBObjectStore.prototype.add;
  vi.spyOn(IDBObjectStore.prototype, 'add').mockImplementation(function (this: IDBObjectStore, ...args) {
    aborter.abort();
    return real.apply(this, args);
  });
  await expect(engine.addFaces(newFaces(), aborter.signal)).rejects.toMatchObject({ code: 'ABORTED' });
  vi.restoreAllMocks();
  expect(await rawDatabase(database)).toEqual(before);
  expect(await found(3)).toEqual(['face-1', 'face-2']);
});

test('a missing id in a deletion deletes nothing', async () => {
  const before = await rawDatabase(database);
  await expect(engine.deleteFaces('default', ['face-1', 'nobody'])).rejects.toMatchObject({
    code: 'FACE_NOT_FOUND',
    details: { id: 'nobody' },
  });
  expect(await rawDatabase(database)).toEqual(before);
});

/** Chromium refuses at the commit, with no failed request; others may refuse a request. */
test.each(['request', 'commit'] as const)('a full disk at the %s is STORAGE_FULL', async (where) => {
  const before = await rawDatabase(database);
  const quota = new DOMException('no space', 'QuotaExceededError');
  if (where === 'request') {
    vi.spyOn(IDBObjectStore.prototype, 'add').mockImplementation(() => {
      throw quota;
    });
  } else {
    vi.spyOn(IDBTransaction.prototype, 'commit').mockImplementation(function (this: IDBTransaction) {
      Object.defineProperty(this, 'error', { value: quota });
      this.abort();
    });
  }
  await expect(engine.addFaces(newFaces())).rejects.toMatchObject({
    code: 'STORAGE_FULL',
    message: expect.stringMatching(/MB are in use\); delete faces/) as string,
    cause: quota,
  });
  vi.restoreAllMocks();
  expect(await rawDatabase(database)).toEqual(before);
  expect(await found(3)).toEqual(['face-1', 'face-2']);
  await engine.addFaces(newFaces());
});

test('two pages that write at once do not corrupt each other', async () => {
  const other = await openEngine(database);
  await engine.createGallery('small', 25);
  const seeds = Array.from({ length: 20 }, (_, i) => 100 + i);
  const galleries = ['default', 'small'];
  const writes = seeds.map((seed, i) => (i % 2 ? engine : other).addFaces([testFace(seed, { galleries })]));
  await Promise.all(writes);
  const more = [engine, other].map((page, p) =>
    page.addFaces([1, 2, 3].map((i) => testFace(200 + 10 * p + i, { galleries }))),
  );
  const outcomes = await Promise.allSettled(more);
  expect(outcomes.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
  await other.deleteFaces('default', ['face-100']);
  expect(await engine.count('small')).toBe(23);
  const faces = (await rawStore(database, 'faces')) as { seq: number }[];
  expect(new Set(faces.map(({ seq }) => seq)).size).toBe(faces.length);
  const segments = (await rawStore(database, 'vectors')) as { seqs: Float64Array }[];
  expect(segments.flatMap(({ seqs }) => [...seqs])).toEqual(faces.map(({ seq }) => seq));
  other.close();
  engine.close();
  engine = await openEngine(database);
  for (const seed of seeds) expect(await engine.getVector('small', `face-${seed}`)).toEqual(testVector(seed));
});

test('a face that another page deleted is no hit', async () => {
  const other = await openEngine(database);
  await other.deleteFaces('default', ['face-1']);
  other.close();
  expect(await found(1)).toEqual(['face-2']);
});

test('a database of a newer version is refused with what to do', async () => {
  const newer = testDatabase();
  (await openDB(newer, 99)).close();
  await expect(openEngine(newer)).rejects.toMatchObject({
    code: 'STORAGE_FAILED',
    message: expect.stringContaining('newer version') as string,
  });
  await dropDatabase(newer);
});

test('a database that another page upgrades is let go, and calls after that say so', async () => {
  await dropDatabase(database);
  await expect(engine.count('default')).rejects.toMatchObject({
    code: 'STORAGE_FAILED',
    message: expect.stringContaining('another page') as string,
  });
});
