/** Searches on several threads against the same on one; the page of the tests is cross-origin isolated. */
import { afterEach, beforeAll, expect, test, vi } from 'vitest';
import { compileKernel } from '../kernel/kernel.ts';
import { SearchMatrix } from '../matrix.ts';
import type { RowFilter } from '../row-facts.ts';
import type { Scan, ScanOptions } from '../scan.ts';
import type { Match } from '../top-k.ts';
import type { Precision } from '../vectors.ts';
import { STATE, stateWord, WORDS } from './control.ts';
import { helperThread } from '../../platform/browser/start-worker.ts';
import { Crew, type SearchThreads, type SharedScan } from './crew.ts';

const DIMENSION = 64;

let kernel: WebAssembly.Module;
let threads: SearchThreads;
const matrices: SearchMatrix[] = [];

async function fetchKernel(name: string): Promise<WebAssembly.Module> {
  const response = await fetch(new URL(`../kernel/${name}`, import.meta.url));
  return compileKernel(await response.arrayBuffer());
}

beforeAll(async () => {
  kernel = await fetchKernel('search-simd.wasm');
  threads = {
    module: await fetchKernel('search-simd-threads.wasm'),
    helpers: 1,
    startHelper: (onFailed) =>
      helperThread(
        new Worker(new URL('../../worker/search.worker.ts', import.meta.url), { type: 'module' }),
        onFailed,
      ),
    fromRows: 20_000,
  };
});

afterEach(() => {
  for (const matrix of matrices.splice(0)) matrix.dispose();
  vi.restoreAllMocks();
});

/** Normal numbers from a seed: sums of uniform ones (mulberry32). */
function normal(seed: number): () => number {
  let state = seed >>> 0;
  const uniform = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32 - 0.5;
  };
  return () => uniform() + uniform() + uniform();
}

function unitVectors(count: number, seed: number): Float32Array {
  const next = normal(seed);
  const vectors = Float32Array.from({ length: count * DIMENSION }, next);
  for (let row = 0; row < vectors.length; row += DIMENSION) {
    const length = Math.hypot(...vectors.subarray(row, row + DIMENSION));
    for (let i = row; i < row + DIMENSION; i++) vectors[i] = (vectors[i] as number) / length;
  }
  return vectors;
}

function matrixOn(used: SearchThreads | undefined, precision: Precision = 'float'): SearchMatrix {
  const matrix = new SearchMatrix(kernel, DIMENSION, precision, used);
  matrices.push(matrix);
  return matrix;
}

/** Adds faces `first` and so on; every third is in `third`, too. */
function enrol(matrix: SearchMatrix, first: number, vectors: Float32Array): void {
  const count = vectors.length / DIMENSION;
  const seqs = Float64Array.from({ length: count }, (_, i) => first + i);
  const third = new Uint8Array(Math.ceil(count / 8));
  for (let i = 0; i < count; i += 3) third[i >> 3] = (third[i >> 3] as number) | (1 << (i & 7));
  const groups = [
    { name: 'all', bits: new Uint8Array(Math.ceil(count / 8)).fill(255) },
    { name: 'third', bits: third },
  ];
  matrix.addAll({ seqs, vectors, times: seqs, persons: seqs.map((seq) => (seq % 5 === 1 ? 7 : 0)), groups });
}

async function ready(matrix: SearchMatrix, expected: number): Promise<void> {
  await vi.waitFor(() => expect(matrix.threadsFor(Infinity)).toBe(expected), {
    timeout: 20_000,
    interval: 10,
  });
}

const untilDone = (scan: Scan): readonly (readonly Match[])[] => {
  while (!scan.run(2));
  return scan.results();
};

function search(
  matrix: SearchMatrix,
  probes: readonly Float32Array[],
  options: Partial<ScanOptions> & { readonly group?: string; readonly filter?: RowFilter } = {},
): Promise<readonly (readonly Match[])[]> {
  const { group = 'all', filter = {}, ...rest } = options;
  return matrix.scan(matrix.select([group], filter), probes, { limit: 10, minScore: -1, ...rest }, untilDone);
}

