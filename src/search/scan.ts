import type { Bitmap } from './bitmap.ts';
import { type CodeEstimate, type CodeProbe, type Codes, deviationsFor, leastSum } from './codes.ts';
import { BLOCK_ROWS, LAYOUT, MAX_LIST, MAX_RUN_BLOCKS, MAX_RUN_WORDS, RUNS } from './kernel/kernel.ts';
import { PairList } from './pair-list.ts';
import { type FloatRows, placeProbe, type RowProbe, type Rows } from './rows.ts';
import type { Crew } from './threads/crew.ts';
import { type Match, TopK } from './top-k.ts';

/** What a scan keeps. */
export interface ScanOptions {
  /** Most matches per probe. */
  readonly limit: number;
  /** Matches with a lower dot product are left out. */
  readonly minScore: number;
  /** Scores every face, without the first pass over the codes. Default false. */
  readonly exact?: boolean;
  /** Rows before it may be left out (those in its block may not). Default 0. */
  readonly fromRow?: number;
  /** Whether the probes are rotated as the matrix's rows are. Default false. */
  readonly asRows?: boolean;
  /** Whether a match counts, if that depends on more than its score: matches that do not take no place. */
  readonly accepts?: Accepts;
}

/** Whether a row counts as a match of a probe (by its place among the probes) at a score. */
export type Accepts = (probe: number, row: number, score: number) => boolean;

/** A search in steps of bounded time. */
export interface Scan {
  /** Scans for about `budgetMs`. Returns whether all rows were seen. */
  run(budgetMs: number): boolean;
  /** The matches of each probe, best first. */
  results(): readonly (readonly Match[])[];
}

/** What every scan reads. Faces may be added between steps; no row moves while a scan is under way. */
export interface ScanView {
  /** Which rows are asked for. */
  readonly filter: Bitmap;
  rowCount(): number;
  seqAt(row: number): number;
}

/** Scoring the likelier half of what was put off first raises the bar for the other. */
export const FINISH_SHARES: readonly number[] = [0.5, 1];

/** Bytes of a panel that stays in the second-level cache while several probes pass over it. */
const CACHED_PANEL_BYTES = 256 * 1024;

/** Scores all rows in full precision. */
export class FullScan implements Scan {
  readonly #view: ScanView;
  readonly #rows: FloatRows;
  readonly #probes: readonly RowProbe[];
  readonly #best: readonly TopK[];
  readonly #accepts: Accepts | undefined;
  readonly #crew: Crew | undefined;
  readonly #maxRunWords: number;
  #nextWord = 0;
  /** Doubles: the first panels are short, as all their rows are candidates. */
  #runWords = 1;

  /** @param crew - shares the work */
  constructor(
    view: ScanView,
    rows: FloatRows,
    probes: readonly Float32Array[],
    options: ScanOptions,
    crew?: Crew,
  ) {
    this.#view = view;
    this.#crew = crew;
    this.#rows = rows;
    this.#probes = probes.map((vector) => rows.prepare({ vector }));
    this.#best = probes.map(() => new TopK(options.limit, options.minScore));
    this.#accepts = options.accepts;
    const cachedWords = Math.floor(CACHED_PANEL_BYTES / (RUNS * 32 * rows.rowBytes));
    this.#maxRunWords = probes.length > 1 ? Math.min(MAX_RUN_WORDS, Math.max(1, cachedWords)) : MAX_RUN_WORDS;
  }

