/** What others see and do while an import runs, and what becomes of it when it does not end. */
import { openDB } from 'idb';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { GalleryEngine } from '../gallery-engine.ts';
import type { GalleryDb, StoredState } from '../indexeddb/schema.ts';
import {
  dropDatabase,
  openEngine,
  openEngineWith,
  rawSeqs,
  rawStore,
  testDatabase,
  testFace,
  testKernel,
  testVector,
} from '../test-gallery.ts';
import type { ImportRequest } from './import.ts';
import { SlowFile } from './test-slow-file.ts';

const FACES = 2500;
const PASSPHRASE = 'correct horse battery';
const hashOf = (photo: number): string => photo.toString(16).padStart(64, '0');

let database: string;
let file: Blob;
/** Two pages that have the database open; the first one imports. */
let [importer, other]: GalleryEngine[] = [];
const more: GalleryEngine[] = [];

async function openAlso(passphrase?: string): Promise<GalleryEngine> {
  const kernel = await testKernel();
  const options = { database, kernel, ...(passphrase !== undefined && { key: passphrase }) };
  const engine = await openEngineWith(options);
  more.push(engine);
  return engine;
}

beforeEach(async () => {
  database = testDatabase();
  const from = testDatabase();
  const source = await openEngine(from);
  const crop = new Blob(['a crop'], { type: 'image/webp' });
  await source.addFaces(
    Array.from({ length: FACES }, (_, i) =>
      testFace(i, { photoHash: hashOf(i), ...(i % 500 === 0 && { pictures: { crop } }) }),
    ),
  );
  file = await source.transfer.exportGallery(
    'default',
    { format: 'archive', pictures: true },
    { signal: new AbortController().signal },
  );
  source.close();
  await dropDatabase(from);
  [importer, other] = [await openEngine(database), await openEngine(database)];
});

afterEach(async () => {
  vi.restoreAllMocks();
  for (const engine of [importer, other, ...more.splice(0)]) engine?.close();
  await dropDatabase(database);
});

const pages = (): [GalleryEngine, GalleryEngine] => [importer as GalleryEngine, other as GalleryEngine];

/** Imports, and has `act` done when the first batch of faces is stored and the second is not. */
function load(act: () => Promise<unknown>, gallery = 'default', change: Partial<ImportRequest> = {}) {
  const request = { ids: 'keep', duplicates: 'add', modelId: 'model-8', ...change } as const;
  return pages()[0].transfer.importGallery(gallery, new SlowFile(file, act), request, {
    signal: new AbortController().signal,
  });
}

const stateNow = async (): Promise<StoredState> =>
  (await rawStore(database, 'state')).find(
    (row) => (row as Partial<StoredState>).nextSeq !== undefined,
  ) as StoredState;

async function hits(engine: GalleryEngine, seed = 7): Promise<number> {
  const search = { modelId: 'model-8', probes: [testVector(seed)], limit: 10_000, minCosine: -1 };
  return (await engine.search('default', search))[0]?.length ?? 0;
}

/** Everything that tells how many faces there are. */
async function expectFaces(engine: GalleryEngine, count: number): Promise<void> {
  expect(await engine.count('default')).toBe(count);
  expect((await engine.listGalleries()).find(({ name }) => name === 'default')?.count).toBe(count);
  expect((await engine.listFaces('default', { limit: 10_000 })).records).toHaveLength(count);
  expect(await engine.metas('default')).toHaveLength(count);
  expect(await hits(engine)).toBe(count);
  expect((await engine.stats('default')).faces).toBe(count);
  const usage = await engine.usage();
  expect(usage.faces).toBe(count);
  expect(usage.bytes.vectors).toBe(count * 8 * 4);
  if (count === 0) expect(usage.bytes).toEqual({ records: 0, pictures: 0, vectors: 0 });
}

/** Everything by which a face that is imported may be reached. */
async function expectUnknown(engine: GalleryEngine, id = 'face-500'): Promise<void> {
  const none = { code: 'FACE_NOT_FOUND' };
  await expect(engine.getFace('default', id)).rejects.toMatchObject(none);
  await expect(engine.getVector('default', id)).rejects.toMatchObject(none);
  await expect(engine.getPicture('default', id, 'crop')).rejects.toMatchObject(none);
  await expect(engine.updateFace('default', id, { meta: 'x' })).rejects.toMatchObject(none);
  await expect(engine.deleteFaces('default', [id])).rejects.toMatchObject(none);
  expect(await engine.jobDesk.facesOfPhoto('default', hashOf(500))).toEqual([]);
  const filter = { limit: 10, meta: 'name-500' };
  expect((await engine.listFaces('default', filter)).records).toEqual([]);
}

