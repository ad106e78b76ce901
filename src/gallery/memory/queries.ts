import { imageType } from '../../core/image-type.ts';
import type { FaceFilter, FacePage, MetaCount, PictureKind } from '../../core/records.ts';
import { rotatedAs, type SecretRotation } from '../../core/secret-rotation.ts';
import { passes } from '../face-filter.ts';
import { modelChanged } from '../gallery-errors.ts';
import { isHidden } from '../hidden-faces.ts';
import { firstAfter, numbersOfPage, pageOf, pageOfMetas } from '../page-cursor.ts';
import type { MetaPage, PageQuery, Scope, WholeFaces, WholeQuery } from '../port.ts';
import { type StoredFace, toPortable, toRecord } from '../stored.ts';
import { upToBytes, WHOLE_FACES } from '../whole-faces.ts';
import { readFace, readFaces } from './faces.ts';
import { membersOf, readGallery } from './galleries.ts';
import type { MemoryTx } from './memory-tx.ts';
import type { MemoryFace } from './tables.ts';

/** A page of a gallery's faces in the order of enrolment. @throws NearFaceError */
export function listFaces(tx: MemoryTx, gallery: string, query: PageQuery): FacePage {
  readGallery(tx, gallery);
  const { skip = 0, limit } = query;
  const all = membersOf(tx, gallery).inOrder();
  const found: StoredFace[] = [];
  let passed = 0;
  for (const seq of numbersOfPage(all, query, tx.counters.nextSeq)) {
    const { face } = tx.faces.get(seq) as MemoryFace;
    if (!passes(face, gallery, query) || passed++ < skip) continue;
    if (found.push(face) > limit) break;
  }
  return pageOf(found, limit, query.order);
}

/** How many faces of a gallery pass a filter. @throws NearFaceError `GALLERY_NOT_FOUND` */
export function countFaces(tx: MemoryTx, gallery: string, filter: FaceFilter): number {
  readGallery(tx, gallery);
  const faces = readFaces(tx, membersOf(tx, gallery).inOrder());
  return faces.filter(({ face }) => passes(face, gallery, filter)).length;
}

/** The metas of a gallery by UTF-16 unit, each with its number of faces and the first of them. */
export function listMetas(tx: MemoryTx, gallery: string, page?: MetaPage): readonly MetaCount[] {
  readGallery(tx, gallery);
  const metas = new Map<string, { count: number; readonly first: StoredFace }>();
  for (const { face } of readFaces(tx, membersOf(tx, gallery).inOrder())) {
    const known = metas.get(face.meta);
    if (known) known.count++;
    else metas.set(face.meta, { count: 1, first: face });
  }
  return pageOfMetas(
    Array.from(metas, ([meta, { count, first }]) => ({ meta, count, face: toRecord(first) })),
    page,
  );
}

/** A gallery's faces that were enrolled from the photo with this sha256. */
export function facesOfPhoto(tx: MemoryTx, gallery: string, photoHash: string): readonly StoredFace[] {
  return readFaces(tx, tx.photos.get(photoHash)?.inOrder() ?? [])
    .map(({ face }) => face)
    .filter((face) => face.galleries.includes(gallery) && !isHidden(tx.counters, face.seq));
}

/** `null` if no picture of that kind was kept. @throws NearFaceError */
export function readPicture(tx: MemoryTx, scope: Scope, id: string, kind: PictureKind): Blob | null {
  const picture = readFace(tx, scope, id).pictures.find((each) => each.kind === kind);
  return picture ? new Blob([picture.bytes], { type: imageType(picture.type) }) : null;
}

/** Copies of the pictures of a face. */
export function copyPictures({ pictures }: MemoryFace): MemoryFace['pictures'] {
  return pictures.map(({ kind, type, bytes }) => ({ kind, type: imageType(type), bytes: bytes.slice(0) }));
}

/** Copies of vectors of a model by the numbers of their faces; those that are gone are left out. */
export function readVectors(
  tx: MemoryTx,
  modelId: string,
  seqs: readonly number[],
  rows?: SecretRotation,
): ReadonlyMap<number, Float32Array<ArrayBuffer>> {
  const faces = readFaces(tx, seqs).filter(({ face }) => face.modelId === modelId);
  return new Map(
    faces.map(({ face, vector }) => [face.seq, rotatedAs(undefined, modelId, vector.slice(), rows)]),
  );
}

/** The next faces of a gallery with all that belongs to them. @throws NearFaceError `MODEL_MISMATCH` */
export function readWhole(
  tx: MemoryTx,
  gallery: string,
  { modelId, after, pictures }: WholeQuery,
): WholeFaces {
  const seqs = membersOf(tx, gallery).inOrder();
  const at = firstAfter(seqs, after);
  const some = readFaces(tx, seqs.subarray(at, at + WHOLE_FACES)).map(({ face }) => face);
  const faces = pictures ? upToBytes(some) : some;
  const other = faces.find((face) => face.modelId !== modelId);
  if (other) throw modelChanged(gallery, modelId, other.modelId);
  const isCut = faces.length < some.length;
  return {
    faces: faces.map((face) => {
      const entry = tx.faces.get(face.seq) as MemoryFace;
      return {
        record: structuredClone({ ...toPortable(face), pictures: [] }),
        vector: entry.vector.slice(),
        pictures: pictures ? copyPictures(entry) : [],
      };
    }),
    last: faces.at(-1)?.seq ?? after,
    atEnd: !isCut && some.length < WHOLE_FACES,
    leftOut: { faces: 0, pictures: 0 },
  };
}
