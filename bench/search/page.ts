/** Runs in the page: the matrix, the read speed, a plain loop and the peers, in turn, on the same vectors. */
import { edgevecGraph, hnswlibFlat, hnswlibGraph, type Runner, type Say } from './peers.ts';
import { BLOCK_ROWS, compileKernel, LAYOUT, MAX_RUN_BLOCKS, RUNS } from '../../src/search/kernel/kernel.ts';
import { Codes, deviationsFor } from '../../src/search/codes.ts';
import { SearchMatrix } from '../../src/search/matrix.ts';
import type { Recall } from '../../src/core/records.ts';
import { recallOf } from '../../src/search/recall.ts';
import type { Match } from '../../src/search/top-k.ts';
import { gaussian, syntheticFaces, syntheticProbes } from '../harness/synthetic-faces.ts';
import { fillLarge, largeProbes } from '../harness/large-sets.ts';
import type { ThreadsFigures, ThreadsOptions } from './threads-worker.ts';

export interface RaceOptions {
  readonly rows: number;
  readonly dimension: number;
  readonly rounds: number;
  /** Which of the peers' indexes take part; graphs take minutes to build at 100,000. */
  readonly graphs: boolean;
}

export interface Contender {
  readonly name: string;
  /** Milliseconds of each query. */
  readonly ms: readonly number[];
  /** Milliseconds to take the vectors in. */
  readonly buildMs?: number;
  /** Bytes of its WASM memory. */
  readonly bytes?: number;
  /** Bytes that a query reads, if it reads all of something. */
  readonly readBytes?: number;
  /** Share of probes whose best face is the exact best. */
  readonly recall?: number;
}

const LIMIT = 10;

/** More than the caches of a server that lends a part of itself. */
const CACHE_BYTES = 2 ** 29;

async function fetchModule(url: string): Promise<WebAssembly.Module> {
  return compileKernel(await (await fetch(url)).arrayBuffer());
}

/** The memories that modules loaded from now on export. */
function watchMemories(): () => number {
  const memories = new Set<WebAssembly.Memory>();
  const note = (source: WebAssembly.WebAssemblyInstantiatedSource | WebAssembly.Instance): void => {
    const { exports } = 'instance' in source ? source.instance : source;
    for (const value of Object.values(exports)) if (value instanceof WebAssembly.Memory) memories.add(value);
  };
  const api = WebAssembly as unknown as Record<string, (...given: unknown[]) => Promise<never>>;
  for (const name of ['instantiate', 'instantiateStreaming']) {
    const real = api[name]!;
    api[name] = async (...given) => {
      const source = await real.apply(WebAssembly, given);
      note(source);
      return source;
    };
  }
  return () => [...memories].reduce((sum, { buffer }) => sum + buffer.byteLength, 0);
}

/** A peer, with what its building added to the memories. */
async function weighed(bytes: () => number, build: () => Promise<Runner>): Promise<Runner> {
  const before = bytes();
  const runner = await build();
  return { ...runner, bytes: bytes() - before };
}

async function fill(
  vectors: Float32Array,
  dimension: number,
): Promise<{ matrix: SearchMatrix; buildMs: number }> {
  const rows = vectors.length / dimension;
  const matrix = new SearchMatrix(await fetchModule('/search-relaxed.wasm'), dimension);
  const started = performance.now();
  matrix.addAll({
    seqs: Float64Array.from({ length: rows }, (_, row) => row + 1),
    vectors,
    groups: [{ name: 'g', bits: new Uint8Array(Math.ceil(rows / 8)).fill(255) }],
  });
  return { matrix, buildMs: performance.now() - started };
}

function find(matrix: SearchMatrix, probe: Float32Array, exact: boolean, limit = LIMIT): readonly Match[] {
  let found: readonly Match[] = [];
  void matrix.scan(matrix.select(['g']), [probe], { limit, minScore: -1, exact }, (scan) => {
    while (!scan.run(16));
    found = scan.results()[0] as readonly Match[];
  });
  return found;
}

/** The codes of a matrix on their own, scanned for rows that nothing can reach. */
class FirstPass {
  readonly codes: Codes;
  readonly #blocks: number;

