import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { cruise, type IConfiguration, type ICruiseResult } from 'dependency-cruiser';
import { expect, test } from 'vitest';

const config = createRequire(import.meta.url)('../../.dependency-cruiser.cjs') as IConfiguration;

/** The names of the rules that forbid one import, among files that are there. */
async function forbidden(from: string, to: string, imported = 'X'): Promise<readonly string[]> {
  const folder = await mkdtemp(join(tmpdir(), 'nearface-layers-'));
  try {
    for (const path of [from, to]) await mkdir(join(folder, dirname(path)), { recursive: true });
    const target = relative(dirname(from), to);
    const specifier = target.startsWith('.') ? target : `./${target}`;
    await writeFile(
      join(folder, from),
      `import { ${imported} } from '${specifier}';\nexport const x = null as unknown as X;\n`,
    );
    await writeFile(join(folder, to), 'export class X {}\n');
    const { tsConfig: _, ...options } = config.options ?? {};
    const { output } = await cruise(['src'], {
      ...options,
      ruleSet: { forbidden: config.forbidden ?? [] },
      validate: true,
      baseDir: folder,
    });
    return [...new Set((output as ICruiseResult).summary.violations.map(({ rule }) => rule.name))];
  } finally {
    await rm(folder, { recursive: true });
  }
}

test.each([
  ['src/video/tracker.ts', 'src/core/types.ts'],
  ['src/video/tracker.ts', 'src/geometry/box.ts'],
  ['src/video/frames.ts', 'src/image/pixels.ts'],
  ['src/rest/router.ts', 'src/core/errors.ts'],
  ['src/gallery/indexeddb/tabs.ts', 'src/platform/browser/locks.ts'],
  ['src/gallery/indexeddb/tabs.ts', 'src/gallery/port.ts'],
  ['src/gallery/memory/tables.ts', 'src/gallery/port.ts'],
])('%s may import %s', async (from, to) => {
  expect(await forbidden(from, to)).toEqual([]);
});

test.each([
  ['src/video/tracker.ts', 'src/worker/client.ts', 'video-imports'],
  ['src/video/tracker.ts', 'src/api/nearface.ts', 'video-imports'],
  ['src/video/frames.ts', 'src/platform/browser/host.ts', 'video-imports'],
  ['src/video/sightings.ts', 'src/gallery/memory/tables.ts', 'video-imports'],
  ['src/video/sightings.ts', 'src/gallery/indexeddb/tabs.ts', 'video-imports'],
  ['src/rest/router.ts', 'src/worker/contract.ts', 'rest-imports'],
  ['src/rest/router.ts', 'src/gallery/port.ts', 'rest-imports'],
  ['src/gallery/memory/tables.ts', 'src/gallery/indexeddb/rows.ts', 'databases-apart'],
  ['src/gallery/indexeddb/rows.ts', 'src/gallery/memory/tables.ts', 'databases-apart'],
  ['src/gallery/sql/rows.ts', 'src/gallery/memory/tables.ts', 'databases-apart'],
  ['src/gallery/indexeddb/migrations/to-5.ts', 'src/core/text-hash.ts', 'migrations-are-frozen'],
  ['src/gallery/indexeddb/migrations/to-5.ts', 'src/gallery/indexeddb/rows.ts', 'migrations-are-frozen'],
  ['src/gallery/gallery-engine.ts', 'src/platform/browser/locks.ts', 'gallery-imports'],
  ['src/gallery/memory/tables.ts', 'src/platform/browser/storage.ts', 'gallery-imports'],
  ['src/gallery/indexeddb/tabs.ts', 'src/platform/browser/host.ts', 'gallery-indexeddb-imports'],
  ['src/core/types.ts', 'src/video/tracker.ts', 'core-imports'],
])('%s may not import %s', async (from, to, rule) => {
  expect(await forbidden(from, to)).toContain(rule);
  expect(await forbidden(from, to, 'type X')).toContain(rule);
});

test('the HTTP interface knows types of the api alone', async () => {
  const [from, to] = ['src/rest/router.ts', 'src/api/nearface.ts'];
  expect(await forbidden(from, to)).toEqual(['rest-knows-types-of-the-api']);
  expect(await forbidden(from, to, 'type X')).toEqual([]);
});
