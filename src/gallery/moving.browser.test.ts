import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { openDB } from 'idb';
import { GalleryEngine } from './gallery-engine.ts';
import { wipe } from './indexeddb/erasing.ts';
import type { GalleryDb } from './indexeddb/schema.ts';
import { currentSlot, deleteDatabase, slotsOf } from './indexeddb/slots.ts';
import { dyingAfter } from './test-dying.ts';
import {
  cheapPassphrases,
  dropDatabase,
  openEngine,
  openEngineWith,
  rawStore,
  testDatabase,
  testFace,
  testKernel,
} from './test-gallery.ts';

const PASSPHRASE = 'correct horse battery';
const ANOTHER = 'another horse battery';
const FACES = 40;

let database: string;
let engine: GalleryEngine | undefined;

async function open(passphrase?: string): Promise<GalleryEngine> {
  const kernel = await testKernel();
  return openEngineWith({ database, kernel, ...(passphrase !== undefined && { key: passphrase }) });
}

const face = (seed: number): ReturnType<typeof testFace> =>
  testFace(seed, { pictures: { crop: new Blob([`picture ${seed}`], { type: 'image/webp' }) } });

async function fill(): Promise<GalleryEngine> {
  const filled = await openEngine(database);
  await filled.addFaces(Array.from({ length: FACES }, (_, i) => face(i)));
  return filled;
}

/** The physical databases under the name. */
async function physical(): Promise<readonly string[]> {
  const there = new Set((await indexedDB.databases()).map(({ name }) => name));
  return slotsOf(database).filter((slot) => there.has(slot));
}

async function expectWhole(whole: GalleryEngine, faces = FACES): Promise<void> {
  expect(await whole.count('default')).toBe(faces);
  const page = await whole.listFaces('default', { limit: 1000 });
  expect(page.records).toHaveLength(faces);
  for (const { id } of page.records.slice(0, 5))
    expect(await (await whole.getPicture('default', id, 'crop'))?.text()).toBe(`picture ${id.slice(5)}`);
}

beforeEach(() => {
  database = testDatabase();
  cheapPassphrases();
});

afterEach(async () => {
  vi.restoreAllMocks();
  engine?.close();
  engine = undefined;
  await dropDatabase(database);
});

test('encrypting makes a new database and deletes the old one, with progress', async () => {
  engine = await fill();
  const before = await currentSlot(database);
  const seen: number[] = [];
  const onProgress = (done: number, total: number): void => void seen.push(done / total);
  expect(await engine.protection.encrypt(PASSPHRASE, { onProgress })).toEqual({ oldDeleted: true });
  expect(seen[0]).toBe(0);
  expect(seen.at(-1)).toBe(1);
  expect(seen).toEqual(seen.toSorted((a, b) => a - b));
  expect(await physical()).toHaveLength(1);
  expect(await currentSlot(database)).not.toBe(before);
  await expectWhole(engine);
  await engine.addFaces([face(FACES)]);
  engine.close();
  engine = await open(PASSPHRASE);
  await expectWhole(engine, FACES + 1);
});

test(
  'a page that dies at any moment of it leaves the old database whole, or the new one',
  { tags: 'long', timeout: 240_000 },
  async () => {
    let ended = 0;
    for (let allowed = 0; ended === 0; allowed++) {
      engine?.close();
      engine = undefined;
      await dropDatabase(database);
      const dying = await fill();
      const die = dyingAfter(allowed);
      const died = await dying.protection.encrypt(PASSPHRASE).then(
        () => false,
        () => true,
      );
      die.mockRestore();
      dying.close();
      const plain = await open().catch((error: { code?: string }) => error.code);
      if (plain instanceof GalleryEngine) {
        engine = plain;
        await expectWhole(engine);
        // What was half made is gone, and all can be written.
        expect(await physical()).toHaveLength(1);
        await engine.deleteFaces('default', ['face-1']);
        await engine.protection.encrypt(PASSPHRASE);
      } else {
        expect(plain).toBe('LOCKED');
        engine = await open(PASSPHRASE);
        await expectWhole(engine);
        expect(await physical()).toHaveLength(1);
      }
      if (!died) ended = allowed;
    }
    expect(ended).toBeGreaterThan(10);
  },
);

