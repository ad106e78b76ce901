import { simdLevel } from '../core/simd.ts';
import { hasThreads } from '../core/surroundings.ts';
import { loadKernel, SHARED_KERNEL_FILES } from '../search/kernel/kernel.ts';
import { MAX_HELPERS } from '../search/threads/control.ts';
import type { SearchThreads } from '../search/threads/crew.ts';
import { createWorker } from './create-worker.ts';

/** Threads of a search unless another number is asked for: more than that wait for the memory. */
const DEFAULT_THREADS = 4;

/**
 * What searches on `threads` threads need (0 for as many as the machine has, up to four); `undefined` where there can
 * be one only. Helpers start later, once there are enough faces.
 */
export async function loadSearchThreads(assets: string, threads: number): Promise<SearchThreads | undefined> {
  const wanted = threads || Math.min(DEFAULT_THREADS, navigator.hardwareConcurrency || 1);
  if (!hasThreads() || wanted < 2) return undefined;
  try {
    const simd = simdLevel() === 'relaxed' ? 'relaxed' : 'simd';
    return {
      module: await loadKernel(assets, simd, SHARED_KERNEL_FILES),
      helpers: Math.min(wanted - 1, MAX_HELPERS),
      startHelper: () => createWorker(new URL('search.worker.js', assets).href, 'nearface-search'),
    };
  } catch {
    // Without the file, or WebAssembly threads, one thread searches.
    return undefined;
  }
}
