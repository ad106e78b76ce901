/**
 * Embeddings that are made anew in databases of which a part is damaged, and what is damaged under other keys.
 *
 * @module-tag long
 */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { GalleryEngine } from './gallery-engine.ts';
import type { RecordBlock, RegeneratedRow, SegmentRow } from './indexeddb/schema.ts';
import { damageStored, cut, withUnreadable } from './test-damage.ts';
import { dropDatabase, openEngine, rawStore, testDatabase, testFace, testVector } from './test-gallery.ts';

const PASSPHRASE = 'correct horse battery';
const NEXT = 'another one here';

/** The first 256 faces lie in one segment, the others in a second one. */
const FACES = 300;
const IN_FIRST = 256;

/** The model that embedded all faces, and one that does so anew. */
const [OLD, NEW] = ['model-8', 'model-9'];

let database: string;
let engine: GalleryEngine;
let passphrase: string | undefined;

async function reopen(): Promise<void> {
  engine.close();
  engine = await openEngine(database, passphrase);
}

/** Damages the closed database, and opens it again. */
async function damage<T>(...change: DamageOf<T>): Promise<void> {
  engine.close();
  await damageStored<T>(database, ...change);
  engine = await openEngine(database, passphrase);
}

type DamageOf<T> = Parameters<typeof damageStored<T>> extends [string, ...infer Rest] ? Rest : never;

const ids = async (): Promise<readonly string[]> =>
  (await engine.listFaces('default', { limit: 1000 })).records.map(({ id }) => id);

const find = async (modelId: string, seed: number): Promise<string | undefined> => {
  const request = { modelId, probes: [testVector(seed)], limit: 1, minCosine: 0.9999 };
  return (await engine.search('default', request))[0]?.[0]?.record.id;
};

const cutVectors = (row: SegmentRow): SegmentRow => ({ ...row, vectors: cut(row.vectors as Float32Array) });

const unreadable = (seq: number): Promise<void> =>
  damage<RecordBlock>('records', seq >> 5, (block) => withUnreadable(block, seq));

/** New embeddings for all faces that can be read. */
async function embedAnew(modelId: string): Promise<void> {
  const stale = await engine.regenerated.nextStale(modelId, 0, 1000);
  const made = stale.map(({ seq }) => ({ seq, vector: testVector(seq), reliability: 0.5 }));
  await engine.putRegenerated(modelId, made);
}

