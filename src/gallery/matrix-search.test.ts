/** Searches in matrices whose rows are rotated, or whose vectors are in the database alone. */
import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { SecretRotation } from '../core/secret-rotation.ts';
import { compileKernel } from '../search/kernel/kernel.ts';
import { SearchMatrix } from '../search/matrix.ts';
import { scanAnywhere } from './matrix-search.ts';
import type { GalleryDatabase, NearestQuery } from './port.ts';
import { expectVector, testVector } from './test-vector.ts';

const kernel = readFile(new URL('../search/kernel/search-simd.wasm', import.meta.url)).then(compileKernel);

test('probes that are rotated as the rows are find the same in memory and in the database', async () => {
  const rotation = new SecretRotation(new Uint8Array(32).fill(7), 'test', 8);
  const matrix = new SearchMatrix(await kernel, 8, 'float', undefined, rotation);
  for (const seq of [1, 2, 3]) matrix.add(seq, rotation.apply(testVector(seq)), ['default']);
  const asked: NearestQuery[] = [];
  // Those that rotate take probes as they were given, and rotate them.
  const nearest: GalleryDatabase['nearest'] = async (query) => {
    asked.push(query);
    return query.probes.map(() => [{ seq: 2, score: 1 }]);
  };
  const database = { nearest } as GalleryDatabase;
  const place = { matrix, among: { modelId: 'model-8', galleries: ['default'] } };
  const found = async (probe: Float32Array, asRows: boolean): Promise<readonly number[]> => {
    const options = { limit: 1, minScore: 0.99, asRows };
    const rows = matrix.select(['default']);
    const [matches = []] = await scanAnywhere(database, place, rows, [probe], options, undefined);
    return matches.map(({ seq }) => seq);
  };
  const [plain, row] = [testVector(2), rotation.apply(testVector(2))];
  expect([await found(plain, false), await found(row, true)]).toEqual([[2], [2]]);
  expect(await found(row, false)).toEqual([]);
  expect(asked).toEqual([]);
  matrix.dropVectors();
  expect([await found(plain, false), await found(row, true)]).toEqual([[2], [2]]);
  expect(asked).toHaveLength(2);
  for (const { probes } of asked) expectVector(probes[0], plain);
});
