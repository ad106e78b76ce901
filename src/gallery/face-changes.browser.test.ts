/** What is left in the raw store of photos that others took the place of, and of faces that are gone by themselves. */
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { shortHash } from '../core/text-hash.ts';
import type { GalleryEngine } from './gallery-engine.ts';
import type { SegmentRow } from './indexeddb/schema.ts';
import { cut, damageStored } from './test-damage.ts';
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
});

afterEach(async () => {
  vi.restoreAllMocks();
  engine.close();
  await dropDatabase(database);
});

test('a photo that another takes the place of leaves no trace in the raw store', async () => {
  const pictures = { thumbnail: new Blob(['Secret thumbnail']), crop: new Blob(['Secret crop']) };
  await engine.addFaces([
    testFace(1, { pictures, photoHash: 'secret-hash', sourceUrl: 'https://secret.example/' }),
    ...[2, 3].map((seed) => testFace(seed)),
  ]);
  const trace = String(shortHash('secret-hash'));
  expect(JSON.stringify(await rawDatabase(database))).toContain(trace);
  const [before] = (await rawStore(database, 'vectors')) as readonly SegmentRow[];
  await engine.replaceFace('default', 'face-1', testFace(9, { pictures: { crop: new Blob(['new']) } }));
  const left = JSON.stringify(await rawDatabase(database));
  expect(left).not.toMatch(/secret/i);
  expect(left).not.toContain(trace);
  expect(await rawStore(database, 'pictures')).toHaveLength(1);
  const segments = (await rawStore(database, 'vectors')) as readonly SegmentRow[];
  expect(segments).toHaveLength(1);
  const vectors = [9, 2, 3].flatMap((seed) => [...testVector(seed)]);
  expect(segments[0]).toMatchObject({ first: 1, seqs: before?.seqs, vectors: Float32Array.from(vectors) });
  expect(segments[0]?.codes.length).toBe(before?.codes.length);
  engine.close();
  engine = await openEngine(database);
  const request = { modelId: 'model-8', probes: [testVector(9), testVector(1)], limit: 1, minCosine: 0.9999 };
  const [found, lost] = await engine.search('default', request);
  expect(found?.[0]?.record.id).toBe('face-1');
  expect(lost).toEqual([]);
  expect((await engine.usage()).bytes).toMatchObject({ pictures: 3, vectors: 96 });
});

test('a face whose embedding is damaged gets no other photo, and goes at its time all the same', async () => {
  const pictures = { crop: new Blob(['crop']) };
  await engine.addFaces([testFace(1, { expiresAt: Date.now() + 1e9, pictures }), testFace(2)]);
  engine.close();
  await damageStored<SegmentRow>(database, 'vectors', undefined, (row) => ({
    ...row,
    vectors: cut(row.vectors as Float32Array),
  }));
  engine = await openEngine(database);
  const before = await rawDatabase(database);
  await expect(engine.replaceFace(null, 'face-1', testFace(9))).rejects.toMatchObject({
    code: 'STORAGE_FAILED',
    message: expect.stringMatching(/face-1.*regenerate/) as string,
  });
  expect(await rawDatabase(database)).toEqual(before);
  await engine.updateFace(null, 'face-1', { expiresAt: Date.now() - 1 });
  await engine.expiry.sweep();
  expect(await rawSeqs(database)).toEqual([2]);
  expect(await rawStore(database, 'pictures')).toEqual([]);
  expect(await engine.usage()).toMatchObject({ faces: 1, damaged: { faces: 1 } });
});

test('whose time was over while nobody had the database open is gone when it is opened', async () => {
  const now = vi.spyOn(Date, 'now');
  await engine.addFaces([testFace(1, { expiresAt: Date.now() + 1e6 }), testFace(2)]);
  engine.close();
  const later = Date.now() + 2e6;
  now.mockReturnValue(later);
  engine = await openEngine(database);
  expect(await rawSeqs(database)).toEqual([2]);
});

test('on a full disk faces go at their time, and out of all galleries, piece by piece', async () => {
  await engine.createGallery('a', null);
  const galleries = ['default', 'a'];
  await engine.addFaces(Array.from({ length: 40 }, (_, seed) => testFace(seed, { galleries })));
  // So that nothing is written beside what is asked for.
  engine.close();
  engine = await openEngine(database);
  const ids = (from: number): readonly string[] => Array.from({ length: 20 }, (_, i) => `face-${from + i}`);
  await engine.updateFaces(null, ids(0), { expiresAt: Date.now() - 1 });
  const quota = new DOMException('no space', 'QuotaExceededError');
  const { commit } = IDBTransaction.prototype;
  let commits = 0;
  // All at once fails, and again when the reserve is given back; each half of it does not.
  vi.spyOn(IDBTransaction.prototype, 'commit').mockImplementation(function (this: IDBTransaction) {
    if (![1, 3].includes(++commits)) return commit.call(this);
    Object.defineProperty(this, 'error', { value: quota });
    this.abort();
  });
  await engine.expiry.sweep();
  expect(commits).toBeGreaterThanOrEqual(5);
  expect(await engine.count('a')).toBe(20);
  commits = 0;
  await engine.deleteFaces(null, ids(20));
  expect(commits).toBeGreaterThanOrEqual(5);
  expect(await engine.count('default')).toBe(0);
  expect(await rawSeqs(database)).toEqual([]);
});
