/** Databases of which a part is damaged: the rest can be used, and what is not whole is told, deleted or mended. */
import { openDB } from 'idb';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { type GalleryEngine } from './gallery-engine.ts';
import { upgrade } from './indexeddb/migrations/upgrade.ts';
import {
  DB_VERSION,
  type GalleryDb,
  type RecordBlock,
  type SegmentRow,
  type StoreName,
} from './indexeddb/schema.ts';
import { cut, damageStored, flipped, withUnreadable } from './test-damage.ts';
import {
  dropDatabase,
  openEngineWith,
  rawStore,
  testDatabase,
  testFace,
  testKernel,
  testVector,
} from './test-gallery.ts';
import type { Progress } from '../core/types.ts';
import type { LeftOut } from './port.ts';

const PASSPHRASE = 'correct horse battery';

/** The first 256 faces lie in one segment, the others in a second one. */
const FACES = 300;
const [IN_FIRST, IN_SECOND] = [256, 44];

let database: string;
let engine: GalleryEngine;
let passphrase: string | undefined;

async function open(): Promise<void> {
  const kernel = await testKernel();
  engine = await openEngineWith({ database, kernel, ...(passphrase !== undefined && { key: passphrase }) });
}

async function reopen(): Promise<void> {
  engine.close();
  await open();
}

/** Changes one value in the closed database, which is opened again then. */
async function damage<T>(
  store: StoreName,
  key: IDBValidKey | undefined,
  change: (value: T) => unknown,
): Promise<void> {
  engine.close();
  await damageStored(database, store, key, change);
  await open();
}

type Damage = (row: SegmentRow) => unknown;
const CUT: Damage = (row) => ({ ...row, vectors: cut(row.vectors as Float32Array) });
const EMPTIED: Damage = (row) => ({ ...row, vectors: row.vectors.slice(0, 0), seqs: new Float64Array(0) });
const SHORT_COLUMN: Damage = (row) => ({ ...row, metas: cut(row.metas) });
const GONE: Damage = () => undefined;

const FLIPPED: Damage = (row) => ({ ...row, vectors: flipped(row.vectors as Uint8Array) });
const NAN: Damage = (row) => ({ ...row, vectors: (row.vectors as Float32Array).map(() => NaN) });

const crop = (seed: number) => ({ crop: new Blob([`crop ${seed}`], { type: 'image/webp' }) });

async function ids(gallery = 'default'): Promise<readonly string[]> {
  return (await engine.listFaces(gallery, { limit: 1000 })).records.map(({ id }) => id);
}

async function exported(gallery = 'default'): Promise<{ readonly lines: number; readonly leftOut: LeftOut }> {
  let leftOut: LeftOut = { faces: 0, pictures: 0 };
  const { signal } = new AbortController();
  const report = (progress: Progress): void => void ({ leftOut = leftOut } = progress);
  const request = { format: 'jsonl', pictures: false } as const;
  const file = await engine.transfer.exportGallery(gallery, request, { report, signal });
  return { lines: (await file.text()).split('\n').filter((line) => line !== '').length, leftOut };
}

const find = async (seed: number): Promise<string | undefined> => {
  const request = { modelId: 'model-8', probes: [testVector(seed)], limit: 1, minCosine: 0.9999 };
  return (await engine.search('default', request))[0]?.[0]?.record.id;
};

