/** Faces that pgvector finds, beside those that memory finds. `npm run test:pgvector` starts such a server; elsewhere it is skipped. */
import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { postgresAt } from '../../platform/node/postgres.ts';
import { compileKernel } from '../../search/kernel/kernel.ts';
import { outcome } from '../contract/test-subject.ts';
import { type EngineOptions, GalleryEngine } from '../gallery-engine.ts';
import type { EngineSearch } from '../searcher.ts';
import { testFace } from '../test-face.ts';
import { testVector } from '../test-vector.ts';
import { halfBytes, halfOf } from './half-vectors.ts';
import { inSql } from './sql-database.ts';

vi.setConfig({ testTimeout: 180_000 });

const kernel = readFile(new URL('../../search/kernel/search-simd.wasm', import.meta.url)).then(compileKernel);

describe('half precision', () => {
  const bitsOf = (value: number): number =>
    halfOf(new Uint32Array(Float32Array.of(value).buffer)[0] as number);

  test.each([
    [0, 0],
    [1, 0x3c00],
    [-2, 0xc000],
    [65504, 0x7bff],
    [2 ** -14, 0x0400],
    [2 ** -24, 0x0001],
    [-(2 ** -24), 0x8001],
    [2 ** -25, 0x0000],
    [1.5 * 2 ** -24, 0x0002],
    [1 + 2 ** -11, 0x3c00],
    [1 + 3 * 2 ** -11, 0x3c02],
    [2 - 2 ** -12, 0x4000],
    [2 ** -14 - 2 ** -26, 0x0400],
    [1e-40, 0],
    [0.1, 0x2e66],
  ])('of %s', (value, bits) => {
    expect(bitsOf(value)).toBe(bits);
  });

  test('a vector is its length and its numbers', () => {
    expect([...halfBytes(Float32Array.of(9, 1, -2).subarray(1))]).toEqual([0, 2, 0, 0, 0x3c, 0, 0xc0, 0]);
  });
});

const url = process.env['PGVECTOR_URL'];
describe.skipIf(url === undefined)('in PostgreSQL with pgvector', () => {
  const FACES = 300;
  const MODEL = 'model-8';
  let schema: string;
  const start = async (candidates: boolean, more: Partial<EngineOptions> = {}): Promise<GalleryEngine> => {
    const open = inSql({ open: postgresAt(url as string), schema, candidates, indexedFaces: 250 });
    return GalleryEngine.open(open, { kernel: await kernel, ...more });
  };
  const drop = async (): Promise<void> => {
    const driver = await postgresAt(url as string)();
    await driver.query(`DROP SCHEMA IF EXISTS "${schema}" CASCADE`);
    await driver.close();
  };
  const faces = Array.from({ length: FACES }, (_, i) =>
    testFace(i + 1, {
      galleries: i % 3 === 0 ? ['default', 'a'] : i % 3 === 1 ? ['a'] : ['default'],
      meta: `m${i % 7}`,
      timestamp: i + 1,
      reliability: (i % 10) / 10,
    }),
  );
  const found = async (
    engine: GalleryEngine,
    gallery: string,
    search: Partial<EngineSearch>,
  ): Promise<readonly (readonly (readonly [string, number])[])[]> => {
    const probes = [3, 50, 5000].map((seed) => testVector(seed));
    const request = { modelId: MODEL, probes, limit: 5, minCosine: -1, ...search };
    const hits = await engine.search(gallery, request);
    return hits.map((some) => some.map(({ record, cosine }) => [record.id, Number(cosine.toFixed(3))]));
  };

  beforeEach(async () => {
    schema = `vec ${randomUUID()}`.slice(0, 16);
    const plain = await start(false);
    await plain.createGallery('a', null);
    await plain.addFaces(faces.slice(0, 200));
    plain.close();
  });
  afterEach(drop);

  test('they are those that memory finds, by gallery, filter and threshold', async () => {
    const memory = await start(false);
    const engine = await start(true, { searchBytes: 0 });
    // Some come, go and change when there are candidates already.
    await engine.addFaces(faces.slice(200));
    await engine.deleteFaces('a', ['face-10', 'face-11']);
    await engine.updateFace(null, 'face-20', { galleries: { set: ['a', 'default'] }, meta: 'm0' });
    await memory.replaceFace(null, 'face-30', testFace(900));
    expect((await engine.stats('default')).code).toBeNull();
    const searches: readonly Partial<EngineSearch>[] = [
      ...[{}, { exact: true }, { limit: 1 }, { limit: 1000 }, { limit: 0 }, { minCosine: 0.5 }],
      ...[{ meta: 'm3' }, { meta: 'none' }, { from: 100, until: 150 }, { meta: 'm0', galleries: ['a'] }],
    ];
    for (const gallery of ['default', 'a'])
      for (const search of searches)
        expect(await found(engine, gallery, search)).toEqual(await found(memory, gallery, search));
    const cluster = { minCosine: 0.7, minSize: 2 };
    const grouped = await engine.cluster('a', cluster);
    expect(grouped).toEqual(await memory.cluster('a', cluster));
    expect((await engine.stats('a', 20)).recall?.probes).toBe(20);
    await engine.deleteGallery('a');
    expect(await found(engine, 'default', {})).toEqual(await found(memory, 'default', {}));
    await engine.eraseAll();
    await engine.addFaces([testFace(1)]);
    expect((await found(engine, 'default', {}))[0]?.[0]?.[0]).toBe('face-1');
    engine.close();
    memory.close();
  });

  test('one process has the vectors in memory, and gives them up when there are too many', async () => {
    const engine = await start(true, { searchBytes: 250 * (8 * 4 + 64) });
    expect((await engine.stats('default')).code).not.toBeNull();
    const before = await found(engine, 'default', {});
    await engine.addFaces(
      Array.from({ length: 800 }, (_, i) => testFace(10_000 + i, { galleries: ['default'], meta: 'x' })),
    );
    expect((await engine.stats('default')).code).toBeNull();
    expect(await found(engine, 'default', { until: 1000 })).toEqual(before);
    engine.close();
  });
});

const plainUrl = process.env['DATABASE_URL'] || undefined;
test.skipIf(plainUrl === undefined)('a server without pgvector is told at the opening', async () => {
  const driver = await postgresAt(plainUrl as string)();
  const [row] = await driver.query(
    "SELECT count(*) AS count FROM pg_available_extensions WHERE name = 'vector'",
  );
  const name = `vec ${randomUUID()}`.slice(0, 16);
  const open = inSql({ open: postgresAt(plainUrl as string), schema: name, candidates: true });
  const opening = GalleryEngine.open(open, { kernel: await kernel, searchBytes: 0 });
  if (Number(row?.count) > 0) expect(await outcome(opening)).toBe('ok');
  else
    await expect(opening).rejects.toMatchObject({
      code: 'BACKEND_UNAVAILABLE',
      message: expect.stringMatching(/pgvector 0.8.0.*leave searchMemoryMB out/) as string,
    });
  await driver.query(`DROP SCHEMA "${name}" CASCADE`);
  await driver.close();
});
