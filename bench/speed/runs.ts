import { fileURLToPath } from 'node:url';
import type { Browser, BrowserContext, Page } from 'playwright';
import { serve, type StaticServer } from '../../tools/serve.ts';
import { median } from '../harness/averages.ts';
import { peerFolders } from '../harness/packages.ts';
import { buildPage, LIBRARY_PREFIX, libraryFolder, PAGE_PREFIX } from '../../tools/pages.ts';
import type { HardTimes } from './hard.ts';
import type { SpeedPage } from './page.ts';
import type { PoolTimes } from './pool.ts';
import type { Answer, ContestantName, Setup, Timed } from './types.ts';
import type { ThreadTimes } from './threads.ts';
import type { WebcamTimes } from './webcam.ts';
import { SAMPLES, SAMPLE_NAMES } from '../../tools/samples/samples.ts';

declare const speedPage: SpeedPage;

/** A contestant in one of its modes. */
export interface Entry {
  readonly name: ContestantName;
  readonly variant: string;
}

/** Warm times of one entry. */
export interface WarmTimes extends Entry {
  readonly medianMs: number;
  readonly allMs: readonly number[];
  readonly answer: Answer;
  readonly about: Readonly<Record<string, unknown>>;
}

/** Start-to-first-answer times of one entry. */
export interface StartTimes extends Entry {
  readonly coldMs: readonly number[];
  readonly warmMs: readonly number[];
  /** Paths that the first, cold load fetched, the benchmark's own page and photo left out. */
  readonly fetched: readonly string[];
}

const WARM_UPS = 3;
const SAMPLE = `/samples/${SAMPLE_NAMES[2]}`;

/** The libraries, the page and the photo on one server; `seen` collects the paths it served. */
export class SpeedBench {
  readonly #path: string;
  readonly #server: StaticServer;
  readonly #seen: Set<string>;

  private constructor(path: string, server: StaticServer, seen: Set<string>) {
    this.#path = path;
    this.#server = server;
    this.#seen = seen;
  }

  static async open(isolated: boolean): Promise<SpeedBench> {
    const { folder, path } = await buildPage('bench/speed/page.ts');
    const seen = new Set<string>();
    const server = await serve({
      root: {
        [PAGE_PREFIX]: folder,
        [LIBRARY_PREFIX]: libraryFolder(),
        ...peerFolders(),
        '/samples/': fileURLToPath(SAMPLES),
      },
      isolated,
      // As a site would send them, so that a second visit finds what the HTTP cache may keep.
      headers: { 'Cache-Control': 'public, max-age=3600' },
      onRequest: (request, status) => {
        if (status === 200) seen.add(request.split('?')[0] ?? request);
      },
    });
    return new SpeedBench(path, server, seen);
  }

  get url(): string {
    return this.#server.url;
  }

  get pageUrl(): string {
    return this.#server.url + this.#path;
  }

  async close(): Promise<void> {
    await this.#server.close();
  }