test('an encryption that is aborted leaves everything as it was', async () => {
  engine = await fill();
  const controller = new AbortController();
  const onProgress = (done: number): void => {
    if (done > 0) controller.abort();
  };
  const encrypting = engine.protection.encrypt(PASSPHRASE, { signal: controller.signal, onProgress });
  await expect(encrypting).rejects.toMatchObject({ code: 'ABORTED' });
  expect(await physical()).toEqual([database]);
  await engine.addFaces([face(FACES)]);
  await expectWhole(engine, FACES + 1);
});

test('what another page writes while it is encrypted is there, or refused; no row of it is plain', async () => {
  for (let round = 0; round < 12; round++) {
    engine?.close();
    await dropDatabase(database);
    engine = await openEngine(database);
    const other = await openEngine(database);
    if (round % 2 === 1) await engine.addFaces([face(1000)]);
    const writes: Promise<PromiseSettledResult<unknown>[]>[] = [];
    const encrypting = engine.protection.encrypt(PASSPHRASE);
    for (let i = 0; i < 8; i++) {
      writes.push(Promise.allSettled([other.createGallery(`gallery-${i}`, null)]));
      await new Promise((resolve) => setTimeout(resolve, round * 6));
    }
    const outcomes = (await Promise.all(writes)).flat();
    await encrypting;
    for (const outcome of outcomes)
      if (outcome.status === 'rejected') expect(outcome.reason).toMatchObject({ code: 'STORAGE_FAILED' });
    const made = outcomes.filter(({ status }) => status === 'fulfilled').length;
    expect(await engine.listGalleries()).toHaveLength(1 + made);
    for (const row of await rawStore(database, 'galleries'))
      expect(Object.keys(row as object).sort()).toEqual(['name', 'sealed']);
    other.close();
  }
}, 120_000);

test('pages that make the same encrypted database at once all open it', async () => {
  const opened = await Promise.all(Array.from({ length: 8 }, () => open(PASSPHRASE)));
  await Promise.all(opened.map((one, i) => one.addFaces([face(i)])));
  for (const one of opened) expect(await one.count('default')).toBe(8);
  for (const one of opened) one.close();
});

test('so they do where there are no locks', async () => {
  vi.spyOn(navigator, 'locks', 'get').mockReturnValue(undefined as unknown as LockManager);
  const opened = await Promise.all(Array.from({ length: 8 }, () => open(PASSPHRASE)));
  await Promise.all(opened.map((one, i) => one.addFaces([face(i)])));
  for (const one of opened) expect(await one.count('default')).toBe(8);
  for (const one of opened) one.close();
});

test('a page that hears of an encryption while it unlocks the database opens it all the same', async () => {
  (await open(PASSPHRASE)).close();
  const channel = new BroadcastChannel(`nearface:${database}`);
  const derive = vi.spyOn(SubtleCrypto.prototype, 'deriveKey');
  const real = derive.getMockImplementation() as SubtleCrypto['deriveKey'];
  derive.mockImplementationOnce(async function (this: SubtleCrypto, ...args: Parameters<typeof real>) {
    channel.postMessage('encrypted:with-other-keys');
    await new Promise((heard) => setTimeout(heard, 100));
    return real.apply(this, args);
  } as typeof real);
  engine = await open(PASSPHRASE);
  channel.close();
  expect(derive).toHaveBeenCalledTimes(3);
  await engine.addFaces([face(1)]);
  await expectWhole(engine, 1);
});

