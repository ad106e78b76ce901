import { readFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { undeclaredPackages } from './server.ts';

it('the server’s package names every package that its bundle imports', async () => {
  const manifest = JSON.parse(await readFile('server/package.json', 'utf8')) as {
    dependencies: Record<string, string>;
  };
  expect(await undeclaredPackages(manifest)).toEqual([]);
  const { pino: _, ...fewer } = manifest.dependencies;
  expect(await undeclaredPackages({ dependencies: fewer })).toEqual(['pino']);
});