/** Waits until nothing is left of an import. */
async function takenBack(faces: number): Promise<void> {
  await vi.waitFor(async () => expect((await stateNow()).importing).toBeUndefined(), { timeout: 5000 });
  expect(await rawSeqs(database)).toHaveLength(faces);
  const segments = (await rawStore(database, 'vectors')) as { seqs: Float64Array }[];
  expect(segments.flatMap(({ seqs }) => [...seqs])).toHaveLength(faces);
  expect(await rawStore(database, 'pictures')).toHaveLength(0);
}

test('nobody sees an import before its end, and everybody all of it then', async () => {
  const during = vi.fn(async () => {
    const late = await openAlso();
    // They are stored.
    expect((await rawSeqs(database)).length).toBeGreaterThanOrEqual(1000);
    for (const engine of [...pages(), late]) {
      await expectFaces(engine, 0);
      await expectUnknown(engine);
    }
  });
  expect(await load(during)).toEqual({ imported: FACES, skipped: 0 });
  expect(during).toHaveResolvedTimes(1);
  for (const engine of [...pages(), ...more, await openAlso()]) {
    await expectFaces(engine, FACES);
    expect((await engine.getFace('default', 'face-500')).meta).toBe('name-500');
    expect(await (await engine.getPicture('default', 'face-500', 'crop'))?.text()).toBe('a crop');
    expect(await engine.jobDesk.facesOfPhoto('default', hashOf(500))).toEqual(['face-500']);
  }
  expect((await stateNow()).importing).toBeUndefined();
});

test('searches find none of it or all', async () => {
  const found = new Set<number>();
  let running = true;
  const searching = pages().map(async (engine) => {
    while (running) {
      found.add(await hits(engine));
      found.add(await engine.count('default'));
    }
  });
  await load(() => new Promise((resolve) => setTimeout(resolve, 100)));
  running = false;
  await Promise.all(searching);
  for (const engine of pages()) found.add(await hits(engine));
  expect([...found].sort()).toEqual([0, FACES]);
});

test('in an encrypted database, too', async () => {
  for (const engine of pages()) engine.close();
  [importer, other] = [await openAlso(PASSPHRASE), await openAlso(PASSPHRASE)];
  const during = vi.fn(async () => {
    const late = await openAlso(PASSPHRASE);
    for (const engine of [...pages(), late]) {
      await expectFaces(engine, 0);
      await expectUnknown(engine);
    }
    expect(JSON.stringify((await stateNow()).importing)).not.toContain('default');
  });
  await load(during);
  expect(during).toHaveResolvedTimes(1);
  for (const engine of more) await expectFaces(engine, FACES);
});

test('what others enrol meanwhile is seen at once and stays, and cannot take an id of the import', async () => {
  const [, second] = pages();
  const during = vi.fn(async () => {
    await second.addFaces([testFace(9001)]);
    await expect(second.addFaces([testFace(500)])).rejects.toMatchObject({ code: 'FACE_EXISTS' });
    await second.updateFace('default', 'face-9001', { meta: 'edited' });
    await pages()[0].addFaces([testFace(9002)]);
    for (const engine of pages()) await expectFaces(engine, 2);
  });
  await load(during);
  expect(during).toHaveResolvedTimes(1);
  for (const engine of [...pages(), await openAlso()]) {
    await expectFaces(engine, FACES + 2);
    expect((await engine.getFace('default', 'face-9001')).meta).toBe('edited');
  }
  // An edit of the shown faces is like any other.
  await second.updateFace('default', 'face-3', { meta: 'edited' });
  expect((await pages()[0].getFace('default', 'face-3')).meta).toBe('edited');
});

test('an id that is taken before its batch ends the import, and only that', async () => {
  const [first, second] = pages();
  const importing = load(() => second.addFaces([testFace(2400)]));
  await expect(importing).rejects.toMatchObject({ code: 'FACE_EXISTS', details: { id: 'face-2400' } });
  for (const engine of [first, second]) await expectFaces(engine, 1);
  await takenBack(1);
});

test('an import whose page is gone is taken back by a page that is open, whose edits stay', async () => {
  const [first, second] = pages();
  await second.addFaces([testFace(9000)]);
  const importing = load(async () => {
    await second.updateFace('default', 'face-9000', { meta: 'before' });
    // The page ends with its locks.
    first.close();
  });
  await expect(importing).rejects.toMatchObject({ code: 'STORAGE_FAILED' });
  await expectFaces(second, 1);
  await second.updateFace('default', 'face-9000', { personId: 'after' });
  await takenBack(1);
  await expectFaces(second, 1);
  expect(await second.getFace('default', 'face-9000')).toMatchObject({ meta: 'before', personId: 'after' });
  // Its ids are free again.
  await second.addFaces([testFace(500)]);
  importer = second;
  expect(await load(async () => undefined, 'default', { ids: 'skip' })).toEqual({
    imported: FACES - 1,
    skipped: 1,
  });
  await expectFaces(second, FACES + 1);
});

