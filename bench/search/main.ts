/**
 * `npm run bench:search [-- --sizes 10000,100000,1000000 --dimension 192 --rounds 30 --graphs-to 10000
 * --recall-probes 10000 --large-sizes 1000000,10000000
 * --threads 2 --threads-sizes 200000,1000000,10000000
 * --store-sizes 100000,1000000 --no-store]`: search on one thread against a scan in full precision, the machine's
 * memory read speed, a plain loop and the vector searches on npm; and on several threads against one.
 */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { Browser, Page } from 'playwright';
import { compileAssembly } from '../../tools/build/kernel.ts';
import { serve } from '../../tools/serve.ts';
import { median } from '../harness/averages.ts';
import { bar, packageVersion, writeResults } from '../harness/results.ts';
import { printTable } from '../harness/table.ts';
import { launchChromium, withProfile } from '../../tools/chromium.ts';
import type { Recall } from '../../src/core/records.ts';
import { makeSite, STORE_WORKER } from '../harness/site.ts';
import type { Contender, LargeFigures, RaceOptions } from './page.ts';
import type { DeleteFigures, StoreFigures } from './store-page.ts';
import type { ThreadsFigures, ThreadsOptions } from './threads-worker.ts';
import { packageFolder } from '../harness/packages.ts';

const SITE = '.cache/bench-search';

const { values: args } = parseArgs({
  options: {
    sizes: { type: 'string', default: '10000,100000,1000000' },
    dimension: { type: 'string', default: '192' },
    rounds: { type: 'string', default: '30' },
    'graphs-to': { type: 'string', default: '10000' },
    'recall-probes': { type: 'string', default: '10000' },
    'store-sizes': { type: 'string', default: '100000,1000000' },
    'large-sizes': { type: 'string', default: '1000000,10000000' },
    threads: { type: 'string', default: '2' },
    'threads-sizes': { type: 'string', default: '200000,1000000,10000000' },
    'no-store': { type: 'boolean', default: false },
  },
});
const sizes = args.sizes.split(',').map(Number);
const [dimension, rounds] = [Number(args.dimension), Number(args.rounds)];
const [graphsTo, recallProbes] = [Number(args['graphs-to']), Number(args['recall-probes'])];
const largest = Math.max(...sizes);

declare const race: (options: RaceOptions, say: (text: string) => void) => Promise<readonly Contender[]>;
declare const large: (rows: number, dimension: number, rounds: number) => Promise<LargeFigures>;
declare const measureRecall: (rows: number, dimension: number, count: number) => Promise<Recall>;

declare const onThreads: (options: ThreadsOptions) => Promise<ThreadsFigures>;

/** The same searches in bytes on one thread and on several, in turn, in an isolated page. */
async function compareThreads(browser: Browser, rows: number): Promise<ThreadsFigures & { rows: number }> {
  const isolated = await serve({ root: SITE, isolated: true });
  try {
    const threads = Number(args.threads);
    const options = { rows, dimension, rounds, threads, precision: 'byte', exact: false } as const;
    const found = await inNewPage(browser, isolated.url, (page) =>
      page.evaluate((given) => onThreads(given), options),
    );
    const ratio = median(found.one.map((ms, i) => ms / (found.several[i] as number)));
    console.log(
      `\n${rows} faces in bytes: ${median(found.one).toFixed(2)} ms a query on one thread, ${median(found.several).toFixed(2)} on ${found.threads} (${ratio.toFixed(2)} times as fast, alternating), ${found.same} the same`,
    );
    return { rows, ...found };
  } finally {
    await isolated.close();
  }
}

async function inNewPage<T>(browser: Browser, url: string, work: (page: Page) => Promise<T>): Promise<T> {
  const page = await browser.newPage();
  try {
    page.on('console', (message) => console.log(message.text()));
    page.on('pageerror', (error) => console.error(error));
    await page.goto(url);
    return await work(page);
  } finally {
    await page.close();
  }
}

function runRace(page: Page, rows: number): Promise<readonly Contender[]> {
  const options = { rows, dimension, rounds, graphs: rows <= graphsTo };
  return page.evaluate((given) => race(given, (text) => console.log(text)), options);
}

