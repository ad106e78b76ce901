/** Jobs that several processes over one database could work at. */
import { PGlite } from '@electric-sql/pglite';
import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { GalleryEngine } from '../gallery/gallery-engine.ts';
import type { OpenSql } from '../gallery/sql/driver.ts';
import { inSql } from '../gallery/sql/sql-database.ts';
import { processLocks } from '../platform/node/locks.ts';
import { pgliteDriver } from '../platform/node/pglite.ts';
import { postgresAt } from '../platform/node/postgres.ts';
import { compileKernel } from '../search/kernel/kernel.ts';
import { JobRuns } from './job-facts.ts';
import type { Session } from './session.ts';

vi.setConfig({ testTimeout: 180_000, hookTimeout: 180_000 });

const kernel = readFile(new URL('../search/kernel/search-simd.wasm', import.meta.url)).then(compileKernel);
const schema = `locks ${randomUUID()}`.slice(0, 16);

let shared: Promise<PGlite> | undefined;
const held = new Set<string>();
const close = async (): Promise<void> => undefined;
const inPglite: OpenSql = async () =>
  pgliteDriver(await (shared ??= PGlite.create()), { name: 'shared', held, close });
afterAll(async () => (await shared)?.close());

const url = process.env['DATABASE_URL'];
const places: readonly (readonly [string, OpenSql])[] = [
  ['in PGlite', inPglite],
  ...(url === undefined ? [] : [['in PostgreSQL', postgresAt(url)] as const]),
];

/** As a process of its own has it: with locks of its own. */
async function newProcess(
  open: OpenSql,
): Promise<{ readonly engine: GalleryEngine; readonly runs: JobRuns }> {
  const engine = await GalleryEngine.open(inSql({ open, schema }), { kernel: await kernel });
  const ask = (name: 'takeJob' | 'leaveJob' | 'isJobTaken', [id]: [string]): Promise<unknown> =>
    engine.jobs[name](id);
  const session = { gallery: { ask }, host: { locks: processLocks() } } as unknown as Session;
  return { engine, runs: new JobRuns(session) };
}

describe.each(places)('%s', (_, open) => {
  test('a job is worked at by one of two, and by the other one when that has ended', async () => {
    const [one, other] = [await newProcess(open), await newProcess(open)];
    let end: () => void = () => undefined;
    const begun = new Promise<void>((started) => {
      void one.runs.run('job', undefined, async () => {
        started();
        await new Promise<void>((resolve) => (end = resolve));
      });
    });
    await begun;
    expect([await other.runs.isAtWork('job'), await other.runs.isAtWork('another')]).toEqual([true, false]);
    const refused = other.runs.run('job', undefined, async () => 'done twice');
    await expect(refused).rejects.toMatchObject({ code: 'BAD_PARAM', details: { param: 'id' } });
    // Whoever is refused, or fails, leaves nothing behind.
    const failing = other.runs.run('another', undefined, () => Promise.reject(new Error('no')));
    await expect(failing).rejects.toThrow('no');
    expect(await one.runs.run('another', undefined, async () => 'done')).toBe('done');
    end();
    await vi.waitFor(async () => expect(await other.runs.isAtWork('job')).toBe(false));
    expect(await other.runs.run('job', undefined, async () => 'done')).toBe('done');
    one.engine.close();
    other.engine.close();
  });
});

describe.skipIf(url === undefined)('of another process', () => {
  let engine: GalleryEngine;
  beforeAll(async () => {
    ({ engine } = await newProcess(postgresAt(url as string)));
  });
  afterAll(async () => {
    engine.close();
    const driver = await postgresAt(url as string)();
    await driver.query(`DROP SCHEMA "${schema}" CASCADE`);
    await driver.close();
  });

  test('a job is free again when that is killed', async () => {
    const at = (path: string): string => JSON.stringify(new URL(path, import.meta.url).href);
    const script = `
      const { inSql } = await import(${at('../gallery/sql/sql-database.ts')});
      const { postgresAt } = await import(${at('../platform/node/postgres.ts')});
      const { Mirror } = await import(${at('../gallery/mirror.ts')});
      const open = postgresAt(process.argv[1]);
      const database = await inSql({ open, schema: process.argv[2] })(new Mirror({ kernel: undefined }), {});
      process.stdout.write(String(await database.jobs.takeJob('job')));
      setInterval(() => undefined, 1000);`;
    const args = ['--import', 'tsx', '--input-type=module', '-e', script, url as string, schema];
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
    const [said] = (await once(child.stdout, 'data')) as [Buffer];
    expect(String(said)).toBe('true');
    expect([await engine.jobs.isJobTaken('job'), await engine.jobs.takeJob('job')]).toEqual([true, false]);
    child.kill('SIGKILL');
    await vi.waitFor(async () => expect(await engine.jobs.takeJob('job')).toBe(true), { timeout: 10_000 });
    await engine.jobs.leaveJob('job');
    expect(await engine.jobs.isJobTaken('job')).toBe(false);
  });
});
