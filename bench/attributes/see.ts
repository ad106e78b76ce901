import { join } from 'node:path';
import type { AttributeGroup, NearFace } from '../../src/index.ts';
import type { AttributesPage, SeenPhoto } from './page.ts';
import type { Head } from '../../model-factory/convert/face-api-reader.ts';
import { libraryWith } from './models-with.ts';
import { LIBRARY_PREFIX, openPage, withPageServed } from '../../tools/pages.ts';

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

/** Runs the built library on every photo in headless Chromium, in two browsers at a time. */
export async function seeAll(data: string, asks: readonly Ask[]): Promise<Seen> {
  const sets = Object.fromEntries(asks.map(({ set }) => [`/${set}/`, join(data, set, 'images')]));
  const assets: string[] = [];
  const changed: Record<string, string> = {};
  for (const [i, { head }] of asks.entries()) {
    assets.push(head ? `/nearface-${i}/` : LIBRARY_PREFIX);
    if (head) Object.assign(changed, await libraryWith('emotion', { head }, assets[i]!));
  }
  const photos = asks.map(({ images }) => new Array<SeenPhoto>(images.length));
  const jobs = asks.flatMap(({ images }, ask) =>
    Array.from({ length: Math.ceil(images.length / CHUNK) }, (_, i) => ({ ask, start: i * CHUNK })),
  );
  const total = jobs.length;
  const work = async (url: string): Promise<Seen['timings']> => {
    const { browser, page } = await openPage(url);
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
  return withPageServed('bench/attributes/page.ts', { ...changed, ...sets }, async (url) => {
    const [timings] = await Promise.all(Array.from({ length: WORKERS }, () => work(url)));
    return { photos, timings: timings! };
  });
}