  /** Medians over `rounds` rounds in which the entries take turns, each library in a page of its own. */
  async warm(
    browser: Browser,
    setup: Setup,
    entries: readonly Entry[],
    rounds: number,
  ): Promise<readonly WarmTimes[]> {
    const pages = new Map<ContestantName, Page>();
    const times = entries.map(() => [] as number[]);
    const answers: Answer[] = [];
    for (const [i, { name, variant }] of entries.entries()) {
      const page = pages.get(name) ?? (await this.#page(await browser.newContext()));
      if (!pages.has(name)) await start(page, { name, variant }, setup);
      pages.set(name, page);
      for (let k = 0; k < WARM_UPS; k++) answers[i] = (await run(page, { name, variant })).answer;
    }
    for (let round = 0; round < rounds; round++) {
      for (let k = 0; k < entries.length; k++) {
        const i = (k + round) % entries.length;
        const entry = entries[i]!;
        times[i]!.push((await run(pages.get(entry.name)!, entry)).ms);
      }
    }
    const results: WarmTimes[] = [];
    for (const [i, entry] of entries.entries()) {
      const about = await pages.get(entry.name)!.evaluate((name) => speedPage.describe(name), entry.name);
      results.push({ ...entry, medianMs: median(times[i]!), allMs: times[i]!, answer: answers[i]!, about });
    }
    for (const page of pages.values()) await page.context().close();
    return results;
  }

  /** Fast against accurate mode on a webcam frame, in a page of its own. */
  async webcam(browser: Browser, rounds: number): Promise<WebcamTimes> {
    const page = await this.#page(await browser.newContext());
    const times = await page.evaluate((count) => speedPage.webcam(count), rounds);
    await page.context().close();
    return times;
  }

  /** Pictures that take long, in a page of its own. */
  async hard(browser: Browser, rounds: number): Promise<readonly HardTimes[]> {
    const page = await this.#page(await browser.newContext());
    const times = await page.evaluate((count) => speedPage.hard(count), rounds);
    await page.context().close();
    return times;
  }

  /** `addMany` with several numbers of vision workers, in a page of its own. */
  async pool(
    browser: Browser,
    photos: number,
    rounds: number,
    workers: readonly number[],
  ): Promise<readonly PoolTimes[]> {
    const page = await this.#page(await browser.newContext());
    const samples = SAMPLE_NAMES.map((name) => `/samples/${name}`);
    const times = await page.evaluate(
      ([urls, count, turns, numbers]) => speedPage.pool(urls, count, turns, numbers),
      [samples, photos, rounds, workers] as const,
    );
    await page.context().close();
    return times;
  }

  /** One photo by several numbers of threads of this library. */
  async threads(
    browser: Browser,
    variants: readonly string[],
    rounds: number,
    numbers: readonly number[],
  ): Promise<readonly ThreadTimes[]> {
    const page = await this.#page(await browser.newContext());
    const times = await page.evaluate(([modes, turns, counts]) => speedPage.threads(modes, turns, counts), [
      variants,
      rounds,
      numbers,
    ] as const);
    await page.context().close();
    return times;
  }

  /** Start to first answer in a fresh profile, then on a second visit of the same profile. */
  async start(
    browser: Browser,
    setup: Setup,
    entries: readonly Entry[],
    rounds: number,
  ): Promise<readonly StartTimes[]> {
    const results = entries.map((entry) => ({
      ...entry,
      coldMs: [] as number[],
      warmMs: [] as number[],
      fetched: [] as readonly string[],
    }));
    for (let round = 0; round < rounds; round++) {
      for (const result of results) {
        const context = await browser.newContext();
        this.#seen.clear();
        const first = await this.#page(context);
        result.coldMs.push((await start(first, result, setup)).ms);
        if (round === 0) result.fetched = [...this.#seen].filter(isLibraryFile);
        await first.close();
        result.warmMs.push((await start(await this.#page(context), result, setup)).ms);
        await context.close();
      }
    }
    return results;
  }

  async #page(context: BrowserContext): Promise<Page> {
    const page = await context.newPage();
    await page.goto(this.pageUrl);
    await page.evaluate((sample) => speedPage.prepare(sample), SAMPLE);
    return page;
  }
}

function isLibraryFile(path: string): boolean {
  return !path.startsWith(PAGE_PREFIX) && path !== SAMPLE && path !== '/favicon.ico';
}

async function start(page: Page, entry: Entry, setup: Setup): Promise<Timed> {
  return page.evaluate(([name, given, variant]) => speedPage.start(name, given, variant), [
    entry.name,
    setup,
    entry.variant,
  ] as const);
}

async function run(page: Page, entry: Entry): Promise<Timed> {
  return page.evaluate(([name, variant]) => speedPage.run(name, variant), [
    entry.name,
    entry.variant,
  ] as const);
}
