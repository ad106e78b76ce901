/** The engine over galleries in memory, in Node. */
import { readFile } from 'node:fs/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { compileKernel } from '../../search/kernel/kernel.ts';
import { scalarDot } from '../../search/scalar.ts';
import { type EngineOptions, GalleryEngine } from '../gallery-engine.ts';
import { testFace } from '../test-face.ts';
import { testVector } from '../test-vector.ts';
import type { ExportRequest } from '../transfer/export.ts';
import type { ImportRequest } from '../transfer/import.ts';
import { inMemory } from './memory-database.ts';

const kernel = readFile(new URL('../../search/kernel/search-simd.wasm', import.meta.url)).then(compileKernel);

/** Opens an engine on new galleries. */
async function openInMemory(options: Partial<EngineOptions> = {}): Promise<GalleryEngine> {
  return GalleryEngine.open(inMemory(), { kernel: await kernel, ...options });
}

let engine: GalleryEngine;
beforeEach(async () => {
  engine = await openInMemory();
});
afterEach(() => engine.close());

/** A vector near another: their cosine is about `cosine`. */
function near(seed: number, other: number, cosine: number, dimension = 64): Float32Array<ArrayBuffer> {
  const [a, b] = [testVector(seed, dimension), testVector(other, dimension)];
  const mixed = a.map((x, i) => cosine * x + Math.sqrt(1 - cosine ** 2) * (b[i] as number));
  const length = Math.hypot(...mixed);
  return mixed.map((x) => x / length);
}

const wide = (seed: number, vector = testVector(seed, 64)) => testFace(seed, { modelId: 'model-64', vector });

test('finds enrolled faces by cosine, changed and deleted ones as they are', async () => {
  await engine.createGallery('a', null);
  const faces = Array.from({ length: 200 }, (_, seed) =>
    testFace(seed, { meta: `m${seed % 2}`, galleries: seed % 3 === 0 ? ['default', 'a'] : ['default'] }),
  );
  await engine.addFaces(faces);
  await engine.deleteFaces('default', ['face-7']);
  await engine.updateFace('default', 'face-8', { meta: 'm1', galleries: { set: ['a'] } });
  const probe = testVector(7);
  const expected = (keep: (seed: number) => boolean): readonly string[] =>
    faces
      .map(({ vector, id }, seed) => ({ id, seed, cosine: scalarDot(probe, vector) }))
      .filter(({ seed }) => keep(seed))
      .toSorted((a, b) => b.cosine - a.cosine)
      .slice(0, 10)
      .map(({ id }) => id as string);
  const request = { modelId: 'model-8', probes: [probe], limit: 10, minCosine: -1 };
  const found = async (gallery: string, filter = {}): Promise<readonly string[]> =>
    ((await engine.search(gallery, { ...request, ...filter }))[0] ?? []).map(({ record }) => record.id);
  expect(await found('default')).toEqual(expected((seed) => seed !== 7 && seed !== 8));
  expect(await found('a')).toEqual(expected((seed) => seed % 3 === 0 || seed === 8));
  expect(await found('a', { meta: 'm1' })).toEqual(
    expected((seed) => (seed % 3 === 0 && seed % 2 === 1) || seed === 8),
  );
  await expect(engine.search('nowhere', request)).rejects.toMatchObject({ code: 'GALLERY_NOT_FOUND' });
  await expect(engine.search('default', { ...request, modelId: 'other' })).rejects.toMatchObject({
    code: 'MODEL_MISMATCH',
  });
});

test('where memory for searches is scarce, hits are scored by the vectors in the database', async () => {
  engine.close();
  engine = await openInMemory({ floatFaces: 50 });
  const faces = Array.from({ length: 300 }, (_, seed) => wide(seed));
  for (let from = 0; from < faces.length; from += 40) await engine.addFaces(faces.slice(from, from + 40));
  expect((await engine.stats('default')).code?.rows).toBe('byte');
  const [hits] = await engine.search('default', {
    ...{ modelId: 'model-64', limit: 5, minCosine: -1 },
    probes: [near(9, 1000, 0.9)],
  });
  expect(hits?.[0]?.record.id).toBe('face-9');
  for (const { cosine, record } of hits ?? [])
    expect(cosine).toBeCloseTo(scalarDot(near(9, 1000, 0.9), testVector(Number(record.id.slice(5)), 64)), 6);
});

test('groups a gallery by likely person', async () => {
  await engine.addFaces([
    ...[0, 1, 2, 3].map((i) => wide(i, near(500, 600 + i, 0.98))),
    ...[4, 5, 6].map((i) => wide(i, near(501, 600 + i, 0.98))),
    wide(7, testVector(502, 64)),
  ]);
  const { groups, singles } = await engine.cluster('default', { minCosine: 0.8, minSize: 2 });
  expect(groups.map(({ ids }) => ids.toSorted())).toEqual([
    [0, 1, 2, 3].map((seed) => `face-${seed}`),
    [4, 5, 6].map((seed) => `face-${seed}`),
  ]);
  expect(singles).toBe(1);
});

const save = (request: Partial<ExportRequest> = {}): Promise<Blob> =>
  engine.transfer.exportGallery('default', { format: 'archive', pictures: true, ...request });

const load = (
  to: GalleryEngine,
  file: Blob,
  request: Partial<ImportRequest> = {},
): ReturnType<GalleryEngine['transfer']['importGallery']> =>
  to.transfer.importGallery('default', file, {
    ids: 'keep',
    duplicates: 'add',
    modelId: 'model-8',
    ...request,
  });

