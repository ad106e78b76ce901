import { join } from 'node:path';
import type { Browser, Page } from 'playwright';
import type { AttributeGroup, NearFace } from '../../src/index.ts';
import { serve } from '../serve.ts';
import type { AttributesPage, SeenPhoto } from './attributes-page.ts';
import type { Head } from '../models/face-api-reader.ts';
import { writeModelsWith } from './emotion-folds.ts';
import { launchChromium } from './harness.ts';
import { buildPage, PAGE_PREFIX } from './pages.ts';

declare const attributesPage: AttributesPage;

/** Photos of a set, and what is asked of them. */
export interface Ask {
  readonly set: string;
  readonly images: readonly string[];
  readonly groups: readonly AttributeGroup[];
  readonly embed?: boolean;
  /** Expression layers that take the place of the shipped ones. */
  readonly head?: Head;
}

/** What the library saw, in the order of the asks and of their images. */
export interface Seen {
  readonly photos: readonly (readonly SeenPhoto[])[];
  readonly timings: NearFace['info']['timings'];
}

/** Browsers at a time. */
const WORKERS = 2;
const CHUNK = 40;
/** URL of the library as it is. */
const SHIPPED = '/nearface/';

/** Runs the built library on every photo in headless Chromium, in two browsers at a time. */
export async function seeAll(data: string, asks: readonly Ask[]): Promise<Seen> {
  const { folder, path } = await buildPage('tools/bench/attributes-page.ts');
  const sets = Object.fromEntries(asks.map(({ set }) => [`/${set}/`, join(data, set, 'images')]));
  const library = process.env['NEARFACE_DIST'] ?? 'dist';
  const assets: string[] = [];
  const changed: Record<string, string> = {};
  for (const [i, { head }] of asks.entries()) {
    assets.push(head ? `/nearface-${i}/` : SHIPPED);
    if (!head) continue;
    changed[assets[i]!] = library;
    changed[`${assets[i]!}models/`] = await writeModelsWith(
      head,
      `models-${i}`,
      library,
      `${SHIPPED}models/`,
    );
  }
  const server = await serve({ root: { [PAGE_PREFIX]: folder, [SHIPPED]: library, ...changed, ...sets } });
  const photos = asks.map(({ images }) => new Array<SeenPhoto>(images.length));
  const jobs = asks.flatMap(({ images }, ask) =>
    Array.from({ length: Math.ceil(images.length / CHUNK) }, (_, i) => ({ ask, start: i * CHUNK })),
  );
  const total = jobs.length;
  const work = async (): Promise<Seen['timings']> => {
    const { browser, page } = await startPage(server.url + path);
    try {
      for (let job = jobs.shift(); job; job = jobs.shift()) {
        const { set, images, groups, embed = false } = asks[job.ask]!;
        const names = images.slice(job.start, job.start + CHUNK);
        const ask = [assets[job.ask]!, set, names, groups, embed] as const;
        const seen = await page.evaluate((args) => attributesPage.see(...args), ask);
        seen.forEach((photo, i) => (photos[job.ask]![job.start + i] = photo));
        if (jobs.length % 20 === 0) console.error(`${set}: ${total - jobs.length} of ${total} parts`);
      }
      return await page.evaluate(() => attributesPage.timings());
    } finally {
      await browser.close();
    }
  };
  try {
    const [timings] = await Promise.all(Array.from({ length: WORKERS }, work));
    return { photos, timings: timings! };
  } finally {
    await server.close();
  }
}

async function startPage(url: string): Promise<{ readonly browser: Browser; readonly page: Page }> {
  const browser = await launchChromium();
  try {
    const page = await browser.newPage();
    await page.goto(url);
    return { browser, page };
  } catch (error) {
    await browser.close();
    throw error;
  }
}
