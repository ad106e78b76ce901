/** Runs in a worker of an isolated page: the same searches on one thread and on several, in turn. */
import { compileKernel } from '../../src/search/kernel/kernel.ts';
import { type Precision, SearchMatrix } from '../../src/search/matrix.ts';
import type { Match } from '../../src/search/top-k.ts';
import { fillLarge, type LargeProbe, largeProbes } from '../harness/large-sets.ts';

export interface ThreadsOptions {
  readonly rows: number;
  readonly dimension: number;
  readonly rounds: number;
  readonly threads: number;
  readonly precision: Precision;
  /** Full scans instead of two passes. */
  readonly exact: boolean;
}

export interface ThreadsFigures {
  /** Milliseconds of each search on one thread, in memory of its own, as on a page that is not isolated. */
  readonly one: readonly number[];
  /** Milliseconds of each search on several threads. */
  readonly several: readonly number[];
  /** Threads that did take part. */
  readonly threads: number;
  /** Share of searches that found the same faces with the same scores. */
  readonly same: number;
  /** Milliseconds to fill each of the two. */
  readonly fillMs: readonly [one: number, several: number];
}

const LIMIT = 10;

async function fetchModule(url: string): Promise<WebAssembly.Module> {
  return compileKernel(await (await fetch(url)).arrayBuffer());
}

function find(matrix: SearchMatrix, { probe }: LargeProbe, exact: boolean): readonly Match[] {
  let found: readonly Match[] = [];
  void matrix.scan(matrix.select(['g']), [probe], { limit: LIMIT, minScore: -1, exact }, (scan) => {
    while (!scan.run(16));
    found = scan.results()[0] as readonly Match[];
  });
  return found;
}

/** Waits for the helpers, which start on their own. */
async function allHelpers(matrix: SearchMatrix, rows: number, threads: number): Promise<void> {
  const deadline = performance.now() + 10_000;
  while (matrix.threadsFor(rows) < threads && performance.now() < deadline)
    await new Promise((resolve) => setTimeout(resolve, 10));
}

async function measure(options: ThreadsOptions): Promise<ThreadsFigures> {
  const { rows, dimension, rounds, threads, precision, exact } = options;
  const one = new SearchMatrix(await fetchModule('/search-relaxed.wasm'), dimension, precision);
  const several = new SearchMatrix(await fetchModule('/search-relaxed.wasm'), dimension, precision, {
    module: await fetchModule('/search-relaxed-threads.wasm'),
    helpers: threads - 1,
    startHelper: () => new Worker('/search.worker.js', { type: 'module' }),
    fromRows: 1,
  });
  const fillMs = [fillLarge([one], rows, dimension), fillLarge([several], rows, dimension)] as const;
  await allHelpers(several, rows, threads);
  const probes = largeProbes(dimension, rounds);
  const ms = new Map<SearchMatrix, number[]>([
    [one, []],
    [several, []],
  ]);
  for (const probe of probes.slice(0, 3)) for (const matrix of ms.keys()) find(matrix, probe, exact);
  let same = 0;
  for (const [round, probe] of probes.entries()) {
    const order = round % 2 ? [one, several] : [several, one];
    const found = order.map((matrix) => {
      const started = performance.now();
      const matches = find(matrix, probe, exact);
      ms.get(matrix)?.push(performance.now() - started);
      return JSON.stringify(matches);
    });
    if (found[0] === found[1]) same++;
  }
  const [first, second] = [ms.get(one) ?? [], ms.get(several) ?? []];
  return { one: first, several: second, threads: several.threadsFor(rows), same: same / rounds, fillMs };
}

addEventListener('message', ({ data }: MessageEvent<ThreadsOptions>) => {
  void measure(data).then((figures) => postMessage(figures));
});