  run(budgetMs: number): boolean {
    const deadline = performance.now() + budgetMs;
    while (this.#nextWord * 32 < this.#view.rowCount()) {
      const left = Math.ceil((this.#view.rowCount() / 32 - this.#nextWord) / RUNS);
      const runWords = Math.min(this.#runWords, left);
      const panels = this.#share(Math.floor(left / this.#runWords), deadline);
      if (panels === 0) this.#scanPanel(this.#nextWord, runWords);
      this.#nextWord += RUNS * runWords * Math.max(1, panels);
      this.#runWords = Math.min(2 * this.#runWords, this.#maxRunWords);
      if (performance.now() >= deadline) return this.#nextWord * 32 >= this.#view.rowCount();
    }
    return true;
  }

  /** Scans panels on several threads. Returns how many. */
  #share(panels: number, deadline: number): number {
    if (!this.#crew || panels === 0 || this.#runWords < this.#maxRunWords) return 0;
    const { kernel, rowBytes } = this.#rows;
    const [firstWord, run] = [this.#nextWord, this.#runWords];
    const floats = new Float32Array(1);
    const rowOf = (panel: number): number => (firstWord + panel * RUNS * run) * 32;
    return this.#crew.share({
      kind: 'rows',
      kernel,
      firstRow: firstWord * 32,
      panels,
      run,
      rowBytes,
      filter: this.#view.filter,
      deadline,
      probes: this.#probes.map(({ bytes }) => bytes),
      threshold: (probe) => {
        floats[0] = (this.#best[probe] as TopK).threshold;
        return new Int32Array(floats.buffer)[0] as number;
      },
      scan: (panel) => this.#scanPanel(firstWord + panel * RUNS * run, run),
      take: (probe, panel, pairs) => this.#take(probe, rowOf(panel), pairs),
    });
  }

  results(): readonly (readonly Match[])[] {
    return this.#best.map((best) => best.sorted());
  }

  #scanPanel(firstWord: number, runWords: number): void {
    const { kernel, rowBytes } = this.#rows;
    const { buffer } = kernel.memory;
    const words = new Uint32Array(buffer, LAYOUT.filter, RUNS * runWords);
    if (!this.#view.filter.copyWords(firstWord, words)) return;
    const panel = kernel.data + firstWord * 32 * rowBytes;
    this.#probes.forEach((probe, i) => {
      const best = this.#best[i] as TopK;
      placeProbe(kernel, probe);
      const { probe: at, filter, out } = LAYOUT;
      const found = kernel.exports.scan(at, panel, rowBytes, runWords, filter, best.threshold, out);
      this.#take(i, firstWord * 32, new Uint32Array(buffer, out, found * 2));
    });
  }

  /** Takes pairs of a row, counted from `firstRow`, and its score. */
  #take(probe: number, firstRow: number, pairs: Uint32Array): void {
    const best = this.#best[probe] as TopK;
    const accepts = this.#accepts;
    const scores = new Float32Array(pairs.buffer, pairs.byteOffset, pairs.length);
    for (let i = 0; i < pairs.length; i += 2) {
      const [row, score] = [firstRow + (pairs[i] as number), scores[i + 1] as number];
      if (accepts && !accepts(probe, row, score)) continue;
      best.push(this.#view.seqAt(row), score);
    }
  }
}

/**
 * Two passes: codes find the rows that may be among the best, and only these are scored. What it keeps is what
 * a {@link FullScan} keeps, but for one match in 30,000, as the codes' margin has it.
 */
export class CodeScan implements Scan {
  readonly #view: ScanView;
  readonly #codes: Codes;
  readonly #searches: readonly CodeSearch<CodeProbe>[];
  readonly #crew: Crew | undefined;
  readonly #maxBlocks: number;
  #next = 0;
  /** Blocks of a run. Doubles: the first panels are short, as all their rows are candidates. */
  #runBlocks = 1;

  constructor(
    view: ScanView,
    codes: Codes,
    rows: Rows,
    probes: readonly Float32Array[],
    options: ScanOptions,
    crew?: Crew,
  ) {
    this.#view = view;
    this.#codes = codes;
    this.#crew = crew;
    const list = new Uint32Array(MAX_LIST);
    const deviations = deviationsFor(options.limit);
    this.#searches = probes.map(
      (vector, i) =>
        new CodeSearch(view, rows, list, { ...codes.prepare(vector, deviations), vector }, options, i),
    );
    this.#next = RUNS * Math.floor((options.fromRow ?? 0) / (RUNS * BLOCK_ROWS));
    const cached = Math.floor(CACHED_PANEL_BYTES / (RUNS * BLOCK_ROWS * codes.codeBytes));
    this.#maxBlocks = probes.length > 1 ? Math.min(MAX_RUN_BLOCKS, Math.max(2, cached)) : MAX_RUN_BLOCKS;
  }

