import { fetchAsset } from '../fetch-asset.ts';
import type { GalleryHost } from '../port.ts';
import { startHelper } from './start-worker.ts';
import { hasThreads, missingHere } from './surroundings.ts';

/** The gallery worker's browser. */
export const browserGalleryHost: GalleryHost = {
  readAsset: fetchAsset,
  get cores() {
    return navigator.hardwareConcurrency || 1;
  },
  hasThreads,
  missing: missingHere,
  startHelper,
};
