import type { FaceFilter, FacePage, MetaCount, PictureKind } from '../../core/records.ts';
import type { SecretRotation } from '../../core/secret-rotation.ts';
import type { PreparedFace } from '../face-input.ts';
import { modelChanged } from '../gallery-errors.ts';
import { boundsOfPage, pageOf, pageOfMetas } from '../page-cursor.ts';
import type { MetaPage, PageQuery, Scope, WholeFaces, WholeQuery } from '../port.ts';
import { type StoredFace, toPortable, toRecord } from '../stored.ts';
import { upToBytes, WHOLE_FACES } from '../whole-faces.ts';
import { columnNumber, columnText, textOf } from './columns.ts';
import type { SqlValue } from './driver.ts';
import { readFace } from './faces.ts';
import { readGallery } from './galleries.ts';
import { pictureOf, picturesOf } from './pictures.ts';
import { facesBySeq, vectorsOf } from './rows.ts';
import type { SqlReading } from './sql-tx.ts';
import { wholeFaces } from './whole-rows.ts';

const MEMBERS = 'FROM @face_galleries g JOIN @faces f USING (seq) WHERE g.gallery = $1';

/** A page of a gallery's faces in the order of enrolment. @throws NearFaceError */
export async function listFaces(tx: SqlReading, gallery: string, query: PageQuery): Promise<FacePage> {
  await readGallery(tx, gallery);
  const { skip = 0, limit, order } = query;
  const { above, below } = boundsOfPage(query, tx.counters.nextSeq);
  const { where, values } = conditions(gallery, query);
  const at = values.length + 1;
  const text =
    `SELECT f.seq, f.record ${MEMBERS}${where} AND g.seq > $${at} AND g.seq < $${at + 1} ` +
    `ORDER BY g.seq ${order === 'newest' ? 'DESC' : 'ASC'} LIMIT $${at + 2} OFFSET $${at + 3}`;
  const found: StoredFace[] = [];
  for (let [from, to, passed] = [above, below, skip]; ;) {
    const bounds = [Math.floor(from), Math.ceil(to), limit + 1, passed].map(columnNumber);
    const rows = await tx.ask(text, [...values, ...bounds]);
    found.push(...wholeFaces(tx, rows));
    // In the place of those that cannot be read others come.
    if (found.length > limit || rows.length <= limit) return pageOf(found, limit, order);
    const last = Number(rows.at(-1)?.seq);
    if (order === 'newest') to = last;
    else from = last;
    passed = 0;
  }
}

/** What a filter says, as conditions behind the gallery's. */
function conditions(
  gallery: string,
  filter: FaceFilter,
): { readonly where: string; readonly values: readonly SqlValue[] } {
  return conditionsOf(filter, [gallery]);
}

/** What a filter says of a face `f`, as conditions behind others whose values are given. */
export function conditionsOf(
  { meta, personId, cameraId, from, until }: FaceFilter,
  before: readonly SqlValue[],
): { readonly where: string; readonly values: readonly SqlValue[] } {
  const values: SqlValue[] = [...before];
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
  const told = await firstsOf(tx, gallery, some, false);
  // Where one cannot be told, others are on the page.
  if (told.length === some.length) return told;
  return pageOfMetas(await firstsOf(tx, gallery, all, true), page);
}

/** Metas with the first of their faces that can be read; without those that have none, or, unless `goOn`, whose first cannot. */
async function firstsOf(
  tx: SqlReading,
  gallery: string,
  metas: readonly { readonly meta: string; readonly count: number; readonly seq: number }[],
  goOn: boolean,
): Promise<readonly MetaCount[]> {
  const faces = await facesBySeq(
    tx,
    metas.map(({ seq }) => seq),
  );
  const bySeq = new Map(faces.map((face) => [face.seq, face]));
  const told: MetaCount[] = [];
  for (const { meta, count, seq } of metas) {
    const face = bySeq.get(seq) ?? (goOn ? await firstReadable(tx, gallery, meta) : undefined);
    if (face) told.push({ meta, count, face: toRecord(face) });
  }
  return told;
}

async function firstReadable(tx: SqlReading, gallery: string, meta: string): Promise<StoredFace | undefined> {
  const rows = await tx.ask(`SELECT f.seq, f.record ${MEMBERS} AND f.meta = $2 ORDER BY g.seq`, [
    gallery,
    columnText(meta),
  ]);
  return wholeFaces(tx, rows)[0];
}

/** A gallery's faces that were enrolled from the photo with this sha256. */
export async function facesOfPhoto(
  tx: SqlReading,
  gallery: string,
  photoHash: string,
): Promise<readonly StoredFace[]> {
  const rows = await tx.ask(`SELECT f.seq, f.record ${MEMBERS} AND f.photo = $2 ORDER BY g.seq`, [
    gallery,
    columnText(photoHash),
  ]);
  return wholeFaces(tx, rows);
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

/** Vectors of a model by the numbers of their faces; those that are gone or damaged are left out. */
export async function readVectors(
  tx: SqlReading,
  modelId: string,
  seqs: readonly number[],
  rows?: SecretRotation,
): Promise<ReadonlyMap<number, Float32Array<ArrayBuffer>>> {
  const faces = await facesBySeq(tx, seqs);
  return vectorsOf(
    tx,
    faces.filter((face) => face.modelId === modelId),
    rows,
  );
}

/** The next faces of a gallery with all that belongs to them. @throws NearFaceError `MODEL_MISMATCH` */
export async function readWhole(
  tx: SqlReading,
  gallery: string,
  { modelId, after, pictures }: WholeQuery,
): Promise<WholeFaces> {
  const rows = await tx.ask(`SELECT f.seq, f.record ${MEMBERS} AND g.seq > $2 ORDER BY g.seq LIMIT $3`, [
    ...[gallery, columnNumber(after), WHOLE_FACES],
  ]);
  const found = wholeFaces(tx, rows);
  const faces = pictures ? upToBytes(found) : found;
  const other = faces.find((face) => face.modelId !== modelId);
  if (other) throw modelChanged(gallery, modelId, other.modelId);
  const vectors = await vectorsOf(tx, faces);
  const whole = faces.filter(({ seq }) => vectors.has(seq));
  const kept = pictures
    ? await picturesOf(tx, 'pictures', whole)
    : new Map<number, PreparedFace['pictures']>();
  const isCut = faces.length < found.length;
  const seqs = rows.map(({ seq }) => Number(seq));
  const last = (isCut ? faces.at(-1)?.seq : seqs.at(-1)) ?? after;
  return {
    faces: whole.map((face) => ({
      record: { ...toPortable(face), pictures: [] },
      vector: vectors.get(face.seq) as Float32Array<ArrayBuffer>,
      pictures: kept.get(face.seq) ?? [],
    })),
    last,
    atEnd: !isCut && seqs.length < WHOLE_FACES,
    // Those whose records cannot be read among them.
    leftOut: { faces: seqs.filter((seq) => seq <= last).length - whole.length, pictures: 0 },
  };
}
