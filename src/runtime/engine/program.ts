/**
 * A network's calls as words for `assembly/perform.ts`, and their chunks as words for `crew.ts`. A step's chunks do not depend
 * on each other, and may run on any thread in any order; a step begins when the one before it is done.
 */
import type { PlacedCalls } from './placed-calls.ts';

/** The kernels' numbers, as in `assembly/perform.ts`; each is followed by the arguments of the kernel of that name. */
export const CALLS = {
  gemm: 0,
  depthwise: 1,
  planarWindows: 2,
  windows: 3,
  maxPool: 4,
  place: 5,
  pointwise: 6,
  gemmIntegers: 7,
} as const;

/** For a matrix's address: where in its own room the thread that makes the call lays out windows. */
export const OWN_WINDOWS = 0;

/** A kernel's number and its arguments. */
export type Call = readonly number[];

/** Calls that one thread makes one after the other. */
export type Chunk = readonly Call[];

/** A step that is no kernel's. It is given the kernel's memory as floats. */
export type Script = (memory: Float32Array) => void;

/** Words of a chunk: chunks that must be done before it, and its calls' addresses. */
const CHUNK_WORDS = 3;

/** A program whose words lie at an address. */
export interface PlacedProgram {
  readonly words: Int32Array;
  /** What is done one after the other. */
  readonly parts: readonly (Script | PlacedCalls)[];
}

interface Step {
  readonly chunks: Chunk[];
}

/** Collects steps. */
export class Program {
  readonly #parts: (Script | Step[])[] = [];

  /** Adds a step. One that is not shared out joins the one before it, if that is not either: nobody has to wait between them. */
  step(chunks: readonly Chunk[]): void {
    const steps = this.#parts.at(-1);
    if (!Array.isArray(steps)) {
      this.#parts.push([{ chunks: [...chunks] }]);
      return;
    }
    const last = steps.at(-1)!;
    if (chunks.length === 1 && last.chunks.length === 1) last.chunks[0] = [...last.chunks[0]!, ...chunks[0]!];
    else steps.push({ chunks: [...chunks] });
  }

  /** Adds a step that only the thread that runs the network makes. */
  script(script: Script): void {
    this.#parts.push(script);
  }

  /** The words for the address `at`, in bytes. */
  place(at: number): PlacedProgram {
    const words: number[] = [];
    const here = (): number => at + 4 * words.length;
    const parts = this.#parts.map((part): Script | PlacedCalls => {
      if (typeof part === 'function') return part;
      const table: number[] = [];
      const from = here();
      let before = 0;
      for (const { chunks } of part) {
        for (const calls of chunks) {
          const start = here();
          for (const call of calls) words.push(...call);
          table.push(before, start, here());
        }
        before += chunks.length;
      }
      const placed = { from, to: here(), chunks: here(), count: table.length / CHUNK_WORDS };
      words.push(...table);
      return placed;
    });
    return { words: Int32Array.from(words), parts };
  }
}
