import type { JobProgress } from '../../src/index.ts';

/** Cells of the bar. */
const CELLS = 30;
/** Of a terminal that does not tell its own. */
const COLUMNS = 80;
/** A bar is drawn anew so often at most, and a line is told. */
const DRAW_MS = 100;
const LINE_MS = 5000;

/** Where progress is told: a terminal, or a file. */
export interface Terminal {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(text: string): unknown;
}

/** Tells how far a long work is: a bar that is drawn over and over on a terminal, else a line now and then. */
export class ProgressTeller {
  readonly #terminal: Terminal;
  readonly #now: () => number;
  #toldMs = -Infinity;
  #isDrawn = false;

  constructor(terminal: Terminal, now: () => number = () => performance.now()) {
    this.#terminal = terminal;
    this.#now = now;
  }

  tell(progress: JobProgress): void {
    this.#tell(
      () => (this.#terminal.isTTY ? barOf(progress) : lineOf(progress)),
      progress.processed === progress.total,
    );
  }

  /** The same of photos that are being stored, whose number is not known before. */
  tellStored(photos: number): void {
    this.#tell(() => `${photos} photos are stored`, false);
  }

  /** Leaves what is drawn, and begins a new line. */
  end(): void {
    if (this.#isDrawn) this.#terminal.write('\n');
    this.#isDrawn = false;
    this.#toldMs = -Infinity;
  }

  #tell(text: () => string, isLast: boolean): void {
    const { isTTY = false, columns = 0 } = this.#terminal;
    const nowMs = this.#now();
    if (!isLast && nowMs - this.#toldMs < (isTTY ? DRAW_MS : LINE_MS)) return;
    this.#toldMs = nowMs;
    if (!isTTY) {
      this.#terminal.write(`${text()}\n`);
      return;
    }
    // What was longer before is blotted out to the end of the line.
    this.#terminal.write(`\r${text().slice(0, (columns || COLUMNS) - 1)}\u001b[K`);
    this.#isDrawn = true;
  }
}

/** As in `[#######---] 120/500  12.3/s  31 s left  2 failed`. */
export function barOf(progress: JobProgress): string {
  const { processed, total } = progress;
  const full = total === 0 ? CELLS : Math.floor((processed * CELLS) / total);
  return `[${'#'.repeat(full)}${'-'.repeat(CELLS - full)}] ${factsOf(progress)}`;
}

/** As in `120/500  12.3/s  31 s left  2 failed`. */
export function lineOf(progress: JobProgress): string {
  return factsOf(progress);
}

function factsOf({ processed, total, perSecond, msLeft, counts }: JobProgress): string {
  const facts = [`${processed}/${total}`];
  if (perSecond > 0) facts.push(`${perSecond.toFixed(1)}/s`);
  if (msLeft !== null && msLeft > 0) facts.push(`${durationOf(msLeft)} left`);
  for (const status of ['rejected', 'failed'] as const)
    if (counts[status] > 0) facts.push(`${counts[status]} ${status}`);
  return facts.join('  ');
}

/** As in `31 s`, `4 min` or `2 h 5 min`. */
export function durationOf(ms: number): string {
  const seconds = Math.round(ms / 1000);
  if (seconds < 100) return `${seconds} s`;
  const minutes = Math.round(seconds / 60);
  return minutes < 100 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
