/** What goes wrong in the middle of an export or an import, and what others do meanwhile. */
import type { Progress } from '../../core/types.ts';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { FaceInput } from '../face-input.ts';
import type { GalleryEngine } from '../gallery-engine.ts';
import {
  dropDatabase,
  openEngine,
  openEngineWith,
  rawDatabase,
  rawSeqs,
  rawStore,
  testDatabase,
  testFace,
  testKernel,
  testVector,
} from '../test-gallery.ts';
import { expectVector } from '../test-vector.ts';
import type { ExportRequest } from './export.ts';
import type { ImportRequest } from './import.ts';
import { SlowFile } from './test-slow-file.ts';

let [from, to] = ['', ''];
let source: GalleryEngine;
let target: GalleryEngine;

beforeEach(async () => {
  [from, to] = [testDatabase(), testDatabase()];
  [source, target] = [await openEngine(from), await openEngine(to)];
});

afterEach(async () => {
  vi.restoreAllMocks();
  for (const [engine, database] of [
    [source, from],
    [target, to],
  ] as const) {
    engine.close();
    await dropDatabase(database);
  }
});

const never = (): AbortSignal => new AbortController().signal;
const nothing = (): void => undefined;

const save = (
  request: Partial<ExportRequest> = {},
  report: (progress: Progress) => void = nothing,
  signal = never(),
): Promise<Blob> =>
  source.transfer.exportGallery(
    'default',
    { format: 'archive', pictures: true, ...request },
    { report, signal },
  );

const load = (
  file: Blob,
  request: Partial<ImportRequest> = {},
  report: (progress: Progress) => void = nothing,
  gallery = 'default',
): Promise<{ imported: number; skipped: number }> => {
  const whole = { ids: 'keep', duplicates: 'add', modelId: 'model-8', ...request } as const;
  return target.transfer.importGallery(gallery, file, whole, { report, signal: never() });
};

const faces = (count: number, first = 0, change: (seed: number) => Partial<FaceInput> = () => ({})) =>
  Array.from({ length: count }, (_, i) => testFace(first + i, change(first + i)));

const hashOf = (photo: number): string => photo.toString(16).padStart(64, '0');

/** A file whose bytes cannot be read from the second time on, as when it is taken off the disk. */
class LostFile extends Blob {
  #reads = 0;

