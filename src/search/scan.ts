import type { Bitmap } from './bitmap.ts';
import { type Kernel, LAYOUT, MAX_RUN_WORDS, RUNS } from './kernel/kernel.ts';
import { type Match, TopK } from './top-k.ts';

/** What a scan reads. The matrix may change between steps: a row is looked up when it is found. */
export interface ScanView {
  readonly kernel: Kernel;
  readonly rowBytes: number;
  readonly filter: Bitmap;
  rowCount(): number;
  seqAt(row: number): number;
}

/** What a scan keeps. */
export interface ScanOptions {
  /** Most matches per probe. */
  readonly limit: number;
  /** Matches with a lower dot product are left out. */
  readonly minScore: number;
}

/** Bytes of a panel that stays in the second-level cache while several probes pass over it. */
const CACHED_PANEL_BYTES = 256 * 1024;

/** A search in steps of bounded time: call {@link MatrixScan.run} until it answers true. */
export class MatrixScan {
  readonly #view: ScanView;
  readonly #probes: readonly Float32Array[];
  readonly #best: readonly TopK[];
  readonly #maxRunWords: number;
  #nextWord = 0;
  /** Doubles: the first panels are short, as all their rows are candidates. */
  #runWords = 1;

  constructor(view: ScanView, probes: readonly Float32Array[], options: ScanOptions) {
    this.#view = view;
    this.#probes = probes;
    this.#best = probes.map(() => new TopK(options.limit, options.minScore));
    const cachedWords = Math.floor(CACHED_PANEL_BYTES / (RUNS * 32 * view.rowBytes));
    this.#maxRunWords = probes.length > 1 ? Math.min(MAX_RUN_WORDS, Math.max(1, cachedWords)) : MAX_RUN_WORDS;
  }

  /** Scans for about `budgetMs`. Returns whether all rows were seen. */
  run(budgetMs: number): boolean {
    const { filter, kernel } = this.#view;
    const deadline = performance.now() + budgetMs;
    while (this.#nextWord * 32 < this.#view.rowCount()) {
      const left = Math.ceil((this.#view.rowCount() / 32 - this.#nextWord) / RUNS);
      const runWords = Math.min(this.#runWords, left);
      const filterWords = new Uint32Array(kernel.memory.buffer, LAYOUT.filter, RUNS * runWords);
      if (filter.copyWords(this.#nextWord, filterWords)) this.#scanPanel(runWords);
      this.#nextWord += RUNS * runWords;
      this.#runWords = Math.min(2 * this.#runWords, this.#maxRunWords);
      if (performance.now() >= deadline) return this.#nextWord * 32 >= this.#view.rowCount();
    }
    return true;
  }

  /** The matches of each probe, best first. */
  results(): readonly (readonly Match[])[] {
    return this.#best.map((best) => best.sorted());
  }

  #scanPanel(runWords: number): void {
    const { kernel, rowBytes, seqAt } = this.#view;
    const { buffer } = kernel.memory;
    const firstRow = this.#nextWord * 32;
    const probeFloats = new Float32Array(buffer, LAYOUT.probe, rowBytes / 4);
    const candidates = new DataView(buffer, LAYOUT.out);
    this.#probes.forEach((probe, i) => {
      const best = this.#best[i] as TopK;
      probeFloats.fill(0);
      probeFloats.set(probe);
      const panel = LAYOUT.rows + firstRow * rowBytes;
      const found = kernel.scan(panel, rowBytes, runWords, best.threshold);
      for (let at = 0; at < found * 8; at += 8)
        best.push(seqAt(firstRow + candidates.getUint32(at, true)), candidates.getFloat32(at + 4, true));
    });
  }
}
