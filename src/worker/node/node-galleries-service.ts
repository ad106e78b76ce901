import { checkDatabasePlace, type DatabasePlace } from '../../core/database-place.ts';
import { badParam, NearFaceError } from '../../core/errors.ts';
import type { OpenDatabase } from '../../gallery/port.ts';
import { inSql } from '../../gallery/sql/sql-database.ts';
import { nodeGalleryHost } from '../../platform/node/gallery-host.ts';
import { pgliteIn } from '../../platform/node/pglite.ts';
import { postgresAt } from '../../platform/node/postgres.ts';
import type { GalleryServiceOptions } from '../start-gallery-service.ts';

const REFUSED =
  'In Node galleries are in memory and end with the instance where the database is a name: export what you want to keep (gallery.export), or create NearFace with database: { folder } or { url }';

/** Node's galleries: in a folder or at a URL; a name keeps nothing. */
export const nodeGalleries: Pick<GalleryServiceOptions, 'host' | 'databases'> = {
  host: nodeGalleryHost,
  databases: {
    open: ({ database, key }) =>
      typeof database === 'string' ? refuse : openPlace(database, key !== undefined),
    // There is none by name.
    delete: async () => undefined,
    refused: REFUSED,
  },
};

const refuse: OpenDatabase = async () => {
  throw new NearFaceError('STORAGE_FAILED', REFUSED, { storage: 'refused' });
};

/** @throws NearFaceError `BAD_PARAM` */
function openPlace(place: DatabasePlace, isEncrypted: boolean): OpenDatabase {
  if (isEncrypted)
    throw badParam(
      'options.passphrase',
      '(not shown)',
      'left out: what is in a folder or in PostgreSQL is not encrypted by the library; encrypt the disk',
    );
  const checked = checkDatabasePlace(place, 'options.database');
  const { templateSecret } = checked;
  if ('folder' in checked) return inSql({ open: pgliteIn(checked.folder), templateSecret });
  const { url, schema, searchMemoryMB } = checked;
  const candidates = searchMemoryMB !== undefined;
  return inSql({
    open: postgresAt(url),
    ...(schema !== undefined && { schema }),
    candidates,
    templateSecret,
  });
}
