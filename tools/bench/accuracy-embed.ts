import type { Browser, Page } from 'playwright';
import type { ModelEntry, NearFace } from '../../src/index.ts';
import { serve } from '../serve.ts';
import type { AccuracyPage, AskFor, EmbeddedPhoto } from './accuracy-page.ts';
import type { VerificationData } from './accuracy-data.ts';
import { launchChromium } from './harness.ts';
import { buildPage, PAGE_PREFIX } from './pages.ts';

declare const accuracyPage: AccuracyPage;

/** All photos of a data set through the library. */
export interface EmbeddedData {
  readonly photos: readonly EmbeddedPhoto[];
  readonly info: NearFace['info'];
  readonly timings: NearFace['info']['timings'];
  readonly seconds: number;
}

const PAGES = 2;
const CHUNK = 64;

/** Embeds every photo in headless Chromium, in two pages at a time. */
export async function embedAll(
  data: VerificationData,
  ask: AskFor,
  model?: string | ModelEntry,
): Promise<EmbeddedData> {
  const { folder, path } = await buildPage('tools/bench/accuracy-page.ts');
  const root = { [PAGE_PREFIX]: folder, '/nearface/': 'dist', '/photos/': data.imagesFolder };
  const [server, browser] = await Promise.all([serve({ root }), launchChromium()]);
  try {
    return await embedWith(browser, server.url + path, data.images, ask, model);
  } finally {
    await browser.close();
    await server.close();
  }
}

async function embedWith(
  browser: Browser,
  url: string,
  images: readonly string[],
  ask: AskFor,
  model?: string | ModelEntry,
): Promise<EmbeddedData> {
  const started = await Promise.all(Array.from({ length: PAGES }, () => startPage(browser, url, model)));
  const startMs = performance.now();
  const photos = new Map<string, EmbeddedPhoto>();
  const chunks = Array.from({ length: Math.ceil(images.length / CHUNK) }, (_, i) =>
    images.slice(i * CHUNK, (i + 1) * CHUNK),
  );
  const work = async ({ page }: { page: Page }): Promise<void> => {
    for (let chunk = chunks.shift(); chunk; chunk = chunks.shift()) {
      const done = await page.evaluate(([names, how]) => accuracyPage.embed(names, how), [
        chunk,
        ask,
      ] as const);
      for (const photo of done) photos.set(photo.image, photo);
      showProgress(photos.size, images.length);
    }
  };
  await Promise.all(started.map(work));
  const [first] = started;
  return {
    photos: images.map((image) => photos.get(image)!),
    info: first!.info,
    timings: await first!.page.evaluate(() => accuracyPage.timings()),
    seconds: (performance.now() - startMs) / 1000,
  };
}

async function startPage(
  browser: Browser,
  url: string,
  model?: string | ModelEntry,
): Promise<{ page: Page; info: NearFace['info'] }> {
  const page = await (await browser.newContext()).newPage();
  await page.goto(url);
  return { page, info: await page.evaluate((given) => accuracyPage.start(given), model) };
}

function showProgress(done: number, total: number): void {
  if (process.stderr.isTTY) process.stderr.write(`\r${done} of ${total} photos${done === total ? '\n' : ''}`);
  else if (done === total || done % (8 * CHUNK) < CHUNK) console.error(`${done} of ${total} photos`);
}