  constructor(module: WebAssembly.Module, vectors: Float32Array, dimension: number) {
    this.codes = new Codes(module, dimension);
    const rows = vectors.length / dimension;
    this.#blocks = rows / BLOCK_ROWS;
    this.codes.reserve(rows);
    const most = this.codes.stagedRows;
    for (let first = 0; first < rows; first += most) {
      this.codes.stage(vectors.subarray(first * dimension, (first + most) * dimension), dimension);
      this.codes.encodeStaged(Math.min(most, rows - first), first);
    }
  }

  run(probe: Float32Array): undefined {
    const prepared = this.codes.prepare(probe, deviationsFor(10));
    new Uint8Array(this.codes.kernel.memory.buffer, LAYOUT.filter, RUNS * MAX_RUN_BLOCKS * 2).fill(255);
    for (let block = 0; block < this.#blocks; block += RUNS * MAX_RUN_BLOCKS) {
      const run = Math.min(MAX_RUN_BLOCKS, Math.ceil((this.#blocks - block) / RUNS));
      this.codes.candidates(prepared, block, run, 1);
    }
    return undefined;
  }
}

/** The matrix with two passes and with one, and runners that read the very bytes of its codes. */
async function ownRunners(
  vectors: Float32Array,
  dimension: number,
): Promise<{ runners: Runner[]; matrix: SearchMatrix }> {
  const rows = vectors.length / dimension;
  const { matrix, buildMs } = await fill(vectors, dimension);
  const firstPass = new FirstPass(await fetchModule('/search-relaxed.wasm'), vectors, dimension);
  const { memory, data } = firstPass.codes.kernel;
  const { exports } = await WebAssembly.instantiate(await fetchModule('/read.wasm'), { env: { memory } });
  const codeBytes = Math.floor((rows * matrix.codeBytes) / 2048) * 2048;
  const readers = ['read1', 'read4', 'read8'].map((name) => ({
    name,
    readBytes: codeBytes,
    run: () => {
      (exports[name] as (from: number, bytes: number) => number)(data, codeBytes);
      return undefined;
    },
  }));
  const best = (probe: Float32Array, exact: boolean): number => (find(matrix, probe, exact)[0]?.seq ?? 0) - 1;
  return {
    matrix,
    runners: [
      {
        name: 'nearface',
        buildMs,
        bytes: matrix.bytes,
        readBytes: codeBytes,
        run: (probe) => best(probe, false),
      },
      {
        name: 'nearface, first pass alone',
        readBytes: codeBytes,
        run: (probe) => firstPass.run(probe),
      },
      {
        name: 'nearface, exact: true (float32 scan)',
        readBytes: rows * dimension * 4,
        run: (probe) => best(probe, true),
      },
      ...readers,
    ],
  };
}

function plainLoop(vectors: Float32Array, dimension: number): Runner {
  const rows = vectors.length / dimension;
  const run = (probe: Float32Array): number => {
    let best = -Infinity;
    let bestRow = -1;
    for (let row = 0; row < rows; row++) {
      const offset = row * dimension;
      let sum = 0;
      for (let i = 0; i < dimension; i++) sum += (probe[i] as number) * (vectors[offset + i] as number);
      if (sum > best) {
        best = sum;
        bestRow = row;
      }
    }
    return bestRow;
  };
  return { name: 'plain JavaScript loop', run };
}

/** Reads more than the caches hold, so that no runner finds in them what the one before it left there. */
function emptyCaches(other: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < other.length; i += 8) sum += other[i] as number;
  return sum;
}

/** The numbers below `count`, in an order that differs from round to round. */
function shuffled(count: number, round: number): number[] {
  const next = gaussian(round + 1);
  const keyed = Array.from({ length: count }, (_, i) => ({ i, key: next() }));
  return keyed.sort((a, b) => a.key - b.key).map(({ i }) => i);
}

/** One query of every runner per round, in changing order, so that a busy moment of the machine hits all of them. */
function runRace(runners: readonly Runner[], probes: readonly Float32Array[], exact: Runner): Contender[] {
  for (const probe of probes.slice(0, 2)) for (const runner of runners) runner.run(probe);
  const other = new Float64Array(CACHE_BYTES / 8).fill(1);
  const ms = runners.map((): number[] => []);
  const right = runners.map(() => 0);
  for (const [round, probe] of probes.entries()) {
    const truth = exact.run(probe);
    for (const i of shuffled(runners.length, round)) {
      emptyCaches(other);
      const started = performance.now();
      const best = (runners[i] as Runner).run(probe);
      (ms[i] as number[]).push(performance.now() - started);
      if (best === undefined) right[i] = NaN;
      else if (best === truth) right[i] = (right[i] as number) + 1;
    }
  }
  return runners.map(({ name, buildMs, bytes, readBytes }, i) => ({
    name,
    ms: ms[i] as number[],
    ...(buildMs === undefined ? {} : { buildMs }),
    ...(bytes === undefined ? {} : { bytes }),
    ...(readBytes === undefined ? {} : { readBytes }),
    ...(Number.isNaN(right[i]) ? {} : { recall: (right[i] as number) / probes.length }),
  }));
}

/** One race on vectors of a size. */
export async function race(options: RaceOptions, say: Say): Promise<readonly Contender[]> {
  const { rows, dimension, rounds, graphs } = options;
  const vectors = syntheticFaces(rows, dimension, 1);
  say(`${rows} vectors made`);
  const { runners: own } = await ownRunners(vectors, dimension);
  const plain = plainLoop(vectors, dimension);
  const bytes = watchMemories();
  const peers = [plain];
  for (const build of [hnswlibFlat, ...(graphs ? [hnswlibGraph, edgevecGraph] : [])])
    peers.push(await weighed(bytes, () => build(vectors, dimension, LIMIT, say)));
  const probes = syntheticProbes(vectors, dimension, rounds, 2);
  const exact = own.find(({ name }) => name.startsWith('nearface, exact'));
  return runRace([...own, ...peers], probes, exact as Runner);
}

/** Recall on synthetic faces, a half of the probes strangers. */
export async function measureRecall(rows: number, dimension: number, count: number): Promise<Recall> {
  const vectors = syntheticFaces(rows, dimension, 1);
  const { matrix } = await fill(vectors, dimension);
  const strangers = syntheticFaces(count / 2, dimension, 99);
  const probes = [
    ...syntheticProbes(vectors, dimension, count / 2, 2),
    ...Array.from({ length: count / 2 }, (_, i) => strangers.slice(i * dimension, (i + 1) * dimension)),
  ];
  return recallOf(
    probes.map((probe) => find(matrix, probe, true)),
    probes.map((probe) => find(matrix, probe, false)),
  );
}

/** A very large set in memory, as it is above two million faces. */
export interface LargeFigures {
  readonly rows: number;
  readonly fillMs: number;
  readonly bytes: number;
  readonly ms: readonly number[];
  /** Share of probes whose person is the best found. */
  readonly right: number;
}

/** Fills a matrix of bytes and searches in it. */
export async function large(rows: number, dimension: number, rounds: number): Promise<LargeFigures> {
  const matrix = new SearchMatrix(await fetchModule('/search-relaxed.wasm'), dimension, 'byte');
  const fillMs = fillLarge([matrix], rows, dimension);
  const probes = largeProbes(dimension, rounds);
  for (const { probe } of probes.slice(0, 2)) find(matrix, probe, false);
  const ms: number[] = [];
  let right = 0;
  for (const { probe, isRight } of probes) {
    const started = performance.now();
    const [best] = find(matrix, probe, false);
    ms.push(performance.now() - started);
    if (best && isRight(best.seq)) right++;
  }
  return { rows, fillMs, bytes: matrix.bytes, ms, right: right / rounds };
}

/** Searches on one thread and on several, in a worker of this page, which must be isolated. */
export function onThreads(options: ThreadsOptions): Promise<ThreadsFigures> {
  const worker = new Worker('/threads-worker.js', { type: 'module' });
  return new Promise<ThreadsFigures>((resolve, reject) => {
    worker.onmessage = ({ data }: MessageEvent<ThreadsFigures>): void => resolve(data);
    worker.onerror = (event): void => reject(new Error(event.message));
    worker.postMessage(options);
  }).finally(() => worker.terminate());
}

Object.assign(globalThis, { race, measureRecall, large, onThreads });
