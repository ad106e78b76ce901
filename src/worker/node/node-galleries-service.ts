import { NearFaceError } from '../../core/errors.ts';
import { nodeGalleryHost } from '../../platform/node/gallery-host.ts';
import type { GalleryServiceOptions } from '../start-gallery-service.ts';

const REFUSED =
  'In Node galleries are in memory and end with the instance: export what you want to keep (gallery.export)';

/** Node's galleries, which nothing keeps yet. */
export const nodeGalleries: Pick<GalleryServiceOptions, 'host' | 'databases'> = {
  host: nodeGalleryHost,
  databases: {
    open: () => async () => {
      throw new NearFaceError('STORAGE_FAILED', REFUSED, { storage: 'refused' });
    },
    // There is none.
    delete: async () => undefined,
    refused: REFUSED,
  },
};
