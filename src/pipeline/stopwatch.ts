import type { Stage, Timings } from '../core/analysis.ts';

/** Runs that count for the medians. */
const KEPT = 32;

/** Milliseconds per stage: sums within one analysis, medians over the last of them. */
export class Stopwatch {
  readonly #past = new Map<Stage, number[]>();
  readonly #current = new Map<Stage, number>();
  #excluded = 0;

  /** Adds the time that `run` takes to a stage of the analysis under way. */
  async measure<T>(stage: Stage, run: () => T | Promise<T>): Promise<T> {
    const [start, excluded] = [performance.now(), this.#excluded];
    try {
      return await run();
    } finally {
      const ms = performance.now() - start - (this.#excluded - excluded);
      this.#current.set(stage, (this.#current.get(stage) ?? 0) + ms);
    }
  }

  /** Takes the time of `run`, such as the loading of a model, out of every stage that is being measured. One at a time. */
  async exclude<T>(run: () => Promise<T>): Promise<T> {
    const start = performance.now();
    try {
      return await run();
    } finally {
      this.#excluded += performance.now() - start;
    }
  }

  /** Ends an analysis; `keep` false forgets its times, as those of a failed one. */
  finish(keep: boolean): void {
    if (keep) {
      for (const [stage, ms] of this.#current) {
        const past = this.#past.get(stage) ?? [];
        this.#past.set(stage, [...past, ms].slice(-KEPT));
      }
    }
    this.#current.clear();
  }

  /** The medians, in milliseconds. */
  get timings(): Timings {
    return Object.fromEntries([...this.#past].map(([stage, past]) => [stage, median(past)]));
  }
}

/** What takes the time of stages. */
export type StageTimer = Pick<Stopwatch, 'measure'>;

/** For work whose time nobody asks for. */
export const UNTIMED: StageTimer = Object.freeze({
  measure: async <T>(_stage: Stage, run: () => T | Promise<T>): Promise<T> => run(),
});

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? 0;
  return sorted.length % 2 ? upper : (upper + (sorted[middle - 1] ?? upper)) / 2;
}
