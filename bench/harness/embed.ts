import type { Page } from 'playwright';
import type { ModelEntry, NearFace } from '../../src/index.ts';
import { openPage, type OpenPage, withPageServed } from '../../tools/pages.ts';
import type { EmbedPage, AskFor, EmbeddedPhoto } from './embed-page.ts';
import type { VerificationData } from './lfw.ts';

declare const embedPage: EmbedPage;

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
  return withPageServed('bench/harness/embed-page.ts', { '/photos/': data.imagesFolder }, (url) =>
    embedWith(() => start(url, model), data.images, ask),
  );
}

/** The library, started in a browser of its own. */
interface Started extends OpenPage {
  readonly info: NearFace['info'];
}

async function start(url: string, model?: string | ModelEntry): Promise<Started> {
  const opened = await openPage(url);
  try {
    return { ...opened, info: await opened.page.evaluate((given) => embedPage.start(given), model) };
  } catch (error) {
    await opened.browser.close();
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
      return { info: started.info, timings: await started.page.evaluate(() => embedPage.timings()) };
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
  return page.evaluate(([names, how]) => embedPage.embed(names, how), [chunk, ask] as const);
}

function showProgress(done: number, total: number): void {
  if (process.stderr.isTTY) process.stderr.write(`\r${done} of ${total} photos${done === total ? '\n' : ''}`);
  else if (done === total || done % (8 * CHUNK) < CHUNK) console.error(`${done} of ${total} photos`);
}
