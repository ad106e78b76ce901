import { NearFaceError } from '../../core/errors.ts';
import type { ReadAsset } from '../../platform/port.ts';

/** The kernels' modules beside the library's other assets: with fused multiply-add, and for every SIMD engine. */
export const ENGINE_FILES: Readonly<Record<'relaxed' | 'simd', string>> = {
  relaxed: 'engine-relaxed.wasm',
  simd: 'engine-simd.wasm',
};

/** Channels of a pixel in memory are filled up with zeros to a multiple of this. */
export const LANES = 4;

/** Columns of a panel of packed weights. */
export const PANEL = 8;

/** What happens to a sum before it is stored; the numbers of `assembly/vector.ts`. */
export const ACTIVATIONS = { none: 0, relu: 1, prelu: 2 } as const;

type Call = (...args: number[]) => void;

/** The exports of `assembly/index.ts`; their arguments are documented there. Addresses are in bytes. */
export interface EngineExports {
  readonly gemm: Call;
  readonly depthwise: Call;
  readonly planarWindows: Call;
  readonly windows: Call;
  readonly maxPool: Call;
  readonly place: Call;
  readonly pointwise: Call;
}

/** Kernels with a memory of their own. */
export interface EngineKernel {
  readonly memory: WebAssembly.Memory;
  readonly exports: EngineExports;
}

/** Starts the kernels of a compiled module on an empty memory. */
export function startEngineKernel(module: WebAssembly.Module): EngineKernel {
  const memory = new WebAssembly.Memory({ initial: 1 });
  const instance = new WebAssembly.Instance(module, { env: { memory } });
  return { memory, exports: instance.exports as unknown as EngineExports };
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
): Promise<WebAssembly.Module> {
  const url = new URL(ENGINE_FILES[simd], assets).href;
  try {
    return await WebAssembly.compile(await readAsset(url));
  } catch (error) {
    const text = `The kernels could not be loaded from ${url}; keep the whole dist folder there`;
    throw new NearFaceError('BACKEND_UNAVAILABLE', text, { url }, error);
  }
}
