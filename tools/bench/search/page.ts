/** Runs in the page: the kernel, the read speed, a plain loop and the peers, in turn, on the same vectors. */
import { edgevecGraph, hnswlibFlat, hnswlibGraph, type Runner, type Say } from './peers.ts';
import { compileKernel, LAYOUT } from '../../../src/search/kernel/kernel.ts';
import { SearchMatrix } from '../../../src/search/matrix.ts';
import { gaussian, syntheticFaces, syntheticProbes } from './faces.ts';

export interface SearchBenchOptions {
  readonly rows: number;
  readonly dimension: number;
  readonly rounds: number;
  /** Rows of the second race, against graph indexes, which take minutes to build at full size; 0 for none. */
  readonly graphRows: number;
}

export interface SearchBenchResults {
  readonly flat: readonly Contender[];
  readonly graph: readonly Contender[];
}

export interface Contender {
  readonly name: string;
  /** Milliseconds of each query. */
  readonly ms: readonly number[];
  /** Milliseconds to take the vectors in. */
  readonly buildMs?: number;
  /** Share of probes whose best face is the exact best. */
  readonly recall?: number;
}

const LIMIT = 5;

/** More than the caches of any machine at hand. */
const CACHE_BYTES = 2 ** 26;

async function fetchModule(url: string): Promise<WebAssembly.Module> {
  return compileKernel(await (await fetch(url)).arrayBuffer());
}

/** The matrix, and runners that read the very bytes of its rows. */
async function kernelRunners(vectors: Float32Array, dimension: number, say: Say): Promise<Runner[]> {
  const rows = vectors.length / dimension;
  const memories: WebAssembly.Memory[] = [];
  const RealMemory = WebAssembly.Memory;
  WebAssembly.Memory = class extends RealMemory {
    constructor(descriptor: WebAssembly.MemoryDescriptor) {
      super(descriptor);
      memories.push(this);
    }
  };
  const matrix = new SearchMatrix(await fetchModule('/search-kernel.wasm'), dimension);
  WebAssembly.Memory = RealMemory;
  const started = performance.now();
  matrix.reserve(rows);
  for (let row = 0; row < rows; row++)
    matrix.add(row + 1, vectors.subarray(row * dimension, (row + 1) * dimension), ['g']);
  const buildMs = performance.now() - started;
  say(`matrix filled in ${buildMs.toFixed(0)} ms`);
  const [memory] = memories as [WebAssembly.Memory];
  const readModule = await fetchModule('/read.wasm');
  const { exports } = await WebAssembly.instantiate(readModule, { env: { memory } });
  const bytes = Math.floor((rows * dimension * 4) / 2048) * 2048;
  const readers = ['read1', 'read4', 'read8'].map((name) => ({
    name,
    run: () => {
      (exports[name] as (from: number, bytes: number) => number)(LAYOUT.rows, bytes);
      return undefined;
    },
  }));
  const search = (probe: Float32Array, limit: number): number | undefined => {
    const scan = matrix.startScan('g', [probe], { limit, minScore: -1 });
    while (!scan.run(16));
    const seq = scan.results()[0]?.[0]?.seq;
    return seq === undefined ? undefined : seq - 1;
  };
  return [{ name: 'nearface', buildMs, run: (probe) => search(probe, LIMIT) }, ...readers];
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
function race(runners: readonly Runner[], probes: readonly Float32Array[], exact: Runner): Contender[] {
  for (const probe of probes.slice(0, 3)) for (const runner of runners) runner.run(probe);
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
  return runners.map(({ name, buildMs }, i) => ({
    name,
    ms: ms[i] as number[],
    ...(buildMs === undefined ? {} : { buildMs }),
    ...(Number.isNaN(right[i]) ? {} : { recall: (right[i] as number) / probes.length }),
  }));
}

async function flatRace(options: SearchBenchOptions, say: Say): Promise<Contender[]> {
  const { rows, dimension, rounds } = options;
  const vectors = syntheticFaces(rows, dimension, 1);
  const plain = plainLoop(vectors, dimension);
  const runners = [
    ...(await kernelRunners(vectors, dimension, say)),
    plain,
    await hnswlibFlat(vectors, dimension, LIMIT, say),
  ];
  return race(runners, syntheticProbes(vectors, dimension, rounds, 2), plain);
}

async function graphRace(options: SearchBenchOptions, say: Say): Promise<Contender[]> {
  const { graphRows, dimension, rounds } = options;
  if (graphRows === 0) return [];
  const vectors = syntheticFaces(graphRows, dimension, 1);
  const [nearface] = await kernelRunners(vectors, dimension, say);
  const runners = [
    nearface as Runner,
    await hnswlibGraph(vectors, dimension, LIMIT, say),
    await edgevecGraph(vectors, dimension, LIMIT, say),
  ];
  return race(runners, syntheticProbes(vectors, dimension, rounds, 2), plainLoop(vectors, dimension));
}

/** Both races. */
export async function runSearchBench(options: SearchBenchOptions, say: Say): Promise<SearchBenchResults> {
  return { flat: await flatRace(options, say), graph: await graphRace(options, say) };
}

Object.assign(globalThis, { runSearchBench });
