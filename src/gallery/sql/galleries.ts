import type { GalleryPatch } from '../../core/records.ts';
import { galleryExists, galleryNotFound } from '../gallery-errors.ts';
import { countedIn, countedOut, patchedGallery } from '../gallery-rules.ts';
import { type FaceCount, newGallery, type StoredFace, type StoredGallery } from '../stored.ts';
import { glimpseGallery, mendGallery, putGallery } from './mending-galleries.ts';
import type { SqlReading, SqlTx } from './sql-tx.ts';
import { wholeGallery } from './whole-rows.ts';

/** All galleries, by name. */
export async function listGalleries(tx: SqlReading): Promise<readonly StoredGallery[]> {
  const rows = await tx.ask('SELECT name, record FROM @galleries');
  const found: StoredGallery[] = [];
  for (const row of rows) found.push(wholeGallery(row) ?? (await glimpseGallery(tx, row.name as string)));
  return found.sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** One whose row is damaged as far as its faces tell it. */
async function findGallery(tx: SqlReading, name: string): Promise<StoredGallery | undefined> {
  const [row] = await tx.ask('SELECT name, record FROM @galleries WHERE name = $1', [name]);
  return row && (wholeGallery(row) ?? glimpseGallery(tx, name));
}

/** The same to be changed: a damaged row is made anew first. @throws NearFaceError `GALLERY_NOT_FOUND` */
export async function galleryToChange(tx: SqlTx, name: string): Promise<StoredGallery> {
  const [row] = await tx.ask('SELECT name, record FROM @galleries WHERE name = $1', [name]);
  if (!row) return readGallery(tx, name);
  return wholeGallery(row) ?? mendGallery(tx, name);
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
  const gallery = patchedGallery(await galleryToChange(tx, name), patch);
  await putGallery(tx, gallery);
  return gallery;
}

/** Counts faces of a model into a gallery. @throws NearFaceError `GALLERY_NOT_FOUND`, `MODEL_MISMATCH`, `GALLERY_FULL` */
export async function countIn(tx: SqlTx, name: string, modelId: string, count: FaceCount): Promise<void> {
  await putGallery(tx, countedIn(await galleryToChange(tx, name), modelId, count));
}

/** Counts faces out of a gallery. */
export async function countOut(tx: SqlTx, name: string, faces: readonly StoredFace[]): Promise<void> {
  await putGallery(tx, countedOut(await galleryToChange(tx, name), faces));
}
