/**
 * `npm run bench:search [-- --rows 100000 --dimension 192 --rounds 60 --graph-rows 5000 --no-store]`: exact search on one
 * thread against the machine's memory read speed, a plain loop and the vector searches on npm.
 */
import { build } from 'esbuild';
import { copyFile, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { Page } from 'playwright';
import { buildKernel, compileAssembly } from '../build/kernel.ts';
import { serve } from '../serve.ts';
import { bar, launchChromium, median, packageVersion, printTable, writeResults } from './harness.ts';
import type { Contender, SearchBenchOptions, SearchBenchResults } from './search/page.ts';
import type { OpenFigures } from './search/store-page.ts';

const SITE = '.cache/bench-search';
const SOURCES = 'tools/bench/search';
const READERS = ['read1', 'read4', 'read8'];

const { values: args } = parseArgs({
  options: {
    rows: { type: 'string', default: '100000' },
    dimension: { type: 'string', default: '192' },
    rounds: { type: 'string', default: '60' },
    'graph-rows': { type: 'string', default: '5000' },
    'no-store': { type: 'boolean', default: false },
  },
});
const [rows, dimension, rounds] = [Number(args.rows), Number(args.dimension), Number(args.rounds)];
const graphRows = Number(args['graph-rows']);

async function makeSite(): Promise<void> {
  await mkdir(SITE, { recursive: true });
  await build({
    entryPoints: ['page.ts', 'store-page.ts', 'store-worker.ts'].map((name) => join(SOURCES, name)),
    outdir: SITE,
    bundle: true,
    format: 'esm',
    target: 'es2022',
    logLevel: 'warning',
  });
  await copyFile(await buildKernel(), join(SITE, 'search-kernel.wasm'));
  await writeFile(join(SITE, 'read.wasm'), await compileAssembly(join(SOURCES, 'assembly/read.ts')));
  const scripts = ['page.js', 'store-page.js'].map(
    (name) => `<script type="module" src="/${name}"></script>`,
  );
  await writeFile(
    join(SITE, 'index.html'),
    `<!doctype html><link rel="icon" href="data:,"><title>bench</title>${scripts.join('')}`,
  );
}

function runInPage(page: Page, options: SearchBenchOptions): Promise<SearchBenchResults> {
  return page.evaluate((given) => {
    const { runSearchBench } = globalThis as unknown as {
      runSearchBench(options: SearchBenchOptions, say: (text: string) => void): Promise<SearchBenchResults>;
    };
    return runSearchBench(given, (text) => console.log(text));
  }, options);
}

function runStore(page: Page): Promise<{ fillMs: number; open: OpenFigures }> {
  return page.evaluate(
    async (given) => {
      const { fillStore, openStore } = globalThis as unknown as {
        fillStore(rows: number, dimension: number): Promise<number>;
        openStore(rows: number, dimension: number, searches: number): Promise<OpenFigures>;
      };
      const fillMs = await fillStore(given.rows, given.dimension);
      return { fillMs, open: await openStore(given.rows, given.dimension, 40) };
    },
    { rows, dimension },
  );
}

function report(size: number, contenders: readonly Contender[]): { name: string; medianMs: number }[] {
  const bytes = size * dimension * 4;
  const timed = contenders.map((contender) => ({ ...contender, medianMs: median(contender.ms) }));
  const ours = timed.find(({ name }) => name === 'nearface')?.medianMs ?? NaN;
  console.log(`\n${size} × ${dimension} float32, one thread, median of ${rounds} alternating rounds\n`);
  printTable(
    ['', 'ms per query', 'fastest', 'GB/s', 'times nearface', 'recall@1', 'build s'],
    timed.map(({ name, ms, medianMs, buildMs, recall }) => [
      name,
      medianMs,
      Math.min(...ms),
      name.includes('HNSW') ? undefined : bytes / medianMs / 1e6,
      medianMs / ours,
      recall,
      buildMs === undefined ? undefined : buildMs / 1000,
    ]),
  );
  return timed.map(({ ms, ...rest }) => ({ ...rest, fastestMs: Math.min(...ms) }));
}

/** How much of the fastest reader's speed the search reaches. */
function shareOfReadSpeed(timed: readonly { name: string; medianMs: number }[]): number {
  const readMs = Math.min(
    ...timed.filter(({ name }) => READERS.includes(name)).map(({ medianMs }) => medianMs),
  );
  return readMs / (timed.find(({ name }) => name === 'nearface')?.medianMs ?? NaN);
}

function reportStore({ fillMs, open }: { fillMs: number; open: OpenFigures }): void {
  console.log(`\n${open.faces} faces in the real store, behind its worker\n`);
  printTable(
    ['', 'ms'],
    [
      ['enrol all, 2,000 at a time', fillMs],
      ['open', open.openMs],
      ['longest stall of the page while nothing is asked', open.idleStallMs],
      ['longest stall of the page while it opens', open.openStallMs],
      ['search, from the page and back with 5 records', median(open.searchMs)],
      ['the same, 8 probes in one call, per probe', open.batchSearchMs],
      ['longest stall of the page while it searches', open.searchStallMs],
      ['enrol one', median(open.addMs)],
      ['list a page of 100', open.pageMs],
      ['all metas with counts', open.metasMs],
    ],
  );
}

await makeSite();
const server = await serve({ root: { '/': SITE, '/peers/': 'node_modules' } });
const browser = await launchChromium();
try {
  const page = await browser.newPage();
  page.on('console', (message) => console.log(message.text()));
  page.on('pageerror', (error) => console.error(error));
  await page.goto(server.url);
  const races = await runInPage(page, { rows, dimension, rounds, graphRows });
  // A fresh page, so that the peers' memory is gone.
  await page.goto('about:blank');
  await page.goto(server.url);
  const store = args['no-store'] ? undefined : await runStore(page);
  const flat = report(rows, races.flat);
  const graph = graphRows > 0 ? report(graphRows, races.graph) : [];
  const share = shareOfReadSpeed(flat);
  if (store) reportStore(store);
  const peers = ['hnswlib-wasm', 'edgevec', 'nearface'];
  const versions = await Promise.all(peers.map(async (name) => [name, await packageVersion(name)]));
  await writeResults('search', {
    versions: { chromium: browser.version(), ...(Object.fromEntries(versions) as Record<string, string>) },
    figures: { rows, dimension, rounds, flat, graphRows, graph, ...(store ? { store } : {}) },
    bars: [bar('share of memory read speed', share, { least: 0.75 })],
  });
  if (share < 0.75) process.exitCode = 1;
} finally {
  await browser.close();
  await server.close();
}
