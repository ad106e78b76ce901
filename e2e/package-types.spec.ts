import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from '@playwright/test';
import { copyFixture, execute, installOwn, installPacked, remove, tool } from './consumer.ts';

/** A project that has the package. */
interface Project {
  readonly lib: readonly string[];
  readonly types: readonly string[];
  /** Of `e2e/fixtures/types`. */
  readonly files: readonly string[];
}

const PROJECTS: Readonly<Record<string, Project>> = {
  'a page': {
    lib: ['es2022', 'dom'],
    types: [],
    files: ['consumer.ts', 'page.ts', 'rest.ts', 'service-worker.ts'],
  },
  'a worker': { lib: ['es2022', 'webworker'], types: [], files: ['consumer.ts', 'worker.ts'] },
  Node: { lib: ['es2022'], types: ['node'], files: ['consumer.ts', 'node.ts', 'rest.ts'] },
  'Node and pages': { lib: ['es2022', 'dom'], types: ['node'], files: ['consumer.ts', 'page.ts'] },
};

let folder: string;

test.beforeAll(async () => {
  folder = await installPacked();
  await installOwn(folder, ['@types/node', 'undici-types']);
});
test.afterAll(() => remove(folder));

/** What the compiler says of a project that checks the declarations of its packages, too. */
async function compile({ files, ...kind }: Project, module: string, resolution: string): Promise<string> {
  const app = await copyFixture('types', folder);
  const strict = { strict: true, exactOptionalPropertyTypes: true, skipLibCheck: false };
  const output = { noEmit: true, target: 'es2022', module, moduleResolution: resolution };
  const compilerOptions = { ...strict, ...output, ...kind };
  await writeFile(join(app, 'tsconfig.json'), JSON.stringify({ compilerOptions, files }));
  return execute(app, tool('tsc'), '-p', '.');
}

test('the declarations import nothing', async () => {
  const declarations = await readFile(join(folder, 'node_modules/nearface/dist/nearface.d.ts'), 'utf8');
  expect(declarations).not.toMatch(/^import | from '|import\('/m);
});

for (const [name, project] of Object.entries(PROJECTS))
  test(`the declarations serve ${name}, checked with all the rest`, { tag: '@long' }, async () => {
    expect(await compile(project, 'esnext', 'bundler')).toBe('');
    expect(await compile(project, 'node16', 'node16')).toBe('');
  });
