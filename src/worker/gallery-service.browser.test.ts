import { afterEach, expect, test } from 'vitest';
import { dropDatabase, testDatabase, testFace, testKernel, testVector } from '../gallery/test-gallery.ts';
import { browserGalleryHost } from '../platform/browser/gallery-host.ts';
import type { WireResult } from './contract.ts';
import { GalleryService } from './gallery-service.ts';

const database = testDatabase();
const service = new GalleryService({ version: '1.2.3', host: browserGalleryHost, loadKernel: testKernel });

afterEach(async () => {
  service.close();
  await dropDatabase(database);
});

const open = () => service.open(1, { assets: 'http://localhost/', database }, () => undefined);

function value<T>(result: WireResult<T>): T {
  if (!result.ok) throw new Error(result.error.message);
  return result.value;
}

test('answers are plain data, errors too', async () => {
  expect(await service.count('default')).toMatchObject({ ok: false, error: { code: 'STORAGE_FAILED' } });
  expect(value(await open())).toMatchObject({
    version: '1.2.3',
    faces: 0,
    persisted: expect.any(Boolean) as boolean,
  });
  expect(value(await service.addFaces(2, [testFace(1), testFace(2)]))).toHaveLength(2);
  const missing = await service.getFace('nope', 'face-1');
  expect(structuredClone(missing)).toMatchObject({
    ok: false,
    error: { code: 'GALLERY_NOT_FOUND', details: { galleries: ['default'] } },
  });
  const request = { modelId: 'model-8', probes: [testVector(2)], limit: 1, minCosine: 0.5 };
  expect(value(await service.search(3, 'default', request))).toMatchObject([[{ record: { id: 'face-2' } }]]);
  expect(value(await service.info())).toMatchObject({ faces: 2 });
  expect(value(await service.deleteFaces('default', ['face-1']))).toBe(1);
  expect(value(await service.count('default'))).toBe(1);
});

test('a job is aborted by its number, and the next one works', async () => {
  value(await open());
  const first = service.addFaces(7, [testFace(1)]);
  const second = service.addFaces(8, [testFace(2)]);
  service.abort(8);
  service.abort(99);
  expect(await first).toMatchObject({ ok: true });
  expect(await second).toMatchObject({ ok: false, error: { code: 'ABORTED' } });
  expect(await service.addFaces(8, [testFace(2)])).toMatchObject({ ok: true });
});

test('a missing kernel file is told with its URL', async () => {
  const plain = new GalleryService({ version: '1', host: browserGalleryHost });
  const assets = new URL('/no-such-folder/', location.href).href;
  const result = await plain.open(1, { assets, database }, () => undefined);
  expect(result).toMatchObject({ ok: false, error: { code: 'BACKEND_UNAVAILABLE' } });
});
