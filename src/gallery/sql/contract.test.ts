/**
 * The contract of the gallery port, in SQL.
 *
 * @module-tag long
 */
import { PGlite } from '@electric-sql/pglite';
import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { afterAll, describe, test, vi } from 'vitest';
import { pgliteDriver } from '../../platform/node/pglite.ts';
import { postgresAt } from '../../platform/node/postgres.ts';
import { compileKernel } from '../../search/kernel/kernel.ts';
import { galleryContract } from '../contract/test-contract.ts';
import type { OpenSql } from './driver.ts';
import { inSql } from './sql-database.ts';

const kernel = readFile(new URL('../../search/kernel/search-simd.wasm', import.meta.url)).then(compileKernel);

// Each verb is several statements, and laws of many verbs take their time on a busy machine.
vi.setConfig({ testTimeout: 180_000 });

/** Each database is a schema, as a start of PGlite takes a second. */
const newSchema = (): string => `test ${randomUUID()}`;

function contractIn(name: string, opening: (schema: string) => OpenSql): void {
  galleryContract({
    ...{ name, runs: 5, crowd: 30 },
    kernel: () => kernel,
    place: () => {
      const schema = newSchema();
      const open = opening(schema);
      const drop = async (): Promise<void> => {
        const driver = await open();
        await driver.query(`DROP SCHEMA IF EXISTS "${schema}" CASCADE`);
        await driver.close();
      };
      return { open: inSql({ open, schema }), isKept: true, drop };
    },
  });
}

let shared: Promise<PGlite> | undefined;
const held = new Set<string>();

contractIn('in PGlite', (name) => async () => {
  const close = async (): Promise<void> => undefined;
  return pgliteDriver(await (shared ??= PGlite.create()), { name, held, close });
});

afterAll(async () => (await shared)?.close());

const url = process.env['DATABASE_URL'];
if (url === undefined)
  describe('the gallery contract, in PostgreSQL', () => {
    test.skip('is held where DATABASE_URL names one');
  });
else contractIn('in PostgreSQL', () => postgresAt(url));