describe.each([
  ['plain', undefined],
  ['encrypted', PASSPHRASE],
])('%s', (kind, given) => {
  beforeEach(async () => {
    [database, passphrase] = [testDatabase(), given];
    engine = await openEngine(database, passphrase);
    await engine.createGallery('a', 500);
    await engine.addFaces(
      Array.from({ length: FACES }, (_, i) =>
        testFace(i + 1, { galleries: i % 100 === 0 ? ['default', 'a'] : ['default'], timestamp: i + 1 }),
      ),
    );
  });

  afterEach(async () => {
    engine.close();
    await dropDatabase(database);
  });

  test.each(['keep', 'delete'] as const)(
    'faces whose vectors were damaged after the opening stay as damaged, missing: %s',
    async (missing) => {
      await damageStored(database, 'vectors', [OLD, 1], cutVectors);
      expect(await engine.swapRegenerated(OLD, missing)).toEqual({ swapped: 0, deleted: 0 });
      for (let turn = 0; turn < 2; turn++) {
        expect(await ids()).toHaveLength(FACES);
        expect((await engine.usage()).damaged.faces).toBe(IN_FIRST);
        expect(await engine.count('default')).toBe(FACES);
        await reopen();
      }
      // From now on they are known, and whoever makes embeddings anew mends them.
      expect(await engine.regenerated.countStale(OLD)).toEqual({ stale: IN_FIRST, made: 0 });
      await embedAnew(OLD);
      expect(await engine.swapRegenerated(OLD, missing)).toEqual({
        swapped: IN_FIRST,
        deleted: 0,
      });
      expect((await engine.usage()).damaged.faces).toBe(0);
      expect(await find(OLD, 7)).toBe('face-7');
    },
  );

  test.each([OLD, NEW])(
    'a face whose record cannot be read stays as damaged, embedded by %s',
    async (model) => {
      await unreadable(7);
      await damage('records', 2, () => undefined);
      expect((await engine.checkStored()).faces).toBe(33);
      await embedAnew(model);
      const swapped = model === OLD ? 0 : FACES - 33;
      expect(await engine.swapRegenerated(model, 'keep')).toEqual({ swapped, deleted: 0 });
      for (let turn = 0; turn < 2; turn++) {
        expect((await engine.usage()).damaged.faces).toBe(33);
        expect((await engine.checkStored()).faces).toBe(33);
        expect(await engine.count('default')).toBe(FACES);
        expect(await ids()).toHaveLength(FACES - 33);
        await reopen();
      }
      expect(await engine.regenerated.countStale(model)).toEqual({ stale: 0, made: 0 });
      expect(await find(model, 300)).toBe('face-300');
      expect(await engine.clearDamaged()).toEqual({ faces: 33, galleries: 0 });
      expect(await engine.usage()).toMatchObject({ faces: FACES - 33, damaged: { faces: 0 } });
    },
  );

  test('a gallery of which no record can be read takes faces of the new model', async () => {
    await engine.createGallery('b', null);
    await engine.addFaces([testFace(301, { galleries: ['b'] })]);
    await unreadable(301);
    await embedAnew(NEW);
    await engine.swapRegenerated(NEW, 'keep');
    await engine.addFaces([testFace(302, { galleries: ['b'], modelId: NEW })]);
    expect(await engine.stats('b')).toMatchObject({ faces: 2 });
  });

  test('a face whose record cannot be read is damaged under other keys too', async () => {
    await unreadable(7);
    await damage('records', 2, () => undefined);
    if (kind === 'plain') await engine.protection.encrypt(NEXT);
    else await engine.protection.changePassphrase(PASSPHRASE, NEXT, { rekey: true });
    passphrase = NEXT;
    for (let turn = 0; turn < 2; turn++) {
      expect((await engine.usage()).damaged.faces).toBe(33);
      expect((await engine.checkStored()).faces).toBe(33);
      expect(await engine.count('default')).toBe(FACES);
      await reopen();
    }
    expect(await engine.clearDamaged()).toEqual({ faces: 33, galleries: 0 });
  });

  test("galleries' damaged rows are made anew of their faces first", async () => {
    const stats = () => Promise.all(['default', 'a'].map((name) => engine.stats(name)));
    const before = (await stats()).map(({ faces, bytes }) => ({ faces, bytes }));
    const rows = (await rawStore(database, 'galleries')) as readonly { readonly name: string }[];
    for (const { name } of rows)
      await damage('galleries', name, () =>
        kind === 'plain' ? { name } : { name, sealed: new Uint8Array(40) },
      );
    await embedAnew(NEW);
    await engine.swapRegenerated(NEW, 'keep');
    expect((await engine.usage()).damaged.galleries).toBe(0);
    expect((await stats()).map(({ faces, bytes }) => ({ faces, bytes }))).toEqual(before);
  });

  const embeddings: readonly (readonly [string, (row: RegeneratedRow) => RegeneratedRow])[] = [
    ['emptied', (row) => ({ ...row, bytes: row.bytes.slice(0, 0) })],
    ['cut', (row) => ({ ...row, bytes: cut(row.bytes) })],
    ['cut within a number', (row) => ({ ...row, bytes: row.bytes.slice(0, -1) })],
    ['changed', (row) => ({ ...row, bytes: row.bytes.map(() => 0x3f) })],
  ];

  test.each(embeddings)('a new embedding that is %s is made again', async (_, change) => {
    await embedAnew(NEW);
    await damage('regenerated', [1, NEW], change);
    const stale = await engine.regenerated.nextStale(NEW, 0, 9);
    expect(stale.map(({ seq }) => seq)).toEqual([1]);
    await expect(engine.swapRegenerated(NEW, 'keep')).rejects.toMatchObject({
      code: 'BAD_PARAM',
      message: expect.stringMatching(/1 face/) as string,
    });
    await embedAnew(NEW);
    expect(await engine.swapRegenerated(NEW, 'keep')).toEqual({ swapped: FACES, deleted: 0 });
    expect(await find(NEW, 1)).toBe('face-1');
  });

  test('a new embedding of another length than the model has is refused before it is kept', async () => {
    await engine.createGallery('new', null);
    await engine.addFaces([testFace(301, { galleries: ['new'], modelId: NEW })]);
    const made = [{ seq: 1, vector: testVector(1, 12) }];
    await expect(engine.putRegenerated(NEW, made)).rejects.toMatchObject({ code: 'BAD_PARAM' });
    expect(await rawStore(database, 'regenerated')).toEqual([]);
  });
});
