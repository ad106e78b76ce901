import type { FacePatch, FaceRecord } from '../../core/records.ts';
import { faceExists, faceNotFound } from '../gallery-errors.ts';
import { patchGalleries, type PreparedFace } from '../face-input.ts';
import { groupBy } from '../group-by.ts';
import { countIn, readGallery } from './galleries.ts';
import { countMetasIn, countMetasOut, membershipsOf } from './metas.ts';
import { countOut, removeFromGallery } from './removal.ts';
import { countBytes, type ReadTx, type StoredFace, type WriteTx } from './schema.ts';
import { faceOf, faceRow } from './rows.ts';
import { appendVectors, changeGroups } from './segments.ts';

/** A face of a gallery. @throws NearFaceError `GALLERY_NOT_FOUND`, `FACE_NOT_FOUND` */
export async function readFace(tx: ReadTx, gallery: string, id: string): Promise<StoredFace> {
  const [face] = await readFaces(tx, gallery, [id]);
  return face as StoredFace;
}

async function readFaces(tx: ReadTx, gallery: string, ids: readonly string[]): Promise<StoredFace[]> {
  await readGallery(tx, gallery);
  const index = tx.objectStore('faces').index('id');
  const found = await Promise.all(ids.map((id) => index.get(tx.sealer.tag(id))));
  return ids.map((id, i) => {
    const row = found[i];
    const face = row && faceOf(tx.sealer, row);
    if (face?.galleries.includes(gallery)) return face;
    throw faceNotFound(gallery, id);
  });
}

/** Faces by number; those that are gone are left out. */
export async function readFacesBySeq(tx: ReadTx, seqs: readonly number[]): Promise<StoredFace[]> {
  const rows = await Promise.all(seqs.map((seq) => tx.objectStore('faces').get(seq)));
  return rows.flatMap((row) => (row ? [faceOf(tx.sealer, row)] : []));
}

/** Writes records, vectors and pictures of new faces. @throws NearFaceError */
export async function addFaces(
  tx: WriteTx,
  faces: readonly (PreparedFace & { readonly code: Uint8Array })[],
): Promise<readonly StoredFace[]> {
  checkIds(faces);
  const now = Date.now();
  const timed = faces.map((face) => ({ ...face, timestamp: face.timestamp ?? now }));
  const seqs = await appendVectors(tx, timed);
  const stored = timed.map(({ vector: _, code: _code, pictures, ...facts }, i) => ({
    ...facts,
    pictures: pictures.map(({ kind }) => kind),
    pictureBytes: pictures.reduce((sum, { bytes }) => sum + bytes.byteLength, 0),
    seq: seqs[i] as number,
  }));
  const memberships = stored.flatMap((face) =>
    face.galleries.map((gallery) => ({ face, gallery, key: JSON.stringify([gallery, face.modelId]) })),
  );
  for (const group of groupBy(memberships, ({ key }) => key).values()) {
    const [{ gallery, face }] = group;
    await countIn(
      tx,
      gallery,
      face.modelId,
      group.map((member) => member.face),
    );
  }
  await countBytes(tx, stored, 1);
  await countMetasIn(
    tx,
    stored.flatMap((face) => membershipsOf(face, face.galleries)),
  );
  // Async, so that a request that throws at once is one more rejection that Promise.all takes.
  await Promise.all(
    stored.map(async (record, i) => addFace(tx, record, (faces[i] as PreparedFace).pictures)),
  );
  tx.note({ kind: 'added', first: seqs[0] as number, last: seqs.at(-1) as number });
  return stored;
}

async function addFace(tx: WriteTx, face: StoredFace, pictures: PreparedFace['pictures']): Promise<void> {
  const adding = async (): Promise<number> => tx.objectStore('faces').add(faceRow(tx.sealer, face));
  await Promise.all([
    adding().catch((error: unknown) => {
      throw error instanceof DOMException && error.name === 'ConstraintError' ? faceExists(face.id) : error;
    }),
    ...pictures.map(async ({ kind, type, bytes }) => {
      const sealed = tx.sealer.seal(new Uint8Array(bytes));
      const whole = sealed.byteLength === sealed.buffer.byteLength ? sealed.buffer : sealed.slice().buffer;
      return tx.objectStore('pictures').add({ type, bytes: whole }, [face.seq, kind]);
    }),
  ]);
}

/** Ids that are in the database already are found by the unique index, when the records are added. */
function checkIds(faces: readonly PreparedFace[]): void {
  const seen = new Set<string>();
  for (const { id } of faces) {
    if (seen.has(id)) throw faceExists(id);
    seen.add(id);
  }
}

/** Changes a face. Returns it as it was and as it is. @throws NearFaceError */
export async function updateFace(
  tx: WriteTx,
  gallery: string,
  id: string,
  patch: FacePatch,
): Promise<{ readonly before: StoredFace; readonly after: StoredFace }> {
  const before = await readFace(tx, gallery, id);
  const galleries = patchGalleries(before.galleries, patch.galleries);
  const { personId, cameraId, ...kept } = before;
  const after: StoredFace = {
    ...kept,
    ...optional('personId', patch.personId === undefined ? personId : patch.personId),
    ...optional('cameraId', patch.cameraId === undefined ? cameraId : patch.cameraId),
    ...(patch.friend === undefined ? {} : { friend: patch.friend }),
    ...(patch.meta === undefined ? {} : { meta: patch.meta }),
    galleries,
  };
  const into = galleries.filter((name) => !before.galleries.includes(name));
  const out = before.galleries.filter((name) => !galleries.includes(name));
  for (const name of before.galleries) await countOut(tx, name, [before]);
  for (const name of galleries) await countIn(tx, name, before.modelId, [after]);
  await countBytes(tx, [before], -1);
  await countBytes(tx, [after], 1);
  await tx.objectStore('faces').put(faceRow(tx.sealer, after));
  await countMetasOut(tx, membershipsOf(before, before.galleries));
  await countMetasIn(tx, membershipsOf(after, after.galleries));
  const { tag } = tx.sealer;
  await changeGroups(tx, [before], into.map(tag), out.map(tag));
  tx.note({ kind: 'moved', seq: before.seq, into: into.map(tag), out: out.map(tag) });
  return { before, after };
}

function optional<K extends string>(key: K, value: string | null | undefined): { [P in K]?: string } {
  return value === null || value === undefined ? {} : ({ [key]: value } as { [P in K]: string });
}

/** Changes several faces in the same way, all or none. @throws NearFaceError */
export async function updateFaces(
  tx: WriteTx,
  gallery: string,
  ids: readonly string[],
  patch: FacePatch,
): Promise<number> {
  const distinct = [...new Set(ids)];
  for (const id of distinct) await updateFace(tx, gallery, id, patch);
  return distinct.length;
}

/** Takes faces out of a gallery, all or none. Returns their number. @throws NearFaceError `FACE_NOT_FOUND` */
export async function deleteFaces(tx: WriteTx, gallery: string, ids: readonly string[]): Promise<number> {
  const faces = await readFaces(tx, gallery, [...new Set(ids)]);
  await removeFromGallery(tx, gallery, faces);
  return faces.length;
}

/** A face without the store's own fields. */
export function toRecord({ seq: _, pictureBytes: _bytes, ...record }: StoredFace): FaceRecord {
  return record;
}
