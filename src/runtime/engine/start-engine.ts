import { withinMs } from '../../core/within-ms.ts';
import type { HelperThread, VisionHost } from '../../platform/port.ts';
import { type EngineHelperStart, EngineKernel, loadEngineModule, SHARED_ENGINE_FILES } from './kernel.ts';

/** What the engine needs of the host. */
export type EngineHost = Pick<VisionHost, 'readAsset' | 'startHelper'>;

/** Most threads of a network: its steps are too short for more. */
export const MAX_ENGINE_THREADS = 16;

/** A helper that has not started after so long, in milliseconds, is not waited for: models can run without it. */
const START_MS = 5000;

/**
 * Kernels for a CPU and browser of the level `simd`, with `threads` threads, or with one where shared memory, workers or a file for them
 * are not to be had.
 *
 * @param assets - absolute URL of the library's folder
 * @throws NearFaceError `BACKEND_UNAVAILABLE`
 */
export async function startEngine(
  host: EngineHost,
  assets: string,
  simd: 'relaxed' | 'simd',
  threads: number,
): Promise<EngineKernel> {
  const shared = threads > 1 ? await startShared(host, assets, simd, threads) : undefined;
  return shared ?? new EngineKernel(await loadEngineModule(host.readAsset, assets, simd));
}

async function startShared(
  host: EngineHost,
  assets: string,
  simd: 'relaxed' | 'simd',
  threads: number,
): Promise<EngineKernel | undefined> {
  try {
    const module = await loadEngineModule(host.readAsset, assets, simd, SHARED_ENGINE_FILES);
    const kernel = new EngineKernel(module, true);
    const count = Math.min(threads, MAX_ENGINE_THREADS) - 1;
    await startHelpers(kernel, module, count, (...told) => host.startHelper(assets, ...told));
    return kernel;
  } catch {
    // No such file, no shared memory or no addresses for it.
    return undefined;
  }
}

/**
 * Starts `count` threads that help `kernel`, whose memory is shared. All or none: if one cannot be started or fails, be it later, all are
 * ended, and the kernel works alone.
 *
 * @param start - starts a thread that hands the first message it gets to `helpEngine`. It may throw.
 */
export async function startHelpers(
  kernel: EngineKernel,
  module: WebAssembly.Module,
  count: number,
  start: (onFailed: () => void, onReady: () => void) => HelperThread,
): Promise<void> {
  const workers: HelperThread[] = [];
  const end = (): void => {
    for (const worker of workers.splice(0)) worker.terminate();
  };
  // One that fails takes the others along: of those nothing more is heard.
  const areReady = new Promise<boolean>((resolve) => {
    let ready = 0;
    const onFailed = (): void => {
      resolve(false);
      end();
      kernel.dispose();
    };
    const onReady = (): void => {
      ready++;
      if (ready === count) resolve(true);
    };
    for (let thread = 1; thread <= count; thread++) {
      const worker = start(onFailed, onReady);
      workers.push(worker);
      const message: EngineHelperStart = { kind: 'engine', module, memory: kernel.memory, thread };
      worker.postMessage(message);
    }
  }).catch(() => false);
  if (await withinMs(areReady, START_MS, false)) kernel.setHelpers({ count, end });
  else end();
}
