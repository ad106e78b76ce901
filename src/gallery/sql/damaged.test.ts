/** Databases of SQL of which a part is damaged: the rest can be used, and what is not whole is told, deleted or mended. */
import { PGlite } from '@electric-sql/pglite';
import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { afterAll, afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { pgliteDriver } from '../../platform/node/pglite.ts';
import { postgresAt } from '../../platform/node/postgres.ts';
import { compileKernel } from '../../search/kernel/kernel.ts';
import { GalleryEngine } from '../gallery-engine.ts';
import type { LeftOut } from '../port.ts';
import { testFace } from '../test-face.ts';
import { testVector } from '../test-vector.ts';
import type { OpenSql } from './driver.ts';
import { inSchema } from './schema.ts';
import { inSql } from './sql-database.ts';

vi.setConfig({ testTimeout: 180_000, hookTimeout: 180_000 });

const kernel = readFile(new URL('../../search/kernel/search-simd.wasm', import.meta.url)).then(compileKernel);
const [OLD, NEW] = ['model-8', 'model-9'];
const FACES = 40;

let shared: Promise<PGlite> | undefined;
const held = new Set<string>();
afterAll(async () => (await shared)?.close());

const inPglite: OpenSql = async () =>
  pgliteDriver(await (shared ??= PGlite.create()), { name: 'shared', held, close: async () => undefined });

const url = process.env['DATABASE_URL'];
const places: readonly (readonly [string, OpenSql])[] = [
  ['in PGlite', inPglite],
  ...(url === undefined ? [] : [['in PostgreSQL', postgresAt(url)] as const]),
];

let schema: string;
let open: OpenSql;
let engine: GalleryEngine;

async function reopen(): Promise<void> {
  engine.close();
  engine = await GalleryEngine.open(inSql({ open, schema }), { kernel: await kernel });
}

/** Changes what lies there beneath the engine, which opens it again unless it is to stay open. */
async function damage(text: string, stays = false): Promise<void> {
  const driver = await open();
  await driver.query(inSchema(schema)(text));
  await driver.close();
  if (!stays) await reopen();
}

const ids = async (gallery = 'default'): Promise<readonly string[]> =>
  (await engine.listFaces(gallery, { limit: 1000 })).records.map(({ id }) => id);

const find = async (seed: number, modelId = OLD): Promise<string | undefined> => {
  const request = { modelId, probes: [testVector(seed)], limit: 1, minCosine: 0.9999 };
  return (await engine.search('default', request))[0]?.[0]?.record.id;
};

const damaged = async (): Promise<number> => (await engine.usage()).damaged.faces;

async function exported(): Promise<{ readonly lines: number; readonly leftOut: LeftOut }> {
  let leftOut: LeftOut = { faces: 0, pictures: 0 };
  const request = { format: 'jsonl', pictures: false } as const;
  const file = await engine.transfer.exportGallery('default', request, {
    report: (progress) => void ({ leftOut = leftOut } = progress),
    signal: new AbortController().signal,
  });
  return { lines: (await file.text()).split('\n').filter((line) => line !== '').length, leftOut };
}

async function embedAnew(modelId: string): Promise<void> {
  const stale = await engine.regenerated.nextStale(modelId, 0, 1000);
  await engine.putRegenerated(
    modelId,
    stale.map(({ seq }) => ({ seq, vector: testVector(seq), reliability: 0.5 })),
  );
}

/** The record of a face, a row, or its vector as it is found damaged. */
const CUT_RECORD = 'UPDATE @faces SET record = left(record, 20) WHERE seq IN';
const CUT_VECTOR = 'UPDATE @vectors SET vector = substr(vector, 1, 16) WHERE seq IN';

describe.each(places)('%s', (_, opening) => {
  beforeEach(async () => {
    [schema, open] = [`damaged ${randomUUID()}`, opening];
    engine = await GalleryEngine.open(inSql({ open, schema }), { kernel: await kernel });
    await engine.createGallery('a', 500);
    await engine.addFaces(
      Array.from({ length: FACES }, (_face, i) =>
        testFace(i + 1, {
          galleries: i % 10 === 0 ? ['default', 'a'] : ['default'],
          timestamp: i + 1,
          pictures: i < 2 ? { crop: new Blob([`crop ${i + 1}`], { type: 'image/webp' }) } : {},
        }),
      ),
    );
  });

  afterEach(async () => {
    engine.close();
    const driver = await open();
    await driver.query(`DROP SCHEMA "${schema}" CASCADE`);
    await driver.close();
  });

  test.each([
    ['cut', `${CUT_VECTOR} (1, 7)`],
    ['gone', 'DELETE FROM @vectors WHERE seq IN (1, 7)'],
    ['other bytes', 'UPDATE @vectors SET vector = set_byte(vector, 3, 200) WHERE seq IN (1, 7)'],
  ])('vectors that are %s leave the rest usable', async (_what, change) => {
    await damage(change);
    expect((await engine.usage()).damaged).toEqual({ galleries: 0, faces: 2 });
    expect([await engine.count('default'), (await ids()).length]).toEqual([FACES, FACES]);
    expect((await engine.getFace('default', 'face-7')).meta).toBe('name-7');
    expect((await engine.listFaces('default', { limit: 9, meta: 'name-7' })).records).toHaveLength(1);
    for (const call of [
      engine.getVector('default', 'face-7'),
      engine.replaceFace('default', 'face-7', testFace(99)),
    ])
      await expect(call).rejects.toMatchObject({
        code: 'STORAGE_FAILED',
        message: expect.stringMatching(/face-7.*regenerate/) as string,
      });
    expect([await find(7), await find(8)]).toEqual([undefined, 'face-8']);
    expect(await exported()).toEqual({ lines: FACES - 2, leftOut: { faces: 2, pictures: 0 } });
    // They can be changed, deleted, and enrolled under an id that is free again.
    await engine.updateFace('default', 'face-7', { meta: 'changed' });
    await engine.deleteFaces('default', ['face-7']);
    await engine.addFaces([testFace(7)]);
    expect([await damaged(), await find(7)]).toEqual([1, 'face-7']);
    await reopen();
    expect([await damaged(), await find(7)]).toEqual([1, 'face-7']);
    expect(await engine.clearDamaged()).toEqual({ faces: 1, galleries: 0 });
    expect([await damaged(), await engine.count('default'), await engine.count('a')]).toEqual([0, 39, 3]);
    await reopen();
    expect(await engine.usage()).toMatchObject({ faces: FACES - 1, damaged: { faces: 0 } });
  });

  test('a face without a vector is told though there are as many vectors as faces', async () => {
    const orphan =
      'INSERT INTO @vectors SELECT 5000, vector, model, galleries, facts FROM @vectors WHERE seq = 8';
    await damage('DELETE FROM @vectors WHERE seq IN (2, 7)', true);
    await damage('DELETE FROM @faces WHERE seq = 9', true);
    await damage(orphan, true);
    await damage(orphan.replace('5000', '5001'));
    expect(await damaged()).toBe(2);
    expect((await engine.checkStored()).faces).toBe(3);
    const told = await engine.regenerated.nextStale(OLD, 0, 9);
    expect(told.map(({ id, crop }) => [id, !!crop])).toEqual([
      ['face-2', true],
      ['face-7', false],
    ]);
    expect((await engine.getFace('default', 'face-7')).meta).toBe('name-7');
    expect(await engine.clearDamaged()).toEqual({ faces: 3, galleries: 0 });
    await reopen();
    expect(await engine.usage()).toMatchObject({ faces: FACES - 3, damaged: { faces: 0 } });
  });

  test('another process that looks again at a damaged face keeps it as damaged', async () => {
    await damage(`${CUT_VECTOR} (7)`);
    const other = await GalleryEngine.open(inSql({ open, schema }), { kernel: await kernel });
    await other.updateFace('default', 'face-7', { meta: 'changed' });
    expect((await engine.listFaces('default', { limit: 9, meta: 'changed' })).records).toHaveLength(1);
    expect([await damaged(), (await other.usage()).damaged.faces]).toEqual([1, 1]);
    expect((await engine.regenerated.countStale(OLD)).stale).toBe(1);
    other.close();
  });

  test('faces with crops are made anew, the others cleared away', async () => {
    await damage(`${CUT_VECTOR} (1, 2, 3)`);
    expect(await engine.regenerated.countStale(OLD)).toEqual({ stale: 3, made: 0 });
    const some = await engine.regenerated.nextStale(OLD, 0, 9);
    expect(some.map(({ id, crop, vector }) => [id, !!crop, vector])).toEqual([
      ['face-1', true, undefined],
      ['face-2', true, undefined],
      ['face-3', false, undefined],
    ]);
    await engine.putRegenerated(
      OLD,
      some.slice(0, 2).map(({ seq }) => ({ seq, vector: testVector(seq) })),
    );
    expect(await engine.swapRegenerated(OLD, 'keep')).toEqual({ swapped: 2, deleted: 0 });
    expect([await damaged(), await find(2)]).toEqual([1, 'face-2']);
    expect(await engine.clearDamaged()).toEqual({ faces: 1, galleries: 0 });
    await reopen();
    expect(await engine.usage()).toMatchObject({ faces: FACES - 1, damaged: { faces: 0 } });
    expect(await (await engine.getPicture('default', 'face-2', 'crop'))?.text()).toBe('crop 2');
  });

  test('records that cannot be read, or are gone, are passed over and cleared away', async () => {
    await damage(`${CUT_RECORD} (7, 11)`);
    await damage('DELETE FROM @faces WHERE seq = 13');
    for (let turn = 0; turn < 2; turn++, await reopen()) {
      // Records are looked at when they are asked for, or by a check.
      expect(await damaged()).toBe(0);
      expect((await engine.checkStored()).faces).toBe(3);
      expect(await damaged()).toBe(3);
      expect(await ids()).toHaveLength(FACES - 3);
      expect(await engine.count('default')).toBe(FACES);
    }
    const page = await engine.listFaces('default', { limit: 8 });
    expect([page.records.at(-1)?.id, page.cursor === undefined]).toEqual(['face-9', false]);
    expect(await exported()).toEqual({ lines: FACES - 3, leftOut: { faces: 2, pictures: 0 } });
    expect([await find(7), await find(8)]).toEqual([undefined, 'face-8']);
    await engine.addFaces([testFace(1001)]);
    expect(await engine.clearDamaged()).toEqual({ faces: 3, galleries: 0 });
    expect([await damaged(), await engine.count('default'), await engine.count('a')]).toEqual([0, 38, 3]);
    await reopen();
    expect(await engine.usage()).toMatchObject({ faces: FACES - 2, damaged: { faces: 0 } });
    await engine.addFaces([testFace(7)]);
    expect(await find(7)).toBe('face-7');
  });

  test('a record that is damaged after the opening is told when it is looked at', async () => {
    await damage(`${CUT_RECORD} (7)`, true);
    expect(await damaged()).toBe(0);
    expect(await ids()).toHaveLength(FACES - 1);
    expect(await damaged()).toBe(1);
  });

  test("galleries' damaged rows are made anew of their faces", async () => {
    const stats = () => Promise.all(['default', 'a'].map((name) => engine.stats(name)));
    const before = (await stats()).map(({ faces, bytes }) => ({ faces, bytes }));
    await damage("UPDATE @galleries SET record = '{'");
    expect((await engine.usage()).damaged.galleries).toBe(2);
    expect((await engine.listGalleries()).map(({ name, count, modelId }) => [name, count, modelId])).toEqual([
      ['a', 4, OLD],
      ['default', FACES, OLD],
    ]);
    await expect(engine.createGallery('a', null)).rejects.toMatchObject({ code: 'GALLERY_EXISTS' });
    const face = await engine.getFace('default', 'face-11');
    await engine.updateFace('default', 'face-11', { meta: `x${face.meta}` });
    await engine.updateFace('default', 'face-11', { meta: face.meta });
    expect((await engine.usage()).damaged.galleries).toBe(0);
    expect((await stats()).map(({ faces, bytes }) => ({ faces, bytes }))).toEqual(before);
    await damage("UPDATE @galleries SET record = 'null'");
    expect(await engine.clearDamaged()).toEqual({ faces: 0, galleries: 2 });
    expect((await stats()).map(({ faces, bytes }) => ({ faces, bytes }))).toEqual(before);
  });

  test('a meta is listed though the first face that has it cannot be read', async () => {
    await engine.updateFaces('default', ['face-7', 'face-8', 'face-9'], { meta: 'Ada' });
    await damage(`${CUT_RECORD} (7, 20)`);
    const metas = await engine.metas('default');
    const { count, face } = metas.find(({ meta }) => meta === 'Ada') ?? {};
    expect([count, face?.id]).toEqual([3, 'face-8']);
    expect(metas.map(({ meta }) => meta)).not.toContain('name-20');
    expect((await engine.metas('default', { limit: 1 })).map(({ meta }) => meta)).toEqual(['Ada']);
  });

  test('a gallery goes, one of whose faces cannot be read, and another of its name is empty', async () => {
    await damage(`${CUT_RECORD} (11)`);
    await engine.deleteGallery('a');
    await engine.createGallery('a', null);
    expect([await engine.count('a'), await ids('a')]).toEqual([0, []]);
    await engine.addFaces([testFace(3001, { galleries: ['a'] })]);
    expect(await engine.clearDamaged()).toEqual({ faces: 1, galleries: 0 });
    expect([await engine.count('a'), await ids('a')]).toEqual([1, ['face-3001']]);
  });

  test.each([OLD, NEW])(
    'a face whose record cannot be read stays as damaged, embedded by %s',
    async (model) => {
      await engine.createGallery('b', null);
      await engine.addFaces([testFace(301, { galleries: ['b'] })]);
      await damage(`${CUT_RECORD} (7, 41)`);
      await embedAnew(model);
      const swapped = model === OLD ? 0 : FACES - 1;
      expect(await engine.swapRegenerated(model, 'keep')).toEqual({ swapped, deleted: 0 });
      for (let turn = 0; turn < 2; turn++, await reopen()) {
        expect([(await engine.checkStored()).faces, (await ids()).length]).toEqual([2, FACES - 1]);
        expect(await engine.count('default')).toBe(FACES);
      }
      expect(await engine.regenerated.countStale(model)).toEqual({ stale: 0, made: 0 });
      expect(await find(30, model)).toBe('face-30');
      // Its gallery takes faces of the model all the same.
      await engine.addFaces([testFace(302, { galleries: ['b'], modelId: model })]);
      expect(await engine.clearDamaged()).toEqual({ faces: 2, galleries: 0 });
      expect(await engine.usage()).toMatchObject({ faces: FACES, damaged: { faces: 0 } });
    },
  );

  test.each([
    ['cut', 'UPDATE @fresh SET vector = substr(vector, 1, 8) WHERE seq = 1'],
    ['other bytes', 'UPDATE @fresh SET vector = set_byte(vector, 3, 200) WHERE seq = 1'],
  ])('a new embedding that is %s is made again', async (_what, change) => {
    await embedAnew(NEW);
    await damage(change);
    // A model that has no vectors yet has no length that one could fall short of, but that of unit vectors.
    expect((await engine.regenerated.nextStale(NEW, 0, 9)).map(({ seq }) => seq)).toEqual([1]);
    await expect(engine.swapRegenerated(NEW, 'keep')).rejects.toMatchObject({ code: 'BAD_PARAM' });
    await embedAnew(NEW);
    expect(await engine.swapRegenerated(NEW, 'keep')).toEqual({ swapped: FACES, deleted: 0 });
    expect(await find(1, NEW)).toBe('face-1');
  });

  test('an import gives a face that it brings again its vector', async () => {
    const request = { format: 'jsonl', pictures: false } as const;
    const { signal } = new AbortController();
    const file = await engine.transfer.exportGallery('default', request, { signal });
    await damage(`${CUT_VECTOR} (7)`);
    const how = { ids: 'skip', duplicates: 'add', modelId: OLD } as const;
    await engine.transfer.importGallery('default', file, how, { signal });
    expect(await engine.swapRegenerated(OLD, 'keep')).toEqual({ swapped: 1, deleted: 0 });
    expect([await damaged(), await find(7)]).toEqual([0, 'face-7']);
  });

  test('clearing away is left at a signal, and nothing is gone then', async () => {
    await damage(`${CUT_VECTOR} (7)`);
    const aborter = new AbortController();
    const clearing = engine.clearDamaged(aborter);
    aborter.abort();
    await expect(clearing).rejects.toMatchObject({ code: 'ABORTED' });
    expect([await damaged(), (await ids()).length]).toEqual([1, FACES]);
  });

  test('damaged rows of people, cameras and sightings are passed over and cleared away', async () => {
    await engine.addFaces([101, 102, 103].map((i) => testFace(i, { personId: `p${i}`, meta: `m${i}` })));
    await engine.people.createCamera({ id: 'a' });
    await engine.people.createCamera({ id: 'b' });
    const pictures = { crop: new Blob(['a crop'], { type: 'image/webp' }) };
    await engine.entry.addSightings(
      [1, 2, 3, 4].map((i) => ({ id: `s${i}`, timeMs: i, personId: i < 3 ? 'p101' : 'p102', pictures })),
    );
    await engine.people.notSame('p102', 'p103');
    await damage("UPDATE @persons SET record = '{' WHERE number = 1");
    await damage("UPDATE @cameras SET record = '{}' WHERE id = 'a'");
    await damage("UPDATE @sightings SET record = '' WHERE id = 's1'");
    await damage("UPDATE @steps SET record = '{}'");
    const { people } = engine;
    expect((await people.listPeople({ limit: 9 })).people.map(({ id }) => id)).toEqual(['p102', 'p103']);
    expect((await people.listCameras()).map(({ id }) => id)).toEqual(['b']);
    const told = (await people.searchSightings({ limit: 9 })).sightings;
    expect(told.map(({ id }) => id)).toEqual(['s4', 's3', 's2']);
    expect(await people.undoPeople()).toBeNull();
    // Whoever is made in the place of one that cannot be read is made once.
    await engine.addFaces([testFace(104, { personId: 'p101', meta: 'm101' })]);
    await engine.addFaces([testFace(105, { personId: 'p101', meta: 'm101' })]);
    expect((await people.listPeople({ limit: 9 })).people.map(({ number }) => number)).toEqual([2, 3, 4]);
    expect(await engine.clearDamaged()).toEqual({ faces: 0, galleries: 0 });
    const after = (await people.listPeople({ limit: 9 })).people;
    expect(after.map(({ id, number, faces }) => [id, number, faces])).toEqual([
      ['p102', 2, 1],
      ['p103', 3, 1],
      ['p101', 4, 3],
    ]);
    expect((await engine.usage()).people).toMatchObject({ people: 3, cameras: 1, sightings: 3 });
    for (const { id } of after) await people.deletePerson(id);
    await people.deleteCamera('b');
    await people.deleteSightings(['s2', 's3', 's4']);
    expect((await engine.usage()).people).toEqual({ people: 0, cameras: 0, sightings: 0, bytes: 0 });
  });
});
