/**
 * `npm run bench:open [-- --faces 10000000]`: a very large gallery in the real store on the disk. It needs about a
 * kilobyte of disk for each face.
 */
import { readFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import type { BrowserContext, Page } from 'playwright';
import { serve } from '../../tools/serve.ts';
import { median } from '../harness/averages.ts';
import { bar, writeResults } from '../harness/results.ts';
import { printTable } from '../harness/table.ts';
import { withProfile } from '../../tools/chromium.ts';
import { makeSite, STORE_WORKER } from '../harness/site.ts';
import type { OpenedFigures } from './page.ts';

const SITE = '.cache/bench-open';

const { values: args } = parseArgs({
  options: {
    faces: { type: 'string', default: '10000000' },
    dimension: { type: 'string', default: '192' },
    searches: { type: 'string', default: '40' },
    threads: { type: 'string', default: '1,2' },
  },
});
const [faces, dimension] = [Number(args.faces), Number(args.dimension)];
const threads = args.threads.split(',').map(Number);

declare const enrolLarge: (rows: number, dimension: number) => Promise<number>;
declare const openLarge: (dimension: number, searches: number, threads: number) => Promise<OpenedFigures>;

async function newPage(context: BrowserContext, url: string): Promise<Page> {
  const page = await context.newPage();
  page.on('console', (message) => console.log(message.text()));
  await page.goto(url);
  await page.waitForFunction(() => 'openLarge' in globalThis);
  return page;
}

/** Resident bytes of the largest renderer, which is the tab's; Linux alone tells. */
async function tabBytes(context: BrowserContext): Promise<number | undefined> {
  const cdp = await context.browser()?.newBrowserCDPSession();
  const { processInfo = [] } = (await cdp?.send('SystemInfo.getProcessInfo')) ?? {};
  const sizes = await Promise.all(
    processInfo
      .filter(({ type }) => type === 'renderer')
      .map(async ({ id }) => {
        const status = await readFile(`/proc/${id}/status`, 'utf8').catch(() => '');
        return 1024 * Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? 0);
      }),
  );
  return Math.max(0, ...sizes) || undefined;
}

await makeSite(SITE, ['bench/open/page.ts'], [STORE_WORKER]);
const server = await serve({ root: SITE, isolated: true });
try {
  await withProfile(async (context) => {
    const enrolling = await newPage(context, server.url);
    const enrolMs = await enrolling.evaluate(([n, d]) => enrolLarge(n, d), [faces, dimension] as const);
    await enrolling.close();
    const opened: (OpenedFigures & { readonly tabBytes: number | undefined })[] = [];
    for (const count of threads) {
      const page = await newPage(context, server.url);
      let largest = 0;
      const watch = setInterval(
        () => void tabBytes(context).then((bytes = 0) => (largest = Math.max(largest, bytes))),
        1000,
      );
      const figures = await page.evaluate(([d, searches, n]) => openLarge(d, searches, n), [
        dimension,
        Number(args.searches),
        count,
      ] as const);
      clearInterval(watch);
      await page.close();
      opened.push({ ...figures, tabBytes: largest || undefined });
    }
    printTable(
      ['threads', 'open s', 'ms a search', 'fastest', 'MB for searches', 'MB of the tab at most', 'right'],
      opened.map(({ threads: n, openMs, searchMs, memoryBytes, tabBytes: tab, right }) => [
        String(n),
        openMs / 1000,
        median(searchMs),
        Math.min(...searchMs),
        memoryBytes / 1e6,
        tab === undefined ? undefined : tab / 1e6,
        right,
      ]),
    );
    console.log(`${faces} faces enrolled in ${Math.round(enrolMs / 1000)} s`);
    await writeResults('open', {
      versions: { chromium: context.browser()?.version() ?? '' },
      figures: { faces, dimension, enrolMs, opened },
      bars: [bar('GB for searches', Math.max(...opened.map((o) => o.memoryBytes)) / 1e9, { most: 3 })],
    });
  });
} finally {
  await server.close();
}