describe.each([
  ['plain', undefined],
  ['encrypted', PASSPHRASE],
])('%s', (kind, given) => {
  beforeEach(async () => {
    [database, passphrase] = [testDatabase(), given];
    await open();
    await engine.createGallery('a', 500);
    const faces = Array.from({ length: FACES }, (_, i) =>
      testFace(i + 1, {
        galleries: i % 100 === 0 ? ['default', 'a'] : ['default'],
        timestamp: i + 1,
        pictures: i < 2 ? crop(i + 1) : {},
      }),
    );
    await engine.addFaces(faces);
  });

  afterEach(async () => {
    vi.restoreAllMocks();
    engine.close();
    await dropDatabase(database);
  });

  const damages: readonly (readonly [string, Damage])[] = [
    ['cut', CUT],
    ['emptied', EMPTIED],
    ['with a short column', SHORT_COLUMN],
    ['gone', GONE],
    kind === 'plain' ? ['without numbers', NAN] : ['flipped', FLIPPED],
  ];

  test.each(damages)('a block of vectors that is %s leaves the rest usable', async (_, change) => {
    await damage('vectors', ['model-8', 1], change);
    expect((await engine.usage()).damaged).toEqual({ galleries: 0, faces: IN_FIRST });
    expect(await engine.count('default')).toBe(FACES);
    expect(await ids()).toHaveLength(FACES);
    expect((await engine.getFace('default', 'face-7')).meta).toBe('name-7');
    expect((await engine.listFaces('default', { limit: 9, meta: 'name-7' })).records).toHaveLength(1);
    expect(await engine.metas('default')).toHaveLength(FACES);
    await expect(engine.getVector('default', 'face-7')).rejects.toMatchObject({
      code: 'STORAGE_FAILED',
      message: expect.stringMatching(/face-7.*regenerate/) as string,
    });
    expect(await find(290)).toBe('face-290');
    expect(await find(7)).toBeUndefined();
    expect(await exported()).toEqual({ lines: IN_SECOND, leftOut: { faces: IN_FIRST, pictures: 0 } });
    // What is new can be enrolled, also under an id that is free again.
    await engine.deleteFaces('default', ['face-7', 'face-8']);
    await engine.addFaces([testFace(7)]);
    await engine.updateFace('default', 'face-9', { meta: 'changed' });
    await engine.updateFace('default', 'face-101', { galleries: { remove: ['a'] } });
    expect((await engine.usage()).damaged.faces).toBe(IN_FIRST - 2);
    await reopen();
    expect((await engine.usage()).damaged.faces).toBe(IN_FIRST - 2);
    expect(await find(7)).toBe('face-7');
    expect((await engine.listFaces('default', { limit: 9, meta: 'changed' })).records).toHaveLength(1);
    expect(await ids('a')).toEqual(['face-1', 'face-201']);
    // All of them deleted: nothing of the block is left.
    const left = (await ids()).filter((id) => Number(id.slice(5)) <= IN_FIRST && id !== 'face-7');
    await engine.deleteFaces('default', left);
    await engine.deleteFaces('a', ['face-1', 'face-201']);
    expect((await engine.usage()).damaged.faces).toBe(0);
    expect(await rawStore(database, 'vectors')).toHaveLength(1);
    await reopen();
    expect(await engine.usage()).toMatchObject({ faces: IN_SECOND + 1, damaged: { faces: 0 } });
  });

  test('a damaged last block is not added to', async () => {
    await damage('vectors', ['model-8', 257], CUT);
    await engine.addFaces([testFace(1001)]);
    await reopen();
    expect(await find(1001)).toBe('face-1001');
    expect((await engine.usage()).damaged.faces).toBe(IN_SECOND);
    expect(await rawStore(database, 'vectors')).toHaveLength(3);
  });

  if (kind === 'plain')
    test('one vector that is not of unit length damages its face alone', async () => {
      await damage<SegmentRow>('vectors', ['model-8', 1], (row) => {
        const vectors = (row.vectors as Float32Array).slice();
        vectors[8 * 6] = 1e30;
        return { ...row, vectors };
      });
      expect((await engine.usage()).damaged.faces).toBe(1);
      expect(await exported()).toEqual({ lines: FACES - 1, leftOut: { faces: 1, pictures: 0 } });
      await expect(engine.getVector('default', 'face-7')).rejects.toMatchObject({ code: 'STORAGE_FAILED' });
    });

  test('joining segments passes over a damaged one', async () => {
    await engine.addFaces(Array.from({ length: 556 }, (_, i) => testFace(1001 + i)));
    await damage('vectors', ['model-8', 257], CUT);
    const gone = (await ids()).filter((_id, i) => i % 8 !== 0 && !(i >= 256 && i < 512));
    await engine.deleteFaces('default', gone);
    // The third and the fourth are joined.
    await expect.poll(async () => (await rawStore(database, 'vectors')).length).toBe(3);
    await reopen();
    expect(await ids()).toHaveLength(FACES + 556 - gone.length);
    expect((await engine.usage()).damaged.faces).toBe(256);
    expect(await find(9)).toBe('face-9');
  });

  test('faces with crops are made anew, the others cleared away', async () => {
    await damage('vectors', ['model-8', 1], CUT);
    const { stale } = await engine.regenerated.countStale('model-8');
    expect(stale).toBe(IN_FIRST);
    const some = await engine.regenerated.nextStale('model-8', 0, 3);
    expect(some.map(({ id, crop: kept, vector }) => [id, !!kept, vector])).toEqual([
      ['face-1', true, undefined],
      ['face-2', true, undefined],
      ['face-3', false, undefined],
    ]);
    const fresh = some.slice(0, 2).map(({ seq }, i) => ({ seq, vector: testVector(i + 1) }));
    await engine.putRegenerated('model-8', fresh);
    expect(await engine.swapRegenerated('model-8', 'keep')).toEqual({ swapped: 2, deleted: 0 });
    expect((await engine.usage()).damaged.faces).toBe(IN_FIRST - 2);
    expect(await find(2)).toBe('face-2');
    expect(await (await engine.getPicture('default', 'face-2', 'crop'))?.text()).toBe('crop 2');
    expect(await engine.clearDamaged()).toEqual({ faces: IN_FIRST - 2, galleries: 0 });
    await reopen();
    expect(await engine.usage()).toMatchObject({ faces: IN_SECOND + 2, damaged: { faces: 0 } });
    expect(await engine.count('default')).toBe(IN_SECOND + 2);
    expect(await ids('a')).toEqual(['face-1']);
    expect(await engine.count('a')).toBe(1);
    expect(await find(2)).toBe('face-2');
  });

  test('a block of records of which one is flipped, or all are gone', async () => {
    await damage<RecordBlock>('records', 1, (block) => withUnreadable(block, 35));
    expect(await ids()).toHaveLength(FACES - 1);
    expect((await engine.usage()).damaged.faces).toBe(1);
    await damage('records', 2, () => undefined);
    expect((await engine.checkStored()).faces).toBe(33);
    expect(await exported()).toEqual({ lines: FACES - 33, leftOut: { faces: 33, pictures: 0 } });
    expect(await find(36)).toBe('face-36');
    await engine.addFaces([testFace(1001)]);
    expect(await engine.clearDamaged()).toEqual({ faces: 33, galleries: 0 });
    await reopen();
    expect((await engine.checkStored()).faces).toBe(0);
    expect(await engine.usage()).toMatchObject({ faces: FACES - 32, damaged: { faces: 0 } });
    expect(await engine.count('default')).toBe(FACES - 32);
    expect(await ids()).toHaveLength(FACES - 32);
  });

  test("a gallery's damaged row is made anew of its faces", async () => {
    const key = (await rawStore(database, 'galleries')) as readonly { name: string; sealed?: unknown }[];
    for (const { name } of key)
      await damage<object>('galleries', name, () =>
        kind === 'plain' ? { name } : { name, sealed: new Uint8Array(40) },
      );
    expect((await engine.usage()).damaged.galleries).toBe(2);
    expect((await engine.listGalleries()).map(({ name, count }) => [name, count])).toEqual([
      ['a', 3],
      ['default', FACES],
    ]);
    expect((await exported('a')).lines).toBe(3);
    await engine.addFaces([testFace(1001, { galleries: ['a'] })]);
    expect((await engine.usage()).damaged.galleries).toBe(1);
    await engine.deleteFaces('default', ['face-2']);
    expect((await engine.usage()).damaged.galleries).toBe(0);
    await reopen();
    expect((await engine.listGalleries()).map(({ name, count }) => [name, count])).toEqual([
      ['a', 4],
      ['default', FACES - 1],
    ]);
  });

  /** One face of a block of records cannot be read any more. */
  const unreadable = (seq: number): Promise<void> =>
    damage<RecordBlock>('records', Math.floor(seq / 32), (block) => ({
      ...block,
      records: block.records.map((record, i) => {
        if (block.seqs[i] !== seq) return record;
        return typeof record === 'string' ? record.slice(1) : flipped(record);
      }),
    }));

  test('a meta is listed though the first face that has it cannot be read', async () => {
    await engine.updateFaces('default', ['face-7', 'face-8', 'face-9'], { meta: 'Ada' });
    await unreadable(7);
    const metas = await engine.metas('default');
    const { count, face } = metas.find(({ meta }) => meta === 'Ada') ?? {};
    expect([count, face?.id]).toEqual([3, 'face-8']);
    // One of which no face can be read has no name any more.
    await unreadable(20);
    expect((await engine.metas('default')).map(({ meta }) => meta)).not.toContain('name-20');
  });

  test('an export tells records that cannot be read wherever its slices end', async () => {
    // Two of them have more pictures than a slice takes.
    const large = new Blob([new Uint8Array(5e6)], { type: 'image/webp' });
    await engine.createGallery('b', null);
    const faces = [301, 302, 303, 304].map((n) =>
      testFace(n, { galleries: ['b'], pictures: { crop: large } }),
    );
    await engine.addFaces(faces);
    await unreadable(301);
    await unreadable(303);
    const told: LeftOut[] = [];
    const request = { format: 'archive', pictures: true } as const;
    const { signal } = new AbortController();
    await engine.transfer.exportGallery('b', request, {
      report: ({ leftOut = { faces: 0, pictures: 0 } }) => void told.push(leftOut),
      signal,
    });
    expect(told).toEqual([
      { faces: 1, pictures: 0 },
      { faces: 2, pictures: 0 },
    ]);
  });

  test('a gallery goes, one of whose faces cannot be read, and another of its name is empty', async () => {
    await unreadable(101);
    await engine.deleteGallery('a');
    await reopen();
    await engine.createGallery('a', null);
    expect([await engine.count('a'), await ids('a')]).toEqual([0, []]);
    await engine.addFaces([testFace(3001, { galleries: ['a'] })]);
    expect(await engine.clearDamaged()).toEqual({ faces: 1, galleries: 0 });
    expect([await engine.count('a'), await ids('a')]).toEqual([1, ['face-3001']]);
  });

  test('faces are counted once that are imported into a gallery whose row is damaged', async () => {
    const { signal } = new AbortController();
    const request = { format: 'jsonl', pictures: false } as const;
    const file = await engine.transfer.exportGallery('a', request, { signal });
    const rows = (await rawStore(database, 'galleries')) as readonly { name: string }[];
    for (const { name } of rows)
      await damage<object>('galleries', name, () =>
        kind === 'plain' ? { name } : { name, sealed: new Uint8Array(40) },
      );
    const how = { ids: 'new', duplicates: 'add', modelId: 'model-8' } as const;
    await engine.transfer.importGallery('a', file, how, { signal });
    expect([await engine.count('a'), (await ids('a')).length]).toEqual([6, 6]);
    await reopen();
    expect(await engine.count('a')).toBe(6);
  });

  test('what is damaged is cleared away on a full disk', async () => {
    await engine.addFaces([testFace(1001)]);
    await damage('vectors', ['model-8', 1], CUT);
    // Refused until the reserve is given back.
    const { delete: erase, put } = IDBObjectStore.prototype;
    let isFull = true;
    vi.spyOn(IDBObjectStore.prototype, 'delete').mockImplementation(function (this: IDBObjectStore, key) {
      if (key === 'reserve') isFull = false;
      return erase.call(this, key);
    });
    vi.spyOn(IDBObjectStore.prototype, 'put').mockImplementation(function (this: IDBObjectStore, ...row) {
      if (isFull) throw new DOMException('no space', 'QuotaExceededError');
      return put.apply(this, row);
    });
    expect(await engine.clearDamaged()).toEqual({ faces: IN_FIRST, galleries: 0 });
    vi.restoreAllMocks();
    expect((await engine.usage()).damaged.faces).toBe(0);
  });

  test('clearing away is left at a signal, and nothing is gone then', async () => {
    await damage('vectors', ['model-8', 1], CUT);
    const aborter = new AbortController();
    let cursors = 0;
    const { openCursor } = IDBObjectStore.prototype;
    vi.spyOn(IDBObjectStore.prototype, 'openCursor').mockImplementation(function (
      this: IDBObjectStore,
      ...at
    ) {
      cursors++;
      aborter.abort();
      return openCursor.apply(this, at);
    });
    await expect(engine.clearDamaged(aborter)).rejects.toMatchObject({ code: 'ABORTED' });
    vi.restoreAllMocks();
    expect(cursors).toBe(1);
    expect((await engine.usage()).damaged.faces).toBe(IN_FIRST);
    expect(await ids()).toHaveLength(FACES);
  });

  test('all that is damaged is carried over to other keys, and the rest with it', async () => {
    await damage('vectors', ['model-8', 1], CUT);
    await damage<RecordBlock>('records', 9, (block) => ({ ...block, records: block.records.slice(0, 3) }));
    const galleries = (await rawStore(database, 'galleries')) as readonly { name: string }[];
    await damage<object>('galleries', galleries[0]?.name, () => ({ name: galleries[0]?.name }));
    if (kind === 'plain') await engine.protection.encrypt('another one here');
    else await engine.protection.changePassphrase(PASSPHRASE, 'another one here', { rekey: true });
    passphrase = 'another one here';
    for (let turn = 0; turn < 2; turn++) {
      expect(await ids()).toHaveLength(FACES - 10);
      const damaged = { galleries: 0, faces: IN_FIRST + 10 };
      expect((await engine.usage()).damaged).toEqual(damaged);
      expect(await engine.checkStored()).toEqual(damaged);
      expect(await find(257)).toBe('face-257');
      await expect(engine.getVector('default', 'face-7')).rejects.toMatchObject({ code: 'STORAGE_FAILED' });
      await reopen();
    }
    expect(await engine.clearDamaged()).toEqual({ galleries: 0, faces: IN_FIRST + 10 });
    await reopen();
    expect(await engine.usage()).toMatchObject({ damaged: { faces: 0, galleries: 0 } });
    expect(await engine.count('default')).toBe((await ids()).length);
    expect((await ids()).length).toBe((await engine.usage()).faces);
  });

  if (kind === 'encrypted')
    test('a damaged picture is named, and left out of exports', async () => {
      const broken = (value: { type: string; bytes: ArrayBuffer }): object => ({
        ...value,
        bytes: value.bytes.slice(1),
      });
      await damage('pictures', [1, 'crop'], broken);
      await expect(engine.getPicture('default', 'face-1', 'crop')).rejects.toMatchObject({
        code: 'STORAGE_FAILED',
        details: { id: 'face-1', picture: 'crop' },
      });
      let leftOut: LeftOut | undefined;
      const request = { format: 'archive', pictures: true } as const;
      const { signal } = new AbortController();
      await engine.transfer.exportGallery('default', request, {
        report: (progress) => void ({ leftOut } = progress),
        signal,
      });
      expect(leftOut).toEqual({ faces: 0, pictures: 1 });
      await engine.deleteFaces('default', ['face-1']);
    });

  test('that the database was lost is told until it is acknowledged', async () => {
    engine.close();
    await dropDatabase(database);
    // As a browser begins it anew.
    const db = await openDB<GalleryDb>(database, DB_VERSION, {
      upgrade: (made, old, _version, tx) => void upgrade(made, old, tx, true),
    });
    db.close();
    await open();
    expect((await engine.usage()).lost).toBe(true);
    await reopen();
    expect((await engine.usage()).lost).toBe(true);
    await engine.acknowledgeLoss();
    expect((await engine.usage()).lost).toBe(false);
    await reopen();
    expect((await engine.usage()).lost).toBe(false);
  });
});
