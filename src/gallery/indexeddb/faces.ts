import type { FacePatch } from '../../core/records.ts';
import { faceExists, faceNotFound, wrongDimension } from '../gallery-errors.ts';
import { patchGalleries, type PreparedFace } from '../face-input.ts';
import { groupBy } from '../group-by.ts';
import { countIn, readGallery } from './galleries.ts';
import { isHidden } from './hidden.ts';
import { readFaces, putRecords } from './records.ts';
import { countOut, removeFromGallery, rewriteFaces } from './removal.ts';
import { keysOf } from './rows.ts';
import { countBytes, type ReadTx, type StoredSegment, type WriteTx } from './schema.ts';
import { appendRows } from './segments.ts';
import { bytesOf, type StoredFace } from '../stored.ts';
import type { Encode } from '../face-rows.ts';

/** A face of a gallery. @throws NearFaceError `GALLERY_NOT_FOUND`, `FACE_NOT_FOUND` */
export async function readFace(tx: ReadTx, gallery: string, id: string): Promise<StoredFace> {
  const [face] = await readFacesById(tx, gallery, [id]);
  return face as StoredFace;
}

async function readFacesById(tx: ReadTx, gallery: string, ids: readonly string[]): Promise<StoredFace[]> {
  await readGallery(tx, gallery);
  const candidates = await readFaces(tx, tx.index.withIds(ids.map(tx.sealer.tag)));
  const faces = new Map(candidates.map((face) => [face.id, face]));
  return ids.map((id) => {
    const face = faces.get(id);
    if (face?.galleries.includes(gallery) && !isHidden(tx.state, face.seq)) return face;
    throw faceNotFound(gallery, id);
  });
}

/** New faces as they were stored. */
export interface AddedFaces {
  readonly faces: readonly StoredFace[];
  /** Their vectors, a segment for each model; those of hidden faces are in no gallery. */
  readonly segments: readonly StoredSegment[];
}

/**
 * Writes records, vectors and pictures of new faces and gives each a number. Everything is read inside the transaction,
 * so that two pages cannot hand out a number twice.
 *
 * @param hidden - whether nobody is to see them yet; they are counted into their galleries when they are shown
 * @throws NearFaceError
 */
export async function addFaces(
  tx: WriteTx,
  prepared: readonly PreparedFace[],
  encode: Encode,
  hidden = false,
): Promise<AddedFaces> {
  await refuseKnownIds(tx, prepared);
  const now = Date.now();
  const { nextSeq } = tx.state;
  const faces = prepared.map(({ vector: _, pictures, ...facts }, i) => ({
    ...facts,
    timestamp: facts.timestamp ?? now,
    pictures: pictures.map(({ kind }) => kind),
    pictureBytes: pictures.reduce((sum, { bytes }) => sum + bytes.byteLength, 0),
    seq: nextSeq + i,
  }));
  checkDimensions(tx, prepared);
  tx.state = { ...tx.state, nextSeq: nextSeq + faces.length };
  countBytes(tx, faces, 1);
  const segments: StoredSegment[] = [];
  for (const [modelId, some] of groupBy(faces, (face) => face.modelId)) {
    if (!hidden) await countModelIn(tx, modelId, some);
    const rows = some.map((face) => {
      const { vector } = prepared[face.seq - nextSeq] as PreparedFace;
      const { timestamp, reliability } = face;
      return { ...keysOf(tx.sealer, face), timestamp, reliability, vector };
    });
    const segment = await appendRows(tx, modelId, rows, encode);
    segments.push(hidden ? { ...segment, groups: [] } : segment);
  }
  // Async, so that a request that throws at once is one more rejection that Promise.all takes.
  await Promise.all([
    putRecords(tx, faces),
    ...prepared.map(async ({ pictures }, i) => addPictures(tx, nextSeq + i, pictures)),
  ]);
  tx.note({ kind: 'added', first: nextSeq, last: nextSeq + faces.length - 1, ...(hidden && { hidden }) });
  return { faces, segments };
}