  override stream(): ReadableStream<Uint8Array<ArrayBuffer>> {
    if (++this.#reads === 1) return super.stream();
    const gone = new DOMException('The file is gone', 'NotReadableError');
    return new ReadableStream({ start: (controller) => controller.error(gone) });
  }
}

/** How many pictures each transaction from now on reads or writes. */
function picturesInTransaction(): number[] {
  const counts: number[] = [];
  const { transaction } = IDBDatabase.prototype;
  vi.spyOn(IDBDatabase.prototype, 'transaction').mockImplementation(function (this: IDBDatabase, ...args) {
    counts.push(0);
    return transaction.apply(this, args);
  });
  for (const method of ['get', 'add'] as const) {
    const real = IDBObjectStore.prototype[method] as (...args: unknown[]) => IDBRequest;
    vi.spyOn(IDBObjectStore.prototype, method).mockImplementation(function (
      this: IDBObjectStore,
      ...args: unknown[]
    ) {
      if (this.name === 'pictures') counts.push((counts.pop() ?? 0) + 1);
      return real.apply(this, args) as never;
    });
  }
  return counts;
}

test.each(['archive', 'jsonl', 'npy'] as const)(
  'an aborted export to %s says that it was',
  async (format) => {
    await source.addFaces(faces(600));
    const aborter = new AbortController();
    const saving = save({ format }, () => aborter.abort(), aborter.signal);
    await expect(saving).rejects.toMatchObject({ code: 'ABORTED' });
  },
);

test('a database that is closed under an export is told as that', async () => {
  await source.addFaces(faces(600));
  await expect(save({}, () => source.close())).rejects.toMatchObject({ code: 'STORAGE_FAILED' });
});

test.each(['archive', 'jsonl', 'npy'] as const)(
  'a gallery that others write to meanwhile is exported to %s',
  async (format) => {
    await source.addFaces(faces(4000));
    let changing: Promise<unknown> | undefined;
    const change = async (): Promise<void> => {
      await source.deleteFaces('default', ['face-1', 'face-3900']);
      await source.addFaces(faces(300, 10_000));
    };
    const file = await save({ format }, () => void (changing ??= change()));
    await changing;
    const { imported } = await load(file);
    expect(imported).toBeGreaterThanOrEqual(3998);
    expect(imported).toBeLessThanOrEqual(4300);
  },
);

test.each(['archive', 'jsonl', 'npy'] as const)(
  'an empty gallery is exported to %s and imported',
  async (format) => {
    // A JSON Lines file of no faces is empty, as is one that was cut off: its format must be given.
    expect(await load(await save({ format }), { format })).toEqual({ imported: 0, skipped: 0 });
  },
);

test('only archives read pictures', async () => {
  const pictures = { crop: new Blob(['a crop'], { type: 'image/webp' }) };
  await source.addFaces(faces(3, 0, () => ({ pictures })));
  const get = vi.spyOn(IDBObjectStore.prototype, 'get');
  await save({ format: 'jsonl' });
  await save({ format: 'npy' });
  await save({ pictures: false });
  expect(get.mock.contexts.filter((store) => (store as IDBObjectStore).name === 'pictures')).toEqual([]);
});

test('large pictures are held some at a time', async () => {
  const photo = new Blob([new Uint8Array(3e6)], { type: 'image/jpeg' });
  await source.addFaces(faces(30, 0, () => ({ pictures: { photo } })));
  const inTransaction = picturesInTransaction();
  const file = await save();
  expect(Math.max(...inTransaction.splice(0))).toBe(2);
  expect(await load(file)).toMatchObject({ imported: 30 });
  expect(Math.max(...inTransaction)).toBe(5);
  expect((await target.getPicture('default', 'face-29', 'photo'))?.size).toBe(3e6);
});

test('the faces of one photo are told apart from duplicates wherever they stand in the file', async () => {
  // Two faces of every photo, half the file apart.
  await source.addFaces(faces(2400, 0, (seed) => ({ photoHash: hashOf(seed % 1200) })));
  await target.addFaces([testFace(9000, { photoHash: hashOf(7) })]);
  expect(await load(await save(), { duplicates: 'skip' })).toEqual({ imported: 2398, skipped: 2 });
});

test('vectors of another length than those of the same model are of another model', async () => {
  await source.addFaces([testFace(1, { vector: testVector(1, 5) })]);
  await target.addFaces([testFace(2)]);
  const before = await rawDatabase(to);
  for (const format of ['archive', 'jsonl', 'npy'] as const)
    await expect(load(await save({ format }))).rejects.toMatchObject({ code: 'MODEL_MISMATCH' });
  expect(await rawDatabase(to)).toEqual(before);
});

test('a gallery that is too small is told before anything is written', async () => {
  await source.addFaces(faces(1500));
  await target.createGallery('small', 1200);
  const before = await rawDatabase(to);
  await expect(load(await save(), {}, nothing, 'small')).rejects.toMatchObject({ code: 'GALLERY_FULL' });
  expect(await rawDatabase(to)).toEqual(before);
});

test('a file that can be read no more in the middle leaves nothing', async () => {
  await source.addFaces(faces(1500));
  await target.addFaces([testFace(9000)]);
  const file = new LostFile([await save()]);
  await expect(load(file)).rejects.toMatchObject({ code: 'BAD_PARAM', details: { param: 'file' } });
  expect(await target.count('default')).toBe(1);
});

test('what an import could not take back goes before the next one begins', async () => {
  await source.addFaces(faces(1500));
  await target.addFaces([testFace(1200)]);
  const file = await save();
  const { delete: real } = IDBObjectStore.prototype;
  const onFire = vi.fn(() => {
    throw new DOMException('the disk is on fire', 'UnknownError');
  });
  vi.spyOn(IDBObjectStore.prototype, 'delete').mockImplementation(function (this: IDBObjectStore, key) {
    return this.name === 'vectors' ? onFire() : real.call(this, key);
  });
  // The import's own error is told, not that of taking it back.
  await expect(load(file)).rejects.toMatchObject({ code: 'FACE_EXISTS', details: { id: 'face-1200' } });
  expect(onFire).toHaveBeenCalled();
  vi.restoreAllMocks();
  await source.deleteFaces(
    'default',
    faces(1490, 10).map(({ id }) => id as string),
  );
  expect(await load(await save())).toMatchObject({ imported: 10 });
  expect(await target.count('default')).toBe(11);
  target.close();
  target = await openEngine(to);
  expect(await target.count('default')).toBe(11);
});

test('an import whose database is erased meanwhile fails as a whole', async () => {
  await source.addFaces(faces(2500));
  const file = new SlowFile(await save(), () => target.eraseAll());
  await expect(load(file)).rejects.toMatchObject({ code: 'STORAGE_FAILED' });
  expect(await target.count('default')).toBe(0);
});

test('without Web Locks an import that another page takes back fails as a whole', async () => {
  vi.spyOn(navigator, 'locks', 'get').mockReturnValue(undefined as never);
  await source.addFaces(faces(2500));
  let other: GalleryEngine | undefined;
  const file = new SlowFile(await save(), async () => (other = await openEngine(to)));
  await expect(load(file)).rejects.toMatchObject({ code: 'STORAGE_FAILED' });
  expect(await target.count('default')).toBe(0);
  expect(await other?.count('default')).toBe(0);
  other?.close();
});

test('an encrypted database is exported, imported into, and mended, and shows nothing of it', async () => {
  const passphrase = 'correct horse';
  const openSealed = async (database: string): Promise<GalleryEngine> =>
    openEngineWith({ database, kernel: await testKernel(), key: passphrase });
  source.close();
  target.close();
  [source, target] = [await openSealed(from), await openSealed(to)];
  const pictures = { crop: new Blob(['a crop of a face'], { type: 'image/webp' }) };
  await source.addFaces(
    faces(2500, 0, (seed) => ({ photoHash: hashOf(seed), ...(seed === 7 && { pictures }) })),
  );
  await target.addFaces([testFace(9000, { photoHash: hashOf(3) })]);
  const file = await save();
  const cut = load(new SlowFile(file, async () => target.close()));
  await expect(cut).rejects.toMatchObject({ code: 'STORAGE_FAILED' });
  expect(await rawSeqs(to)).not.toHaveLength(1);
  target = await openSealed(to);
  expect(await target.count('default')).toBe(1);
  expect(await rawSeqs(to)).toHaveLength(1);
  expect(await rawStore(to, 'pictures')).toHaveLength(0);
  expect(await load(file, { duplicates: 'skip' })).toEqual({ imported: 2499, skipped: 1 });
  expect(await (await target.getPicture('default', 'face-7', 'crop'))?.text()).toBe('a crop of a face');
  expectVector(await target.getVector('default', 'face-2400'), testVector(2400));
  expect(JSON.stringify(await rawStore(to, 'records'))).not.toContain('name-2400');
});

test('a face keeps all of its record but its galleries and its number', async () => {
  await source.createGallery('staff', null);
  const whole = testFace(1, {
    galleries: ['default', 'staff'],
    timestamp: 1234,
    box: { left: -1, top: 2.5, width: 3, height: 4 },
    photoHash: hashOf(1),
    personId: 'p',
    cameraId: 'c',
    attributes: { gender: { value: 'female', certainty: 0.9 } },
    pictures: {
      thumbnail: new Blob(['t'], { type: 'image/webp' }),
      photo: new Blob(['p'], { type: 'image/jpeg' }),
    },
  });
  const [record] = await source.addFaces([whole]);
  await load(await save());
  expect(await target.getFace('default', 'face-1')).toEqual({ ...record, galleries: ['default'] });
  expect((await target.getPicture('default', 'face-1', 'photo'))?.type).toBe('image/jpeg');
  expect(await load(await save({ format: 'jsonl' }), { ids: 'new' })).toMatchObject({ imported: 1 });
  const { records } = await target.listFaces('default', { limit: 10 });
  const second = { id: records[1]?.id, number: 2, galleries: ['default'], pictures: [] };
  expect(records[1]).toEqual({ ...record, ...second });
  expect(records[1]?.id).not.toBe('face-1');
});
