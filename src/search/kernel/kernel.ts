/**
 * The SIMD kernel's memory: a page for the call's arguments and answers, then the rows of the matrix.
 * Every matrix has an instance and a memory of its own.
 */
import { NearFaceError } from '../../core/errors.ts';

/** Name of the kernel's file beside the library's other assets. */
export const KERNEL_FILE = 'search-kernel.wasm';

/** Longest vector that the kernel takes. */
export const MAX_DIMENSION = 4096;

/** Rows are padded with zeros to a multiple of this many floats: 64 bytes, a cache line. */
export const ROW_ALIGN = 16;

/** A panel is four runs of `words` × 32 rows. */
export const RUNS = 4;

/** Longest run, in words of 32 rows. */
export const MAX_RUN_WORDS = 32;

/** Addresses in the kernel's memory, in bytes. */
export const LAYOUT: Readonly<Record<'probe' | 'filter' | 'out' | 'rows', number>> = {
  probe: 0,
  filter: MAX_DIMENSION * 4,
  out: MAX_DIMENSION * 4 + RUNS * MAX_RUN_WORDS * 4,
  rows: 65536,
};

/** A running kernel and its memory. */
export interface Kernel {
  readonly memory: WebAssembly.Memory;
  /**
   * Scores the rows of the panel at address `panel` whose bits are set in the filter, and writes those of at
   * least `threshold` to `LAYOUT.out` as pairs (u32 row in the panel, f32 score). Returns their number.
   */
  scan(panel: number, rowBytes: number, words: number, threshold: number): number;
}

/** Compiles the kernel's bytes. @throws NearFaceError `BACKEND_UNAVAILABLE` without WebAssembly SIMD. */
export async function compileKernel(bytes: BufferSource): Promise<WebAssembly.Module> {
  try {
    return await WebAssembly.compile(bytes);
  } catch (error) {
    throw NearFaceError.from(error, 'BACKEND_UNAVAILABLE', 'The search kernel needs WebAssembly SIMD');
  }
}

/** Fetches and compiles the kernel from the folder of the library's assets. */
export async function loadKernel(assets: string): Promise<WebAssembly.Module> {
  const url = new URL(KERNEL_FILE, assets).href;
  return compileKernel(await fetchBytes(url));
}

async function fetchBytes(url: string): Promise<ArrayBuffer> {
  const fix = `see that ${KERNEL_FILE} lies in the folder that the option assets names`;
  let response: Response;
  try {
    response = await fetch(url);
  } catch (error) {
    throw new NearFaceError('BACKEND_UNAVAILABLE', `${url} could not be fetched; ${fix}`, { url }, error);
  }
  if (!response.ok) {
    const { status } = response;
    throw new NearFaceError('BACKEND_UNAVAILABLE', `${url} answered ${status}; ${fix}`, { url, status });
  }
  return response.arrayBuffer();
}

/** Starts a kernel with a memory of its own, with room for no rows yet. */
export function startKernel(module: WebAssembly.Module): Kernel {
  const memory = new WebAssembly.Memory({ initial: LAYOUT.rows / 65536 });
  const { exports } = new WebAssembly.Instance(module, { env: { memory } });
  const scan = exports['scan'] as (...args: number[]) => number;
  return {
    memory,
    scan: (panel, rowBytes, words, threshold) =>
      scan(LAYOUT.probe, panel, rowBytes, words, LAYOUT.filter, threshold, LAYOUT.out),
  };
}
