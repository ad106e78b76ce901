import { mkdtemp, rm, writeFile, mkdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { checkSite } from './check-site.ts';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'site-'));
});

afterEach(() => rm(folder, { recursive: true, force: true }));

async function site(files: Readonly<Record<string, string>>): Promise<readonly string[]> {
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), text);
  }
  return checkSite(folder, '/base/');
}

test('links to pages, folders, anchors and files that are there are none to complain of', async () => {
  const problems = await site({
    'index.html':
      '<a href="/base/docs/a.html#way-in">a</a><a href="docs/">b</a><a href="https://example.org/">c</a>',
    'docs/index.html':
      '<a href="../index.html">home</a><img src="/base/p.svg"><a href="#here">x</a><h2 id="here">',
    'docs/a.html': '<h2 id="way-in" tabindex="-1"></h2><a href="./?q=1&amp;r=2#here">b</a>',
    'p.svg': '<svg/>',
  });
  expect(problems).toEqual([]);
});

test('a page, an anchor and a path that are not there are told, with the page that links to them', async () => {
  const problems = await site({
    'index.html': '<a href="gone.html">a</a><a href="a.html#gone">b</a><a href="/elsewhere/a.html">c</a>',
    'a.html': '<h2 id="there"></h2><p name="there-too"></p>',
  });
  expect(problems).toEqual([
    'index.html: gone.html leads nowhere: there is no gone.html',
    'index.html: a.html#gone leads nowhere: a.html has no such anchor',
    'index.html: /elsewhere/a.html is not below /base/',
  ]);
});

test('what would be fetched from another host is told', async () => {
  const problems = await site({
    'index.html': '<link rel="stylesheet" href="https://fonts.example/a.css"><img src="//cdn.example/a.png">',
    'a.css': '@import "https://fonts.example/b.css"; p { background: url(./own.png) }',
  });
  expect(problems).toEqual([
    'a.css fetches https://fonts.example/b.css',
    'index.html fetches https://fonts.example/a.css',
    'index.html fetches //cdn.example/a.png',
  ]);
});
