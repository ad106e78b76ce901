import { NearFaceError } from '../../core/errors.ts';
import { imageType } from '../../core/image-type.ts';
import type { FacePage, MetaCount, PictureKind } from '../../core/records.ts';
import { passes, rowFilter } from '../face-filter.ts';
import { firstAfter, pageOf, pageStart } from '../page-cursor.ts';
import { readFace } from './faces.ts';
import { readGallery } from './galleries.ts';
import { isHidden } from '../hidden-faces.ts';
import { readFaces } from './records.ts';
import type { ReadTx } from './schema.ts';
import type { PageQuery } from '../port.ts';
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
  const seqs = tx.index.inGallery(tag(gallery), rowFilter(tag, query));
  const found: StoredFace[] = [];
  let at = skip + firstAfter(seqs, pageStart(query.cursor, tx.state.nextSeq));
  while (found.length <= limit && at < seqs.length) {
    const some = seqs.subarray(at, at + Math.min(SLICE, limit + 1 - found.length));
    for (const face of await readFaces(tx, some)) if (passes(face, gallery, query)) found.push(face);
    at += some.length;
  }
  return pageOf(found, limit);
}

/** The next faces of a gallery after a number, in their order; those whose records are damaged are passed over. */
export async function facesAfter(
  tx: ReadTx,
  gallery: string,
  afterSeq: number,
  count: number,
): Promise<{ readonly faces: readonly StoredFace[]; readonly last: number; readonly asked: number }> {
  const seqs = tx.index.inGallery(tx.sealer.tag(gallery));
  const at = firstAfter(seqs, afterSeq);
  const some = seqs.subarray(at, at + count);
  return { faces: await readFaces(tx, some), last: some.at(-1) ?? afterSeq, asked: some.length };
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
  gallery: string,
  id: string,
  kind: PictureKind,
): Promise<Blob | null> {
  const face = await readFace(tx, gallery, id);
  const picture = await readStoredPicture(tx, face, kind);
  return picture ? new Blob([picture.bytes], { type: imageType(picture.type) }) : null;
}

/** The same by the face's number, as bytes. @throws NearFaceError `STORAGE_FAILED` if it is damaged */
export async function readStoredPicture(
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

/** The metas of a gallery by UTF-16 unit, each with its number of faces and the first of them. */
export async function listMetas(tx: ReadTx, gallery: string): Promise<readonly MetaCount[]> {
  await readGallery(tx, gallery);
  const metas = tx.index.metasOf(tx.sealer.tag(gallery));
  const faces = await readFaces(
    tx,
    metas.map(({ seq }) => seq),
  );
  const counts = new Map(metas.map(({ seq, count }) => [seq, count]));
  return faces
    .map((face) => ({ meta: face.meta, count: counts.get(face.seq) as number, face: toRecord(face) }))
    .sort((a, b) => (a.meta < b.meta ? -1 : 1));
}
