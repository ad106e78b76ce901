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

/** Browsers at a time. */
const WORKERS = 2;
const CHUNK = 64;
/** How often a browser that died (out of memory, say) is started again. */
const MAX_RESTARTS = 3;

/** Embeds every photo in headless Chromium, in two browsers at a time. */
export async function embedAll(
  data: VerificationData,
  ask: AskFor,
  model?: string | ModelEntry,
): Promise<EmbeddedData> {
  const { folder, path } = await buildPage('tools/bench/accuracy-page.ts');
  const root = { [PAGE_PREFIX]: folder, '/nearface/': 'dist', '/photos/': data.imagesFolder };
  const server = await serve({ root });
  try {
    return await embedWith(() => startLibrary(server.url + path, model), data.images, ask);
  } finally {
    await server.close();
  }
}

/** The library, started in a browser of its own. */
interface Started {
  readonly browser: Browser;
  readonly page: Page;
  readonly info: NearFace['info'];
}

async function startLibrary(url: string, model?: string | ModelEntry): Promise<Started> {
  const browser = await launchChromium();
  try {
    const page = await browser.newPage();
    await page.goto(url);
    return { browser, page, info: await page.evaluate((given) => accuracyPage.start(given), model) };
  } catch (error) {
    await browser.close();
    throw error;
  }
}

async function embedWith(
  start: () => Promise<Started>,
  images: readonly string[],
  ask: AskFor,
): Promise<EmbeddedData> {
  const startMs = performance.now();
  const photos = new Map<string, EmbeddedPhoto>();
  const chunks = Array.from({ length: Math.ceil(images.length / CHUNK) }, (_, i) =>
    images.slice(i * CHUNK, (i + 1) * CHUNK),
  );
  const work = async (): Promise<Pick<EmbeddedData, 'info' | 'timings'>> => {
    let started = await start();
    let restarts = 0;
    try {
      for (let chunk = chunks.shift(); chunk; chunk = chunks.shift()) {
        try {
          for (const photo of await embedChunk(started.page, chunk, ask)) photos.set(photo.image, photo);
          showProgress(photos.size, images.length);
        } catch (error) {
          if (started.browser.isConnected() || ++restarts > MAX_RESTARTS) throw error;
          console.error('the browser ended; starting another');
          chunks.unshift(chunk);
          started = await start();
        }
      }
      return { info: started.info, timings: await started.page.evaluate(() => accuracyPage.timings()) };
    } finally {
      await started.browser.close();
    }
  };
  const [about] = await Promise.all(Array.from({ length: WORKERS }, work));
  const seconds = (performance.now() - startMs) / 1000;
  return { photos: images.map((image) => photos.get(image)!), ...about!, seconds };
}

async function embedChunk(
  page: Page,
  chunk: readonly string[],
  ask: AskFor,
): Promise<readonly EmbeddedPhoto[]> {
  return page.evaluate(([names, how]) => accuracyPage.embed(names, how), [chunk, ask] as const);
}

function showProgress(done: number, total: number): void {
  if (process.stderr.isTTY) process.stderr.write(`\r${done} of ${total} photos${done === total ? '\n' : ''}`);
  else if (done === total || done % (8 * CHUNK) < CHUNK) console.error(`${done} of ${total} photos`);
}