const probesOf = (count: number, seed: number): Float32Array[] => {
  const vectors = unitVectors(count, seed);
  return Array.from({ length: count }, (_, i) => vectors.slice(i * DIMENSION, (i + 1) * DIMENSION));
};

/** Counts panels that were shared out, and those of them that helpers scanned. */
function countPanels(): { shared: number; helped: number } {
  const counted = { shared: 0, helped: 0 };

  const real = Crew.prototype.share;
  vi.spyOn(Crew.prototype, 'share').mockImplementation(function (this: Crew, scan: SharedScan) {
    let own = 0;
    const watched = { ...scan, scan: (panel: number) => (own++, scan.scan(panel)) };
    const panels = real.call(this, watched);
    counted.shared += panels;
    counted.helped += panels - own;
    return panels;
  });
  return counted;
}

async function expectSame(
  one: SearchMatrix,
  several: SearchMatrix,
  probes: readonly Float32Array[],
  options?: Parameters<typeof search>[2],
): Promise<void> {
  expect(await search(several, probes, options)).toEqual(await search(one, probes, options));
}

test.each([
  { helpers: 1, precision: 'float' },
  { helpers: 1, precision: 'byte' },
  { helpers: 3, precision: 'float' },
] as const)('$helpers helpers and $precision rows: what one thread finds', async ({ helpers, precision }) => {
  const counted = countPanels();
  const [one, several] = [matrixOn(undefined, precision), matrixOn({ ...threads, helpers }, precision)];
  const vectors = unitVectors(150_000, 1);
  for (const matrix of [one, several]) enrol(matrix, 1, vectors);
  await ready(several, helpers + 1);
  for (let i = 0; i < 5; i++) await expectSame(one, several, probesOf(1, 10 + i));
  for (const count of [2, 8, 9]) await expectSame(one, several, probesOf(count, 20 + count));
  for (const limit of [0, 1, 1000]) await expectSame(one, several, probesOf(1, 30), { limit });
  await expectSame(one, several, probesOf(2, 40), { exact: true });
  await expectSame(one, several, probesOf(1, 41), { minScore: 0.4 });
  await expectSame(one, several, probesOf(1, 42), { fromRow: 70_001 });
  for (const group of ['third', 'nobody']) await expectSame(one, several, probesOf(1, 50), { group });
  await expectSame(one, several, probesOf(1, 51), { filter: { from: 30_000, until: 120_000 } });
  await expectSame(one, several, probesOf(1, 52), { filter: { person: 7 } });
  for (const matrix of [one, several]) for (let seq = 3; seq < 150_000; seq += 7) matrix.remove(seq);
  for (let i = 0; i < 3; i++) await expectSame(one, several, probesOf(1, 60 + i));
  expect(several.size).toBe(one.size);
  expect(counted.shared).toBeGreaterThan(100);
  expect(counted.helped).toBeGreaterThan(10);
});

test('a set that grows goes over to shared memory, which grows; rows may be added in mid-scan', async () => {
  const [one, several] = [matrixOn(undefined), matrixOn(threads)];
  const counted = countPanels();
  const vectors = unitVectors(60_000, 2);
  const part = (from: number, to: number) => vectors.subarray(from * DIMENSION, to * DIMENSION);
  for (const matrix of [one, several]) enrol(matrix, 1, part(0, 15_000));
  expect(several.threadsFor(15_000)).toBe(1);
  await expectSame(one, several, probesOf(1, 1));
  for (const matrix of [one, several]) enrol(matrix, 15_001, part(15_000, 40_000));
  await ready(several, 2);
  expect(several.threadsFor(15_000)).toBe(1);
  for (const exact of [false, true]) await expectSame(one, several, probesOf(1, 2), { exact });
  const [probe] = probesOf(1, 3) as [Float32Array];
  for (const exact of [false, true]) {
    const first = exact ? 70_001 : 40_001;
    const found = await Promise.all(
      [one, several].map((matrix) =>
        matrix.scan(matrix.select(['all']), [probe], { limit: 20, minScore: -1, exact }, (scan) => {
          expect(scan.run(0)).toBe(false);
          const bytes = matrix.bytes;
          enrol(matrix, first, part(40_000, 60_000));
          matrix.add(first + 20_000, probe, ['all']);
          expect(matrix.bytes).toBeGreaterThan(bytes);
          return untilDone(scan);
        }),
      ),
    );
    expect(found[1]).toEqual(found[0]);
    expect(found[1]?.[0]?.[0]?.seq).toBe(first + 20_000);
    for (const matrix of [one, several]) matrix.remove(first + 20_000);
  }
  expect(counted.helped).toBeGreaterThan(0);
});

