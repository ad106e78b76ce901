import { compileKernel } from '../../core/compile-kernel.ts';
import type { ReadAsset } from '../../platform/port.ts';
import { Arena } from './arena.ts';
import { CREW_BYTES, crewWords, help, share } from './crew.ts';
import type { EngineExports, PlacedCalls, ThreadRooms } from './placed-calls.ts';

/** The kernels' modules beside the library's other assets: with fused multiply-add, and for every SIMD engine. */
export const ENGINE_FILES: Readonly<Record<'relaxed' | 'simd', string>> = {
  relaxed: 'engine-relaxed.wasm',
  simd: 'engine-simd.wasm',
};

/** The same for memory that several threads share. */
export const SHARED_ENGINE_FILES: typeof ENGINE_FILES = {
  relaxed: 'engine-relaxed-threads.wasm',
  simd: 'engine-simd-threads.wasm',
};

/** Channels of a pixel in memory are filled up with zeros to a multiple of this. */
export const LANES = 4;

/** Columns of a panel of packed weights. */
export const PANEL = 8;

/** Bytes of a thread's own room before its windows, for a block of rows as integers; `assembly/integers.ts` has the same number. */
export const BLOCK_ROOM = 17_472;

/** Numbers of a row of which integers can be made. */
export const MOST_INTEGERS = 2048;

/** What happens to a sum before it is stored; the numbers of `assembly/vector.ts`. */
export const ACTIVATIONS = { none: 0, relu: 1, prelu: 2 } as const;

const PAGE = 65536;

/**
 * Pages of 1 GB, which shared memory may grow to: browsers set all of that aside when it is made, and iOS 16.4 has no 2 GB. All models of the
 * library together take 30 MB.
 */
const SHARED_PAGES = 16384;

/** Threads that help a kernel. */
export interface KernelHelpers {
  /** How many are there. */
  readonly count: number;
  /** Ends them at once. Safe to call twice. */
  end(): void;
}

/** What a module must have to be this version's. */
const EXPORTS: readonly (keyof EngineExports)[] = ['perform', 'chunksBefore', 'performChunk', 'signOfNaN'];

/** A helper that is not heard of for so long, in milliseconds, never will be. */
const LOST_MS = 2000;

/**
 * Kernels with a memory, which holds the weights of any number of models, and above them what one of them works on at a time.
 */
export class EngineKernel {
  /** Who has which weights. */
  readonly weights: Arena = new Arena(CREW_BYTES);
  readonly #module: WebAssembly.Module;
  readonly #isShared: boolean;
  /**
   * Whether products are summed up in integers where a network's weights are bytes or may be rounded. That is faster on x86; on ARM, where no instruction
   * adds up pairs of products of 16 bits, it is slower.
   */
  readonly usesIntegers: boolean;
  #memory: WebAssembly.Memory;
  #exports: EngineExports;
  #helpers: KernelHelpers | undefined;

  /**
   * @param module - from `loadEngineModule`
   * @param isShared - whether the module is one for shared memory. @throws RangeError, TypeError where there is none
   * @param usesIntegers - by default, where it is faster
   */
  constructor(module: WebAssembly.Module, isShared: boolean = false, usesIntegers?: boolean) {
    this.#module = module;
    this.#isShared = isShared;
    this.#memory = isShared
      ? new WebAssembly.Memory({ initial: 1, maximum: SHARED_PAGES, shared: true })
      : new WebAssembly.Memory({ initial: 1 });
    this.#exports = instantiate(module, this.#memory);
    this.usesIntegers = usesIntegers ?? this.#exports.signOfNaN(0) === 1;
  }

  get memory(): WebAssembly.Memory {
    return this.#memory;
  }

  /** Threads that runs are shared by, this one among them. */
  get threads(): number {
    return 1 + (this.#helpers?.count ?? 0);
  }

  /** Lets helpers, whose memory is this one's, take part from now on. */
  setHelpers(helpers: KernelHelpers): void {
    this.#helpers = helpers;
  }

  /**
   * Makes the memory reach up to `end`; views of it from before are void. Where shared memory cannot grow so far, this thread goes on
   * alone in another.
   *
   * @throws RangeError where there is no more memory
   */
  reserve(end: number): void {
    const missing = Math.ceil((end - this.#memory.buffer.byteLength) / PAGE);
    if (missing <= 0) return;
    try {
      this.#memory.grow(missing);
    } catch (error) {
      if (!this.#isShared) throw error;
      // A quarter more at least, as each time all is copied.
      this.#leave(Math.max(missing, Math.ceil(this.#memory.buffer.byteLength / PAGE / 4)));
    }
  }

  /**
   * Makes calls, with the helpers if there are any. Returns false if one was lost: then the memory is another with the same contents, as
   * the lost one may still write to the old, there are no helpers any more, and whatever was under way must be done over.
   */
  perform(calls: PlacedCalls, rooms: ThreadRooms): boolean {
    if (this.threads === 1 || calls.count === 1) {
      this.#exports.perform(calls.from, calls.to, rooms.at);
      return true;
    }
    let isDone = false;
    try {
      isDone = share(crewWords(this.#memory), this.#exports, calls, rooms, LOST_MS);
    } finally {
      // A helper is lost, or this thread has failed, of which the helpers do not know.
      if (!isDone) this.#leave();
    }
    return isDone;
  }

  /** Ends the helpers; this thread works alone then. Safe to call twice. */
  dispose(): void {
    this.#helpers?.end();
    this.#helpers = undefined;
  }

  /** Goes on without helpers in a copy of the memory with so many pages `more`. */
  #leave(more: number = 0): void {
    this.dispose();
    const left = new Uint8Array(this.#memory.buffer);
    const pages = left.length / PAGE + more;
    const maximum = Math.max(pages, SHARED_PAGES);
    this.#memory = new WebAssembly.Memory({ initial: pages, maximum, shared: this.#isShared });
    new Uint8Array(this.#memory.buffer).set(left);
    this.#exports = instantiate(this.#module, this.#memory);
  }
}

function instantiate(module: WebAssembly.Module, memory: WebAssembly.Memory): EngineExports {
  return new WebAssembly.Instance(module, { env: { memory } }).exports as unknown as EngineExports;
}

/** What a thread is sent that helps a kernel. */
export interface EngineHelperStart {
  readonly kind: 'engine';
  readonly module: WebAssembly.Module;
  readonly memory: WebAssembly.Memory;
  /** Its number, from 1 on. */
  readonly thread: number;
}

/** Works for a kernel until the worker is ended; it never returns, and takes no further message. `ready` is called before. */
export function helpEngine({ module, memory, thread }: EngineHelperStart, ready: () => void): void {
  const exports = instantiate(module, memory);
  ready();
  help(crewWords(memory), exports, thread);
}

/**
 * Reads and compiles the kernels for a CPU and browser of the level `simd`.
 *
 * @param assets - absolute URL of the library's folder
 * @throws NearFaceError `BACKEND_UNAVAILABLE`
 */
export async function loadEngineModule(
  readAsset: ReadAsset,
  assets: string,
  simd: keyof typeof ENGINE_FILES,
  files: typeof ENGINE_FILES = ENGINE_FILES,
): Promise<WebAssembly.Module> {
  return compileKernel(readAsset, new URL(files[simd], assets).href, 'The kernels', EXPORTS);
}
