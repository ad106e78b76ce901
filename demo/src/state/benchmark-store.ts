import { NearFace } from 'nearface';
import type {
  BackendChoice,
  BackendTimes,
  BenchmarkResult,
  Machine,
  SearchTimes,
  Task,
} from '../model/benchmark-words.ts';
import { median } from '../model/format.ts';
import { benchmarkPictures } from './benchmark-pictures.ts';
import { measureSearch } from './benchmark-search.ts';
import { ASSETS } from './engine.ts';
import { createLongTask, type LongTask, type TaskRun } from './long-task.ts';

/** Rounds of each task; in each, the backends take turns, so that a machine that warms up favours none. */
export const ROUNDS: Readonly<Record<'one' | 'many', number>> = { one: 7, many: 3 };
/** The first runs of a backend are slower, and are not timed. */
const WARM_UPS = 2;
/** More threads gain nothing for models as small. */
const MOST_THREADS = 4;
/** Parts of the progress: starting, both tasks, and the search. */
const SHARES = { start: 0.25, one: 0.25, many: 0.25, search: 0.25 } as const;

export type BenchmarkStore = LongTask<BenchmarkResult>;

/** Every backend of this machine, beside the page's own instance, which has nothing to do meanwhile. */
export function createBenchmarkStore(): BenchmarkStore {
  return createLongTask<BenchmarkResult>(async (run, tell) => {
    const { choices, missing } = await findBackends();
    const contest = new Contest(run, missing, tell);
    try {
      await contest.open(choices);
      await contest.compete();
    } finally {
      await contest.close();
    }
    const { report, signal } = run;
    const before = SHARES.start + SHARES.one + SHARES.many;
    const search = await measureSearch({ signal, report: (share) => report(before + SHARES.search * share) });
    contest.tell(search);
  });
}

/** Those that this page can have, and why it cannot have others. */
async function findBackends(): Promise<{ choices: readonly BackendChoice[]; missing: readonly string[] }> {
  const choices: BackendChoice[] = [
    { id: 'wasm', label: 'WebAssembly, 1 thread', options: { device: 'wasm', threads: 1 } },
  ];
  const missing: string[] = [];
  const threads = Math.min(MOST_THREADS, navigator.hardwareConcurrency);
  if (crossOriginIsolated && threads > 1)
    choices.push({
      id: 'threads',
      label: `WebAssembly, ${threads} threads`,
      options: { device: 'wasm', threads },
    });
  else
    missing.push(
      threads > 1
        ? 'Threads: this page is not cross-origin isolated.'
        : 'Threads: this machine has one core.',
    );
  const gpu = await findGpu();
  if (gpu === 'real') choices.push({ id: 'webgpu', label: 'WebGPU', options: { device: 'webgpu' } });
  else
    missing.push(
      gpu === 'software'
        ? 'WebGPU: there is a software adapter alone, which is no faster than the processor that it runs on.'
        : 'WebGPU: this browser has no adapter.',
    );
  return { choices, missing };
}

interface GpuAdapterFacts {
  readonly isFallbackAdapter?: boolean;
  readonly info?: { readonly isFallbackAdapter?: boolean };
}

interface NavigatorWithGpu {
  readonly gpu?: { requestAdapter(): Promise<GpuAdapterFacts | null> };
}

async function findGpu(): Promise<'real' | 'software' | 'none'> {
  const adapter = await (navigator as NavigatorWithGpu).gpu?.requestAdapter().catch(() => null);
  if (!adapter) return 'none';
  return adapter.isFallbackAdapter || adapter.info?.isFallbackAdapter ? 'software' : 'real';
}

/** A backend that takes part. */
interface Contestant {
  readonly choice: BackendChoice;
  readonly times: Record<'one' | 'many', number[]>;
  nf?: NearFace;
  startMs?: number;
  about?: string;
  error?: unknown;
}

