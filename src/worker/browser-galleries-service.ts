import { badParam } from '../core/errors.ts';
import { indexedDb } from '../gallery/indexeddb/indexeddb-database.ts';
import { deleteDatabase } from '../gallery/indexeddb/slots.ts';
import { browserGalleryHost } from '../platform/browser/gallery-host.ts';
import type { GalleryServiceOptions } from './start-gallery-service.ts';

const REFUSED =
  'The browser gives this page no storage (a sandboxed frame needs allow-same-origin, a frame of another site the permission of the user), so that galleries are in memory and end with the page';

const inBrowser: GalleryServiceOptions['databases']['open'] = ({ database, ...options }) => {
  if (typeof database === 'string') return indexedDb({ database, ...options });
  throw badParam(
    'options.database',
    '(not shown)',
    'a name in browsers; folders and PostgreSQL are for Node',
  );
};

/** A browser's galleries, in IndexedDB. */
export const browserGalleries: Pick<GalleryServiceOptions, 'host' | 'databases'> = {
  host: browserGalleryHost,
  databases: { open: inBrowser, delete: deleteDatabase, refused: REFUSED },
};
