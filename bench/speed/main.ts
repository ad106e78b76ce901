/**
 * `npm run bench:speed [-- --rounds N] [--only nearface,human,face-api] [--pool] [--photos N] [--threads]`: one face in a 1280×960
 * photo, against @vladmandic/human and @vladmandic/face-api, in one run; start to first answer; bytes over the wire; `addMany` with one
 * vision worker and with two, which `--pool` measures alone; one thread and two by turns, which `--threads` measures alone.
 */
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { median } from '../harness/averages.ts';
import { bar, type Bar, packageVersion, writeResults } from '../harness/results.ts';
import { printTable } from '../harness/table.ts';
import { FACE_API_VARIANTS } from './face-api.ts';
import { HUMAN_DETAILS } from './human.ts';
import { NEARFACE_VARIANTS } from './nearface.ts';
import { networkBars, networkRows } from './networks.ts';
import {
  BAR_VARIANTS,
  hardBars,
  hardRows,
  POOL_PHOTOS,
  poolBar,
  poolRows,
  threadBars,
  threadRows,
  webcamBar,
  webcamRow,
  withBench,
} from './rows.ts';
import { type Entry, type StartTimes, type WarmTimes } from './runs.ts';
import type { ContestantName, Setup } from './types.ts';
import { type WireFile, wireFiles } from './wire-bytes.ts';
import { requireLibrary } from '../../tools/pages.ts';

const SPEED_BAR = 3;
const WIRE_BAR_MB = 3.5;
const START_ROUNDS = 3;
const ONE_THREAD: Setup = { device: 'wasm', threads: 1 };
const HUMAN: Entry = { name: 'human', variant: '' };
/** Times as fast as Human: one face, and all details. */
const [HUMAN_BAR, DETAILS_BAR] = [8, 4];
/** What runs networks, for those by themselves. */
const RUNTIMES = ['onnxruntime-web', '@litertjs/core'];

/** What a set-up gave, with times as ratios to the library's own default. */
interface Section {
  readonly title: string;
  readonly setup: Setup;
  readonly times: readonly WarmTimes[];
}

interface Loaded {
  readonly entry: Entry;
  readonly start: StartTimes;
  readonly files: readonly WireFile[];
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      ...{ rounds: { type: 'string' }, only: { type: 'string' } },
      ...{ pool: { type: 'boolean' }, photos: { type: 'string' }, threads: { type: 'boolean' } },
      networks: { type: 'boolean' },
    },
  });
  const photos = Number(values.photos ?? POOL_PHOTOS);
  if (values.pool) return poolAlone(photos);
  const rounds = Number(values.rounds ?? 15);
  if (values.threads) return threadsAlone(rounds);
  if (values.networks) return networksAlone(rounds);
  const only = (values.only?.split(',') ?? ['nearface', 'human', 'face-api']) as readonly ContestantName[];
  if (only.includes('nearface')) await requireLibrary();
  const faceApi = only.includes('face-api') ? await fastestFaceApi() : undefined;
  const peers = [...(only.includes('human') ? [HUMAN] : []), ...(faceApi ? [faceApi.entry] : [])];
  const own = (variants: readonly string[]): readonly Entry[] =>
    only.includes('nearface') ? variants.map((variant) => ({ name: 'nearface', variant })) : [];

  const details: readonly Entry[] = only.includes('human') ? [{ name: 'human', variant: HUMAN_DETAILS }] : [];
  const entries = [...own(NEARFACE_VARIANTS), ...peers, ...details];
  const sections = [await section('WASM, 1 thread', ONE_THREAD, entries, rounds, false)];
  const webcam = only.includes('nearface') ? await webcamRow(rounds) : undefined;
  const hard = only.includes('nearface') ? await hardRows(Math.ceil(rounds / 3)) : [];
  const pool = only.includes('nearface') ? await poolRows(photos) : [];
  const oneAndTwo = only.includes('nearface') ? await threadRows(rounds) : [];
  const networks = only.includes('nearface') ? await networkRows(2 * rounds) : [];
  const threads = availableParallelism();
  sections.push(
    await section(
      `WASM, ${threads} threads`,
      { device: 'wasm', threads },
      entries,
      Math.ceil(rounds / 2),
      true,
    ),
  );
  const gpu = await webgpuSection(entries, rounds);
  if (gpu.section) sections.push(gpu.section);
  const loaded = await startAndBytes([...own(['default']), ...peers]);
  await report(
    sections,
    loaded,
    { faceApiVariants: faceApi?.medians, webgpu: gpu.note, webcam, hard, pool, oneAndTwo, networks },
    [
      ...webcamBar(webcam),
      ...hardBars(hard),
      ...poolBar(pool),
      ...threadBars(oneAndTwo),
      ...networkBars(networks),
    ],
  );
}

