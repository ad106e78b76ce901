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
  const [first] = await engine.regenerated.nextStale(NEW, 0, 1);
  expect(first).toMatchObject({ id: 'face-1', crop: { type: 'image/webp' } });
  await engine.putRegenerated(NEW, [{ seq: first?.seq as number, vector: fresh(1) }]);
  engine.close();
  engine = await openEngine(database);
  expect(await engine.regenerated.countStale(NEW)).toEqual({ stale: 3, made: 1 });
  const rest = await engine.regenerated.nextStale(NEW, 0, 10);
  expect(rest.map(({ id }) => id)).toEqual(['face-2', 'face-3']);
  const old = { modelId: 'model-8', probes: [testVector(2)], limit: 1, minCosine: 0.9 };
  expect((await engine.search('default', old))[0]?.[0]?.record.id).toBe('face-2');
  await engine.putRegenerated(
    NEW,
    rest.map(({ seq }, i) => ({ seq, vector: fresh(i + 2) })),
  );
  const before = await engine.getFace('a', 'face-2');
  expect(await engine.swapRegenerated(NEW, 'keep')).toEqual({ swapped: 3, deleted: 0 });
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
  expect(await engine.regenerated.countStale(NEW)).toEqual({ stale: 0, made: 0 });
});

test('a face that is deleted leaves none of it beside', async () => {
  const [first] = await engine.regenerated.nextStale(NEW, 0, 1);
  await engine.putRegenerated(NEW, [{ seq: first?.seq as number, vector: fresh(1) }]);
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
  const [first] = await engine.regenerated.nextStale(NEW, 0, 1);
  await engine.putRegenerated(NEW, [{ seq: first?.seq as number, vector: fresh(1) }]);
  await expect(engine.swapRegenerated(NEW, 'keep')).rejects.toMatchObject({ code: 'BAD_PARAM' });
  expect((await engine.getFace('default', 'face-1')).modelId).toBe('model-8');
  expect(await engine.swapRegenerated(NEW, 'delete')).toEqual({ swapped: 1, deleted: 2 });
  expect(await engine.count('default')).toBe(1);
  expect(await engine.count('a')).toBe(0);
});

for (const passphrase of [undefined, 'correct horse battery']) {
  test(`faces of several models and many segments, ${passphrase ? 'encrypted' : 'plain'}: all found, counted and kept`, async () => {
    engine.close();
    await dropDatabase(database);
    engine = await openEngine(database, passphrase);
    await engine.createGallery('new', null);
    const faces = Array.from({ length: 900 }, (_, i) => {
      const seed = i + 1;
      // Every third face is of the new model already.
      if (seed % 3 > 0)
        return testFace(seed, { pictures: { crop: new Blob([`crop ${seed}`]) }, timestamp: seed });
      return testFace(seed, { galleries: ['new'], modelId: NEW, vector: fresh(seed), timestamp: seed });
    });
    for (const face of faces) if (face.galleries?.[0] === 'new') Object.assign(face, { reliability: 0.25 });
    // One call each: neighbours of both models, in the order of their numbers.
    for (let from = 0; from < faces.length; from += 100) await engine.addFaces(faces.slice(from, from + 100));
    for (let after = 0; ;) {
      const stale = await engine.regenerated.nextStale(NEW, after, 64);
      if (stale.length === 0) break;
      after = stale.at(-1)?.seq ?? 0;
      const made = stale.map(({ seq, id }) => ({
        seq,
        vector: fresh(Number(id.slice(5))),
        reliability: 0.5,
      }));
      await engine.putRegenerated(NEW, made);
    }
    const cancelled = new AbortController();
    const swapping = engine.swapRegenerated(NEW, 'keep', cancelled);
    cancelled.abort();
    await expect(swapping).rejects.toMatchObject({ code: 'ABORTED' });
    expect((await engine.getFace('default', 'face-1')).modelId).toBe('model-8');
    expect(await engine.swapRegenerated(NEW, 'keep')).toEqual({ swapped: 600, deleted: 0 });
    engine.close();
    engine = await openEngine(database, passphrase);
    const counts = (await engine.listGalleries()).map(({ name, count, modelId }) => [name, count, modelId]);
    expect(counts).toEqual([
      ['default', 600, NEW],
      ['new', 300, NEW],
    ]);
    for (const [gallery, seeds] of [
      ['default', [1, 2, 256, 599, 899]],
      ['new', [3, 300, 900]],
    ] as const) {
      const request = { modelId: NEW, probes: seeds.map(fresh), limit: 1, minCosine: 0.99 };
      const hits = await engine.search(gallery, request);
      expect(hits.map(([hit]) => hit?.record.id)).toEqual(seeds.map((seed) => `face-${seed}`));
    }
    expect(await engine.getFace('default', 'face-1')).toMatchObject({ timestamp: 1, pictures: ['crop'] });
    expect((await engine.getFace('default', 'face-1')).reliability).toBeCloseTo(0.5, 2);
    expect((await engine.getFace('new', 'face-3')).reliability).toBeCloseTo(0.25, 2);
    expect(await (await engine.getPicture('default', 'face-599', 'crop'))?.text()).toBe('crop 599');
    const [{ bytes }, all] = [await engine.stats('default'), await engine.usage()];
    await engine.deleteFaces(
      'default',
      (await engine.listFaces('default', { limit: 1000 })).records.map(({ id }) => id),
    );
    const rest = await engine.usage();
    expect(all.bytes.records - rest.bytes.records).toBe(bytes.records);
    expect((await engine.stats('default')).bytes).toEqual({ records: 0, pictures: 0, vectors: 0 });
    await engine.deleteGallery('new');
    expect((await engine.usage()).bytes).toMatchObject({ records: 0, pictures: 0 });
  });
}

test('a new embedding of another length than the model has: BAD_PARAM, and nothing is changed', async () => {
  const stale = await engine.regenerated.nextStale(NEW, 0, 10);
  const made = stale.map(({ seq }, i) => ({ seq, vector: testVector(i, i === 2 ? 8 : 12) }));
  await engine.putRegenerated(NEW, made);
  await expect(engine.swapRegenerated(NEW, 'keep')).rejects.toMatchObject({ code: 'BAD_PARAM' });
  const probe = { modelId: 'model-8', probes: [testVector(1)], limit: 1, minCosine: 0.9 };
  expect((await engine.search('default', probe))[0]?.[0]?.record.id).toBe('face-1');
});
