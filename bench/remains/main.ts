/**
 * `npm run bench:remains [-- --browsers chromium,firefox --wait 60]`: what can be read in a browser's files after faces were
 * encrypted, deleted or erased. It looks through all files of the profile for the names, ids, vectors and pictures of 300 faces.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { chromiumArgs, findChromium } from '../../tools/chromium.ts';
import { printTable } from '../harness/table.ts';
import { makeSite } from '../harness/site.ts';
import { FACES } from './faces.ts';
import { type Remains, scan } from './scan.ts';

const { values: args } = parseArgs({
  options: {
    browsers: { type: 'string', default: 'chromium,firefox' },
    tasks: { type: 'string', default: 'enrol-encrypted,encrypt,delete,erase-all,erase' },
    /** Seconds that the page stays open after its task. */
    wait: { type: 'string', default: '30' },
  },
});

const SITE = '.cache/bench-remains';

/** What is done with the faces, and how the database is opened when the user comes back. */
const TASKS = [
  ['enrol-encrypted', 'open-encrypted'],
  ['encrypt', 'open-encrypted'],
  ['delete', 'open-plain'],
  ['erase-all', 'open-plain'],
  ['erase', 'open-plain'],
] as const;

/** The command that opens an address in a browser with a profile of its own; nothing if there is no such browser. */
function command(browser: string, profile: string, url: string): readonly string[] | undefined {
  if (browser === 'firefox') {
    const path = process.env['FIREFOX'] ?? '/usr/bin/firefox-esr';
    return existsSync(path) ? [path, '--headless', '--no-remote', '--profile', profile, url] : undefined;
  }
  const path = findChromium();
  return path === undefined
    ? undefined
    : [path, ...chromiumArgs, '--headless=new', `--user-data-dir=${profile}`, url];
}

const TYPES: Readonly<Record<string, string>> = {
  html: 'text/html',
  js: 'text/javascript',
  wasm: 'application/wasm',
};

let told: (what: string) => void = () => undefined;
const server = createServer((request, response) => {
  void (async () => {
    const path = new URL(request.url ?? '/', 'http://localhost').pathname;
    if (path === '/done') {
      let body = '';
      for await (const part of request) body += String(part);
      response.end();
      return told(body);
    }
    const file = path === '/' ? 'index.html' : basename(path);
    const bytes = await readFile(join(SITE, file)).catch(() => undefined);
    response.writeHead(bytes ? 200 : 404, {
      'Content-Type': TYPES[file.split('.').at(-1) ?? ''] ?? 'text/plain',
    });
    response.end(bytes);
  })();
});

/** Runs a task in a browser that is open; answers how to close it. */
async function run(browser: string, profile: string, task: string): Promise<() => Promise<void>> {
  const { port } = server.address() as AddressInfo;
  const [path = '', ...rest] = command(browser, profile, `http://127.0.0.1:${port}/?do=${task}`) ?? [];
  const done = new Promise<string>((resolve) => (told = resolve));
  const child: ChildProcess = spawn(path, rest, { stdio: 'ignore' });
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const outcome = await Promise.race([done, sleep(120_000, 'no answer in two minutes', { ref: false })]);
  if (outcome !== 'done') {
    child.kill('SIGKILL');
    throw new Error(`${browser}, ${task}: ${outcome}`);
  }
  return async () => {
    child.kill('SIGTERM');
    const timer = setTimeout(() => child.kill('SIGKILL'), 20_000);
    await ended;
    clearTimeout(timer);
    await sleep(500);
  };
}

type Row = readonly [browser: string, task: string, when: string, remains: Remains];

async function measure(browser: string, task: string, reopen: string): Promise<readonly Row[]> {
  const profile = await mkdtemp(join(tmpdir(), 'nearface-remains-'));
  const rows: Row[] = [];
  const look = async (when: string): Promise<void> => {
    const remains = await scan(profile);
    console.log(`${browser}, ${task}, ${when}: ${JSON.stringify(remains)}`);
    rows.push([browser, task, when, remains]);
  };
  try {
    if (task !== 'enrol-encrypted') {
      await (
        await run(browser, profile, 'enrol')
      )();
      await look('before');
    }
    const close = await run(browser, profile, task);
    await look('at once');
    await sleep(1000 * Number(args.wait));
    await look(`after ${args.wait} s`);
    await close();
    await look('browser closed');
    const closeAgain = await run(browser, profile, reopen);
    await sleep(5000);
    await closeAgain();
    await look('opened again');
  } finally {
    await rm(profile, { recursive: true, force: true, maxRetries: 5 });
  }
  return rows;
}

await makeSite(SITE, ['bench/remains/page.ts']);
await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
const rows: Row[] = [];
try {
  for (const browser of args.browsers.split(',')) {
    if (!command(browser, '', '')) {
      console.log(`${browser} is not installed`);
      continue;
    }
    for (const [task, reopen] of TASKS.filter(([name]) => args.tasks.split(',').includes(name)))
      rows.push(...(await measure(browser, task, reopen)));
  }
} finally {
  server.close();
  server.closeAllConnections();
}
console.log(`Of ${FACES} faces, so many were found in the files of the browser's profile:`);
printTable(
  ['browser', 'task', 'when', 'ids', 'names', 'vectors', 'pictures'],
  rows.map(([browser, task, when, { ids, names, vectors, pictures }]) => [
    ...[browser, task, when, String(ids), String(names), String(vectors), String(pictures)],
  ]),
);
