/** What databases of SQL hold besides the contract: folders, other processes, and what dead ones have left. */
import { PGlite } from '@electric-sql/pglite';
import { randomUUID } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test, vi } from 'vitest';
import { loadPackage } from '../../platform/node/load-package.ts';
import { pgliteDriver, pgliteIn } from '../../platform/node/pglite.ts';
import { postgresAt } from '../../platform/node/postgres.ts';
import { compileKernel } from '../../search/kernel/kernel.ts';
import { lossyProxy } from '../../../tools/postgres/lossy-proxy.ts';
import { outcome, prepared } from '../contract/test-subject.ts';
import { isSameVector } from '../face-rules.ts';
import { expectVector } from '../test-vector.ts';
import { vectorOf } from './columns.ts';
import { Mirror } from '../mirror.ts';
import type { GalleryDatabase } from '../port.ts';
import type { OpenSql, SqlDriver, SqlSession } from './driver.ts';
import { inSql } from './sql-database.ts';

vi.setConfig({ testTimeout: 180_000 });

const kernel = readFile(new URL('../../search/kernel/search-simd.wasm', import.meta.url)).then(compileKernel);
const shared = PGlite.create();
const held = new Set<string>();

afterAll(async () => (await shared).close());

const connect: OpenSql = async () =>
  pgliteDriver(await shared, { name: 'shared', held, close: async () => undefined });

async function openAs(
  open: OpenSql,
  schema: string,
  templateSecret?: string,
): Promise<{ database: GalleryDatabase; mirror: Mirror }> {
  const mirror = new Mirror({ kernel: await kernel });
  return { mirror, database: await inSql({ open, schema, templateSecret })(mirror, {}) };
}

