import type { FacePage, GallerySummary, MetaCount, PictureKind } from '../../core/records.ts';
import { decodeCursor, encodeCursor } from '../page-cursor.ts';
import { readFace, toRecord } from './faces.ts';
import { readGallery } from './galleries.ts';
import type { ReadTx, StoredFace } from './schema.ts';

/** What a page is asked for. */
export interface PageQuery {
  readonly limit: number;
  readonly cursor?: string;
  /** Only faces with exactly this meta. */
  readonly meta?: string;
}

/** All galleries, by name. */
export async function listGalleries(tx: ReadTx): Promise<readonly GallerySummary[]> {
  return tx.objectStore('galleries').getAll();
}

/** A page of a gallery's faces in the order of enrolment. @throws NearFaceError */
export async function listFaces(tx: ReadTx, gallery: string, query: PageQuery): Promise<FacePage> {
  await readGallery(tx, gallery);
  const after = decodeCursor(query.cursor);
  const wanted = query.limit + 1;
  const found =
    query.meta === undefined
      ? await collect(tx, 'galleries', gallery, after, wanted)
      : await collect(tx, 'galleryMeta', [gallery, query.meta], after, wanted);
  const page = found.slice(0, query.limit);
  const last = page.at(-1);
  const records = page.map(toRecord);
  return found.length > query.limit && last ? { records, cursor: encodeCursor(last.seq) } : { records };
}

async function collect(
  tx: ReadTx,
  indexName: 'galleries' | 'galleryMeta',
  key: string | [string, string],
  afterSeq: number,
  count: number,
): Promise<readonly StoredFace[]> {
  const index = tx.objectStore('faces').index(indexName);
  if (afterSeq === 0) return index.getAll(IDBKeyRange.only(key), count);
  const found: StoredFace[] = [];
  let cursor = await index.openCursor(IDBKeyRange.only(key));
  if (cursor && cursor.primaryKey <= afterSeq) cursor = await cursor.continuePrimaryKey(key, afterSeq + 1);
  for (; cursor && found.length < count; cursor = await cursor.continue()) found.push(cursor.value);
  return found;
}

/** The metas of a gallery in rising order (by UTF-16 unit), each with the number of faces that carry it. */
export async function listMetas(tx: ReadTx, gallery: string): Promise<readonly MetaCount[]> {
  await readGallery(tx, gallery);
  const ofGallery = IDBKeyRange.bound([gallery], [gallery, []]);
  const metas: { meta: string; count: number }[] = [];
  let cursor = await tx.objectStore('faces').index('galleryMeta').openKeyCursor(ofGallery);
  for (; cursor; cursor = await cursor.continue()) {
    const [, meta] = cursor.key;
    const last = metas.at(-1);
    if (last?.meta === meta) last.count++;
    else metas.push({ meta, count: 1 });
  }
  return metas;
}

/** A stored picture of a face; `null` if none of that kind was kept. @throws NearFaceError */
export async function readPicture(
  tx: ReadTx,
  gallery: string,
  id: string,
  kind: PictureKind,
): Promise<Blob | null> {
  const face = await readFace(tx, gallery, id);
  const picture = await tx.objectStore('pictures').get([face.seq, kind]);
  return picture ? new Blob([picture.bytes], { type: picture.type }) : null;
}
