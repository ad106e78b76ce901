import { afterEach, beforeEach, expect, test } from 'vitest';
import type { FaceRecord } from '../../core/records.ts';
import type { GalleryEngine } from '../gallery-engine.ts';
import {
  dropDatabase,
  openEngine,
  openEngineWith,
  rawDatabase,
  testDatabase,
  testFace,
  testKernel,
  testVector,
} from '../test-gallery.ts';
import type { ExportRequest } from './export.ts';
import type { ImportRequest } from './import.ts';

let [from, to] = ['', ''];
let source: GalleryEngine;
let target: GalleryEngine;

beforeEach(async () => {
  [from, to] = [testDatabase(), testDatabase()];
  [source, target] = [await openEngine(from), await openEngine(to)];
});

afterEach(async () => {
  for (const [engine, database] of [
    [source, from],
    [target, to],
  ] as const) {
    engine.close();
    await dropDatabase(database);
  }
});

const never = (): AbortSignal => new AbortController().signal;

const save = (request: Partial<ExportRequest> = {}): Promise<Blob> =>
  source.transfer.exportGallery(
    'default',
    { format: 'archive', pictures: true, ...request },
    { signal: never() },
  );

const load = (
  file: Blob,
  request: Partial<ImportRequest & { duplicates: 'add' | 'skip' }> = {},
  signal = never(),
): ReturnType<GalleryEngine['transfer']['importGallery']> => {
  const whole = { ids: 'keep', duplicates: 'add', modelId: 'model-8', ...request } as const;
  return target.transfer.importGallery('default', file, whole, { signal });
};

async function fill(count: number): Promise<void> {
  const crop = new Blob(['a crop'], { type: 'image/webp' });
  const face = (seed: number) =>
    testFace(seed, {
      timestamp: 1000 + seed,
      personId: `person-${seed % 5}`,
      photoHash: seed.toString(16).padStart(64, '0'),
      box: { left: 1, top: 2, width: 3, height: 4 },
      ...(seed % 100 === 0 && { pictures: { crop } }),
    });
  await source.addFaces(Array.from({ length: count }, (_, i) => face(i)));
}

async function expectSameFaces(count: number): Promise<void> {
  const [mine, theirs] = await Promise.all(
    [source, target].map((engine) => engine.listFaces('default', { limit: 10_000 })),
  );
  expect(theirs?.records).toHaveLength(count);
  // Numbers are a database's own.
  const portable = (records: readonly FaceRecord[] = []): object[] =>
    records.map(({ number: _, ...rest }) => rest);
  expect(portable(theirs?.records)).toEqual(portable(mine?.records));
  for (const seed of [0, Math.floor(count / 2), count - 1])
    expect(await target.getVector('default', `face-${seed}`)).toEqual(testVector(seed));
  expect(await (await target.getPicture('default', 'face-0', 'crop'))?.text()).toBe('a crop');
}

test('an archive brings everything into another database, encrypted too', async () => {
  await fill(2500);
  expect(await load(await save())).toEqual({ imported: 2500, skipped: 0 });
  await expectSameFaces(2500);
  await target.eraseAll();
  const sealed = await save({ passphrase: 'correct horse' });
  await expect(load(sealed)).rejects.toMatchObject({ code: 'LOCKED' });
  expect(await target.count('default')).toBe(0);
  expect(await load(sealed, { passphrase: 'correct horse' })).toMatchObject({ imported: 2500 });
  await expectSameFaces(2500);
});

test('faces that are there with the same vector are left out where that is asked for', async () => {
  await fill(300);
  await source.deleteFaces('default', ['face-7', 'face-9']);
  await load(await save());
  await source.addFaces([testFace(7)]);
  const file = await save();
  await expect(load(file)).rejects.toMatchObject({ code: 'FACE_EXISTS' });
  expect(await load(file, { ids: 'skip' })).toEqual({ imported: 1, skipped: 298 });
  expect(await target.count('default')).toBe(299);
  await source.addFaces([testFace(10, { id: 'face-9' })]);
  await target.addFaces([testFace(9)]);
  await expect(load(await save(), { ids: 'skip' })).rejects.toMatchObject({ code: 'FACE_EXISTS' });
  expect(await target.count('default')).toBe(300);
});

test('JSON Lines and NumPy arrays are read as they are written', async () => {
  await fill(300);
  const lines = await save({ format: 'jsonl' });
  expect((await lines.text()).split('\n').filter(Boolean)).toHaveLength(300);
  expect(await load(lines)).toMatchObject({ imported: 300 });
  expect((await target.getFace('default', 'face-7')).meta).toBe('name-7');
  await target.eraseAll();
  const array = await save({ format: 'npy' });
  expect(await load(array)).toMatchObject({ imported: 300 });
  const search = { modelId: 'model-8', probes: [testVector(7)], limit: 1, minCosine: 0.99 };
  expect((await target.search('default', search))[0]?.[0]?.record.meta).toBe('');
});