test('a page that was opened while it ran takes it back, too', async () => {
  const [first, second] = pages();
  second.close();
  let late: GalleryEngine | undefined;
  const importing = load(async () => {
    late = await openAlso();
    first.close();
  });
  await expect(importing).rejects.toMatchObject({ code: 'STORAGE_FAILED' });
  await takenBack(0);
  await expectFaces(late as GalleryEngine, 0);
});

test('an import whose lock is stolen is rejected and gone', async () => {
  const [first, second] = pages();
  let letGo: () => void = () => undefined;
  const steal = vi.fn(async () => {
    const { held = [] } = await navigator.locks.query();
    const lock = held.find(({ name }) => name?.startsWith(`nearface:${database}:import`));
    await new Promise<void>((stolen) => {
      const hold = (): Promise<void> => {
        stolen();
        return new Promise<void>((resolve) => (letGo = resolve));
      };
      void navigator.locks.request(lock?.name as string, { steal: true }, hold);
    });
  });
  await expect(load(steal)).rejects.toMatchObject({ code: 'STORAGE_FAILED' });
  expect(steal).toHaveResolvedTimes(1);
  await takenBack(0);
  letGo();
  for (const engine of [first, second]) await expectFaces(engine, 0);
  expect(await load(async () => undefined)).toMatchObject({ imported: FACES });
  for (const engine of [first, second]) await expectFaces(engine, FACES);
});

test.each([
  ['deleted', 'GALLERY_NOT_FOUND', (engine: GalleryEngine) => engine.deleteGallery('staff')],
  [
    'filled',
    'GALLERY_FULL',
    (engine: GalleryEngine) => engine.addFaces([testFace(9000, { galleries: ['staff'] })]),
  ],
  [
    'filled by another model',
    'MODEL_MISMATCH',
    (engine: GalleryEngine) =>
      engine.addFaces([
        testFace(9000, { galleries: ['staff'], modelId: 'model-5', vector: testVector(1, 5) }),
      ]),
  ],
])('a gallery that is %s meanwhile ends the import', async (_, code, change) => {
  const [first, second] = pages();
  await second.createGallery('staff', FACES);
  const act = vi.fn(() => change(second));
  await expect(load(act, 'staff')).rejects.toMatchObject({ code });
  expect(act).toHaveResolvedTimes(1);
  const left = code === 'GALLERY_NOT_FOUND' ? 0 : 1;
  await takenBack(left);
  for (const engine of [first, second]) {
    expect((await engine.usage()).faces).toBe(left);
    if (left > 0) expect(await engine.count('staff')).toBe(1);
  }
});

test('a running import is not encrypted, doubled or regenerated under', async () => {
  const refused = { code: 'STORAGE_FAILED', message: expect.stringContaining('import') as string };
  const during = vi.fn(async () => {
    for (const engine of pages()) {
      await expect(engine.protection.encrypt(PASSPHRASE)).rejects.toMatchObject(refused);
      await expect(engine.swapRegenerated('model-9', 'delete')).rejects.toMatchObject(refused);
      const request = { ids: 'new', duplicates: 'add', modelId: 'model-8' } as const;
      const { signal } = new AbortController();
      const second = engine.transfer.importGallery('default', file, request, { signal });
      await expect(second).rejects.toMatchObject(refused);
    }
  });
  expect(await load(during)).toMatchObject({ imported: FACES });
  expect(during).toHaveResolvedTimes(1);
  await pages()[0].protection.encrypt(PASSPHRASE);
  await expectFaces(pages()[0], FACES);
});

/** Makes the mark of an import that has stored nothing, as a page leaves it that dies at once. */
async function leaveMark(id: string): Promise<void> {
  const db = await openDB<GalleryDb>(database);
  const state = (await db.get('state', 'state')) as StoredState;
  await db.put('state', { ...state, importing: { id, ranges: [] } }, 'state');
  db.close();
}

test.each([
  ['clearing away', (engine: GalleryEngine) => engine.clearDamaged()],
  ['regenerating', (engine: GalleryEngine) => engine.swapRegenerated('model-8', 'keep')],
])('the mark of an import whose page is gone does not keep from %s', async (_, act) => {
  const [first, second] = pages();
  await first.addFaces([testFace(9000)]);
  await leaveMark('gone');
  await act(second);
  expect((await stateNow()).importing).toBeUndefined();
  await expectFaces(second, 1);
});