declare const useStore: (rows: number, dimension: number, searches: number) => Promise<StoreFigures>;
declare const halveStore: (rows: number, dimension: number, searches: number) => Promise<DeleteFigures>;

function runStore(page: Page, rows: number): Promise<StoreFigures> {
  return page.evaluate(([n, d]) => useStore(n, d, 40), [rows, dimension] as const);
}

function runHalving(page: Page, rows: number): Promise<DeleteFigures> {
  return page.evaluate(([n, d]) => halveStore(n, d, 40), [rows, dimension] as const);
}

type Timed = Omit<Contender, 'ms'> & { readonly medianMs: number; readonly fastestMs: number };

function report(size: number, contenders: readonly Contender[]): readonly Timed[] {
  const timed = contenders.map(({ ms, ...rest }) => ({
    ...rest,
    medianMs: median(ms),
    fastestMs: Math.min(...ms),
  }));
  const ours = timed.find(({ name }) => name === 'nearface')?.medianMs ?? NaN;
  console.log(`\n${size} × ${dimension}, one thread, top 10, median of ${rounds} alternating rounds\n`);
  printTable(
    ['', 'ms per query', 'fastest', 'GB/s', 'times nearface', 'recall@1', 'build s', 'MB'],
    timed.map(({ name, medianMs, fastestMs, readBytes, recall, buildMs, bytes }) => [
      name,
      medianMs,
      fastestMs,
      readBytes === undefined ? undefined : readBytes / medianMs / 1e6,
      medianMs / ours,
      recall,
      buildMs === undefined ? undefined : buildMs / 1000,
      bytes === undefined ? undefined : bytes / 1e6,
    ]),
  );
  return timed;
}

/** How much faster two passes are than one, and what share of the memory's speed they reach. */
function ratios(timed: readonly Timed[]): { speedup: number; share: number } {
  const ms = (start: string): number =>
    Math.min(...timed.filter(({ name }) => name.startsWith(start)).map(({ medianMs }) => medianMs));
  const ours = timed.find(({ name }) => name === 'nearface')?.medianMs ?? NaN;
  return { speedup: ms('nearface, exact') / ours, share: ms('read') / ms('nearface, first pass') };
}

function reportStore(store: StoreFigures): void {
  console.log(`\n${store.faces} faces in the real store, behind its worker\n`);
  printTable(
    ['', 'ms'],
    [
      ['enrol all, 2,000 at a time', store.fillMs],
      ['open', store.openMs],
      ['read the same segments plainly', store.readMs],
      ['longest stall of the page while nothing is asked', store.idleStallMs],
      ['longest stall of the page while it opens', store.openStallMs],
      ['search, from the page and back with 10 records', median(store.searchMs)],
      ['search for the best one alone', median(store.singleMs)],
      [`the same, ${store.batchProbes} probes in one call, per probe`, median(store.batchMs)],
      ['longest stall of the page while it searches', store.searchStallMs],
      [`group all (${store.groups ?? 'not done'})`, store.clusterMs],
      ['enrol one', median(store.addMs)],
      ['list a page of 100', store.pageMs],
      ['all metas with counts', store.metasMs],
    ],
  );
  console.log(
    `${Math.round((store.faces / store.fillMs) * 1000)} faces enrolled a second, ${Math.round(store.memoryBytes / 1e6)} MB of memory`,
  );
}

function reportHalving({ deleted, deleteMs, compactMs, searchMs }: DeleteFigures): void {
  console.log(
    `\n${deleted} deleted in ${(deleteMs / 1000).toFixed(1)} s, compact ${(compactMs / 1000).toFixed(1)} s later; a search then takes ${median(searchMs).toFixed(1)} ms`,
  );
}

