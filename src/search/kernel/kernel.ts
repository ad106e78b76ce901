/**
 * The SIMD kernel's memory: some pages for a call's arguments and answers, then what the instance holds: the
 * codes, or the rows, of one matrix. docs/search-kernel.md explains it.
 */
import { AssetError } from '../../core/asset-error.ts';
import { NearFaceError } from '../../core/errors.ts';
import type { ReadAsset } from '../../platform/port.ts';

/** Names of the kernel's files beside the library's other assets: with relaxed SIMD, and for every SIMD engine. */
export const KERNEL_FILES: Readonly<Record<'relaxed' | 'simd', string>> = {
  relaxed: 'search-relaxed.wasm',
  simd: 'search-simd.wasm',
};

/** The same for memory that several threads share. */
export const SHARED_KERNEL_FILES: typeof KERNEL_FILES = {
  relaxed: 'search-relaxed-threads.wasm',
  simd: 'search-simd-threads.wasm',
};

/** Longest vector that the kernel takes. */
export const MAX_DIMENSION = 4096;

/** Float rows are padded with zeros to a multiple of this many numbers: 64 bytes, a cache line. */
export const ROW_ALIGN = 16;

/** A panel of float rows is four runs of `words` × 32 rows. */
export const RUNS = 4;

/** Longest run, in words of 32 rows. */
export const MAX_RUN_WORDS = 32;

/** Codes lie in blocks of this many rows. */
export const BLOCK_ROWS = 16;

/** Longest run of blocks; a panel of codes is four runs, too. */
export const MAX_RUN_BLOCKS = 128;

/** Most rows that one call finds or scores. */
export const MAX_LIST: number = RUNS * MAX_RUN_BLOCKS * BLOCK_ROWS;

/** Rounds of the random rotation. */
export const ROTATION_ROUNDS = 3;

const KB = 1024;

/** Addresses in the kernel's memory, in bytes. */
export const LAYOUT: Readonly<
  Record<'probe' | 'filter' | 'sums' | 'out' | 'scores' | 'tables' | 'signs' | 'staged', number>
> = {
  /** The probe, f32; beside rows of bytes i16. */
  probe: 0,
  /** Which rows of the panel are asked for, a bit each. */
  filter: 16 * KB,
  /** The sums of a block's rows, u16. */
  sums: 20 * KB,
  /** Answers: u32 row numbers, or pairs of u32 row and u32 sum or f32 score. */
  out: 21 * KB,
  /** Scores of a list of rows, f32. */
  scores: 85 * KB,
  /** The probe's lookup tables, 16 bytes for every two numbers. */
  tables: 117 * KB,
  /** Random signs of the rotation, f32. */
  signs: 149 * KB,
  /** Vectors on their way into the matrix, f32. */
  staged: 245 * KB,
};

/** Bytes of the arguments and answers above. What several threads need follows in a shared memory; then come codes or rows. */
export const CALL_BYTES: number = 320 * KB;

/** Bytes of vectors that can be staged at once. */
export const STAGED_BYTES: number = CALL_BYTES - LAYOUT.staged;

/** The exports of `assembly/index.ts`, where the arguments are documented. Addresses are in bytes. */
export interface KernelExports {
  scan(
    probe: number,
    panel: number,
    rowBytes: number,
    words: number,
    filter: number,
    threshold: number,
    out: number,
  ): number;
  scanCodes(
    tables: number,
    panel: number,
    count: number,
    codeBytes: number,
    filter: number,
    threshold: number,
    firstRow: number,
    sums: number,
    out: number,
  ): number;
  splitPlanes(blocks: number, tiles: number, codeBytes: number, out: number): void;
  planeTables(rotated: number, groups: number, scale: number, tables: number): void;
  scanPlanes(
    tables: number,
    planes: number,
    tiles: number,
    groups: number,
    filter: number,
    limits: number,
    firstRow: number,
    sums: number,
    out: number,
    listBytes: number,
    ends: number,
  ): void;
  rotate(
    data: number,
    count: number,
    stride: number,
    padded: number,
    size: number,
    signs: number,
    rounds: number,
  ): void;
  encode(data: number, count: number, stride: number, codeBytes: number, out: number, edge: number): void;
  placeCodes(codes: number, count: number, codeBytes: number, blocks: number, first: number): void;
  moveCode(codeBytes: number, blocks: number, from: number, to: number): void;
  eraseCode(codeBytes: number, blocks: number, row: number): void;
  scoreRows(probe: number, rows: number, rowBytes: number, list: number, count: number, scores: number): void;
  scoreBytes(
    probe: number,
    rows: number,
    rowBytes: number,
    list: number,
    count: number,
    scores: number,
    scale: number,
  ): void;
  toBytes(data: number, count: number, scale: number, out: number): void;
}