test('pages that encrypt the same plain database at once all open it', async () => {
  (await fill()).close();
  const opened = await Promise.all(Array.from({ length: 4 }, () => open(PASSPHRASE)));
  for (const one of opened) await expectWhole(one);
  for (const one of opened) one.close();
});

test('a new passphrase says whether the keys are new, and new ones shut the old passphrase out', async () => {
  engine = await open(PASSPHRASE);
  await engine.addFaces(Array.from({ length: FACES }, (_, i) => face(i)));
  const [oldKeys] = await rawStore(database, 'keys');
  const putBack = async (): Promise<void> => {
    const db = await openDB((await currentSlot(database)) as string);
    await db.put('keys', oldKeys, 'keys');
    db.close();
  };
  expect(await engine.protection.changePassphrase(PASSPHRASE, ANOTHER)).toEqual({
    rekeyed: false,
    oldDeleted: false,
  });
  const [kept] = await rawStore(database, 'keys');
  engine.close();
  await putBack();
  // The data's keys are the same: whoever has the old file reads all of it.
  engine = await open(PASSPHRASE);
  await expectWhole(engine);
  const change = await engine.protection.changePassphrase(PASSPHRASE, ANOTHER, { rekey: true });
  expect(change).toEqual({ rekeyed: true, oldDeleted: true });
  expect(kept).toBeDefined();
  await expectWhole(engine);
  await engine.addFaces([face(FACES)]);
  engine.close();
  await expect(open(PASSPHRASE)).rejects.toMatchObject({ code: 'LOCKED' });
  engine = await open(ANOTHER);
  await expectWhole(engine, FACES + 1);
  engine.close();
  await putBack();
  await expect(open(PASSPHRASE)).rejects.toMatchObject({ code: 'STORAGE_FAILED' });
  await expect(open(ANOTHER)).rejects.toMatchObject({ code: 'LOCKED' });
}, 60_000);

/** Deadlines of seconds are over in an eighth of their time. */
function shortenDeadlines(): void {
  const real = globalThis.setTimeout;
  const shorter = (run: () => void, ms = 0): unknown => real(run, ms < 1000 ? ms : ms / 8);
  vi.spyOn(globalThis, 'setTimeout').mockImplementation(shorter as typeof setTimeout);
}

test('a connection that does not let go ends in an error that says what to close', async () => {
  engine = await fill();
  shortenDeadlines();
  const stubborn = await openDB(database);
  const deaf = await openEngine(`${database}-other`);
  try {
    await expect(deleteDatabase(database)).rejects.toMatchObject({
      code: 'STORAGE_FAILED',
      message: expect.stringContaining('close or reload that page') as string,
    });
    await expect(open()).rejects.toMatchObject({ code: 'STORAGE_FAILED' });
  } finally {
    stubborn.close();
    deaf.close();
    await dropDatabase(`${database}-other`);
  }
  engine = await open();
  expect((await engine.listGalleries()).map(({ name, count }) => [name, count])).toEqual([['default', 0]]);
}, 60_000);

test('of a database whose page ended while it was erased nothing is left', async () => {
  engine = await fill();
  engine.close();
  const db = await openDB<GalleryDb>(database);
  await wipe(db);
  db.close();
  engine = await open();
  expect((await engine.listGalleries()).map(({ name, count }) => [name, count])).toEqual([['default', 0]]);
  expect((await engine.usage()).damaged).toEqual({ galleries: 0, faces: 0 });
  expect(await rawStore(database, 'galleries')).toHaveLength(1);
  expect(await rawStore(database, 'changes')).toEqual([]);
});

test('an old database that is held open is deleted at the next opening', async () => {
  engine = await fill();
  shortenDeadlines();
  const stubborn = await openDB(database);
  expect(await engine.protection.encrypt(PASSPHRASE)).toEqual({ oldDeleted: false });
  await expectWhole(engine);
  engine.close();
  stubborn.close();
  engine = await open(PASSPHRASE);
  await expectWhole(engine);
  expect(await physical()).toHaveLength(1);
}, 60_000);
