import type { GalleryPatch } from '../../core/records.ts';
import { cannotDeleteDefault, galleryExists, galleryNotFound } from '../gallery-errors.ts';
import { countedIn, patchedGallery } from '../gallery-rules.ts';
import { glimpseGallery, mendGallery } from './mending.ts';
import { eraseFaces, removeFromGallery } from './removal.ts';
import type { GalleryRow, ReadTx, WriteTx } from './schema.ts';
import { readFaces } from './records.ts';
import { galleryRow, wholeGallery } from './rows.ts';
import {
  DEFAULT_GALLERY,
  type FaceCount,
  newGallery,
  type StoredFace,
  type StoredGallery,
} from '../stored.ts';

/** Faces taken out at a time when a whole gallery goes. */
const DELETE_SLICE = 1024;

/** The gallery of that name; of one whose row is damaged what its faces tell. @throws NearFaceError `GALLERY_NOT_FOUND` */
export async function readGallery(tx: ReadTx, name: string): Promise<StoredGallery> {
  const row = await tx.objectStore('galleries').get(tx.sealer.tag(name));
  const gallery = row && (await galleryIn(tx, row));
  if (gallery) return gallery;
  const galleries = await listGalleries(tx);
  throw galleryNotFound(
    name,
    galleries.map((gallery) => gallery.name),
  );
}

/** All galleries, by name; those whose rows are damaged as far as their faces tell them. */
export async function listGalleries(tx: ReadTx): Promise<readonly StoredGallery[]> {
  const rows = await tx.objectStore('galleries').getAll();
  const found = await Promise.all(rows.map((row) => galleryIn(tx, row)));
  return found.filter((gallery) => gallery !== undefined).sort((a, b) => (a.name < b.name ? -1 : 1));
}

async function galleryIn(tx: ReadTx, row: GalleryRow): Promise<StoredGallery | undefined> {
  return wholeGallery(tx.sealer, row) ?? glimpseGallery(tx, row);
}

/** The same to be changed: a damaged row is made anew first. */
async function galleryToChange(tx: WriteTx, name: string): Promise<StoredGallery> {
  const row = await tx.objectStore('galleries').get(tx.sealer.tag(name));
  if (!row) return readGallery(tx, name);
  return wholeGallery(tx.sealer, row) ?? mendGallery(tx, name);
}

/** Makes an empty gallery. @throws NearFaceError `GALLERY_EXISTS` */
export async function createGallery(
  tx: WriteTx,
  name: string,
  capacity: number | null,
  label?: string,
): Promise<StoredGallery> {
  const store = tx.objectStore('galleries');
  if (await store.getKey(tx.sealer.tag(name))) throw galleryExists(name);
  const gallery = newGallery(name, capacity, label);
  await store.add(galleryRow(tx.sealer, gallery));
  return gallery;
}

/** Changes what is said of a gallery. @throws NearFaceError `GALLERY_NOT_FOUND` */
export async function updateGallery(tx: WriteTx, name: string, patch: GalleryPatch): Promise<StoredGallery> {
  const gallery = patchedGallery(await galleryToChange(tx, name), patch);
  await tx.objectStore('galleries').put(galleryRow(tx.sealer, gallery));
  return gallery;
}

/**
 * Deletes a gallery, and the faces that are in no other, or all of its faces.
 *
 * @throws NearFaceError
 */
export async function deleteGallery(
  tx: WriteTx,
  name: string,
  withFaces: boolean,
  checkAborted: () => void,
): Promise<void> {
  if (name === DEFAULT_GALLERY) throw cannotDeleteDefault(name);
  await readGallery(tx, name);
  const tag = tx.sealer.tag(name);
  const seqs = tx.index.inGallery(tag);
  for (let from = 0; from < seqs.length; from += DELETE_SLICE) {
    checkAborted();
    await takeOut(tx, name, await readFaces(tx, seqs.subarray(from, from + DELETE_SLICE)), withFaces);
  }
  await tx.objectStore('galleries').delete(tag);
  tx.note({ kind: 'gone', gallery: tag });
}

/** Takes faces out of a gallery that goes, or out of all. */
export async function takeOut(
  tx: WriteTx,
  gallery: string,
  faces: readonly StoredFace[],
  withFaces: boolean,
): Promise<void> {
  if (withFaces) await eraseFaces(tx, faces);
  else await removeFromGallery(tx, gallery, faces);
}

/**
 * Counts more faces of a model into a gallery.
 * @throws NearFaceError `GALLERY_NOT_FOUND`, `MODEL_MISMATCH`, `GALLERY_FULL`
 */
export async function countIn(tx: WriteTx, name: string, modelId: string, count: FaceCount): Promise<void> {
  const counted = countedIn(await galleryToChange(tx, name), modelId, count);
  await tx.objectStore('galleries').put(galleryRow(tx.sealer, counted));
}
