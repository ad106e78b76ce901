import { MAX_SUM } from '../codes.ts';
import { instantiate, type Kernel } from '../kernel/kernel.ts';
import {
  ANSWER_HEAD,
  type HelperStart,
  helperArea,
  type Job,
  panelAnswerBytes,
  panelRows,
  readJob,
  SHARED,
  STATE,
  stateWord,
  WORDS,
} from './control.ts';

/** How long a helper stays awake for the next panels of a search: waking costs more than that on a busy machine. */
const AWAKE_MS = 0.2;

/** Works for a crew until the worker is ended; it never returns, and takes no further message. */
export function help(start: HelperStart): never {
  const { module, helper, control, codes, rows, data } = start;
  const kernels = {
    codes: instantiate(module, codes, data),
    rows: rows && instantiate(module, rows, data),
  };
  const words = new Int32Array(control);
  const state = stateWord(helper);
  Atomics.store(words, state, STATE.idle);
  for (;;) {
    const until = performance.now() + AWAKE_MS;
    while (Atomics.load(words, state) === STATE.idle && performance.now() < until);
    Atomics.wait(words, state, STATE.idle);
    // The searching thread may have done everything by now and taken its offer back.
    if (Atomics.compareExchange(words, state, STATE.offered, STATE.busy) !== STATE.offered) continue;
    const job = readJob(words);
    Atomics.store(words, state + 1, scanPanels(words, helper, job, kernels[job.kind] as Kernel));
    Atomics.store(words, state, STATE.idle);
    Atomics.notify(words, state);
  }
}

/** Takes panels until none is left or the answers' area may not hold those of one more. Returns bytes of answers. */
function scanPanels(words: Int32Array, helper: number, job: Job, kernel: Kernel): number {
  const { out, end } = helperArea(helper);
  const answers = new Uint32Array(kernel.memory.buffer, 0, end / 4);
  const most = panelAnswerBytes(job);
  const floats = new FloatBits();
  let to = out;
  while (to + most <= end) {
    const panel = Atomics.add(words, WORDS.next, 1);
    if (panel >= job.panels) break;
    Atomics.store(words, WORDS.owners + panel, helper + 2);
    for (let probe = 0; probe < job.probes; probe++) {
      const threshold = Atomics.load(words, WORDS.thresholds + probe);
      const count = scanPanel(kernel, job, helper, {
        panel,
        probe,
        threshold,
        floats,
        out: to + ANSWER_HEAD,
      });
      if (count === 0) continue;
      answers.set([probe, panel, count], to / 4);
      to += ANSWER_HEAD + count * 8;
    }
  }
  return to - out;
}

/** Reads the bits of a number of 32 bits as that number. */
class FloatBits {
  readonly #bits = new Int32Array(1);
  readonly #floats = new Float32Array(this.#bits.buffer);

  read(bits: number): number {
    this.#bits[0] = bits;
    return this.#floats[0] as number;
  }
}

/** Scans one panel for one probe. Returns how many pairs were written. */
function scanPanel(
  { exports, data }: Kernel,
  job: Job,
  helper: number,
  at: {
    readonly panel: number;
    readonly probe: number;
    readonly threshold: number;
    readonly floats: FloatBits;
    readonly out: number;
  },
): number {
  const { kind, run, rowBytes, firstRow } = job;
  const { panel, probe, threshold, floats, out } = at;
  const rows = panelRows(job);
  const first = firstRow + panel * rows;
  const probeAt = SHARED.probes + probe * job.probeBytes;
  const filter = SHARED.filter + (panel * rows) / 8;
  const panelAt = data + first * rowBytes;
  if (kind === 'codes') {
    if (threshold > MAX_SUM) return 0;
    const { sums } = helperArea(helper);
    return exports.scanCodes(probeAt, panelAt, run, rowBytes, filter, threshold, first, sums, out);
  }
  return exports.scan(probeAt, panelAt, rowBytes, run, filter, floats.read(threshold), out);
}