async function poolAlone(photos: number): Promise<void> {
  await requireLibrary();
  const pool = await poolRows(photos);
  await writeResults('pool', { versions: await ownVersion(), figures: { pool }, bars: poolBar(pool) });
}

async function threadsAlone(rounds: number): Promise<void> {
  await requireLibrary();
  const threads = await threadRows(rounds);
  const bars = threadBars(threads);
  await writeResults('threads', { versions: await ownVersion(), figures: { threads }, bars });
}

async function networksAlone(rounds: number): Promise<void> {
  await requireLibrary();
  const networks = await networkRows(rounds);
  const versions = { ...(await ownVersion()), ...(await versionsOf(RUNTIMES)) };
  await writeResults('networks', { versions, figures: { networks }, bars: networkBars(networks) });
}

async function ownVersion(): Promise<Record<string, string>> {
  return versionsOf(['nearface']);
}

async function versionsOf(names: readonly string[]): Promise<Record<string, string>> {
  const versions: Record<string, string> = {};
  for (const name of names) versions[name] = await packageVersion(name);
  return versions;
}

/** SSD or Tiny, full or tiny landmarks: whichever is the fastest here. */
async function fastestFaceApi(): Promise<{ entry: Entry; medians: Record<string, number> }> {
  const entries = FACE_API_VARIANTS.map((variant) => ({ name: 'face-api', variant }) as const);
  const { times } = await section('face-api: which of its models', ONE_THREAD, entries, 5, false);
  const found = times.filter(({ answer }) => answer.faces === 1 && answer.dimension > 0);
  const [fastest] = found.toSorted((a, b) => a.medianMs - b.medianMs);
  if (!fastest) throw new Error('face-api did not find the face');
  const medians = Object.fromEntries(times.map(({ variant, medianMs }) => [variant, medianMs]));
  return { entry: { name: 'face-api', variant: fastest.variant }, medians };
}

async function section(
  title: string,
  setup: Setup,
  entries: readonly Entry[],
  rounds: number,
  isolated: boolean,
  browserArgs: readonly string[] = [],
): Promise<Section> {
  const times = await withBench(isolated, browserArgs, (bench, browser) =>
    bench.warm(browser, setup, entries, rounds),
  );
  console.log(`\n${title}: median ms of ${rounds} alternating rounds`);
  const reference = times.find(({ name, variant }) => name === 'nearface' && variant === 'default');
  printTable(
    ['library', 'mode', 'ms', 'least', '÷ nearface', 'faces', 'points', 'dimension', 'attributes', 'backend'],
    times.map(({ name, variant, medianMs, allMs, answer, about }) => [
      name,
      variant,
      medianMs,
      Math.min(...allMs),
      reference ? medianMs / reference.medianMs : undefined,
      answer.faces,
      answer.landmarks,
      answer.dimension,
      answer.attributes,
      `${String(about['backend'])}, SIMD ${String(about['simd'])}, threads ${String(about['threads'] ?? about['multithreaded'])}`,
    ]),
  );
  for (const { name, answer } of times)
    if (answer.faces !== 1) console.log(`${name} found ${answer.faces} faces in a photo of one`);
  return { title, setup, times };
}

/** Only where the browser has a real adapter: a software one says nothing about a GPU's speed. */
async function webgpuSection(
  entries: readonly Entry[],
  rounds: number,
): Promise<{ section?: Section; note: string }> {
  const args = ['--enable-unsafe-webgpu', '--enable-features=Vulkan', '--ignore-gpu-blocklist'];
  const adapter = await withBench(true, args, async (bench, browser) => {
    const page = await browser.newPage();
    await page.goto(bench.pageUrl);
    return page.evaluate(async () => {
      const found = await navigator.gpu?.requestAdapter();
      return (
        found && {
          name: `${found.info.vendor} ${found.info.architecture}`,
          software: found.info.isFallbackAdapter,
        }
      );
    });
  });
  if (!adapter || adapter.software) {
    const note = `WebGPU: not timed, ${adapter ? 'only a software adapter' : 'no adapter'} here`;
    console.log(`\n${note}`);
    return { note };
  }
  const title = `WebGPU on ${adapter.name} (face-api: WebGL)`;
  return {
    section: await section(title, { device: 'webgpu', threads: 1 }, entries, rounds, true, args),
    note: adapter.name,
  };
}