test('a folder keeps everything', { tags: 'long' }, async () => {
  const folder = await mkdtemp(join(tmpdir(), 'nearface-'));
  try {
    let driver: SqlDriver | undefined;
    const open: OpenSql = async () => (driver = await pgliteIn(folder)());
    const first = await openAs(open, 'nearface');
    expect((await first.database.usage()).kind).toBe('pglite');
    expect(await outcome(openAs(pgliteIn(folder), 'nearface'))).toBe('STORAGE_FAILED');
    await first.database.addFaces([prepared(1), prepared(2)]);
    await first.database.deleteFaces('default', ['face-2']);
    first.database.close();
    await first.database.catchUp().catch(() => undefined);
    await driver?.close();
    const again = await openAs(open, 'nearface');
    expect(again.mirror.get('model-8')?.size).toBe(1);
    expect(await again.database.readVector('default', 'face-1')).toEqual(prepared(1).vector);
    // No number is given again.
    expect((await again.database.addFaces([prepared(3)]))[0]?.seq).toBe(3);
    again.database.close();
    await driver?.close();
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});

test('what one process writes another takes in without being asked', async () => {
  const [one, other] = [await openAs(connect, 'told'), await openAs(connect, 'told')];
  await one.database.addFaces([prepared(1), prepared(2)]);
  await vi.waitFor(() => expect(other.mirror.get('model-8')?.size).toBe(2), { timeout: 10_000 });
  await one.database.deleteFaces('default', ['face-1']);
  await vi.waitFor(() => expect(other.mirror.get('model-8')?.size).toBe(1), { timeout: 10_000 });
  one.database.close();
  other.database.close();
});

test('an import whose process has died is taken back by whoever opens the database next', async () => {
  const one = await openAs(connect, 'dead');
  const never = new AbortController().signal;
  const left = new Promise<void>((begun) => {
    void one.database.importInto(
      'default',
      async ({ store }) => {
        await store([prepared(1), prepared(2)]);
        begun();
        await new Promise(() => undefined);
      },
      never,
    );
  });
  await left;
  const beside = await openAs(connect, 'dead');
  expect(await outcome(beside.database.addFaces([prepared(1)]))).toBe('FACE_EXISTS');
  one.database.close();
  beside.database.close();
  // A process that dies gives back its locks.
  held.clear();
  const next = await openAs(connect, 'dead');
  expect(next.mirror.get('model-8')).toBeUndefined();
  expect(await outcome(next.database.addFaces([prepared(1)]))).toBe('ok');
  next.database.close();
});

test('a verb whose commit fails leaves the memory as it was', async () => {
  let isBroken = false;
  const open: OpenSql = async () => {
    const driver = await connect();
    const transaction: SqlDriver['transaction'] = (mode, work) =>
      driver.transaction(mode, async (session: SqlSession) => {
        const value = await work(session);
        if (isBroken) throw Object.assign(new Error('disk full'), { code: '53100' });
        return value;
      });
    return { ...driver, transaction };
  };
  const { database, mirror } = await openAs(open, 'broken');
  await database.addFaces([prepared(1)]);
  isBroken = true;
  expect(await outcome(database.addFaces([prepared(2)]))).toBe('STORAGE_FULL');
  expect(await outcome(database.eraseAll())).toBe('STORAGE_FULL');
  isBroken = false;
  expect(mirror.get('model-8')?.size).toBe(1);
  expect((await database.addFaces([prepared(2)]))[0]?.seq).toBe(2);
  expect(mirror.get('model-8')?.size).toBe(2);
  database.close();
});

test('texts that PostgreSQL has no room for come back as they were', async () => {
  const { database } = await openAs(connect, 'texts');
  const metas = ['a\0b', '\ud800', '"\\', 'Ünï 𝕊', ''];
  await database.addFaces(metas.map((meta, i) => prepared(i, { meta, id: `${meta}${i}`, cameraId: meta })));
  for (const [i, meta] of metas.entries()) {
    const { records } = await database.listFaces('default', { limit: 9, meta, cameraId: meta });
    expect(records.map(({ id }) => id)).toEqual([`${meta}${i}`]);
  }
  expect((await database.listMetas('default')).map(({ meta }) => meta)).toEqual(metas.toSorted());
  database.close();
});

test('a process that knows of changes which the database never had reads everything again', async () => {
  // As after a standby was promoted that lacked the last ones.
  const one = await openAs(connect, 'apart');
  await one.database.addFaces([prepared(1)]);
  const driver = await connect();
  const tables = ['meta', 'changes', 'faces', 'vectors', 'face_galleries', 'galleries'];
  const each = async (work: (table: string) => string): Promise<void> => {
    for (const table of tables) await driver.query(work(table));
  };
  await each((table) => `CREATE TABLE apart."${table} then" AS TABLE apart."${table}"`);
  await one.database.addFaces([prepared(2), prepared(3)]);
  await each((table) => `DELETE FROM apart."${table}"`);
  await each((table) => `INSERT INTO apart."${table}" SELECT * FROM apart."${table} then"`);
  await one.database.catchUp();
  expect([one.mirror.get('model-8')?.size, one.mirror.has('model-8', 2)]).toEqual([1, false]);
  await one.database.addFaces([prepared(2)]);
  // The same revision as before, and another change.
  await each((table) => `DELETE FROM apart."${table}"`);
  await each((table) => `INSERT INTO apart."${table}" SELECT * FROM apart."${table} then"`);
  const other = await openAs(connect, 'apart');
  await other.database.addFaces([prepared(4)]);
  await one.database.catchUp();
  const [vector] = [await one.database.readVector('default', 'face-4')];
  expect(vector).toEqual(prepared(4).vector);
  expect(one.mirror.get('model-8')?.vectorsOf([2])?.get(2)).toEqual(prepared(4).vector);
  one.database.close();
  other.database.close();
});

test('a database of version 3 is brought up to the present one, and has then what it would have had', async () => {
  const first = await openAs(connect, 'third');
  const others = { personId: 'p', cameraId: 'c\0', photoHash: 'f'.repeat(64), expiresAt: 4e12 };
  await first.database.createGallery('a_b', null);
  await first.database.addFaces([
    prepared(1),
    prepared(2, { ...others, meta: 'Ünï \ud800', galleries: ['default', 'a_b'], reliability: 0.25 }),
    prepared(3),
    prepared(4),
  ]);
  await first.database.updateFaces('default', ['face-3'], { personId: 'q', galleries: { add: ['a_b'] } });
  first.database.close();
  const driver = await connect();
  const beside = () => driver.query('SELECT seq, model, galleries, facts FROM third.vectors ORDER BY seq');
  const before = await beside();
  await driver.query('ALTER TABLE third.vectors DROP COLUMN model, DROP COLUMN galleries, DROP COLUMN facts');
  await driver.query('DELETE FROM third.migrations WHERE step > 3');
  await driver.query('UPDATE third.faces SET record = left(record, 20) WHERE seq = 4');
  const { database, mirror } = await openAs(connect, 'third');
  const none = { seq: 4, model: null, galleries: null, facts: null };
  expect(await beside()).toEqual([...before.slice(0, 3), none]);
  expect(mirror.get('model-8')?.size).toBe(3);
  expect((await database.usage()).damaged.faces).toBe(1);
  expect(mirror.lookup.nextExpiry).toBe(4e12);
  expect([...mirror.lookup.inGallery('a_b')]).toEqual([2, 3]);
  expect((await database.listFaces('default', { limit: 9, cameraId: 'c\0' })).records).toHaveLength(1);
  database.close();
});

test('a database of a later version is left as it is', async () => {
  (await openAs(connect, 'later')).database.close();
  const driver = await connect();
  await driver.query('INSERT INTO later.migrations VALUES (1000)');
  await expect(openAs(connect, 'later')).rejects.toMatchObject({
    code: 'STORAGE_FAILED',
    message: expect.stringContaining('later version') as string,
  });
});

const url = process.env['DATABASE_URL'];
test.skipIf(url === undefined)(
  'of PostgreSQL, another process takes in within a second what it was not told of',
  async () => {
    const given = new URL(url as string);
    const proxy = await lossyProxy(given.hostname, Number(given.port || 5432));
    const deaf = new URL(given);
    deaf.host = `127.0.0.1:${proxy.port}`;
    const schema = `deaf ${randomUUID()}`.slice(0, 16);
    const one = await openAs(postgresAt(given.href), schema);
    const other = await openAs(postgresAt(deaf.href), schema);
    const size = (): number | undefined => other.mirror.get('model-8')?.size;
    await one.database.addFaces([prepared(1), prepared(2)]);
    await vi.waitFor(() => expect(size()).toBe(2), { timeout: 1000, interval: 20 });
    await one.database.deleteFaces('default', ['face-1']);
    await vi.waitFor(() => expect(size()).toBe(1), { timeout: 1000, interval: 20 });
    expect(proxy.lost).toBeGreaterThan(0);
    one.database.close();
    other.database.close();
    proxy.close();
    const driver = await postgresAt(given.href)();
    await driver.query(`DROP SCHEMA "${schema}" CASCADE`);
    await driver.close();
  },
);

test('a package that is not there is named', async () => {
  const loading = loadPackage('nearface-no-such-package', 'A database');
  await expect(loading).rejects.toMatchObject({
    code: 'BACKEND_UNAVAILABLE',
    message: expect.stringContaining('npm install nearface-no-such-package') as string,
  });
});

test('with a secret vectors lie rotated, and nobody without it reads or writes any', async () => {
  const [schema, secret] = [`test ${randomUUID()}`, 'a secret of the tests'];
  // It was open before there was a secret.
  const plain = await openAs(connect, schema);
  const first = await openAs(connect, schema, secret);
  const faces = [1, 2, 3].map((seed) => prepared(seed));
  const added = await first.database.addFaces(faces);
  for (const call of [plain.database.addFaces([prepared(4)]), plain.database.readVector('default', 'face-1')])
    await expect(call).rejects.toMatchObject({
      code: 'LOCKED',
      message: expect.stringContaining('templateSecret') as string,
    });
  expectVector(await first.database.readVector('default', 'face-1'), faces[0]?.vector);
  const driver = await connect();
  // By a fifth step versions that know four know that they cannot read it.
  const steps = await driver.query(`SELECT step FROM "${schema}".migrations ORDER BY step`);
  expect(steps.map(({ step }) => step)).toEqual([1, 2, 3, 4, 5]);
  const rows = await driver.query(`SELECT vector FROM "${schema}".vectors ORDER BY seq`);
  for (const [i, { vector }] of rows.entries())
    expect(isSameVector(vectorOf(vector), faces[i]?.vector as Float32Array)).toBe(false);
  for (const wrong of [undefined, 'another secret of the tests'])
    await expect(openAs(connect, schema, wrong)).rejects.toMatchObject({ code: 'LOCKED' });
  // All of it goes, and the secret stays.
  const again = await openAs(connect, schema, secret);
  const probe = faces[1]?.vector as Float32Array;
  const matrix = again.mirror.get('model-8');
  const found = await matrix?.scan(
    matrix.select(['default']),
    [probe],
    { limit: 1, minScore: 0.9 },
    (scan) => {
      while (!scan.run(16));
      return scan.results();
    },
  );
  expect(found?.[0]?.[0]?.seq).toBe(added[1]?.seq);
  await again.database.eraseAll();
  await expect(openAs(connect, schema)).rejects.toMatchObject({ code: 'LOCKED' });
  for (const { database } of [plain, first, again]) database.close();
});

test('one that was made anew says so, and not that a secret is missing', async () => {
  const [schema, secret] = [`test ${randomUUID()}`, 'a secret of the tests'];
  const first = await openAs(connect, schema, secret);
  const driver = await connect();
  await driver.query(`DROP SCHEMA "${schema}" CASCADE`);
  const second = await openAs(connect, schema);
  await expect(first.database.addFaces([prepared(1)])).rejects.toMatchObject({
    code: 'LOCKED',
    message: expect.stringContaining('create NearFace again') as string,
  });
  for (const { database } of [first, second]) database.close();
});

test('a database with vectors takes no secret, and an emptied one does', async () => {
  const [schema, secret] = [`test ${randomUUID()}`, 'a secret of the tests'];
  const first = await openAs(connect, schema);
  await first.database.addFaces([prepared(1)]);
  await expect(openAs(connect, schema, secret)).rejects.toMatchObject({
    code: 'BAD_PARAM',
    details: { param: 'options.database.templateSecret' },
  });
  expect(await first.database.readVector('default', 'face-1')).toEqual(prepared(1).vector);
  await first.database.deleteFaces(null, ['face-1']);
  const second = await openAs(connect, schema, secret);
  await second.database.addFaces([prepared(1)]);
  expectVector(await second.database.readVector('default', 'face-1'), prepared(1).vector);
  for (const { database } of [first, second]) database.close();
});
