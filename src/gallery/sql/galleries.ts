import type { GalleryPatch } from '../../core/records.ts';
import { galleryExists, galleryNotFound } from '../gallery-errors.ts';
import { countedIn, countedOut, patchedGallery } from '../gallery-rules.ts';
import { bytesOf, newGallery, type StoredFace, type StoredGallery } from '../stored.ts';
import { recordOf } from './columns.ts';
import type { SqlReading, SqlTx } from './sql-tx.ts';

/** All galleries, by name. */
export async function listGalleries(tx: SqlReading): Promise<readonly StoredGallery[]> {
  const rows = await tx.ask('SELECT record FROM @galleries');
  return rows.map((row) => recordOf<StoredGallery>(row)).sort((a, b) => (a.name < b.name ? -1 : 1));
}

async function findGallery(tx: SqlReading, name: string): Promise<StoredGallery | undefined> {
  const [row] = await tx.ask('SELECT record FROM @galleries WHERE name = $1', [name]);
  return row && recordOf<StoredGallery>(row);
}

/** @throws NearFaceError `GALLERY_NOT_FOUND` */
export async function readGallery(tx: SqlReading, name: string): Promise<StoredGallery> {
  const gallery = await findGallery(tx, name);
  if (gallery) return gallery;
  const names = (await listGalleries(tx)).map((other) => other.name);
  throw galleryNotFound(name, names);
}

/** Makes a gallery that is not there, without a capacity. */
export async function ensureGallery(tx: SqlTx, name: string): Promise<void> {
  if (!(await findGallery(tx, name))) await putGallery(tx, newGallery(name, null));
}

/** @throws NearFaceError `GALLERY_EXISTS` */
export async function createGallery(
  tx: SqlTx,
  name: string,
  capacity: number | null,
  label?: string,
): Promise<StoredGallery> {
  if (await findGallery(tx, name)) throw galleryExists(name);
  const gallery = newGallery(name, capacity, label);
  await putGallery(tx, gallery);
  return gallery;
}

/** Changes what is said of a gallery. @throws NearFaceError `GALLERY_NOT_FOUND` */
export async function updateGallery(tx: SqlTx, name: string, patch: GalleryPatch): Promise<StoredGallery> {
  const gallery = patchedGallery(await readGallery(tx, name), patch);
  await putGallery(tx, gallery);
  return gallery;
}

/** Counts faces of a model into a gallery. @throws NearFaceError `GALLERY_NOT_FOUND`, `MODEL_MISMATCH`, `GALLERY_FULL` */
export async function countIn(
  tx: SqlTx,
  name: string,
  modelId: string,
  faces: readonly StoredFace[],
): Promise<void> {
  const count = { faces: faces.length, bytes: bytesOf(faces) };
  await putGallery(tx, countedIn(await readGallery(tx, name), modelId, count));
}

/** Counts faces out of a gallery. */
export async function countOut(tx: SqlTx, name: string, faces: readonly StoredFace[]): Promise<void> {
  await putGallery(tx, countedOut(await readGallery(tx, name), faces));
}

export async function putGallery(tx: SqlTx, gallery: StoredGallery): Promise<void> {
  await tx.ask(
    'INSERT INTO @galleries VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET record = excluded.record',
    [gallery.name, JSON.stringify(gallery)],
  );
}
