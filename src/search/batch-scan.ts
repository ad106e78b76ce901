import { deviationsFor } from './codes.ts';
import { MAX_LIST } from './kernel/kernel.ts';
import { type PlaneProbe, type PlaneQuad, type Planes, QUAD, TILE_ROWS } from './planes.ts';
import type { Rows } from './rows.ts';
import { CodeSearch, FINISH_SHARES, type Scan, type ScanOptions, type ScanView } from './scan.ts';
import type { Match } from './top-k.ts';

/** From this many probes on a {@link BatchScan} is quicker than searching for one after the other. */
export const BATCH_PROBES = 16;

/** Rows that are scored for all probes before the next, so that they stay in the third-level cache. */
const SPAN_ROWS = 4096;

/**
 * The two passes of a {@link CodeScan} for many probes: what is read of the codes is looked up for four of them at a
 * time, and by the upper bits first. Candidates are scored alike, so that the same matches are found.
 */
export class BatchScan implements Scan {
  readonly #view: ScanView;
  readonly #planes: Planes;
  readonly #searches: readonly CodeSearch<PlaneProbe>[];
  readonly #quads: readonly {
    readonly quad: PlaneQuad;
    readonly searches: readonly CodeSearch<PlaneProbe>[];
  }[];
  #next: number;
  /** Doubles: the first panels are short, as all their rows are candidates. */
  #tiles = 1;

  constructor(
    view: ScanView,
    planes: Planes,
    rows: Rows,
    probes: readonly Float32Array[],
    options: Omit<ScanOptions, 'exact'>,
  ) {
    this.#view = view;
    this.#planes = planes;
    const list = new Uint32Array(MAX_LIST);
    const deviations = deviationsFor(options.limit);
    this.#quads = Array.from({ length: Math.ceil(probes.length / QUAD) }, (_, i) => {
      const quad = planes.prepare(probes.slice(i * QUAD, (i + 1) * QUAD), deviations);
      const searches = quad.probes.map(
        (probe, j) => new CodeSearch(view, rows, list, probe, options, i * QUAD + j),
      );
      return { quad, searches };
    });
    this.#searches = this.#quads.flatMap(({ searches }) => searches);
    this.#next = Math.floor((options.fromRow ?? 0) / TILE_ROWS);
  }

  run(budgetMs: number): boolean {
    const deadline = performance.now() + budgetMs;
    for (;;) {
      const left = Math.ceil(this.#view.rowCount() / TILE_ROWS) - this.#next;
      if (left <= 0) break;
      const tiles = Math.min(this.#tiles, left);
      if (this.#planes.load(this.#view.filter, this.#next, tiles)) this.#scanPanel(tiles);
      this.#next += tiles;
      this.#tiles = Math.min(2 * this.#tiles, this.#planes.maxTiles);
      if (left > tiles && performance.now() >= deadline) return false;
    }
    this.#finish();
    return true;
  }

  results(): readonly (readonly Match[])[] {
    return this.#searches.map((search) => search.results());
  }

  /** Scores what was put off, a span of rows after the other, which all probes find in the cache. */
  #finish(): void {
    const rows = this.#view.rowCount();
    for (const share of FINISH_SHARES)
      for (let until = SPAN_ROWS; until < rows + SPAN_ROWS; until += SPAN_ROWS)
        for (const search of this.#searches) search.finish(share, until < rows ? until : Infinity);
    this.#planes.clear();
  }

  #scanPanel(tiles: number): void {
    for (const { quad, searches } of this.#quads)
      this.#planes.candidates(
        quad,
        this.#next,
        tiles,
        (i) => (searches[i] as CodeSearch<PlaneProbe>).wanted,
        (i, pairs) => (searches[i] as CodeSearch<PlaneProbe>).take(pairs),
      );
  }
}
