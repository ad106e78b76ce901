import type { FacePatch, FaceRecord } from '../../core/records.ts';
import { faceExists, faceNotFound } from '../gallery-errors.ts';
import { patchGalleries, type PreparedFace } from '../face-input.ts';
import { groupBy } from '../group-by.ts';
import { countIn, readGallery } from './galleries.ts';
import { countOut, type Removed, removeFromGallery, withGalleries } from './removal.ts';
import type { ReadTx, StoredFace, WriteTx } from './schema.ts';
import { appendVectors, type Place } from './segments.ts';

/** A face of a gallery. @throws NearFaceError `GALLERY_NOT_FOUND`, `FACE_NOT_FOUND` */
export async function readFace(tx: ReadTx, gallery: string, id: string): Promise<StoredFace> {
  const [face] = await readFaces(tx, gallery, [id]);
  return face as StoredFace;
}

async function readFaces(tx: ReadTx, gallery: string, ids: readonly string[]): Promise<StoredFace[]> {
  await readGallery(tx, gallery);
  const index = tx.objectStore('faces').index('id');
  const found = await Promise.all(ids.map((id) => index.get(id)));
  return ids.map((id, i) => {
    const face = found[i];
    if (face?.galleries.includes(gallery)) return face;
    throw faceNotFound(gallery, id);
  });
}

/** Writes records, vectors and pictures of new faces. @throws NearFaceError */
export async function addFaces(tx: WriteTx, faces: readonly PreparedFace[]): Promise<readonly StoredFace[]> {
  await checkIds(tx, faces);
  const memberships = faces.flatMap(({ galleries, modelId }) =>
    galleries.map((gallery) => ({ gallery, modelId, key: JSON.stringify([gallery, modelId]) })),
  );
  for (const group of groupBy(memberships, ({ key }) => key).values()) {
    const [{ gallery, modelId }] = group;
    await countIn(tx, gallery, modelId, group.length);
  }
  const places = await appendVectors(tx, faces);
  const stored = faces.map((face, i) => toStored(face, places[i] as Place & { seq: number }));
  // Async, so that a request that throws at once is one more rejection that Promise.all takes.
  await Promise.all(
    stored.map(async (record, i) => addFace(tx, record, (faces[i] as PreparedFace).pictures)),
  );
  return stored;
}

async function addFace(tx: WriteTx, record: StoredFace, pictures: PreparedFace['pictures']): Promise<void> {
  await Promise.all([
    tx.objectStore('faces').add(record),
    ...pictures.map(async ({ kind, type, bytes }) =>
      tx.objectStore('pictures').add({ type, bytes }, [record.seq, kind]),
    ),
  ]);
}

async function checkIds(tx: WriteTx, faces: readonly PreparedFace[]): Promise<void> {
  const seen = new Set<string>();
  for (const { id } of faces) {
    if (seen.has(id)) throw faceExists(id);
    seen.add(id);
  }
  const index = tx.objectStore('faces').index('id');
  const taken = await Promise.all(faces.map(({ id }) => index.getKey(id)));
  const first = faces.find((_, i) => taken[i] !== undefined);
  if (first) throw faceExists(first.id);
}

function toStored(face: PreparedFace, place: Place & { readonly seq: number }): StoredFace {
  const { vector: _, pictures, ...facts } = face;
  const record = { ...facts, ...place, pictures: pictures.map(({ kind }) => kind), timestamp: Date.now() };
  return withGalleries({ ...record, galleryMeta: [] }, face.galleries);
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
  const after = withGalleries(
    {
      ...kept,
      ...optional('personId', patch.personId === undefined ? personId : patch.personId),
      ...optional('cameraId', patch.cameraId === undefined ? cameraId : patch.cameraId),
      ...(patch.friend === undefined ? {} : { friend: patch.friend }),
      ...(patch.meta === undefined ? {} : { meta: patch.meta }),
    },
    galleries,
  );
  for (const name of galleries)
    if (!before.galleries.includes(name)) await countIn(tx, name, before.modelId, 1);
  for (const name of before.galleries) if (!galleries.includes(name)) await countOut(tx, name, 1);
  await tx.objectStore('faces').put(after);
  return { before, after };
}

function optional<K extends string>(key: K, value: string | null | undefined): { [P in K]?: string } {
  return value === null || value === undefined ? {} : ({ [key]: value } as { [P in K]: string });
}

/** Takes faces out of a gallery, all or none. @throws NearFaceError `FACE_NOT_FOUND` */
export async function deleteFaces(
  tx: WriteTx,
  gallery: string,
  ids: readonly string[],
): Promise<readonly Removed[]> {
  return removeFromGallery(tx, gallery, await readFaces(tx, gallery, [...new Set(ids)]));
}

/** A face without the store's own fields. */
export function toRecord(face: StoredFace): FaceRecord {
  const { seq: _seq, segment: _segment, row: _row, galleryMeta: _galleryMeta, ...record } = face;
  return record;
}