async function countModelIn(tx: WriteTx, modelId: string, faces: readonly StoredFace[]): Promise<void> {
  for (const [gallery, some] of byGallery(faces))
    await countIn(tx, gallery, modelId, { faces: some.length, bytes: bytesOf(some) });
}

function byGallery(faces: readonly StoredFace[]): ReadonlyMap<string, readonly StoredFace[]> {
  const memberships = faces.flatMap((face) => face.galleries.map((gallery) => ({ gallery, face })));
  const groups = groupBy(memberships, ({ gallery }) => gallery);
  return new Map(Array.from(groups, ([gallery, some]) => [gallery, some.map(({ face }) => face)]));
}

async function addPictures(tx: WriteTx, seq: number, pictures: PreparedFace['pictures']): Promise<void> {
  await Promise.all(
    pictures.map(async ({ kind, type, bytes }) => {
      const sealed = tx.sealer.seal(new Uint8Array(bytes));
      const whole = sealed.byteLength === sealed.buffer.byteLength ? sealed.buffer : sealed.slice().buffer;
      return tx.objectStore('pictures').add({ type, bytes: whole }, [seq, kind]);
    }),
  );
}

async function refuseKnownIds(tx: WriteTx, faces: readonly PreparedFace[]): Promise<void> {
  const ids = new Set<string>();
  for (const { id } of faces) {
    if (ids.has(id)) throw faceExists(id);
    ids.add(id);
  }
  const candidates = await readFaces(tx, tx.index.withIds([...ids].map(tx.sealer.tag)));
  const known = candidates.find(({ id }) => ids.has(id));
  if (known) throw faceExists(known.id);
}

function checkDimensions(tx: WriteTx, faces: readonly PreparedFace[]): void {
  const dimensions = new Map<string, number>();
  for (const [i, { modelId, vector }] of faces.entries()) {
    const dimension = tx.state.models.get(modelId)?.dimension ?? dimensions.get(modelId) ?? vector.length;
    dimensions.set(modelId, dimension);
    if (vector.length !== dimension)
      throw wrongDimension(`faces[${i}].vector`, vector.length, dimension, modelId);
  }
}

/** Changes faces in the same way, all or none. Returns them as they are then. @throws NearFaceError */
export async function updateFaces(
  tx: WriteTx,
  gallery: string,
  ids: readonly string[],
  patch: FacePatch,
): Promise<readonly StoredFace[]> {
  const before = await readFacesById(tx, gallery, [...new Set(ids)]);
  const after = before.map((face) => patched(face, patch));
  for (const [name, faces] of byGallery(before)) await countOut(tx, name, faces);
  for (const [modelId, faces] of groupBy(after, (face) => face.modelId))
    await countModelIn(tx, modelId, faces);
  countBytes(tx, before, -1);
  countBytes(tx, after, 1);
  for (const [modelId, keys] of await rewriteFaces(tx, after))
    tx.note({ kind: 'changed', modelId, seqs: Float64Array.from(keys, ({ seq }) => seq) }, keys);
  return after;
}

function patched(before: StoredFace, patch: FacePatch): StoredFace {
  const { personId, cameraId, ...kept } = before;
  return {
    ...kept,
    ...optional('personId', patch.personId === undefined ? personId : patch.personId),
    ...optional('cameraId', patch.cameraId === undefined ? cameraId : patch.cameraId),
    ...(patch.friend === undefined ? {} : { friend: patch.friend }),
    ...(patch.meta === undefined ? {} : { meta: patch.meta }),
    galleries: patchGalleries(before.galleries, patch.galleries),
  };
}

function optional<K extends string>(key: K, value: string | null | undefined): { [P in K]?: string } {
  return value === null || value === undefined ? {} : ({ [key]: value } as { [P in K]: string });
}

/** Takes faces out of a gallery, all or none. Returns their number. @throws NearFaceError `FACE_NOT_FOUND` */
export async function deleteFaces(tx: WriteTx, gallery: string, ids: readonly string[]): Promise<number> {
  const faces = await readFacesById(tx, gallery, [...new Set(ids)]);
  await removeFromGallery(tx, gallery, faces);
  return faces.length;
}