await makeSite(
  SITE,
  ['bench/search/page.ts', 'bench/search/store-page.ts'],
  [STORE_WORKER, 'bench/search/threads-worker.ts'],
);
await writeFile(join(SITE, 'read.wasm'), await compileAssembly('bench/search/assembly/read.ts'));
const server = await serve({
  root: {
    '/': SITE,
    '/peers/hnswlib-wasm/': packageFolder('hnswlib-wasm'),
    '/peers/edgevec/': packageFolder('edgevec'),
  },
});
const browser = await launchChromium();
try {
  const races: { rows: number; timed: readonly Timed[] }[] = [];
  for (const rows of sizes)
    races.push({
      rows,
      timed: report(rows, await inNewPage(browser, server.url, (page) => runRace(page, rows))),
    });
  const recall = await inNewPage(browser, server.url, (page) =>
    page.evaluate(([rows, d, count]) => measureRecall(rows, d, count), [
      Math.min(largest, 100_000),
      dimension,
      recallProbes,
    ] as const),
  );
  console.log(
    `\nrecall of two passes on ${recall.probes} probes, half of them strangers: @1 ${recall.at1}, @10 ${recall.at10}`,
  );
  const largeSets: LargeFigures[] = [];
  for (const rows of args['large-sizes'].split(',').filter(Boolean).map(Number)) {
    const found = await inNewPage(browser, server.url, (page) =>
      page.evaluate(([n, d, r]) => large(n, d, r), [rows, dimension, rounds] as const),
    );
    largeSets.push(found);
    console.log(
      `\n${rows} faces in bytes: ${Math.round(found.bytes / 1e6)} MB, filled in ${(found.fillMs / 1000).toFixed(1)} s, ${median(found.ms).toFixed(1)} ms a query, ${found.right} right`,
    );
  }
  const onSeveral: (ThreadsFigures & { rows: number })[] = [];
  for (const rows of args['threads-sizes'].split(',').filter(Boolean).map(Number))
    onSeveral.push(await compareThreads(browser, rows));
  const stores: StoreFigures[] = [];
  const storeSizes = args['no-store'] ? [] : args['store-sizes'].split(',').map(Number);
  for (const rows of storeSizes) {
    await withProfile(async (context) => {
      const page = await context.newPage();
      page.on('console', (message) => console.log(message.text()));
      await page.goto(server.url);
      const store = await runStore(page, rows);
      reportStore(store);
      stores.push(store);
      if (rows === storeSizes.at(-1)) reportHalving(await runHalving(page, rows));
    });
  }
  const { speedup, share } = ratios(races.at(-1)?.timed ?? []);
  const peers = ['hnswlib-wasm', 'edgevec', 'nearface'];
  const versions = await Promise.all(peers.map(async (name) => [name, await packageVersion(name)]));
  const bars = [
    bar('times faster than a float32 scan', speedup, { least: 8 }),
    bar('share of memory read speed', share, { least: 0.7 }),
    ...stores.flatMap((store) =>
      store.faces <= 100_000
        ? [
            bar('faces enrolled a second', (store.faces / store.fillMs) * 1000, { least: 20_000 }),
            bar('times faster per probe, 256 at once', median(store.singleMs) / median(store.batchMs), {
              least: 4,
            }),
          ]
        : [bar('opening against plain reading', store.openMs / store.readMs, { most: 1.5 })],
    ),
    ...(largeSets.length === 2
      ? [
          bar('10 million against 1 million', median(largeSets[1]!.ms) / median(largeSets[0]!.ms), {
            most: 10.5,
          }),
          bar('10 million: GB of memory', largeSets[1]!.bytes / 1e9, { most: 3 }),
        ]
      : []),
    ...onSeveral.map(({ rows, same }) =>
      bar(`searches on several threads that find the same, ${rows} faces`, same, { least: 0.99 }),
    ),
    bar('recall@1', recall.at1, { least: 0.9999 }),
    bar('recall@10', recall.at10, { least: 0.999 }),
  ];
  await writeResults('search', {
    versions: { chromium: browser.version(), ...(Object.fromEntries(versions) as Record<string, string>) },
    figures: { dimension, rounds, races, recall, large: largeSets, threads: onSeveral, stores },
    bars,
  });
  if (bars.some(({ ok }) => !ok)) process.exitCode = 1;
} finally {
  await browser.close();
  await server.close();
}
