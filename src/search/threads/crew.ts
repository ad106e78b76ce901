import type { HelperThread } from '../../platform/port.ts';
import type { Bitmap } from '../bitmap.ts';
import { instantiate, type Kernel, MAX_PAGES, PAGE_BYTES } from '../kernel/kernel.ts';
import {
  ANSWER_HEAD,
  type HelperStart,
  helperArea,
  type Job,
  MAX_HELPERS,
  MAX_PANELS,
  MAX_SHARED_PROBES,
  panelRows,
  SHARED,
  sharedDataStart,
  STATE,
  stateWord,
  WORDS,
  writeJob,
} from './control.ts';

/** What searches on several threads need. */
export interface SearchThreads {
  /** The kernel for shared memory. */
  readonly module: WebAssembly.Module;
  /** Threads beside the one that searches. */
  readonly helpers: number;
  /** Starts a thread that hands the first message it gets to `help`, and tells if it fails. It may throw. */
  readonly startHelper: (onFailed: () => void) => HelperThread;
  /** Rows from which they are used. Default: {@link SHARED_ROWS}. */
  readonly fromRows?: number;
}

/** Up to this many rows a search is over before helpers are awake. */
export const SHARED_ROWS = 200_000;

/** A part of a scan that a crew does. */
export interface SharedScan extends Omit<Job, 'panels' | 'probes' | 'probeBytes'> {
  readonly kernel: Kernel;
  /** Most panels; fewer are scanned if the time is up. */
  readonly panels: number;
  readonly filter: Bitmap;
  /** When no further panel is begun, as `performance.now()` has it. */
  readonly deadline: number;
  /** The probes as the kernel takes them, or their tables; all of one length. */
  readonly probes: readonly Uint8Array[];
  /** What a probe's word of thresholds holds now. */
  threshold(probe: number): number;
  /** Scans a panel for all probes on this thread. */
  scan(panel: number): void;
  /** Takes pairs that a helper found in a panel; the view is overwritten later. */
  take(probe: number, panel: number, pairs: Uint32Array): void;
}

/** A helper that has not answered for so long, in milliseconds, never will. */
const LOST_MS = 2000;

/** Who took a panel: the searching thread. */
const OWN = 1;

/** A kernel whose memory helpers can share, with room for no rows yet; `undefined` if the browser refuses it. */
export function startSharedKernel({ module, helpers }: SearchThreads): Kernel | undefined {
  const data = sharedDataStart(helpers);
  try {
    const [initial, maximum] = [data / PAGE_BYTES, MAX_PAGES];
    return instantiate(module, new WebAssembly.Memory({ initial, maximum, shared: true }), data);
  } catch {
    return undefined;
  }
}

/**
 * Helpers that scan the codes and float rows of one matrix together with the thread that searches. Each panel is
 * taken by whoever is free; the searching thread keeps the matches. Between calls of {@link Crew.share} all helpers
 * sleep, so that rows may be added and moved.
 */
export class Crew {
  readonly #words: Int32Array = new Int32Array(new SharedArrayBuffer(WORDS.end * 4));
  /** By number; those that failed are gone. */
  readonly #workers = new Map<number, HelperThread>();

  /** Rows from which it is quicker than one thread. */
  readonly fromRows: number;