test('a damaged file, an abort, a taken id and a full gallery change nothing', async () => {
  await fill(1500);
  await target.addFaces([testFace(9000), testFace(700)]);
  const before = await rawDatabase(to);
  const file = await save();
  const bytes = new Uint8Array(await file.arrayBuffer());
  const unchanged = async (): Promise<void> => {
    const now = (await rawDatabase(to)) as [string, unknown, unknown][];
    const kept = (all: [string, unknown, unknown][]) => all.filter(([name]) => !/changes|state/.test(name));
    expect(kept(now)).toEqual(kept(before as [string, unknown, unknown][]));
    expect(await target.count('default')).toBe(2);
  };
  for (const at of [3, 300, bytes.length >> 1, bytes.length - 3]) {
    const flipped = bytes.slice();
    flipped[at] = (flipped[at] as number) ^ 0x10;
    await expect(load(new Blob([flipped]))).rejects.toMatchObject({
      code: expect.stringMatching(/BAD_PARAM|MALFORMED_JSON/) as string,
    });
  }
  await expect(load(new Blob([bytes.slice(0, -100)]))).rejects.toMatchObject({ code: 'BAD_PARAM' });
  await expect(load(new Blob(['hello']))).rejects.toMatchObject({ code: 'BAD_PARAM' });
  // 700 is taken: it is found in the first batch of a thousand; 1,200 in the second.
  await expect(load(file)).rejects.toMatchObject({ code: 'FACE_EXISTS', details: { id: 'face-700' } });
  await unchanged();
  await target.deleteFaces('default', ['face-700']);
  await target.addFaces([testFace(1200)]);
  await expect(load(file)).rejects.toMatchObject({ code: 'FACE_EXISTS', details: { id: 'face-1200' } });
  expect(await target.count('default')).toBe(2);
  const aborter = new AbortController();
  const aborting = target.transfer.importGallery(
    'default',
    file,
    { ids: 'new', duplicates: 'add', modelId: 'model-8' },
    { report: ({ done }) => void (done >= 1000 && aborter.abort()), signal: aborter.signal },
  );
  await expect(aborting).rejects.toMatchObject({ code: 'ABORTED' });
  expect(await target.count('default')).toBe(2);
  expect(await load(file, { ids: 'new' })).toMatchObject({ imported: 1500 });
  expect(await load(file, { ids: 'new', duplicates: 'skip' })).toEqual({ imported: 0, skipped: 1500 });
});

test('an import that its page did not end is taken back when the database is opened next', async () => {
  await fill(1500);
  await target.addFaces([testFace(9000)]);
  const file = await save();
  // The page ends after the first batch: the connection is closed under the import.
  const importing = target.transfer.importGallery(
    'default',
    file,
    { ids: 'keep', duplicates: 'add', modelId: 'model-8' },
    { report: ({ done }) => void (done === 1000 && target.close()), signal: never() },
  );
  await expect(importing).rejects.toMatchObject({ code: 'STORAGE_FAILED' });
  target = await openEngineWith({ database: to, kernel: await testKernel() });
  expect(await target.count('default')).toBe(1);
  const search = { modelId: 'model-8', probes: [testVector(5)], limit: 10, minCosine: -1 };
  expect((await target.search('default', search))[0]).toHaveLength(1);
  expect(await load(file)).toMatchObject({ imported: 1500 });
});

test("another model's faces, and other libraries' descriptors, are refused", async () => {
  await fill(10);
  await target.addFaces([testFace(1, { modelId: 'model-5', vector: testVector(1, 5) })]);
  await expect(load(await save())).rejects.toMatchObject({ code: 'MODEL_MISMATCH' });
  const numbers = (length: number): number[] => Array.from({ length }, (_, i) => Math.sin(i));
  for (const [json, source] of [
    [[{ name: 'Sam', embedding: numbers(1024) }], 'human'],
    [{ label: 'Sam', descriptors: [numbers(128)] }, 'face-api'],
  ] as const) {
    const file = new Blob([JSON.stringify(json)]);
    await expect(load(file)).rejects.toMatchObject({ code: 'MODEL_MISMATCH', details: { source } });
  }
  const foreign = new Blob([JSON.stringify([{ name: 'Sam', embedding: numbers(1024) }])]);
  await target.eraseAll();
  expect(await load(foreign, { modelId: 'faceres' })).toMatchObject({ imported: 1 });
  expect((await target.metas('default')).map(({ meta }) => meta)).toEqual(['Sam']);
});