  run(budgetMs: number): boolean {
    const deadline = performance.now() + budgetMs;
    for (;;) {
      const left = Math.ceil(this.#view.rowCount() / BLOCK_ROWS) - this.#next;
      if (left <= 0) break;
      // A panel's filter is whole words of 32 rows: an even number of blocks.
      const runBlocks = Math.min(this.#runBlocks, Math.ceil(left / RUNS));
      const panels = this.#share(Math.floor(left / (RUNS * this.#runBlocks)), deadline);
      if (panels === 0) this.#scanPanel(this.#next, runBlocks);
      const blocks = RUNS * runBlocks * Math.max(1, panels);
      this.#next += blocks;
      this.#runBlocks = Math.min(2 * this.#runBlocks, this.#maxBlocks);
      if (left > blocks && performance.now() >= deadline) return false;
    }
    for (const share of FINISH_SHARES) for (const search of this.#searches) search.finish(share);
    return true;
  }

  #scanPanel(firstBlock: number, runBlocks: number): void {
    const { buffer } = this.#codes.kernel.memory;
    const words = new Uint32Array(buffer, LAYOUT.filter, (RUNS * runBlocks) / 2);
    if (!this.#view.filter.copyWords(firstBlock / 2, words)) return;
    for (const search of this.#searches)
      search.take(this.#codes.candidates(search.probe, firstBlock, runBlocks, search.wanted));
  }

  /** Scans panels on several threads. Returns how many. */
  #share(panels: number, deadline: number): number {
    if (!this.#crew || panels === 0 || this.#runBlocks < this.#maxBlocks) return 0;
    const { kernel, codeBytes } = this.#codes;
    const [first, run] = [this.#next, this.#runBlocks];
    return this.#crew.share({
      kind: 'codes',
      kernel,
      firstRow: first * BLOCK_ROWS,
      panels,
      run,
      rowBytes: codeBytes,
      filter: this.#view.filter,
      deadline,
      probes: this.#searches.map(({ probe }) => probe.tables),
      threshold: (i) => {
        const { probe, wanted } = this.#searches[i] as CodeSearch<CodeProbe>;
        return leastSum(probe, wanted);
      },
      scan: (panel) => this.#scanPanel(first + panel * RUNS * run, run),
      take: (i, _panel, pairs) => (this.#searches[i] as CodeSearch<CodeProbe>).take(pairs),
    });
  }

  results(): readonly (readonly Match[])[] {
    return this.#searches.map((search) => search.results());
  }
}

/** What the second pass of a search for one probe keeps of the candidates that the first finds. */
export class CodeSearch<P extends CodeEstimate & { readonly rotated: Float32Array }> {
  readonly probe: P;
  readonly #view: ScanView;
  readonly #rows: Rows;
  readonly #rowProbe: RowProbe;
  readonly #best: TopK;
  readonly #accepts: Accepts | undefined;
  readonly #place: number;
  readonly #exact: boolean;
  /** Rows that are scored next; all searches of a scan fill it in turn. */
  readonly #list: Uint32Array;
  /** Candidates whose estimate is below the worst match kept: most are none once all estimates are known. */
  readonly #later = new PairList();

  /** @param place - the probe's place among the probes */
  constructor(
    view: ScanView,
    rows: Rows,
    list: Uint32Array,
    probe: P & { readonly vector: Float32Array },
    options: ScanOptions,
    place: number,
  ) {
    this.#view = view;
    this.#rows = rows;
    this.#list = list;
    this.probe = probe;
    this.#rowProbe = rows.prepare(probe);
    this.#best = new TopK(options.limit, options.minScore);
    this.#accepts = options.accepts;
    this.#place = place;
    this.#exact = options.exact ?? false;
  }

  /** The least score of a row that is worth being found; `Infinity` if none is. */
  get wanted(): number {
    const { threshold } = this.#best;
    return this.#exact && threshold < Infinity ? -Infinity : threshold;
  }

  /**
   * Takes candidates, pairs of row and sum, and uses up the array. Those estimated above the worst match kept are
   * scored at once.
   */
  take(found: Uint32Array): void {
    if (found.length === 0) return;
    const [good, list] = [this.#exact ? 0 : this.#leastSum(0), this.#list];
    let [now, later] = [0, 0];
    for (let i = 0; i < found.length; i += 2) {
      const [row, sum] = [found[i] as number, found[i + 1] as number];
      if (sum >= good) list[now++] = row;
      else {
        found[later++] = row;
        found[later++] = sum;
      }
    }
    this.#score(now);
    if (later > 0) this.#later.add(found.subarray(0, later), this.#leastSum(this.probe.margin));
  }

  /**
   * Scores what was put off and may still be among the best: rows up to `untilRow` that are estimated at most `share`
   * of the margin below the worst match kept. Call it for ever later rows, the last time for all.
   */
  finish(share: number, untilRow: number = Infinity): void {
    for (let count = MAX_LIST; count === MAX_LIST;) {
      count = this.#later.take(this.#leastSum(share * this.probe.margin), untilRow, this.#list);
      this.#score(count);
    }
    if (untilRow === Infinity) this.#later.rewind();
  }

  /** The sum of a row that is estimated `below` the worst match kept. */
  #leastSum(below: number): number {
    return (this.#best.threshold - below - this.probe.base) / this.probe.step;
  }

  results(): readonly Match[] {
    return this.#best.sorted();
  }

  #score(count: number): void {
    if (count === 0) return;
    const list = this.#list.subarray(0, count);
    const scores = this.#rows.score(this.#rowProbe, list);
    for (let i = 0; i < count; i++) {
      const [row, score] = [list[i] as number, scores[i] as number];
      if (score < this.#best.threshold) continue;
      if (this.#accepts && !this.#accepts(this.#place, row, score)) continue;
      // The row of a face that was deleted since it was found has no sequence number.
      const seq = this.#view.seqAt(row);
      if (seq > 0) this.#best.push(seq, score);
    }
  }
}