  /** Starts helpers; searches use them as soon as they are there. */
  constructor(threads: SearchThreads, codes: Kernel, rows: Kernel | undefined) {
    const { module, helpers, startHelper } = threads;
    this.fromRows = threads.fromRows ?? SHARED_ROWS;
    const control = this.#words.buffer as SharedArrayBuffer;
    const common = { module, control, codes: codes.memory, rows: rows?.memory, data: codes.data };
    for (let helper = 0; helper < Math.min(helpers, MAX_HELPERS); helper++) {
      try {
        const worker = startHelper(() => this.#end(helper));
        this.#workers.set(helper, worker);
        worker.postMessage({ ...common, helper } satisfies HelperStart);
      } catch {
        // Workers are forbidden here: the search goes on without.
        this.#end(helper);
      }
    }
  }

  /** Helpers that can be used now. */
  get size(): number {
    const states = [...this.#workers.keys()].map((helper) => Atomics.load(this.#words, stateWord(helper)));
    return states.filter((state) => state !== STATE.starting).length;
  }

  /**
   * Scans panels together, until the deadline. Returns how many, from the first on; 0 if that is to be done alone.
   * Blocks until all helpers sleep again.
   */
  share(scan: SharedScan): number {
    const { probes } = scan;
    if (this.size === 0 || probes.length > MAX_SHARED_PROBES) return 0;
    const job = {
      ...scan,
      panels: Math.min(scan.panels, MAX_PANELS),
      probes: probes.length,
      probeBytes: probes[0]?.length ?? 0,
    };
    const { buffer } = scan.kernel.memory;
    const filter = new Uint32Array(buffer, SHARED.filter, (job.panels * panelRows(job)) / 32);
    if (!scan.filter.copyWords(scan.firstRow / 32, filter)) return job.panels;
    probes.forEach((probe, i) =>
      new Uint8Array(buffer, SHARED.probes + i * probe.length, probe.length).set(probe),
    );
    writeJob(this.#words, job);
    this.#publish(scan);
    this.#words.fill(0, WORDS.owners, WORDS.end);
    Atomics.store(this.#words, WORDS.next, 0);
    const offered = this.#offer();
    const done = this.#scanOwn(scan, job.panels);
    const lost = offered.filter((helper) => !this.#collect(helper, scan));
    // What a lost helper took is done over; none of its answers was read.
    if (lost.length > 0)
      for (let panel = 0; panel < done; panel++) {
        const owner = Atomics.load(this.#words, WORDS.owners + panel);
        if (owner === 0 || lost.includes(owner - 2)) scan.scan(panel);
      }
    return done;
  }

  /** Ends the helpers. Safe to call twice; the matrix is then searched on one thread. */
  dispose(): void {
    for (const helper of [...this.#workers.keys()]) this.#end(helper);
  }

  #end(helper: number): void {
    this.#workers.get(helper)?.terminate();
    this.#workers.delete(helper);
  }

  #publish({ probes, threshold }: SharedScan): void {
    for (let probe = 0; probe < probes.length; probe++)
      Atomics.store(this.#words, WORDS.thresholds + probe, threshold(probe));
  }

  /** Wakes the helpers that sleep. Returns which. */
  #offer(): readonly number[] {
    return [...this.#workers.keys()].filter((helper) => {
      const word = stateWord(helper);
      if (Atomics.compareExchange(this.#words, word, STATE.idle, STATE.offered) !== STATE.idle) return false;
      Atomics.store(this.#words, word + 1, 0);
      Atomics.notify(this.#words, word);
      return true;
    });
  }

  /** Takes panels until none is left or the time is up. Returns how many are taken by all. */
  #scanOwn(scan: SharedScan, panels: number): number {
    for (;;) {
      const panel = Atomics.add(this.#words, WORDS.next, 1);
      if (panel >= panels) return panels;
      Atomics.store(this.#words, WORDS.owners + panel, OWN);
      scan.scan(panel);
      this.#publish(scan);
      if (performance.now() >= scan.deadline)
        return Math.min(panels, Atomics.exchange(this.#words, WORDS.next, panels));
    }
  }

  /** Takes a helper's answers, once it is ready. Returns whether it lives. */
  #collect(helper: number, scan: SharedScan): boolean {
    const word = stateWord(helper);
    // One that has not woken up yet has taken nothing.
    if (Atomics.compareExchange(this.#words, word, STATE.offered, STATE.idle) === STATE.offered) return true;
    if (!this.#waitWhileBusy(word)) {
      this.#end(helper);
      return false;
    }
    const { out } = helperArea(helper);
    const end = out + Atomics.load(this.#words, word + 1);
    const answers = new Uint32Array(scan.kernel.memory.buffer, 0, end / 4);
    for (let at = out / 4; at < end / 4;) {
      const [probe, panel, count] = [
        answers[at] as number,
        answers[at + 1] as number,
        answers[at + 2] as number,
      ];
      const pairs = at + ANSWER_HEAD / 4;
      at = pairs + 2 * count;
      scan.take(probe, panel, answers.subarray(pairs, at));
    }
    return true;
  }

  /** Waits for the end of the panel that a helper is at. Returns whether it came. */
  #waitWhileBusy(word: number): boolean {
    const deadline = performance.now() + LOST_MS;
    const busy = (): boolean => Atomics.load(this.#words, word) === STATE.busy;
    for (let i = 0; i < 1000; i++) if (!busy()) return true;
    while (busy()) {
      const left = deadline - performance.now();
      if (left <= 0) return false;
      sleep(this.#words, word, left);
    }
    return true;
  }
}

/** Waits for the end of a panel. A page may not, and goes on at once; only tests and benchmarks search in one. */
function sleep(words: Int32Array, word: number, ms: number): void {
  try {
    Atomics.wait(words, word, STATE.busy, ms);
  } catch {
    // A `TypeError` of pages.
  }
}
