import type { FaceFilter, FacePage, MetaCount, PictureKind } from '../../core/records.ts';
import type { PreparedFace } from '../face-input.ts';
import { modelChanged } from '../gallery-errors.ts';
import { boundsOfPage, pageOf, pageOfMetas } from '../page-cursor.ts';
import type { MetaPage, PageQuery, Scope, WholeFaces, WholeQuery } from '../port.ts';
import { type StoredFace, toPortable, toRecord } from '../stored.ts';
import { upToBytes, WHOLE_FACES } from '../whole-faces.ts';
import { columnNumber, columnText, recordOf, textOf } from './columns.ts';
import type { SqlValue } from './driver.ts';
import { readFace } from './faces.ts';
import { readGallery } from './galleries.ts';
import { pictureOf, picturesOf } from './pictures.ts';
import { facesBySeq, vectorsBySeq } from './rows.ts';
import type { SqlReading } from './sql-tx.ts';

const MEMBERS = 'FROM @face_galleries g JOIN @faces f USING (seq) WHERE g.gallery = $1';

/** A page of a gallery's faces in the order of enrolment. @throws NearFaceError */
export async function listFaces(tx: SqlReading, gallery: string, query: PageQuery): Promise<FacePage> {
  await readGallery(tx, gallery);
  const { skip = 0, limit, order } = query;
  const { above, below } = boundsOfPage(query, tx.counters.nextSeq);
  const { where, values } = conditions(gallery, query);
  const bounds = [Math.floor(above), Math.ceil(below), limit + 1, skip].map(columnNumber);
  const at = values.length + 1;
  const rows = await tx.ask(
    `SELECT f.record ${MEMBERS}${where} AND g.seq > $${at} AND g.seq < $${at + 1} ` +
      `ORDER BY g.seq ${order === 'newest' ? 'DESC' : 'ASC'} LIMIT $${at + 2} OFFSET $${at + 3}`,
    [...values, ...bounds],
  );
  return pageOf(
    rows.map((row) => recordOf<StoredFace>(row)),
    limit,
    order,
  );
}

/** What a filter says, as conditions behind the gallery's. */
function conditions(
  gallery: string,
  { meta, personId, cameraId, from, until }: FaceFilter,
): { readonly where: string; readonly values: readonly SqlValue[] } {
  const values: SqlValue[] = [gallery];
  let where = '';
  const add = (condition: string, value: SqlValue | undefined): void => {
    if (value !== undefined) where += ` AND ${condition} $${values.push(value)}`;
  };
  add('f.meta =', meta === undefined ? undefined : columnText(meta));
  add('f.person =', personId === undefined ? undefined : columnText(personId));
  add('f.camera =', cameraId === undefined ? undefined : columnText(cameraId));
  add('f.time >=', from);
  add('f.time <', until);
  return { where, values };
}

/** How many faces of a gallery pass a filter. @throws NearFaceError `GALLERY_NOT_FOUND` */
export async function countFaces(tx: SqlReading, gallery: string, filter: FaceFilter): Promise<number> {
  await readGallery(tx, gallery);
  const { where, values } = conditions(gallery, filter);
  const [row] = await tx.ask(`SELECT count(*) AS count ${MEMBERS}${where}`, values);
  return Number(row?.count);
}

/** The metas of a gallery by UTF-16 unit, each with its number of faces and the first of them. */
export async function listMetas(
  tx: SqlReading,
  gallery: string,
  page?: MetaPage,
): Promise<readonly MetaCount[]> {
  await readGallery(tx, gallery);
  const rows = await tx.ask(
    `SELECT f.meta, count(*) AS count, min(g.seq) AS seq ${MEMBERS} GROUP BY f.meta`,
    [gallery],
  );
  const all = rows.map(({ meta, count, seq }) => ({
    meta: textOf(meta),
    count: Number(count),
    seq: Number(seq),
  }));
  const some = pageOfMetas(all, page);
  const faces = await facesBySeq(
    tx,
    some.map(({ seq }) => seq),
  );
  return some.map(({ meta, count }, i) => ({ meta, count, face: toRecord(faces[i] as StoredFace) }));
}

/** A gallery's faces that were enrolled from the photo with this sha256. */
export async function facesOfPhoto(
  tx: SqlReading,
  gallery: string,
  photoHash: string,
): Promise<readonly StoredFace[]> {
  const rows = await tx.ask(`SELECT f.record ${MEMBERS} AND f.photo = $2 ORDER BY g.seq`, [
    gallery,
    columnText(photoHash),
  ]);
  return rows.map((row) => recordOf<StoredFace>(row));
}

/** `null` if no picture of that kind was kept. @throws NearFaceError */
export async function readPicture(
  tx: SqlReading,
  scope: Scope,
  id: string,
  kind: PictureKind,
): Promise<Blob | null> {
  const { seq } = await readFace(tx, scope, id);
  return pictureOf(tx, 'pictures', seq, kind);
}

/** Vectors of a model by the numbers of their faces; those that are gone are left out. */
export async function readVectors(
  tx: SqlReading,
  modelId: string,
  seqs: readonly number[],
): Promise<ReadonlyMap<number, Float32Array<ArrayBuffer>>> {
  const faces = await facesBySeq(tx, seqs);
  const wanted = faces.filter((face) => face.modelId === modelId).map(({ seq }) => seq);
  const vectors = await vectorsBySeq(tx, wanted);
  return new Map(wanted.map((seq) => [seq, vectors.get(seq) as Float32Array<ArrayBuffer>]));
}

/** The next faces of a gallery with all that belongs to them. @throws NearFaceError `MODEL_MISMATCH` */
export async function readWhole(
  tx: SqlReading,
  gallery: string,
  { modelId, after, pictures }: WholeQuery,
): Promise<WholeFaces> {
  const rows = await tx.ask(`SELECT f.record ${MEMBERS} AND g.seq > $2 ORDER BY g.seq LIMIT $3`, [
    ...[gallery, columnNumber(after), WHOLE_FACES],
  ]);
  const some = rows.map((row) => recordOf<StoredFace>(row));
  const faces = pictures ? upToBytes(some) : some;
  const other = faces.find((face) => face.modelId !== modelId);
  if (other) throw modelChanged(gallery, modelId, other.modelId);
  const vectors = await vectorsBySeq(
    tx,
    faces.map(({ seq }) => seq),
  );
  const kept = pictures
    ? await picturesOf(tx, 'pictures', faces)
    : new Map<number, PreparedFace['pictures']>();
  return {
    faces: faces.map((face) => ({
      record: { ...toPortable(face), pictures: [] },
      vector: vectors.get(face.seq) as Float32Array<ArrayBuffer>,
      pictures: kept.get(face.seq) ?? [],
    })),
    last: faces.at(-1)?.seq ?? after,
    atEnd: faces.length === some.length && some.length < WHOLE_FACES,
    leftOut: { faces: 0, pictures: 0 },
  };
}
