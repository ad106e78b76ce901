/** What fails in the middle leaves nothing behind, and the next good call works. */
import { openDB } from 'idb';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { GalleryEngine } from './gallery-engine.ts';
import type { RecordBlock, StoreName } from './indexeddb/schema.ts';
import {
  dropDatabase,
  openEngine,
  rawDatabase,
  rawSeqs,
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

/** Makes the n-th write to a store from now on fail as a request does. */
function failWrite(method: 'put' | 'add' | 'delete', store: StoreName, n = 1): void {
  const real = IDBObjectStore.prototype[method] as (...args: unknown[]) => IDBRequest;
  let calls = 0;
  vi.spyOn(IDBObjectStore.prototype, method).mockImplementation(function (
    this: IDBObjectStore,
    ...args: unknown[]
  ) {
    if (this.name === store && ++calls === n) throw new DOMException('the disk is on fire', 'UnknownError');
    return real.apply(this, args) as never;
  });
}

const newFaces = () => [
  testFace(3, { pictures: { crop: new Blob(['a']), thumbnail: new Blob(['b']) } }),
  testFace(4, { pictures: { crop: new Blob(['c']) } }),
];

test.each([
  ['put', 'galleries', 1],
  ['put', 'vectors', 1],
  ['put', 'records', 1],
  ['add', 'pictures', 1],
  ['add', 'pictures', 3],
  ['put', 'changes', 1],
  ['delete', 'changes', 1],
  ['put', 'state', 1],
] as const)('an enrolment whose %s to %s no. %i fails leaves nothing', async (...[method, store, n]) => {
  const before = await rawDatabase(database);
  failWrite(method, store, n);
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
  ['put', 'galleries'],
  ['delete', 'pictures'],
  ['put', 'records'],
  ['put', 'vectors'],
  ['put', 'changes'],
  ['put', 'state'],
] as const)('a deletion whose %s to %s fails takes nothing', async (...[method, store]) => {
  const before = await rawDatabase(database);
  failWrite(method, store);
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
  await expect(engine.addFaces(newFaces(), aborter)).rejects.toMatchObject({ code: 'ABORTED' });
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
    message: expect.stringMatching(/MB are in use; 2 faces: vectors .* MB\); delete faces/) as string,
    details: { faces: 2, bytes: { vectors: 64, pictures: 4 } },
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
  const faces = await rawSeqs(database);
  expect(new Set(faces).size).toBe(faces.length);
  const segments = (await rawStore(database, 'vectors')) as { seqs: Float64Array }[];
  expect(segments.flatMap(({ seqs }) => [...seqs])).toEqual(faces);
  other.close();
  engine.close();
  engine = await openEngine(database);
  for (const seed of seeds) expect(await engine.getVector('small', `face-${seed}`)).toEqual(testVector(seed));
});

test('a gallery goes with the faces that another page enrols while it is deleted', async () => {
  await engine.createGallery('a', null);
  await engine.addFaces([10, 11, 12].map((seed) => testFace(seed, { galleries: ['a'] })));
  const other = await openEngine(database);
  let isGone = false;
  const enrolling = (async () => {
    for (let seed = 100; !isGone && seed < 200; seed++)
      await other.addFaces([testFace(seed, { galleries: ['a'] })]).catch(() => (isGone = true));
  })();
  await vi.waitFor(async () => expect(await other.count('a')).toBeGreaterThan(4));
  await engine.deleteGallery('a');
  expect((await engine.listGalleries()).map(({ name }) => name)).toEqual(['default']);
  await enrolling;
  expect(isGone).toBe(true);
  expect(await rawSeqs(database)).toEqual([1, 2]);
  other.close();
});

/** Makes those of the transactions from now on fail for want of room, by their numbers. Answers how many there were. */
function fullDiskAt(numbers: readonly number[]): () => number {
  const quota = new DOMException('no space', 'QuotaExceededError');
  const { commit } = IDBTransaction.prototype;
  let commits = 0;
  vi.spyOn(IDBTransaction.prototype, 'commit').mockImplementation(function (this: IDBTransaction) {
    if (!numbers.includes(++commits)) return commit.call(this);
    Object.defineProperty(this, 'error', { value: quota });
    this.abort();
  });
  return () => commits;
}

test('on a full disk a gallery goes piece by piece, and at last with the face that cannot be read', async () => {
  await engine.createGallery('a', null);
  const seeds = Array.from({ length: 40 }, (_, i) => 10 + i);
  await engine.addFaces(seeds.map((seed) => testFace(seed, { galleries: ['a'] })));
  engine.close();
  const db = await openDB(database);
  const block = (await db.get('records', 0)) as RecordBlock;
  const records = block.records.map((record, i) => (block.seqs[i] === 3 ? '{' : record));
  await db.put('records', { ...block, records });
  db.close();
  engine = await openEngine(database);
  // All at once fails, and again when the reserve is given back; each half of it does not.
  const commits = fullDiskAt([1, 3]);
  await engine.deleteGallery('a');
  expect(commits()).toBeGreaterThanOrEqual(6);
  vi.restoreAllMocks();
  expect((await engine.listGalleries()).map(({ name }) => name)).toEqual(['default']);
  expect(await rawSeqs(database)).toEqual([1, 2, 3]);
  expect(await engine.clearDamaged()).toEqual({ faces: 1, galleries: 0 });
  expect(await found(3)).toEqual(['face-1', 'face-2']);
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

test('files that a crash damaged are found out by one call and opened by the next', async () => {
  engine.close();
  const damaged = new DOMException('Internal error opening backing store', 'UnknownError');
  vi.spyOn(IDBFactory.prototype, 'databases').mockRejectedValueOnce(damaged);
  engine = await openEngine(database);
  expect(await found(1)).toEqual(['face-1', 'face-2']);
});
