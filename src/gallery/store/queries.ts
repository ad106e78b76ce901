import type { FaceFilter, FacePage, MetaCount, PictureKind } from '../../core/records.ts';
import { decodeCursor, encodeCursor } from '../page-cursor.ts';
import { readFace, toRecord } from './faces.ts';
import { readGallery } from './galleries.ts';
import type { FaceRow, ReadTx, StoredFace } from './schema.ts';
import { faceOf, metaOf } from './rows.ts';

/** What a page is asked for. */
export interface PageQuery extends FaceFilter {
  readonly limit: number;
  readonly cursor?: string;
  /** Faces passed over, without a cursor and with no filter but by meta. */
  readonly skip?: number;
}

/** Records read at a time where not all that are read are wanted. */
const SLICE = 500;

/** A page of a gallery's faces in the order of enrolment. @throws NearFaceError */
export async function listFaces(tx: ReadTx, gallery: string, query: PageQuery): Promise<FacePage> {
  await readGallery(tx, gallery);
  const found: StoredFace[] = [];
  let after = query.skip ? await lastSkipped(tx, gallery, query, query.skip) : decodeCursor(query.cursor);
  if (after === undefined) return { records: [] };
  while (found.length <= query.limit) {
    const slice = await readSlice(tx, gallery, query, after, Math.max(query.limit + 1, SLICE));
    for (const face of slice) if (passes(face, gallery, query)) found.push(face);
    const last = slice.at(-1);
    if (!last || slice.length < Math.max(query.limit + 1, SLICE)) break;
    after = last.seq;
  }
  const page = found.slice(0, query.limit);
  const last = page.at(-1);
  const records = page.map(toRecord);
  return found.length > query.limit && last ? { records, cursor: encodeCursor(last.seq) } : { records };
}

/** The next faces of a gallery after a number, in their order. */
export async function facesAfter(
  tx: ReadTx,
  gallery: string,
  afterSeq: number,
  count: number,
): Promise<readonly StoredFace[]> {
  return readSlice(tx, gallery, {}, afterSeq, count);
}

/** The number of the last of the first `skip` faces; nothing if there are fewer. */
async function lastSkipped(
  tx: ReadTx,
  gallery: string,
  query: PageQuery,
  skip: number,
): Promise<number | undefined> {
  const { index, key } = narrowest(tx, gallery, query);
  const cursor = await index.openKeyCursor(IDBKeyRange.only(key));
  const last = skip > 1 ? await cursor?.advance(skip - 1) : cursor;
  return last?.primaryKey;
}

function passes(face: StoredFace, gallery: string, { meta, personId, from, until }: FaceFilter): boolean {
  if (!face.galleries.includes(gallery)) return false;
  if (meta !== undefined && face.meta !== meta) return false;
  if (personId !== undefined && face.personId !== personId) return false;
  return face.timestamp >= (from ?? -Infinity) && face.timestamp < (until ?? Infinity);
}

/** The next faces of the narrowest index that the filter names. */
async function readSlice(
  tx: ReadTx,
  gallery: string,
  filter: FaceFilter,
  afterSeq: number,
  count: number,
): Promise<readonly StoredFace[]> {
  const { index, key } = narrowest(tx, gallery, filter);
  if (afterSeq === 0) {
    const rows = await index.getAll(IDBKeyRange.only(key), count);
    return rows.map((row) => faceOf(tx.sealer, row));
  }
  const found: StoredFace[] = [];
  let cursor = await index.openCursor(IDBKeyRange.only(key));
  if (cursor && cursor.primaryKey <= afterSeq)
    cursor = await cursor.continuePrimaryKey(key as never, afterSeq + 1);
  for (; cursor && found.length < count; cursor = await cursor.continue())
    found.push(faceOf(tx.sealer, cursor.value));
  return found;
}

function narrowest(tx: ReadTx, gallery: string, { meta, personId }: FaceFilter) {
  const faces = tx.objectStore('faces');
  const { tag } = tx.sealer;
  if (personId !== undefined) return { index: faces.index('personId'), key: tag(personId) };
  if (meta !== undefined) return { index: faces.index('galleryMeta'), key: [tag(gallery), tag(meta)] };
  return { index: faces.index('galleries'), key: tag(gallery) };
}

/** The numbers of the faces that pass a filter by meta or person; nothing if it names neither. */
export async function filteredSeqs(
  tx: ReadTx,
  galleries: readonly string[],
  { meta, personId }: FaceFilter,
): Promise<readonly number[] | undefined> {
  const faces = tx.objectStore('faces');
  const { tag } = tx.sealer;
  const ofPerson = personId === undefined ? undefined : faces.index('personId').getAllKeys(tag(personId));
  const ofMeta =
    meta === undefined
      ? undefined
      : Promise.all(galleries.map((name) => faces.index('galleryMeta').getAllKeys([tag(name), tag(meta)])));
  const [person, metas] = [await ofPerson, (await ofMeta)?.flat()];
  if (!person || !metas) return person ?? metas;
  const wanted = new Set(metas);
  return person.filter((seq) => wanted.has(seq));
}

/** A gallery's faces that were enrolled from the photo with this sha256. */
export async function rowsOfPhoto(
  tx: ReadTx,
  gallery: string,
  photoHash: string,
): Promise<readonly FaceRow[]> {
  const { tag } = tx.sealer;
  const rows = await tx.objectStore('faces').index('photoHash').getAll(tag(photoHash));
  return rows.filter(({ galleries }) => galleries.includes(tag(gallery)));
}

/** A stored picture of a face; `null` if none of that kind was kept. @throws NearFaceError */
export async function readPicture(
  tx: ReadTx,
  gallery: string,
  id: string,
  kind: PictureKind,
): Promise<Blob | null> {
  const face = await readFace(tx, gallery, id);
  const picture = await readStoredPicture(tx, face.seq, kind);
  return picture ? new Blob([picture.bytes], { type: picture.type }) : null;
}

/** The same by the face's number, as bytes. */
export async function readStoredPicture(
  tx: ReadTx,
  seq: number,
  kind: PictureKind,
): Promise<{ kind: PictureKind; type: string; bytes: ArrayBuffer } | undefined> {
  const picture = await tx.objectStore('pictures').get([seq, kind]);
  if (!picture) return undefined;
  return { kind, type: picture.type, bytes: tx.sealer.open(new Uint8Array(picture.bytes)).slice().buffer };
}

/** The metas of a gallery by UTF-16 unit, each with its number of faces and one of them. */
export async function listMetas(tx: ReadTx, gallery: string): Promise<readonly MetaCount[]> {
  await readGallery(tx, gallery);
  const tag = tx.sealer.tag(gallery);
  const rows = await tx.objectStore('metas').getAll(IDBKeyRange.bound([tag], [tag, []]));
  const faces = await Promise.all(rows.map(({ seq }) => tx.objectStore('faces').get(seq)));
  return rows
    .flatMap((row, i) => {
      const face = faces[i];
      if (!face) return [];
      return [{ meta: metaOf(tx.sealer, row), count: row.count, face: toRecord(faceOf(tx.sealer, face)) }];
    })
    .sort((a, b) => (a.meta < b.meta ? -1 : 1));
}
