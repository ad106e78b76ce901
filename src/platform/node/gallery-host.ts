import { availableParallelism } from 'node:os';
import type { GalleryHost } from '../port.ts';
import { readAsset } from './read-asset.ts';
import { startHelper } from './start-worker.ts';

const ONE_THREAD = 'but models run on 1 in Node; make several instances to analyse pictures side by side';

/** The gallery worker's Node. */
export const nodeGalleryHost: GalleryHost = {
  readAsset,
  get cores() {
    return availableParallelism();
  },
  hasThreads: () => true,
  missing: (threads = 0) => (threads > 1 ? [`threads: ${threads} was asked for, ${ONE_THREAD}`] : []),
  startHelper,
};
