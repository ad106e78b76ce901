import { simdLevel } from '../core/simd.ts';
import { loadKernel } from '../search/kernel/kernel.ts';

/** What a gallery service is made with. */
export interface GalleryServiceOptions {
  /** The library's version. */
  readonly version: string;
  /** Gets the search kernel from the assets' folder; by default its file is fetched. */
  readonly loadKernel?: (assets: string) => Promise<WebAssembly.Module>;
}

/** The search kernel that this browser can run. */
export function fetchKernel(assets: string): Promise<WebAssembly.Module> {
  return loadKernel(assets, simdLevel() === 'relaxed' ? 'relaxed' : 'simd');
}