test('rows that give up full precision free their shared memory, and are searched on', async () => {
  const [one, several] = [matrixOn(undefined), matrixOn(threads)];
  const vectors = unitVectors(50_000, 3);
  for (const matrix of [one, several]) enrol(matrix, 1, vectors);
  await ready(several, 2);
  for (const matrix of [one, several]) matrix.narrow();
  expect(several.precision).toBe('byte');
  await ready(several, 2);
  await expectSame(one, several, probesOf(1, 4));
  await expectSame(one, several, probesOf(1, 5), { exact: true });
});

test('without shared memory, workers or their script, one thread searches', async () => {
  const RealMemory = WebAssembly.Memory;
  vi.spyOn(WebAssembly, 'Memory').mockImplementation(function (descriptor) {
    if (descriptor.shared) throw new RangeError('could not allocate memory');
    return new RealMemory(descriptor);
  });
  const refused = matrixOn(threads);
  const vectors = unitVectors(30_000, 5);
  enrol(refused, 1, vectors);
  vi.restoreAllMocks();
  const forbidden = matrixOn({
    ...threads,
    startHelper: () => {
      throw new DOMException('forbidden', 'SecurityError');
    },
  });
  const missing = matrixOn({
    ...threads,
    startHelper: (onFailed) => helperThread(new Worker('/no-such-worker.js', { type: 'module' }), onFailed),
  });
  const one = matrixOn(undefined);
  for (const matrix of [forbidden, missing, one]) enrol(matrix, 1, vectors);
  await new Promise((resolve) => setTimeout(resolve, 500));
  for (const matrix of [refused, forbidden, missing]) {
    expect(matrix.threadsFor(30_000)).toBe(1);
    await expectSame(one, matrix, probesOf(1, 6));
  }
});

/** A helper that takes a panel and never gives it back. */
const STALLING = `onmessage = ({ data: { control, helper } }) => {
  const words = new Int32Array(control);
  const state = ${stateWord(0)};
  Atomics.store(words, state, ${STATE.idle});
  do Atomics.wait(words, state, ${STATE.idle});
  while (Atomics.compareExchange(words, state, ${STATE.offered}, ${STATE.busy}) !== ${STATE.offered});
  Atomics.store(words, ${WORDS.owners} + Atomics.add(words, ${WORDS.next}, 1), helper + 2);
};`;

test('what a helper does not give back is done without it', async () => {
  const script = URL.createObjectURL(new Blob([STALLING], { type: 'text/javascript' }));
  const [one, several] = [
    matrixOn(undefined),
    matrixOn({ ...threads, startHelper: (onFailed) => helperThread(new Worker(script), onFailed) }),
  ];
  const vectors = unitVectors(150_000, 7);
  for (const matrix of [one, several]) enrol(matrix, 1, vectors);
  await ready(several, 2);
  for (let i = 0; i < 100 && several.threadsFor(Infinity) === 2; i++)
    await expectSame(one, several, probesOf(1, 70 + i), { exact: true, limit: 2000 });
  expect(several.threadsFor(Infinity)).toBe(1);
  await expectSame(one, several, probesOf(1, 8));
  URL.revokeObjectURL(script);
});

test('after dispose one thread searches', async () => {
  const [one, several] = [matrixOn(undefined), matrixOn(threads)];
  const vectors = unitVectors(30_000, 9);
  for (const matrix of [one, several]) enrol(matrix, 1, vectors);
  await ready(several, 2);
  const [probe] = probesOf(1, 9) as [Float32Array];
  const found = await several.scan(several.select(['all']), [probe], { limit: 5, minScore: -1 }, (scan) => {
    scan.run(0);
    several.dispose();
    several.dispose();
    return untilDone(scan);
  });
  expect(found).toEqual(await search(one, [probe], { limit: 5 }));
  expect(several.threadsFor(30_000)).toBe(1);
});