/** More faces than are read or stored at a time. */
async function fill(count = 1200): Promise<void> {
  const pictures = { crop: new Blob(['a crop'], { type: 'image/webp' }) };
  const face = (seed: number) =>
    testFace(seed, {
      timestamp: 1000 + seed,
      photoHash: seed.toString(16).padStart(64, '0'),
      reliability: (seed % 256) / 255,
      ...(seed % 100 === 0 && { pictures }),
    });
  await engine.addFaces(Array.from({ length: count }, (_, seed) => face(seed)));
}

async function contents(of: GalleryEngine): Promise<unknown> {
  const { records } = await of.listFaces('default', { limit: 10_000 });
  const vectors = await Promise.all(records.map(({ id }) => of.getVector('default', id)));
  const crops = await Promise.all(
    records.map(async ({ id }) => (await of.getPicture('default', id, 'crop'))?.text()),
  );
  return { records, vectors, crops, summary: (await of.stats('default')).bytes };
}

for (const passphrase of [undefined, 'correct horse battery'])
  test(`an archive brings a gallery over whole${passphrase === undefined ? '' : ', encrypted'}`, async () => {
    await fill();
    const file = await save(passphrase === undefined ? {} : { passphrase });
    const target = await openInMemory();
    expect(await load(target, file, passphrase === undefined ? {} : { passphrase })).toEqual({
      imported: 1200,
      skipped: 0,
    });
    expect(await contents(target)).toEqual(await contents(engine));
    const request = { modelId: 'model-8', probes: [testVector(77)], limit: 1, minCosine: 0.9 };
    expect((await target.search('default', request))[0]?.[0]?.record.id).toBe('face-77');
    expect(
      await load(target, file, { ids: 'skip', ...(passphrase !== undefined && { passphrase }) }),
    ).toEqual({
      imported: 0,
      skipped: 1200,
    });
    target.close();
  });

test('JSON Lines and NumPy arrays bring vectors over', async () => {
  await fill(300);
  for (const format of ['jsonl', 'npy'] as const) {
    const target = await openInMemory();
    expect((await load(target, await save({ format }))).imported).toBe(300);
    const { records } = await target.listFaces('default', { limit: 1000 });
    const [first] = records;
    // What a NumPy array holds is made of unit length again.
    const vector = await target.getVector('default', first?.id as string);
    expect(scalarDot(vector, testVector(0))).toBeCloseTo(1, 6);
    expect(first?.meta).toBe(format === 'jsonl' ? 'name-0' : '');
    target.close();
  }
});

test('a damaged archive, or one whose ids are taken, changes nothing', async () => {
  await fill();
  const file = await save();
  const target = await openInMemory();
  const cut = file.slice(0, file.size - 100);
  await expect(load(target, cut)).rejects.toMatchObject({ code: 'BAD_PARAM' });
  await target.addFaces([testFace(1100)]);
  const before = await contents(target);
  await expect(load(target, file)).rejects.toMatchObject({ code: 'FACE_EXISTS' });
  expect(await contents(target)).toEqual(before);
  expect((await target.usage()).faces).toBe(1);
  target.close();
});

test('a job enrols its photos, and new embeddings take the place of the old ones', async () => {
  const { jobs, jobDesk, regenerated } = engine;
  await jobDesk.createJob('job', 'default', {}, 1e18);
  await jobs.addJobItems('job', [{ name: 'a.jpg', meta: 'a', photo: Uint8Array.of(1), type: 'image/jpeg' }]);
  await jobs.stepJob('job', 'staged');
  await jobs.stepJob('job', 'start');
  const crop = { crop: new Blob(['crop'], { type: 'image/webp' }) };
  const photo = { faces: [testFace(1, { pictures: crop })], shortfalls: [], duplicates: 'skip' as const };
  expect((await jobDesk.enrolJobItem('job', 0, photo)).outcome).toEqual({ status: 'added', ids: ['face-1'] });
  expect((await jobs.stepJob('job', 'end')).state).toBe('done');
  const [stale] = await regenerated.nextStale('model-64', 0, 9);
  expect(stale?.crop?.bytes.byteLength).toBe(4);
  await engine.putRegenerated('model-64', [{ seq: stale?.seq as number, vector: testVector(2, 64) }]);
  expect(await engine.swapRegenerated('model-64', 'keep')).toEqual({ swapped: 1, deleted: 0 });
  const request = { modelId: 'model-64', probes: [testVector(2, 64)], limit: 1, minCosine: 0.9 };
  expect((await engine.search('default', request))[0]?.[0]?.record.id).toBe('face-1');
});

test('it says that it is in memory, and that there is nothing to encrypt', async () => {
  expect(await engine.usage()).toMatchObject({
    kind: 'memory',
    persisted: false,
    encrypted: false,
    quotaBytes: 0,
  });
  expect(() => engine.protection).toThrow(expect.objectContaining({ code: 'BAD_PARAM' }));
  engine.close();
  await expect(engine.addFaces([testFace(1)])).rejects.toMatchObject({ code: 'STORAGE_FAILED' });
});

test('people are not told by templates where the vectors are not in memory', async () => {
  engine.close();
  engine = await openInMemory({ searchBytes: 0 });
  await engine.addFaces([testFace(1), testFace(2)]);
  const request = { modelId: 'model-8', probes: [testVector(1)], limit: 1, minCosine: -1, facesPerPerson: 1 };
  const refused = {
    code: 'BACKEND_UNAVAILABLE',
    message: expect.stringContaining('searchMemoryMB') as string,
  };
  await expect(engine.searchPeople('default', request)).rejects.toMatchObject(refused);
  await expect(engine.countPeople({ modelId: 'model-8', galleries: ['default'] })).rejects.toMatchObject(
    refused,
  );
});
