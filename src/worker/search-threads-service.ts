import { simdLevel } from '../core/simd.ts';
import { loadKernel, SHARED_KERNEL_FILES } from '../search/kernel/kernel.ts';
import { MAX_HELPERS } from '../search/threads/control.ts';
import type { SearchThreads } from '../search/threads/crew.ts';
import type { GalleryHost } from '../platform/port.ts';

/** Threads of a search unless another number is asked for: more than that wait for the memory. */
const DEFAULT_THREADS = 4;

/**
 * What searches on `threads` threads need (0 for as many as the machine has, up to four); `undefined` where there can
 * be one only. Helpers start later, once there are enough faces.
 */
export async function loadSearchThreads(
  host: GalleryHost,
  assets: string,
  threads: number,
): Promise<SearchThreads | undefined> {
  const wanted = threads || Math.min(DEFAULT_THREADS, host.cores);
  if (!host.hasThreads() || wanted < 2) return undefined;
  try {
    const simd = simdLevel() === 'relaxed' ? 'relaxed' : 'simd';
    return {
      module: await loadKernel(host.readAsset, assets, simd, SHARED_KERNEL_FILES),
      helpers: Math.min(wanted - 1, MAX_HELPERS),
      startHelper: (onFailed) => host.startHelper(assets, onFailed),
    };
  } catch {
    // Without the file, or WebAssembly threads, one thread searches.
    return undefined;
  }
}
