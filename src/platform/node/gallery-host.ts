import { availableParallelism } from 'node:os';
import type { GalleryHost } from '../port.ts';
import { readAsset } from './read-asset.ts';
import { startHelper } from './start-worker.ts';

/** The gallery worker's Node. */
export const nodeGalleryHost: GalleryHost = {
  readAsset,
  get cores() {
    return availableParallelism();
  },
  hasThreads: () => true,
  missing: () => [],
  startHelper,
};
