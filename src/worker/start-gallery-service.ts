import type { DatabaseKey } from '../core/database-key.ts';
import type { DatabasePlace } from '../core/database-place.ts';
import type { ReadAsset, GalleryHost } from '../platform/port.ts';
import type { OpenDatabase } from '../gallery/port.ts';
import { simdLevel } from '../core/simd.ts';
import { loadKernel } from '../search/kernel/kernel.ts';

/** What of this host keeps galleries longer than memory does. */
export interface Databases {
  /** What says that nothing can be kept has `details.storage: 'refused'`. */
  open(options: {
    readonly database: string | DatabasePlace;
    readonly page: string | undefined;
    readonly key: DatabaseKey | undefined;
  }): OpenDatabase;
  /** Deletes a database, open or not. */
  delete(database: string): Promise<void>;
  /** What users are told where galleries are in memory since nothing can be kept. */
  readonly refused: string;
}

/** What a gallery service is made with. */
export interface GalleryServiceOptions {
  /** The library's version. */
  readonly version: string;
  readonly host: GalleryHost;
  readonly databases: Databases;
  /** Gets the search kernel from the assets' folder; by default its file is read. */
  readonly loadKernel?: (assets: string) => Promise<WebAssembly.Module>;
}

/** The search kernel that this host can run. */
export function readKernel(readAsset: ReadAsset, assets: string): Promise<WebAssembly.Module> {
  return loadKernel(readAsset, assets, simdLevel() === 'relaxed' ? 'relaxed' : 'simd');
}