test('an import is heard of as it begins, and taken back though its page dies before its first batch', async () => {
  const [first, second] = pages();
  const dying = new Blob([file]);
  const read = vi.spyOn(dying, 'stream');
  read
    .mockImplementationOnce(() => file.stream())
    .mockImplementationOnce(() => {
      first.close();
      return file.stream();
    });
  const put = vi.spyOn(IDBObjectStore.prototype, 'put');
  const request = { ids: 'keep', duplicates: 'add', modelId: 'model-8' } as const;
  const { signal } = new AbortController();
  const importing = first.transfer.importGallery('default', dying, request, { signal });
  await expect(importing).rejects.toMatchObject({ code: 'STORAGE_FAILED' });
  expect(read).toHaveBeenCalledTimes(2);
  expect(put.mock.calls.map(([row]) => (row as Partial<StoredState>).importing?.ranges)).toContainEqual([]);
  await takenBack(0);
  await expectFaces(second, 0);
});

test('a page that heard nothing of an import learns of it by its next call, and takes it back, too', async () => {
  const [first, second] = pages();
  vi.spyOn(BroadcastChannel.prototype, 'postMessage').mockReturnValue(undefined);
  const importing = load(async () => {
    expect(await second.count('default')).toBe(0);
    first.close();
  });
  await expect(importing).rejects.toMatchObject({ code: 'STORAGE_FAILED' });
  await takenBack(0);
  await expectFaces(second, 0);
});

test('an import that begins while the database is about to be encrypted is not disturbed', async () => {
  const [first, second] = pages();
  await second.addFaces([testFace(9000)]);
  // Another page is at the database's move, so that the encryption waits where it has looked for imports already.
  const name = `nearface:${database}:move`;
  let letGo: () => void = () => undefined;
  const held = new Promise<void>((resolve) => (letGo = resolve));
  const holding = navigator.locks.request(name, () => held);
  const encrypting = second.protection.encrypt(PASSPHRASE);
  encrypting.catch(() => undefined);
  await vi.waitFor(
    async () => {
      const { pending = [] } = await navigator.locks.query();
      expect(pending.map((lock) => lock.name)).toContain(name);
    },
    { timeout: 10_000 },
  );
  const during = vi.fn(async () => {
    letGo();
    await expect(encrypting).rejects.toMatchObject({
      code: 'STORAGE_FAILED',
      message: expect.stringContaining('import') as string,
    });
  });
  expect(await load(during)).toMatchObject({ imported: FACES });
  expect(during).toHaveResolvedTimes(1);
  await holding;
  for (const engine of [first, second]) await expectFaces(engine, FACES + 1);
});

test('without Web Locks a page does not take its own running import for one that is left', async () => {
  vi.spyOn(navigator, 'locks', 'get').mockReturnValue(undefined as never);
  const [first] = pages();
  const during = vi.fn(async () => {
    await expect(first.clearDamaged()).rejects.toMatchObject({ code: 'STORAGE_FAILED' });
  });
  expect(await load(during)).toMatchObject({ imported: FACES });
  expect(during).toHaveResolvedTimes(1);
});

test('what is left of an import goes when the database is encrypted as it is opened', async () => {
  const [first, second] = pages();
  second.close();
  await first.addFaces([testFace(9000)]);
  await expect(load(async () => first.close())).rejects.toMatchObject({ code: 'STORAGE_FAILED' });
  expect((await stateNow()).importing).toBeDefined();
  const sealed = await openAlso(PASSPHRASE);
  await takenBack(1);
  await expectFaces(sealed, 1);
});

test('what an earlier version has imported and not ended goes, too', async () => {
  const [first, second] = pages();
  await first.createGallery('other', null);
  await first.addFaces(Array.from({ length: 100 }, (_, i) => testFace(i)));
  await first.addFaces([testFace(9000)]);
  // It has been seen, and edited.
  await first.updateFace('default', 'face-0', { galleries: { set: ['other'] } });
  for (const engine of [first, second]) engine.close();
  const db = await openDB<GalleryDb>(database);
  const state = (await db.get('state', 'state')) as StoredState;
  await db.put('state', { ...state, importing: { id: 'old', ranges: [[1, 100]] } }, 'state');
  db.close();
  const engine = await openAlso();
  await takenBack(1);
  await expectFaces(engine, 1);
  expect(await engine.count('other')).toBe(0);
});

test('the mark of an import stays small however many batches it has', async () => {
  const [first, second] = pages();
  let ranges: readonly unknown[] = [];
  const onProgress = async (): Promise<void> =>
    void (ranges = (await stateNow()).importing?.ranges ?? ranges);
  const during = async (): Promise<void> => {
    await onProgress();
    expect(ranges).toEqual([[1, 1000]]);
    await second.addFaces([testFace(9000)]);
  };
  const write = vi.spyOn(IDBObjectStore.prototype, 'put');
  await load(during);
  const marks = write.mock.calls
    .map(([value]) => (value as Partial<StoredState>).importing?.ranges)
    .filter((some) => some !== undefined);
  expect(marks.at(-1)).toEqual([
    [1, 1000],
    [1002, FACES + 1],
  ]);
  await expectFaces(first, FACES + 1);
});
