/** What is measured of this library alone: rows, printed, and their bars. */
import type { Browser } from 'playwright';
import { launchChromium } from '../../tools/chromium.ts';
import { median } from '../harness/averages.ts';
import { bar, type Bar } from '../harness/results.ts';
import { printTable } from '../harness/table.ts';
import type { HardTimes } from './hard.ts';
import { NEARFACE_VARIANTS } from './nearface.ts';
import type { PoolTimes } from './pool.ts';
import { SpeedBench } from './runs.ts';
import type { ThreadTimes } from './threads.ts';
import type { WebcamTimes } from './webcam.ts';

/** Modes that are held to bars: `embed` as it is called without options, and one face as the peers find it. */
export const BAR_VARIANTS: readonly string[] = ['default', 'one face'];
const WEBCAM_BAR = 4;
/** Milliseconds for a picture of 1,000 × 1,000 pixels in which there is nothing but grain. */
const GRAIN_BAR = 1000;
/** Times as long as the browser takes to decode the file alone, for all faces of a phone's photo. */
const LARGE_BAR = 2;
/** Times as many photos a second with two vision workers as with one. */
const POOL_BAR = 1.7;
/** Times as fast on two threads as on one, and how often each takes its turn in a round of the others. */
const [THREADS_BAR, THREAD_TURNS] = [1.6, 3];
/** Photos of a round of `addMany`. */
export const POOL_PHOTOS = 200;
const POOL_ROUNDS = 2;

/** `detect` on a frame of 640×480, WASM, one thread. */
export async function webcamRow(rounds: number): Promise<WebcamTimes> {
  const times = await withBench(false, [], (bench, browser) => bench.webcam(browser, 3 * rounds));
  console.log('\ndetect on a 640×480 webcam frame, WASM, 1 thread: median ms');
  printTable(
    ['mode', 'ms', 'least', 'faces'],
    [
      ['fast', median(times.fastMs), Math.min(...times.fastMs), times.faces[0]],
      ['accurate', median(times.accurateMs), Math.min(...times.accurateMs), times.faces[1]],
    ],
  );
  return times;
}

export function webcamBar(times: WebcamTimes | undefined): readonly Bar[] {
  if (!times) return [];
  const name = 'fast mode on a 640×480 webcam frame, times as fast as accurate mode (WASM, 1 thread)';
  return [bar(name, median(times.accurateMs) / median(times.fastMs), { least: WEBCAM_BAR })];
}

/** `detect` by default on what takes long, WASM, one thread. */
export async function hardRows(rounds: number): Promise<readonly HardTimes[]> {
  const times = await withBench(false, [], (bench, browser) => bench.hard(browser, rounds));
  console.log('\ndetect on pictures that take long, WASM, 1 thread: median ms');
  printTable(
    ['picture', 'ms', 'least', 'faces', 'decoding alone'],
    times.map(({ picture, ms, faces, decodeMs }) => [
      picture,
      median(ms),
      Math.min(...ms),
      faces,
      decodeMs ? median(decodeMs) : '–',
    ]),
  );
  return times;
}

export function hardBars(times: readonly HardTimes[]): readonly Bar[] {
  return [...grainBar(times), ...largeBar(times)];
}

/** The last of the files has a phone's size. */
function largeBar(times: readonly HardTimes[]): readonly Bar[] {
  const phone = times.findLast(({ decodeMs }) => decodeMs);
  if (!phone?.decodeMs) return [];
  const name = `${phone.picture}, all faces, times as long as decoding it`;
  return [bar(name, median(phone.ms) / median(phone.decodeMs), { most: LARGE_BAR })];
}

function grainBar(times: readonly HardTimes[]): readonly Bar[] {
  const grain = times.filter(({ picture }) => picture.includes('grain')).map(({ ms }) => median(ms));
  if (grain.length === 0) return [];
  return [bar('ms for the worst 1,000 × 1,000 pixels of grain', Math.max(...grain), { most: GRAIN_BAR })];
}

/** The photo in every mode with one thread and with two, by turns, on an isolated page. */
export async function threadRows(rounds: number): Promise<readonly ThreadTimes[]> {
  const times = await withBench(true, [], (bench, browser) =>
    bench.threads(browser, NEARFACE_VARIANTS, THREAD_TURNS * rounds, [1, 2]),
  );
  console.log(`\nWASM, one thread and two: median ms of ${THREAD_TURNS * rounds} rounds by turns`);
  printTable(
    ['mode', 'threads', 'ms', 'least'],
    times.map(({ variant, threads, ms }) => [variant, threads, median(ms), Math.min(...ms)]),
  );
  return times;
}

export function threadBars(times: readonly ThreadTimes[]): readonly Bar[] {
  return BAR_VARIANTS.flatMap((wanted) => {
    const [one, two] = times.filter(({ variant }) => variant === wanted);
    if (!one || two?.threads !== 2) return [];
    const name = `times as fast on two threads as on one (WASM, ${wanted})`;
    return [bar(name, median(one.ms) / median(two.ms), { least: THREADS_BAR })];
  });
}

/** `addMany` of many photos with one vision worker and with two, WASM, one thread each. */
export async function poolRows(photos: number): Promise<readonly PoolTimes[]> {
  const times = await withBench(false, [], (bench, browser) =>
    bench.pool(browser, photos, POOL_ROUNDS, [1, 2]),
  );
  console.log(
    `\naddMany of ${photos} photos, WASM, 1 thread a worker: median of ${POOL_ROUNDS} rounds by turns`,
  );
  printTable(
    ['vision workers', 'ms a photo', 'least', 'faces', 'in the order of the photos'],
    times.map(({ workers, msPerPhoto, added, inOrder }) => [
      workers,
      median(msPerPhoto),
      Math.min(...msPerPhoto),
      added,
      inOrder ? 'yes' : 'no',
    ]),
  );
  return times;
}

export function poolBar([one, two]: readonly PoolTimes[]): readonly Bar[] {
  if (!one || !two) return [];
  const name = 'times as many photos a second with two vision workers as with one (addMany, WASM)';
  return [bar(name, median(one.msPerPhoto) / median(two.msPerPhoto), { least: POOL_BAR })];
}

/** Opens a browser and the page for some work, and closes them. */
export async function withBench<T>(
  isolated: boolean,
  browserArgs: readonly string[],
  work: (bench: SpeedBench, browser: Browser) => Promise<T>,
): Promise<T> {
  const [bench, browser] = await Promise.all([SpeedBench.open(isolated), launchChromium(browserArgs)]);
  try {
    return await work(bench, browser);
  } finally {
    await browser.close();
    await bench.close();
  }
}
