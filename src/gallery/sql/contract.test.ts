/**
 * The contract of the gallery port, in SQL.
 *
 * @module-tag long
 */
import { PGlite } from '@electric-sql/pglite';
import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { pgliteDriver } from '../../platform/node/pglite.ts';
import { postgresAt } from '../../platform/node/postgres.ts';
import { compileKernel } from '../../search/kernel/kernel.ts';
import { cheapPassphrases } from '../test-passphrases.ts';
import { galleryContract } from '../contract/test-contract.ts';
import type { OpenSql } from './driver.ts';
import { inSchema } from './schema.ts';
import { inSql } from './sql-database.ts';

const kernel = readFile(new URL('../../search/kernel/search-simd.wasm', import.meta.url)).then(compileKernel);

// Each verb is several statements, and laws of many verbs take their time on a busy machine.
vi.setConfig({ testTimeout: 180_000 });

beforeAll(cheapPassphrases);

/** Each database is a schema, as a start of PGlite takes a second. */
const newSchema = (): string => `test ${randomUUID()}`;

/** Candidates that are missing, or too many: there is one for each gallery of each face. */
const OUT_OF_STEP = `SELECT count(*) AS count FROM (SELECT g.gallery, g.seq, v.half FROM @face_galleries g JOIN @vectors v USING (seq)) f
  FULL JOIN @candidates c USING (gallery, seq) WHERE c.half IS DISTINCT FROM f.half OR f.half IS NULL`;

interface Kind {
  readonly candidates?: boolean;
  readonly templateSecret?: string;
}

function contractIn(name: string, opening: (schema: string) => OpenSql, kind: Kind = {}): void {
  const { candidates = false } = kind;
  galleryContract({
    ...{ name, isRotated: kind.templateSecret !== undefined, runs: 5, crowd: 30 },
    kernel: () => kernel,
    place: () => {
      const schema = newSchema();
      const open = opening(schema);
      const drop = async (): Promise<void> => {
        const driver = await open();
        if (candidates) expect(await driver.query(inSchema(schema)(OUT_OF_STEP))).toEqual([{ count: '0' }]);
        await driver.query(`DROP SCHEMA IF EXISTS "${schema}" CASCADE`);
        await driver.close();
      };
      return { open: inSql({ open, schema, ...kind, indexedFaces: 5 }), isKept: true, drop };
    },
  });
}

let shared: Promise<PGlite> | undefined;
const held = new Set<string>();

const inPglite =
  (name: string): OpenSql =>
  async () => {
    const close = async (): Promise<void> => undefined;
    return pgliteDriver(await (shared ??= PGlite.create()), { name, held, close });
  };

const ROTATED: Kind = { templateSecret: 'a secret of the tests' };

contractIn('in PGlite', inPglite);
contractIn('in PGlite, rotated', inPglite, ROTATED);

afterAll(async () => (await shared)?.close());

const url = process.env['DATABASE_URL'];
if (url === undefined)
  describe('the gallery contract, in PostgreSQL', () => {
    test.skip('is held where DATABASE_URL names one');
  });
else {
  contractIn('in PostgreSQL', () => postgresAt(url));
  contractIn('in PostgreSQL, rotated', () => postgresAt(url), ROTATED);
}

// One with pgvector, as `npm run test:pgvector` has it.
const vectorUrl = process.env['PGVECTOR_URL'];
if (vectorUrl === undefined)
  describe('the gallery contract, in PostgreSQL with pgvector', () => {
    test.skip('is held where PGVECTOR_URL names one');
  });
else {
  contractIn('in PostgreSQL with pgvector', () => postgresAt(vectorUrl), { candidates: true });
  contractIn('in PostgreSQL with pgvector, rotated', () => postgresAt(vectorUrl), {
    candidates: true,
    ...ROTATED,
  });
}
