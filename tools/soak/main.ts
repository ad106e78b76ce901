/**
 * `npm run test:soak [-- --minutes 60]`: watches a simulated camera in headless Chromium for so long (two minutes by default), with people
 * noted in the history, and checks that memory stays flat, that every frame is closed, and that no event and no frame is lost. Needs the built
 * library. Ends with a line of sums; the exit code is 0 if nothing is wrong.
 */
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import type { Page } from 'playwright';
import { launchChromium } from '../chromium.ts';
import { buildPage, LIBRARY_PREFIX, libraryFolder, PAGE_PREFIX, requireLibrary } from '../pages.ts';
import { SAMPLES } from '../samples/samples.ts';
import { serve } from '../serve.ts';
import { line } from '../test/counts.ts';
import type { SoakPage } from './page.ts';
import { faultsOf, growth, type Soak } from './verdict.ts';

declare const soakPage: SoakPage;

const SAMPLES_OF_MEMORY = 16;
const { values } = parseArgs({ options: { minutes: { type: 'string', default: '2' } } });
const minutes = Number(values.minutes);
if (!(minutes > 0)) throw new Error(`--minutes must be a number above 0, but is ${values.minutes}`);

interface ClosingScope {
  closedFrames: number;
}

/** Counts what each worker closes of what it was sent: frames that it made itself are taken off. */
async function countClosing(page: Page): Promise<() => Promise<number>> {
  const workers = page.workers();
  for (const worker of workers)
    await worker.evaluate(() => {
      const scope = globalThis as unknown as ClosingScope;
      scope.closedFrames = 0;
      const { close } = VideoFrame.prototype;
      VideoFrame.prototype.close = function (this: VideoFrame) {
        if (this.codedWidth > 0) scope.closedFrames++;
        close.call(this);
      };
      globalThis.VideoFrame = new Proxy(VideoFrame, {
        construct(target, given) {
          scope.closedFrames--;
          return Reflect.construct(target, given) as VideoFrame;
        },
      });
    });
  return async () => {
    const closed = await Promise.all(
      workers.map((worker) => worker.evaluate(() => (globalThis as unknown as ClosingScope).closedFrames)),
    );
    return closed.reduce((sum, count) => sum + count, 0);
  };
}

async function run(page: Page): Promise<Soak> {
  await page.evaluate(() => soakPage.prepare());
  const closedByWorkers = await countClosing(page);
  await page.evaluate(() => soakPage.start());
  const memory: number[] = [];
  const everyMs = (minutes * 60_000) / SAMPLES_OF_MEMORY;
  const started = Date.now();
  for (let i = 1; i <= SAMPLES_OF_MEMORY; i++) {
    await new Promise((done) => setTimeout(done, Math.max(0, started + i * everyMs - Date.now())));
    memory.push(await page.evaluate(() => soakPage.memory()));
    const { session, frames } = await page.evaluate(() => soakPage.counts);
    const { processed, dropped, latencyMs } = session.stats;
    console.log(
      `${((Date.now() - started) / 60_000).toFixed(1)} min: ${((memory.at(-1) ?? 0) / 1e6).toFixed(1)} MB, ` +
        `${processed} frames looked at, ${dropped} dropped, ${frames.open} open, ` +
        `latency ${latencyMs.median.toFixed(0)} and ${latencyMs.p95.toFixed(0)} ms, ${JSON.stringify(session.events)}`,
    );
  }
  const { session, frames, sightings } = await page.evaluate(() => soakPage.stop());
  return { memory, session, frames, sightings, closedByWorker: await closedByWorkers() };
}

await requireLibrary();
const { folder, path } = await buildPage('tools/soak/page.ts');
const server = await serve({
  root: {
    [PAGE_PREFIX]: folder,
    [LIBRARY_PREFIX]: resolve(libraryFolder()),
    '/photos/': fileURLToPath(SAMPLES),
  },
  isolated: true,
});
// Memory is measured at once, after a collection.
const browser = await launchChromium(['--enable-blink-features=ForceEagerMeasureMemory']);
try {
  const page = await browser.newPage();
  await page.goto(server.url + path);
  const soak = await run(page);
  const faults = faultsOf(soak);
  console.log(
    `memory grew by ${(growth(soak.memory) / 1e6).toFixed(2)} MB; frames ${JSON.stringify(soak.frames)}`,
  );
  for (const fault of faults) console.log(`FAILED  ${fault}`);
  console.log(line({ passed: faults.length === 0 ? 1 : 0, failed: faults.length, skipped: 0 }));
  process.exitCode = faults.length === 0 ? 0 : 1;
} finally {
  await browser.close();
  await server.close();
}
