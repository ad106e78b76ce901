import { NearFaceError } from '../../core/errors.ts';
import { imageType } from '../../core/image-type.ts';
import type { FaceFilter, FacePage, MetaCount, PictureKind } from '../../core/records.ts';
import { passes, rowFilter } from '../face-filter.ts';
import { firstAfter, numbersOfPage, pageOf, pageOfMetas } from '../page-cursor.ts';
import { readFace } from './faces.ts';
import { readGallery } from './galleries.ts';
import { isHidden } from '../hidden-faces.ts';
import { readFaces } from './records.ts';
import type { ReadTx } from './schema.ts';
import type { MetaPage, PageQuery, Scope } from '../port.ts';
import { toRecord, type StoredFace } from '../stored.ts';

/** A picture as it was stored. */
interface ReadPicture {
  readonly kind: PictureKind;
  readonly type: string;
  readonly bytes: ArrayBuffer;
}

/** Records read at a time where not all that are read are wanted. */
const SLICE = 500;

/** A page of a gallery's faces in the order of enrolment. @throws NearFaceError */
export async function listFaces(tx: ReadTx, gallery: string, query: PageQuery): Promise<FacePage> {
  await readGallery(tx, gallery);
  const { tag } = tx.sealer;
  const { skip = 0, limit } = query;
  const all = tx.index.inGallery(tag(gallery), rowFilter(tag, query));
  const seqs = numbersOfPage(all, query, tx.state.nextSeq);
  const found: StoredFace[] = [];
  let at = skip;
  while (found.length <= limit && at < seqs.length) {
    const some = seqs.subarray(at, at + Math.min(SLICE, limit + 1 - found.length));
    for (const face of await readFaces(tx, some)) if (passes(face, gallery, query)) found.push(face);
    at += some.length;
  }
  return pageOf(found, limit, query.order);
}

/** The next faces of a gallery after a number, in their order, and the numbers of all, with those whose records are damaged. */
export async function facesAfter(
  tx: ReadTx,
  gallery: string,
  afterSeq: number,
  count: number,
): Promise<{ readonly faces: readonly StoredFace[]; readonly seqs: Float64Array }> {
  const all = tx.index.inGallery(tx.sealer.tag(gallery));
  const at = firstAfter(all, afterSeq);
  const seqs = all.subarray(at, at + count);
  return { faces: await readFaces(tx, seqs), seqs };
}

/** A gallery's faces that were enrolled from the photo with this sha256. */
export async function facesOfPhoto(
  tx: ReadTx,
  gallery: string,
  photoHash: string,
): Promise<readonly StoredFace[]> {
  const faces = await readFaces(tx, tx.index.withPhoto(tx.sealer.tag(photoHash)));
  return faces.filter(
    (face) =>
      face.photoHash === photoHash && face.galleries.includes(gallery) && !isHidden(tx.state, face.seq),
  );
}

/** A stored picture of a face; `null` if none of that kind was kept. @throws NearFaceError */
export async function readPicture(
  tx: ReadTx,
  scope: Scope,
  id: string,
  kind: PictureKind,
): Promise<Blob | null> {
  const face = await readFace(tx, scope, id);
  const picture = await readStoredPicture(tx, face, kind);
  return picture ? new Blob([picture.bytes], { type: imageType(picture.type) }) : null;
}

/** The same by the face's number, as bytes. @throws NearFaceError `STORAGE_FAILED` if it is damaged */
async function readStoredPicture(
  tx: ReadTx,
  { seq, id }: Pick<StoredFace, 'seq' | 'id'>,
  kind: PictureKind,
): Promise<ReadPicture | undefined> {
  const picture = await tx.objectStore('pictures').get([seq, kind]);
  if (!picture) return undefined;
  try {
    const bytes = tx.sealer.open(new Uint8Array(picture.bytes)).slice().buffer;
    return { kind, type: imageType(picture.type), bytes };
  } catch (error) {
    const text = `The ${kind} of the face '${id}' is damaged and cannot be read; the face itself can be used, or deleted and enrolled again`;
    throw new NearFaceError('STORAGE_FAILED', text, { id, picture: kind }, error);
  }
}

/** The pictures of a face that can be read; damaged ones are left out. */
export async function wholePictures(
  tx: ReadTx,
  face: StoredFace,
  kinds: readonly PictureKind[] = face.pictures,
): Promise<readonly ReadPicture[]> {
  const found = await Promise.all(kinds.map((kind) => readStoredPicture(tx, face, kind).catch(ifDamaged)));
  return found.filter((picture) => picture !== undefined);
}

function ifDamaged(error: unknown): undefined {
  if (!(error instanceof NearFaceError && error.code === 'STORAGE_FAILED')) throw error;
}

/** How many faces of a gallery pass a filter, by the hashes in memory. @throws NearFaceError `GALLERY_NOT_FOUND` */
export async function countFaces(tx: ReadTx, gallery: string, filter: FaceFilter): Promise<number> {
  await readGallery(tx, gallery);
  const { tag } = tx.sealer;
  return tx.index.inGallery(tag(gallery), rowFilter(tag, filter)).length;
}

/** The metas of a gallery by UTF-16 unit, each with its number of faces and the first of them whose record can be read. */
export async function listMetas(tx: ReadTx, gallery: string, page?: MetaPage): Promise<readonly MetaCount[]> {
  await readGallery(tx, gallery);
  const tag = tx.sealer.tag(gallery);
  const metas = tx.index.metasOf(tag);
  const firsts = await readFaces(
    tx,
    metas.map(({ seq }) => seq),
  );
  const bySeq = new Map(firsts.map((face) => [face.seq, face]));
  const found: MetaCount[] = [];
  for (const { seq, count, hash } of metas) {
    const face = bySeq.get(seq) ?? (await firstReadable(tx, tx.index.inGallery(tag, { meta: hash })));
    if (face) found.push({ meta: face.meta, count, face: toRecord(face) });
  }
  return pageOfMetas(found, page);
}

async function firstReadable(tx: ReadTx, seqs: Float64Array): Promise<StoredFace | undefined> {
  for (let at = 0; at < seqs.length; at += SLICE) {
    const [face] = await readFaces(tx, seqs.subarray(at, at + SLICE));
    if (face) return face;
  }
  return undefined;
}
