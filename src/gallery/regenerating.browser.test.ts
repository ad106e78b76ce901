import { afterEach, beforeEach, expect, test } from 'vitest';
import type { GalleryEngine } from './gallery-engine.ts';
import { dropDatabase, openEngine, rawStore, testDatabase, testFace, testVector } from './test-gallery.ts';

let database: string;
let engine: GalleryEngine;

beforeEach(async () => {
  database = testDatabase();
  engine = await openEngine(database);
  await engine.createGallery('a', null);
  const crop = (seed: number) => ({ crop: new Blob([`crop ${seed}`], { type: 'image/webp' }) });
  await engine.addFaces(
    [1, 2, 3].map((seed) =>
      testFace(seed, {
        galleries: seed === 2 ? ['default', 'a'] : ['default'],
        pictures: crop(seed),
        timestamp: seed,
      }),
    ),
  );
});

afterEach(async () => {
  engine.close();
  await dropDatabase(database);
});

const NEW = 'model-12';
const fresh = (seed: number): Float32Array<ArrayBuffer> => testVector(seed, 12);

test('new embeddings wait beside the old ones, across a reopening, and then replace them at once', async () => {
  const [first] = await engine.regenerator.nextStale(NEW, 0, 1);
  expect(first).toMatchObject({ id: 'face-1', crop: { type: 'image/webp' } });
  await engine.regenerator.putRegenerated(NEW, [{ seq: first?.seq as number, vector: fresh(1) }]);
  engine.close();
  engine = await openEngine(database);
  expect(await engine.regenerator.countStale(NEW)).toEqual({ stale: 3, made: 1 });
  const rest = await engine.regenerator.nextStale(NEW, 0, 10);
  expect(rest.map(({ id }) => id)).toEqual(['face-2', 'face-3']);
  const old = { modelId: 'model-8', probes: [testVector(2)], limit: 1, minCosine: 0.9 };
  expect((await engine.search('default', old))[0]?.[0]?.record.id).toBe('face-2');
  await engine.regenerator.putRegenerated(
    NEW,
    rest.map(({ seq }, i) => ({ seq, vector: fresh(i + 2) })),
  );
  const before = await engine.getFace('a', 'face-2');
  expect(await engine.regenerator.swapRegenerated(NEW, 'keep')).toEqual({ swapped: 3, deleted: 0 });
  expect(await engine.getFace('a', 'face-2')).toEqual({ ...before, modelId: NEW });
  const search = { modelId: NEW, probes: [fresh(2)], limit: 1, minCosine: 0.9 };
  for (const gallery of ['default', 'a'])
    expect((await engine.search(gallery, search))[0]?.[0]?.record.id).toBe('face-2');
  await expect(engine.search('default', old)).rejects.toMatchObject({ code: 'MODEL_MISMATCH' });
  expect(await (await engine.getPicture('default', 'face-3', 'crop'))?.text()).toBe('crop 3');
  expect(await rawStore(database, 'regenerated')).toEqual([]);
  expect((await engine.listGalleries()).map(({ count, modelId }) => [count, modelId])).toEqual([
    [1, NEW],
    [3, NEW],
  ]);
  expect(await engine.regenerator.countStale(NEW)).toEqual({ stale: 0, made: 0 });
});

test('a face that is deleted leaves none of it beside', async () => {
  const [first] = await engine.regenerator.nextStale(NEW, 0, 1);
  await engine.regenerator.putRegenerated(NEW, [{ seq: first?.seq as number, vector: fresh(1) }]);
  await engine.deleteFaces('default', ['face-1']);
  expect(await rawStore(database, 'regenerated')).toEqual([]);
});

test('a job forgets the names of faces that are deleted', async () => {
  await engine.jobs.createJob('job', 'default', {});
  const photo = Uint8Array.of(1, 2, 3);
  await engine.jobs.addJobItems('job', [
    { name: 'Secret Name.jpg', meta: 'Secret Name', photo, type: 'image/jpeg' },
  ]);
  await engine.jobs.settleJobItem('job', 0, { status: 'added', ids: ['face-1'] });
  await engine.deleteFaces('default', ['face-1']);
  expect(JSON.stringify(await rawStore(database, 'jobItems'))).not.toMatch(/secret/i);
  expect(await engine.jobs.listJobItems('job')).toMatchObject([
    { status: 'added', name: '(deleted)', ids: [] },
  ]);
});

test('faces without a new embedding are refused or deleted, and a refusal changes nothing', async () => {
  const [first] = await engine.regenerator.nextStale(NEW, 0, 1);
  await engine.regenerator.putRegenerated(NEW, [{ seq: first?.seq as number, vector: fresh(1) }]);
  await expect(engine.regenerator.swapRegenerated(NEW, 'keep')).rejects.toMatchObject({ code: 'BAD_PARAM' });
  expect((await engine.getFace('default', 'face-1')).modelId).toBe('model-8');
  expect(await engine.regenerator.swapRegenerated(NEW, 'delete')).toEqual({ swapped: 1, deleted: 2 });
  expect(await engine.count('default')).toBe(1);
  expect(await engine.count('a')).toBe(0);
});