/** Backends that take turns at the same pictures. */
class Contest {
  readonly #run: TaskRun;
  readonly #missing: readonly string[];
  readonly #told: (result: BenchmarkResult) => void;
  #contestants: readonly Contestant[] = [];
  #facesFound: number | undefined;
  #version = '';

  constructor(run: TaskRun, missing: readonly string[], tell: (result: BenchmarkResult) => void) {
    this.#run = run;
    this.#missing = missing;
    this.#told = tell;
  }

  /** Starts them, one after the other. */
  async open(choices: readonly BackendChoice[]): Promise<void> {
    this.#contestants = choices.map((choice) => ({ choice, times: { one: [], many: [] } }));
    for (const [i, contestant] of this.#contestants.entries()) {
      await this.#attempt(contestant, async () => {
        const start = performance.now();
        const common = { assets: ASSETS, database: null, visionWorkers: 1, preload: { embedding: true } };
        const nf = await NearFace.create({
          ...common,
          ...contestant.choice.options,
          signal: this.#run.signal,
        });
        contestant.nf = nf;
        contestant.startMs = performance.now() - start;
        const { adapter, simd, version } = nf.info;
        contestant.about = adapter || `SIMD ${simd}`;
        this.#version = version;
      });
      this.#run.report((SHARES.start * (i + 1)) / choices.length);
      this.tell();
    }
  }

  async compete(): Promise<void> {
    const pictures = await benchmarkPictures();
    let before: number = SHARES.start;
    for (const task of ['one', 'many'] as const) {
      const rounds = WARM_UPS + ROUNDS[task];
      for (let round = 0; round < rounds; round++) {
        for (const contestant of this.#contestants)
          await this.#attempt(contestant, () => this.#time(contestant, task, pictures[task], round));
        this.#run.report(before + (SHARES[task] * (round + 1)) / rounds);
      }
      before += SHARES[task];
      this.tell();
    }
  }

  async close(): Promise<void> {
    await Promise.all(this.#contestants.map(async ({ nf }) => nf?.dispose()));
  }

  tell(search?: SearchTimes): void {
    this.#told({
      version: this.#version,
      machine: machineOf(),
      backends: this.#contestants.map(timesOf),
      missing: this.#missing,
      ...(this.#facesFound !== undefined && { facesFound: this.#facesFound }),
      ...(search && { search }),
    });
  }

  async #time(contestant: Contestant, task: 'one' | 'many', picture: Blob, round: number): Promise<void> {
    const { nf, times } = contestant;
    if (!nf) return;
    const faces = task === 'one' ? 'biggest' : 'all';
    const start = performance.now();
    const found = await nf.embed(picture, { faces, signal: this.#run.signal });
    if (round >= WARM_UPS) times[task].push(performance.now() - start);
    if (task === 'many') this.#facesFound = found.faces.length;
  }

  /** One that fails drops out; the others go on, unless it was stopped. */
  async #attempt(contestant: Contestant, work: () => Promise<void>): Promise<void> {
    if (contestant.error !== undefined) return;
    try {
      await work();
    } catch (error) {
      if (this.#run.signal.aborted) throw error;
      contestant.error = error;
    }
  }
}

function timesOf({ choice, times, startMs, about, error }: Contestant): BackendTimes {
  const ms: Partial<Record<Task, number>> = {
    ...(startMs !== undefined && { start: startMs }),
    ...(times.one.length > 0 && { one: median(times.one) }),
    ...(times.many.length > 0 && { many: median(times.many) }),
  };
  return { choice, ms, ...(about && { about }), ...(error !== undefined && { error }) };
}

function machineOf(): Machine {
  const { userAgent, hardwareConcurrency: cores } = navigator;
  const { deviceMemory } = navigator as { readonly deviceMemory?: number };
  return {
    browser: userAgent,
    cores,
    isIsolated: crossOriginIsolated,
    ...(deviceMemory !== undefined && { memoryGib: deviceMemory }),
  };
}
