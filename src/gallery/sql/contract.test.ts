import { PGlite } from '@electric-sql/pglite';
import { readFile } from 'node:fs/promises';
import { afterAll } from 'vitest';
import { pgliteDriver } from '../../platform/node/pglite.ts';
import { compileKernel } from '../../search/kernel/kernel.ts';
import { galleryContract } from '../contract/test-contract.ts';
import { inSql } from './sql-database.ts';

const kernel = readFile(new URL('../../search/kernel/search-simd.wasm', import.meta.url)).then(compileKernel);

/** Each database has a schema in it, as a start takes a second. */
const shared = PGlite.create();
const held = new Set<string>();
let schemas = 0;

afterAll(async () => (await shared).close());

galleryContract({
  name: 'in PGlite',
  kernel: () => kernel,
  place: () => {
    const schema = `test ${++schemas}`;
    return {
      open: inSql({
        open: async () => pgliteDriver(await shared, { name: schema, held, close: async () => undefined }),
        schema,
      }),
      isKept: true,
      drop: async () => void (await (await shared).exec(`DROP SCHEMA IF EXISTS "${schema}" CASCADE`)),
    };
  },
  ...{ runs: 5, crowd: 30 },
});
