import type { ReportProgress } from './contract.ts';
import type { ReadAsset, GalleryHost } from '../platform/port.ts';
import { simdLevel } from '../core/simd.ts';
import { loadKernel } from '../search/kernel/kernel.ts';

/** What a gallery service is made with. */
export interface GalleryServiceOptions {
  /** The library's version. */
  readonly version: string;
  readonly host: GalleryHost;
  /** Gets the search kernel from the assets' folder; by default its file is read. */
  readonly loadKernel?: (assets: string) => Promise<WebAssembly.Module>;
}

/** The search kernel that this host can run. */
export function readKernel(readAsset: ReadAsset, assets: string): Promise<WebAssembly.Module> {
  return loadKernel(readAsset, assets, simdLevel() === 'relaxed' ? 'relaxed' : 'simd');
}

/** Reports how far encrypting is. */
export function encryptReporter(item: string, report: ReportProgress): (done: number, total: number) => void {
  return (done, total) => report({ phase: 'encrypt', item, done, total });
}
