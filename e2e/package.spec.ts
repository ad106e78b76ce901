import { cp, mkdir, readdir, readFile, stat, symlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { expect, test } from '@playwright/test';
import { readPage } from '../tools/test/markdown.ts';
import { serve, type ServeOptions, type StaticServer } from '../tools/serve.ts';
import {
  copyFixture,
  execute,
  installPacked,
  outcomeOf,
  photos,
  remove,
  tool,
  type PageOutcome,
} from './consumer.ts';

const FACES_IN_SAMPLE_1 = 3;
const POLICY =
  "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'; connect-src 'self'; img-src 'self' blob: data:";

let folder: string;
let dist: string;
let version: string;
const servers: StaticServer[] = [];

async function start(options: ServeOptions): Promise<string> {
  const server = await serve(options);
  servers.push(server);
  return server.url;
}

/** The pages ask for two threads; they need an isolated page, elsewhere there is one. */
function expectThreads({ threads }: PageOutcome, isolated: boolean): void {
  expect(threads).toBe(isolated ? 2 : 1);
}

test.beforeAll(async () => {
  folder = await installPacked();
  dist = join(folder, 'node_modules/nearface/dist');
  version = (JSON.parse(await readFile(join(dist, '../package.json'), 'utf8')) as { version: string })
    .version;
});

test.afterEach(async () => {
  for (const server of servers.splice(0)) await server.close();
});

test.afterAll(() => remove(folder));

test('a Vite app is built from the package and finds faces', async ({ page }) => {
  const app = await copyFixture('vite-app', folder);
  await execute(app, 'npm', 'exec', '--offline', '--', 'nearface-assets', 'public/nearface');
  await execute(app, tool('vite'), 'build', '--logLevel', 'warn');
  const url = await start({ root: { '/': join(app, 'dist'), '/photos/': photos } });
  expect(await outcomeOf(page, url)).toMatchObject({ faces: FACES_IN_SAMPLE_1, version });
});

test('nearface-assets: without onnxruntime, through links, and refusals of one line', async ({ page }) => {
  const app = await copyFixture('script-tag', folder, { LIBRARY: 'lib' });
  const program = join(folder, 'node_modules/.bin/nearface-assets');
  await mkdir(join(app, 'real'));
  await symlink('real', join(app, 'link'));
  await symlink('nowhere', join(app, 'dangling'));
  await execute(app, program, 'link', '--only', 'wasm');
  const copied = await readdir(join(app, 'real'));
  expect(copied).toContain('models');
  expect(copied).not.toContain('ort');
  for (const folder of ['dangling', 'index.html']) {
    const { message } = await execute(app, program, folder).then(
      () => new Error('it did not fail'),
      (error: unknown) => error as Error,
    );
    expect(message).toMatch(/nearface-assets could not copy to .*/);
    expect(message).not.toMatch(/\n\s+at /);
  }

  await cp(join(dist, 'nearface.iife.js'), join(app, 'real/nearface.iife.js'));
  const root = { '/': app, '/lib/': join(app, 'real'), '/photos/': photos };
  const url = await start({ root });
  expect(await outcomeOf(page, `${url}/`)).toMatchObject({ faces: FACES_IN_SAMPLE_1, version });
  const isolated = await start({ root, isolated: true });
  const outcome = await outcomeOf(page, `${isolated}/`);
  expect(outcome).toMatchObject({ faces: FACES_IN_SAMPLE_1, version });
  expectThreads(outcome, true);
});

test('a plain page finds workers, WASM and models next to the script', async ({ page }) => {
  const app = await copyFixture('script-tag', folder, { LIBRARY: 'lib' });
  const url = await start({ root: { '/': app, '/lib/': dist, '/photos/': photos } });
  expect(await outcomeOf(page, `${url}/`)).toMatchObject({ faces: FACES_IN_SAMPLE_1, version });
});

for (const isolated of [false, true]) {
  test(`the script may come from another origin, page ${isolated ? '' : 'not '}isolated`, async ({
    page,
  }) => {
    const library = await start({ root: dist, cors: true });
    const app = await copyFixture('script-tag', folder, { LIBRARY: library });
    const url = await start({ root: { '/': app, '/photos/': photos }, isolated });
    const outcome = await outcomeOf(page, `${url}/`);
    expect(outcome).toMatchObject({ faces: FACES_IN_SAMPLE_1, version });
    expectThreads(outcome, isolated);
  });
}

for (const isolated of [false, true]) {
  test(`a strict Content-Security-Policy, page ${isolated ? '' : 'not '}isolated`, async ({ page }) => {
    const app = await copyFixture('module', folder);
    const headers = { 'Content-Security-Policy': POLICY };
    const url = await start({ root: { '/': app, '/lib/': dist, '/photos/': photos }, headers, isolated });
    const outcome = await outcomeOf(page, `${url}/`);
    expect(outcome.error).toBeUndefined();
    expect(outcome).toMatchObject({ faces: FACES_IN_SAMPLE_1, found: 'first', violations: [] });
    expectThreads(outcome, isolated);
  });
}

test('a page’s service worker hands its requests to it, with the package as it is', async ({ page }) => {
  const app = await copyFixture('service-worker', folder, {
    ...{ "'nearface'": "'/lib/nearface.js'", "'nearface/rest'": "'/lib/rest.js'" },
    ...{ "'nearface/service-worker'": "'/lib/service-worker.js'", WORKER_TYPE: 'module', ASSETS: '/lib/' },
  });
  const url = await start({ root: { '/': app, '/lib/': dist, '/photos/': photos } });
  const outcome = await outcomeOf(page, `${url}/index.html`);
  expect(outcome).toEqual({ faces: FACES_IN_SAMPLE_1, version });
});

test('the same, the page built by Vite and its service worker into one script by esbuild', async ({
  page,
}) => {
  const replaced = { WORKER_TYPE: 'classic', ASSETS: '/nearface/' };
  const app = await copyFixture('service-worker', folder, replaced);
  await execute(app, tool('vite'), 'build', '--logLevel', 'warn');
  await execute(app, tool('esbuild'), 'sw.js', '--bundle', '--format=iife', '--outfile=dist/sw.js');
  const root = { '/': join(app, 'dist'), '/nearface/': dist, '/photos/': photos };
  const outcome = await outcomeOf(page, `${await start({ root })}/index.html`);
  expect(outcome).toEqual({ faces: FACES_IN_SAMPLE_1, version });
});

test('the policy of the test does forbid what it should', async ({ page }) => {
  const app = await copyFixture('script-tag', folder, { LIBRARY: 'lib' });
  const headers = { 'Content-Security-Policy': POLICY.replace(" 'wasm-unsafe-eval'", '') };
  const url = await start({ root: { '/': app, '/lib/': dist, '/photos/': photos }, headers });
  expect((await outcomeOf(page, `${url}/`)).error).toMatch(/^BACKEND_UNAVAILABLE|^MODEL_LOAD_FAILED/);
});

test('requests go to the own assets alone', async ({ page }) => {
  const app = await copyFixture('module', folder);
  const url = await start({ root: { '/': app, '/lib/': dist, '/photos/': photos } });
  const requests: string[] = [];
  page.context().on('request', (request) => requests.push(request.url()));
  await outcomeOf(page, `${url}/`);
  const elsewhere = requests.filter((request) => !request.startsWith(url) && !/^(blob|data):/.test(request));
  expect(elsewhere).toEqual([]);
  expect(requests.some((request) => request.endsWith('.onnx'))).toBe(true);
});

test('links of every page in the package lead to a page or file in it', async () => {
  const root = join(dist, '..');
  const pages = (await readdir(root, { recursive: true })).filter((path) => path.endsWith('.md'));
  expect(pages).toEqual(expect.arrayContaining(['README.md', 'docs/node.md', 'models/README.md']));
  const lost: string[] = [];
  for (const path of pages) {
    const { links } = readPage(await readFile(join(root, path), 'utf8'));
    for (const { target, line } of links) {
      const [to = ''] = target.split('#');
      if (to === '' || /^[a-z][a-z0-9+.-]*:/i.test(to)) continue;
      const isThere = await stat(join(root, dirname(path), decodeURI(to))).then(
        () => true,
        () => false,
      );
      if (!isThere) lost.push(`${path}:${line}: ${target}`);
    }
  }
  expect(lost).toEqual([]);
});

test('importing the package in Node reads, adds and changes no global', async () => {
  const app = await copyFixture('types', folder);
  const { exported, read, changed } = JSON.parse(await execute(app, process.execPath, 'import.mjs')) as {
    exported: string[];
    read: string[];
    changed: string[];
  };
  expect(exported).toEqual(expect.arrayContaining(['NearFace', 'NearFaceError', 'VERSION']));
  expect({ read, changed }).toEqual({ read: [], changed: [] });
});
