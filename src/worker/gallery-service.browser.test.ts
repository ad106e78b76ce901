import { afterEach, expect, test } from 'vitest';
import { dropDatabase, testDatabase, testFace, testKernel, testVector } from '../gallery/test-gallery.ts';
import { browserGalleries } from './browser-galleries-service.ts';
import { CALL, type GalleryConfig, type WireResult } from './contract.ts';
import { GalleryService } from './gallery-service.ts';

const database = testDatabase();
const service = new GalleryService({ version: '1.2.3', ...browserGalleries, loadKernel: testKernel });

afterEach(async () => {
  service.close();
  await dropDatabase(database);
});

const open = (change: Partial<GalleryConfig> = {}) =>
  service.open(1, { assets: 'http://localhost/', database, storage: 'auto', ...change }, () => undefined);

function value<T>(result: WireResult<T>): T {
  if (!result.ok) throw new Error(result.error.message);
  return result.value;
}

const count = () => service.call(2, 'count', undefined, 'default');

test('answers are plain data, errors too', async () => {
  expect(await count()).toMatchObject({ ok: false, error: { code: 'STORAGE_FAILED' } });
  expect(value(await open())).toMatchObject({
    version: '1.2.3',
    kind: 'indexeddb',
    faces: 0,
    persisted: expect.any(Boolean) as boolean,
  });
  expect(value(await service.call(2, 'addFaces', undefined, [testFace(1), testFace(2)]))).toHaveLength(2);
  const missing = await service.call(3, 'getFace', undefined, 'nope', 'face-1');
  expect(structuredClone(missing)).toMatchObject({
    ok: false,
    error: { code: 'GALLERY_NOT_FOUND', details: { galleries: ['default'] } },
  });
  const request = { modelId: 'model-8', probes: [testVector(2)], limit: 1, minCosine: 0.5 };
  const hits = value(await service.call(3, 'search', undefined, 'default', request));
  expect(hits).toMatchObject([[{ record: { id: 'face-2' } }]]);
  expect(value(await service.call(4, 'info', undefined))).toMatchObject({ faces: 2 });
  expect(value(await service.call(5, 'deleteFaces', undefined, 'default', ['face-1']))).toBe(1);
  expect(value(await count())).toBe(1);
});

test('nobody is told of a face whose time is over, whatever is asked', async () => {
  for (const kind of [database, null]) {
    value(await open({ database: kind }));
    const add = (seed: number, change: object) =>
      service.call(2, 'addFaces', undefined, [testFace(seed, change)]);
    value(await add(1, { expiresAt: Date.now() - 1 }));
    const request = { modelId: 'model-8', probes: [testVector(1)], limit: 9, minCosine: -1 };
    const asked = {
      count: () => service.call(3, 'count', undefined, 'default'),
      get: async () => {
        const got = await service.call(3, 'getFace', undefined, null, 'face-1');
        return got.ok ? got.value : got.error.code;
      },
      list: async () =>
        value(await service.call(3, 'listFaces', undefined, 'default', { limit: 9 })).records.length,
      metas: async () => value(await service.call(3, 'metas', undefined, 'default')).length,
      search: async () => value(await service.call(3, 'search', undefined, 'default', request))[0]?.length,
      galleries: async () => value(await service.call(3, 'listGalleries', undefined))[0]?.count,
      usage: async () => value(await service.call(3, 'usage', undefined)).faces,
      people: async () =>
        value(await service.call(3, 'listPeople', undefined, { limit: 9 })).people[0]?.faces,
    };
    const found: Record<string, unknown> = {};
    for (const [what, ask] of Object.entries(asked)) {
      // Each finds it due: the one before has erased it.
      value(await add(1, { expiresAt: Date.now() - 1, personId: 'p' }));
      const answer = await ask();
      found[what] = typeof answer === 'object' && 'ok' in answer ? value(answer) : answer;
    }
    expect(found).toEqual({
      ...{ count: 0, get: 'FACE_NOT_FOUND', list: 0, metas: 0, search: 0, galleries: 0, usage: 0, people: 0 },
    });
    value(await add(2, { expiresAt: Date.now() + 1e9 }));
    expect(value(await count())).toBe(1);
    service.close();
  }
});

test('a call is aborted by its number, and the next one works', async () => {
  value(await open());
  const add = (callId: number, seed: number) =>
    service.call(callId, 'addFaces', undefined, [testFace(seed)], structuredClone(CALL));
  const first = add(7, 1);
  const second = add(8, 2);
  service.abort(8);
  service.abort(99);
  expect(await first).toMatchObject({ ok: true });
  expect(await second).toMatchObject({ ok: false, error: { code: 'ABORTED' } });
  expect(await add(8, 2)).toMatchObject({ ok: true });
});

test('a call reports', async () => {
  value(await open());
  value(await service.call(2, 'addFaces', undefined, [testFace(1)]));
  const seen: unknown[] = [];
  const request = { format: 'jsonl', pictures: false } as const;
  const report = (progress: unknown): void => void seen.push(progress);
  value(await service.call(3, 'exportGallery', report, 'default', request, structuredClone(CALL)));
  expect(seen).toEqual([{ phase: 'export', item: 'default', done: 1, total: 1 }]);
});

test('what is no call is none, whatever its name', async () => {
  value(await open());
  for (const name of ['close', 'constructor', 'toString', 'nope'])
    expect(await service.call(2, name as 'info', undefined)).toMatchObject({ ok: false });
});

test('galleries in memory', async () => {
  expect(value(await open({ database: null }))).toMatchObject({ kind: 'memory', faces: 0, lost: false });
  value(await service.call(2, 'addFaces', undefined, [testFace(1)]));
  expect(value(await count())).toBe(1);
  expect(await service.call(3, 'encrypt', undefined, 'a long passphrase', CALL)).toMatchObject({
    ok: false,
    error: { code: 'BAD_PARAM' },
  });
  service.close();
  expect(value(await open({ database: null, lost: true }))).toMatchObject({ faces: 0, lost: true });
  value(await service.call(4, 'acknowledgeLoss', undefined));
  expect(value(await service.call(5, 'info', undefined))).toMatchObject({ lost: false });
});

test('a missing kernel file is told with its URL', async () => {
  const plain = new GalleryService({ version: '1', ...browserGalleries });
  const assets = new URL('/no-such-folder/', location.href).href;
  const result = await plain.open(1, { assets, database, storage: 'auto' }, () => undefined);
  expect(result).toMatchObject({ ok: false, error: { code: 'BACKEND_UNAVAILABLE' } });
});