/** A running kernel and its memory. */
export interface Kernel {
  readonly memory: WebAssembly.Memory;
  readonly exports: KernelExports;
  /** Where its codes or rows begin, in bytes. */
  readonly data: number;
}

/** Compiles the kernel's bytes. @throws NearFaceError `BACKEND_UNAVAILABLE` without WebAssembly SIMD. */
export async function compileKernel(bytes: BufferSource): Promise<WebAssembly.Module> {
  try {
    return await WebAssembly.compile(bytes);
  } catch (error) {
    throw NearFaceError.from(error, 'BACKEND_UNAVAILABLE', 'The search kernel needs WebAssembly SIMD');
  }
}

/** Reads and compiles the kernel for a host of the level `simd` from the folder of the library's assets. */
export async function loadKernel(
  readAsset: ReadAsset,
  assets: string,
  simd: keyof typeof KERNEL_FILES,
  files: typeof KERNEL_FILES = KERNEL_FILES,
): Promise<WebAssembly.Module> {
  const url = new URL(files[simd], assets).href;
  return compileKernel(await readKernel(readAsset, url, files[simd]));
}

async function readKernel(readAsset: ReadAsset, url: string, file: string): Promise<Uint8Array<ArrayBuffer>> {
  try {
    return await readAsset(url);
  } catch (error) {
    const fix = `see that ${file} lies in the folder that the option assets names`;
    const { status, cause } = error instanceof AssetError ? error : { cause: error };
    if (status !== undefined)
      throw new NearFaceError('BACKEND_UNAVAILABLE', `${url} answered ${status}; ${fix}`, { url, status });
    throw new NearFaceError('BACKEND_UNAVAILABLE', `${url} could not be read; ${fix}`, { url }, cause);
  }
}

/** A memory's unit. */
export const PAGE_BYTES = 65536;

/** Pages of 4 GB, all that an address of 32 bits reaches. */
export const MAX_PAGES = 65536;

/** Starts a kernel with a memory of its own, with room for no rows yet. */
export function startKernel(module: WebAssembly.Module): Kernel {
  return instantiate(module, new WebAssembly.Memory({ initial: CALL_BYTES / PAGE_BYTES }), CALL_BYTES);
}

/** A kernel over a memory in which codes or rows begin at `data`. */
export function instantiate(module: WebAssembly.Module, memory: WebAssembly.Memory, data: number): Kernel {
  const { exports } = new WebAssembly.Instance(module, { env: { memory } });
  return { memory, exports: exports as unknown as KernelExports, data };
}

/**
 * Makes the memory hold `bytes` of data, with a quarter to spare where the browser has it.
 * Returns whether it could.
 */
export function growMemory({ memory, data }: Kernel, bytes: number): boolean {
  const pages = memory.buffer.byteLength / PAGE_BYTES;
  const needed = Math.ceil((data + bytes) / PAGE_BYTES);
  if (needed <= pages) return true;
  const generous = Math.min(MAX_PAGES, Math.max(needed, Math.ceil(pages * 1.25)));
  for (const goal of [generous, needed]) {
    if (goal > MAX_PAGES) continue;
    try {
      memory.grow(goal - pages);
      return true;
    } catch {
      // The browser has not that much left in one piece: the smaller size is tried next, then false is returned.
    }
  }
  return false;
}
