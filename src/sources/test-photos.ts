/** For tests: sources read as the library reads them, zips in the same thread. */
import { type ListedPhoto, type ListingOptions, listPhotos, type PhotoSource } from './files.ts';
import { openZipEntry, type ZipReader } from './zip-entry.ts';
import { listZip } from './zip.ts';

const HERE: ZipReader = { list: listZip, open: openZipEntry };

/** The photos of a source. */
export function photosIn(
  source: PhotoSource,
  signal?: AbortSignal,
  more: ListingOptions = {},
): Promise<ListedPhoto[]> {
  return listPhotos(source, HERE, { signal, ...more });
}
