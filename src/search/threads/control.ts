/**
 * What the threads of a crew tell each other: words of a small shared memory, and areas of a kernel's memory.
 * docs/search-kernel.md explains it.
 */
import { CALL_BYTES, MAX_RUN_BLOCKS, PAGE_BYTES, RUNS } from '../kernel/kernel.ts';

/** Most helpers of a crew. */
export const MAX_HELPERS = 7;

/** Most probes that a crew searches for at a time. */
export const MAX_SHARED_PROBES = 8;

/** Most panels that are shared out at a time. */
export const MAX_PANELS = 256;

/** What a helper is doing. */
export const STATE = {
  /** Its kernel is being started. */
  starting: 0,
  /** It sleeps until it is woken. */
  idle: 1,
  /** It is being woken; the searching thread may still take that back, where the panels are all taken by then. */
  offered: 2,
  busy: 3,
} as const;

/** Words of a cache line. */
const LINE = 16;

/** Where the words are, in words. Each thread's own lie in a cache line of their own. */
export const WORDS: Readonly<Record<'next' | 'job' | 'thresholds' | 'helpers' | 'owners' | 'end', number>> = {
  /** The panel that is taken next. */
  next: 0,
  /** The scan under way, a {@link Job}. */
  job: LINE,
  /** The least sum (i32) or score (bits of an f32) that is asked for, by probe; it rises as matches are found. */
  thresholds: 2 * LINE,
  /** By helper: its {@link STATE}, then bytes of its answers. */
  helpers: 3 * LINE,
  /** Who took a panel: 0 nobody, 1 the searching thread, then the helpers. */
  owners: (3 + MAX_HELPERS) * LINE,
  end: (3 + MAX_HELPERS) * LINE + MAX_PANELS,
};

/** The word with a helper's state; the next has the bytes of its answers. */
export const stateWord = (helper: number): number => WORDS.helpers + helper * LINE;

/** A scan that the searching thread shares with its helpers: its kind and what it goes over. No enrolment job. */
export interface Job {
  /** Sums of codes, or scores of float rows. */
  readonly kind: 'codes' | 'rows';
  readonly firstRow: number;
  readonly panels: number;
  /** A panel's runs: blocks of codes, or words of 32 rows. */
  readonly run: number;
  /** Bytes of a code or a row. */
  readonly rowBytes: number;
  readonly probes: number;
  /** Bytes of a probe, or of its tables. */
  readonly probeBytes: number;
}

/** Rows of one unit of a run. */
const UNIT_ROWS = { codes: 16, rows: 32 } as const;

/** Rows of a panel. */
export const panelRows = ({ kind, run }: Pick<Job, 'kind' | 'run'>): number => RUNS * run * UNIT_ROWS[kind];

/** Writes a scan where helpers read it. */
export function writeJob(words: Int32Array, job: Job): void {
  const { kind, firstRow, panels, run, rowBytes, probes, probeBytes } = job;
  words.set([kind === 'codes' ? 0 : 1, firstRow, panels, run, rowBytes, probes, probeBytes], WORDS.job);
}

/** Reads the scan under way. */
export function readJob(words: Int32Array): Job {
  const word = (i: number): number => words[WORDS.job + i] as number;
  const kind = word(0) === 0 ? 'codes' : 'rows';
  const shape = { firstRow: word(1), panels: word(2), run: word(3), rowBytes: word(4) };
  return { kind, ...shape, probes: word(5), probeBytes: word(6) };
}

/** Most bytes of a panel's filter, and of a probe's tables. */
const [PANEL_FILTER_BYTES, PROBE_BYTES] = [RUNS * MAX_RUN_BLOCKS * 2, 32 * 1024];

/** Bytes of a helper's area. */
const HELPER_BYTES = 512 * 1024;

/** Where a kernel's memory has what helpers read: the filters of all panels, and the probes or their tables. */
export const SHARED: Readonly<Record<'filter' | 'probes' | 'helpers', number>> = {
  filter: CALL_BYTES,
  probes: CALL_BYTES + MAX_PANELS * PANEL_FILTER_BYTES,
  helpers: CALL_BYTES + MAX_PANELS * PANEL_FILTER_BYTES + MAX_SHARED_PROBES * PROBE_BYTES,
};

/** Where a helper has the sums of a block, and its answers. */
export function helperArea(helper: number): { sums: number; out: number; end: number } {
  const sums = SHARED.helpers + helper * HELPER_BYTES;
  return { sums, out: sums + 64, end: sums + HELPER_BYTES };
}

/** Where the codes or rows of a memory begin that a crew shares. */
export const sharedDataStart = (helpers: number): number =>
  Math.ceil((SHARED.helpers + helpers * HELPER_BYTES) / PAGE_BYTES) * PAGE_BYTES;

/** Bytes before the pairs of one panel and probe in a helper's answers: u32 probe, u32 panel, u32 pairs. */
export const ANSWER_HEAD = 12;

/** Most bytes that a panel's answers take for all probes. */
export const panelAnswerBytes = (job: Job): number => job.probes * (ANSWER_HEAD + panelRows(job) * 8);

/** What a helper is sent when it starts. */
export interface HelperStart {
  readonly module: WebAssembly.Module;
  readonly helper: number;
  readonly control: SharedArrayBuffer;
  /** Memory with codes, and that with float rows if there are any. */
  readonly codes: WebAssembly.Memory;
  readonly rows: WebAssembly.Memory | undefined;
  /** Where codes or rows begin. */
  readonly data: number;
}