async function startAndBytes(entries: readonly Entry[]): Promise<readonly Loaded[]> {
  const loaded = await withBench(false, [], async (bench, browser) => {
    const starts = await bench.start(browser, { device: 'auto', threads: 1 }, entries, START_ROUNDS);
    const all: Loaded[] = [];
    for (const start of starts)
      all.push({ entry: start, start, files: await wireFiles(bench.url, start.fetched) });
    return all;
  });
  console.log('\nStart to first answer, and bytes over the wire (brotli 11)');
  printTable(
    ['library', 'cold ms', 'warm ms', 'files', 'raw MB', 'brotli MB'],
    loaded.map(({ entry, start, files }) => [
      entry.name,
      median(start.coldMs),
      median(start.warmMs),
      files.length,
      megabytes(files, 'bytes'),
      megabytes(files, 'brotliBytes'),
    ]),
  );
  return loaded;
}

function megabytes(files: readonly WireFile[], size: 'bytes' | 'brotliBytes'): number {
  return files.reduce((sum, file) => sum + file[size], 0) / 1e6;
}

async function report(
  sections: readonly Section[],
  loaded: readonly Loaded[],
  more: Readonly<Record<string, unknown>>,
  moreBars: readonly Bar[],
): Promise<void> {
  const peers = ['@vladmandic/human', '@vladmandic/face-api', '@tensorflow/tfjs-backend-wasm'];
  const versions = await versionsOf(['nearface', ...RUNTIMES, ...peers]);
  const bars = [...speedBars(sections), ...humanBars(sections), ...moreBars, ...wireBar(loaded)];
  await writeResults('speed', { versions, figures: { sections, loaded, ...more }, bars });
}

/** One for `embed` as it is called without options, one for the mode in which one face is wanted, as of the peers. */
function speedBars([wasm]: readonly Section[]): readonly Bar[] {
  const peers =
    wasm?.times.filter(({ name, variant }) => name !== 'nearface' && variant !== HUMAN_DETAILS) ?? [];
  if (!wasm || !peers.length) return [];
  const fastest = Math.min(...peers.map(({ medianMs }) => medianMs));
  return wasm.times
    .filter(({ name, variant }) => name === 'nearface' && BAR_VARIANTS.includes(variant))
    .map(({ variant, medianMs }) => {
      const name = `times as fast as the faster peer (WASM, 1 thread, ${variant})`;
      return bar(name, fastest / medianMs, { least: SPEED_BAR });
    });
}

/**
 * One face; and everything that Human tells as well: mesh, pupils, emotions, age and gender, description; and quality and what is worn.
 */
function humanBars([wasm]: readonly Section[]): readonly Bar[] {
  const barOf = (own: string, human: string, least: number): readonly Bar[] => {
    const msOf = (wanted: string, mode: string): number | undefined =>
      wasm?.times.find(({ name, variant }) => name === wanted && variant === mode)?.medianMs;
    const [ours, theirs] = [msOf('nearface', own), msOf('human', human)];
    return ours && theirs
      ? [bar(`times as fast as Human, ${own} (WASM, 1 thread)`, theirs / ours, { least })]
      : [];
  };
  return [
    ...barOf('one face', HUMAN.variant, HUMAN_BAR),
    ...barOf(HUMAN_DETAILS, HUMAN_DETAILS, DETAILS_BAR),
  ];
}

function wireBar(loaded: readonly Loaded[]): readonly Bar[] {
  const own = loaded.find(({ entry }) => entry.name === 'nearface');
  if (!own) return [];
  return [
    bar('MB over the wire to the first answer (brotli)', megabytes(own.files, 'brotliBytes'), {
      most: WIRE_BAR_MB,
    }),
  ];
}

await main();
