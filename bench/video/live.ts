/**
 * `npm run bench:live [-- --seconds 15]`: a camera with three people, moving and still, 640×480 and 1280×720 at 25 frames a second, watched by
 * `nf.watch` and by @vladmandic/human's detect loop in one run on one machine: frames looked at a second, drops, latency from a frame to its
 * answer, and CPU of the browser's processes, from three seconds after the start on.
 */
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import type { CDPSession } from 'playwright';
import { openPage, requireLibrary, withPageServed } from '../../tools/pages.ts';
import { SAMPLES } from '../../tools/samples/samples.ts';
import { peerFolders } from '../harness/packages.ts';
import { bar, packageVersion, writeResults } from '../harness/results.ts';
import { printTable } from '../harness/table.ts';
import type { Filmed, Kept, LivePage } from './live-page.ts';

declare const livePage: LivePage;

const { values } = parseArgs({ options: { seconds: { type: 'string', default: '15' } } });
const seconds = Number(values.seconds);
const FPS = 25;
const SIZES = [
  { width: 640, height: 480 },
  { width: 1280, height: 720 },
];

/** `nobody`: the frames are read and closed, which tells what the camera itself takes. */
const WATCHERS = ['watch', 'human', 'nobody'] as const;
type Watcher = (typeof WATCHERS)[number];

type Result = Kept & { readonly perSecond: number; readonly cpu: number };

/** Seconds of CPU that the renderer processes have used: where pages and workers run. */
async function cpuSeconds(browser: CDPSession): Promise<number> {
  const { processInfo } = await browser.send('SystemInfo.getProcessInfo');
  return processInfo.filter(({ type }) => type === 'renderer').reduce((sum, { cpuTime }) => sum + cpuTime, 0);
}

/** In a browser of its own. */
function measure(url: string, by: Watcher, filmed: Filmed): Promise<Result> {
  return openPage(url).then(async ({ browser, page }) => {
    try {
      await page.evaluate(() => livePage.prepare());
      const session = await browser.newBrowserCDPSession();
      await page.exposeFunction('cpuSeconds', () => cpuSeconds(session));
      const kept = await page.evaluate(([how, what, time]) => livePage[how](what, time), [
        by,
        filmed,
        seconds,
      ] as const);
      const { processed, seconds: lasted, cpuSeconds: used } = kept;
      return { ...kept, perSecond: processed / lasted, cpu: (100 * used) / lasted };
    } finally {
      await browser.close();
    }
  });
}

await requireLibrary();
const folders = { '/photos/': fileURLToPath(SAMPLES), ...peerFolders() };
await withPageServed('bench/video/live-page.ts', folders, async (url) => {
  const results: Record<string, Result> = {};
  for (const size of SIZES)
    for (const isStill of [false, true])
      for (const by of WATCHERS) {
        const name = `${size.width}×${size.height} ${isStill ? 'still' : 'moving'} ${by}`;
        results[name] = await measure(url, by, { ...size, fps: FPS, isStill });
      }
  printTable(
    ['scene', 'shown', 'looked at', 'dropped', 'a second', 'median ms', 'p95 ms', 'CPU %', 'faces'],
    Object.entries(results).map(([name, r]) => [
      ...[name, r.shown, r.processed, r.dropped, r.perSecond, r.medianMs, r.p95Ms, r.cpu, r.faces],
    ]),
  );
  const of = (size: string, what: string, by: string): Result | undefined => results[`${size} ${what} ${by}`];
  const ratio = (a: number | undefined, b: number | undefined): number => (a ?? 0) / Math.max(1e-9, b ?? 0);
  /** What watching takes, without the camera itself, which is a canvas here. */
  const watching = (what: string): number =>
    (of('640×480', what, 'watch')?.cpu ?? 0) - (of('640×480', what, 'nobody')?.cpu ?? 0);
  const small = of('640×480', 'moving', 'watch');
  const large = of('1280×720', 'moving', 'watch');
  await writeResults('video-live', {
    versions: {
      nearface: await packageVersion('nearface'),
      '@vladmandic/human': await packageVersion('@vladmandic/human'),
    },
    figures: results,
    bars: [
      bar(
        "640×480: frames a second, times Human's",
        ratio(small?.perSecond, of('640×480', 'moving', 'human')?.perSecond),
        { least: 2.5 },
      ),
      bar('1280×720: share of the frames that were looked at', ratio(large?.processed, large?.shown), {
        least: 0.95,
      }),
      bar(
        "640×480: CPU of a still scene, share, the camera's own left out",
        ratio(watching('still'), watching('moving')),
        {
          most: 0.1,
        },
      ),
    ],
  });
});
