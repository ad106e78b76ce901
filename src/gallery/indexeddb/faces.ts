import type { FacePatch } from '../../core/records.ts';
import { faceExists, faceNotFound } from '../gallery-errors.ts';
import type { PreparedFace } from '../face-input.ts';
import { byGallery, checkDimensions, distinctIds, numbered, patched, rephotographed } from '../face-rules.ts';
import { isIn } from '../gallery-rules.ts';
import { groupBy } from '../group-by.ts';
import { countIn, readGallery } from './galleries.ts';
import { isHidden } from '../hidden-faces.ts';
import { runLater } from '../people/coroutine.ts';
import { ensurePersons } from '../people/persons.ts';
import { giveByHand } from '../people/plan.ts';
import type { Scope } from '../port.ts';
import { peopleTables } from './people-tables.ts';
import { readFaces, putRecords } from './records.ts';
import { countOut, eraseFaces, forgetRegenerated, removeFromGallery, rewriteFaces } from './removal.ts';
import { countBytes, type ReadTx, type StoredSegment, type WriteTx } from './schema.ts';
import { appendRows, replaceRow } from './segments.ts';
import { bytesOf, type StoredFace } from '../stored.ts';
import type { Encode, NewRow } from '../face-rows.ts';
import { keysOf } from '../face-keys.ts';

/** A face of a gallery, or of any. @throws NearFaceError `GALLERY_NOT_FOUND`, `FACE_NOT_FOUND` */
export async function readFace(tx: ReadTx, scope: Scope, id: string): Promise<StoredFace> {
  const [face] = await readFacesById(tx, scope, [id]);
  return face as StoredFace;
}

async function readFacesById(tx: ReadTx, scope: Scope, ids: readonly string[]): Promise<StoredFace[]> {
  if (scope !== null) await readGallery(tx, scope);
  const candidates = await readFaces(tx, tx.index.withIds(ids.map(tx.sealer.tag)));
  const faces = new Map(candidates.map((face) => [face.id, face]));
  return ids.map((id) => {
    const face = faces.get(id);
    if (face && isIn(scope, face) && !isHidden(tx.state, face.seq)) return face;
    throw faceNotFound(scope, id);
  });
}

/** The faces that are gone by themselves at `now`; not those that nobody sees yet. */
export async function expiredFaces(tx: ReadTx, now: number): Promise<readonly StoredFace[]> {
  const faces = await readFaces(tx, tx.index.expired(now));
  return faces.filter(({ seq, expiresAt = Infinity }) => expiresAt <= now && !isHidden(tx.state, seq));
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
  const { nextSeq, models } = tx.state;
  const faces = numbered(prepared, nextSeq);
  checkDimensions(models, prepared);
  tx.state = { ...tx.state, nextSeq: nextSeq + faces.length };
  countBytes(tx, faces, 1);
  const segments: StoredSegment[] = [];
  for (const [modelId, some] of groupBy(faces, (face) => face.modelId)) {
    if (!hidden) {
      await countModelIn(tx, modelId, some);
      await runLater(ensurePersons(peopleTables(tx), some));
    }
    const rows = some.map((face) => rowOf(tx, face, prepared[face.seq - nextSeq] as PreparedFace));
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

function rowOf({ sealer }: WriteTx, face: StoredFace, { vector }: PreparedFace): NewRow {
  const { timestamp, reliability } = face;
  return { ...keysOf(sealer, face), timestamp, reliability, vector };
}

/** Puts a face of another photo in the place of one. @throws NearFaceError */
export async function replaceFace(
  tx: WriteTx,
  before: StoredFace,
  by: PreparedFace,
  encode: Encode,
): Promise<AddedFaces> {
  const face = rephotographed(before, by);
  const { seq, modelId } = face;
  checkDimensions(tx.state.models, [by]);
  for (const name of before.galleries) await countOut(tx, name, [before]);
  await countModelIn(tx, modelId, [face]);
  countBytes(tx, [before], -1);
  countBytes(tx, [face], 1);
  const segment = await replaceRow(tx, face, rowOf(tx, face, by), encode);
  const pictures = tx.objectStore('pictures');
  await Promise.all(before.pictures.map(async (kind) => pictures.delete([seq, kind])));
  await addPictures(tx, seq, by.pictures);
  await putRecords(tx, [face]);
  // One that was made of the photo that it had.
  await forgetRegenerated(tx, [seq]);
  tx.note({ kind: 'renewed', seq });
  return { faces: [face], segments: [segment] };
}

async function countModelIn(tx: WriteTx, modelId: string, faces: readonly StoredFace[]): Promise<void> {
  for (const [gallery, some] of byGallery(faces))
    await countIn(tx, gallery, modelId, { faces: some.length, bytes: bytesOf(some) });
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
  const ids = distinctIds(faces);
  const candidates = await readFaces(tx, tx.index.withIds([...ids].map(tx.sealer.tag)));
  const known = candidates.find(({ id }) => ids.has(id));
  if (known) throw faceExists(known.id);
}

/** Changes faces in the same way, all or none. Returns them as they are then. @throws NearFaceError */
export async function updateFaces(
  tx: WriteTx,
  scope: Scope,
  ids: readonly string[],
  patch: FacePatch,
): Promise<readonly StoredFace[]> {
  const before = await readFacesById(tx, scope, [...new Set(ids)]);
  const after = before.map((face) => patched(face, patch));
  await changeFaces(tx, before, after);
  if (patch.personId !== undefined) await runLater(giveByHand(peopleTables(tx), after));
  return after;
}

/** Writes faces in the place of what they were. @throws NearFaceError where they do not go into their galleries */
export async function changeFaces(
  tx: WriteTx,
  before: readonly StoredFace[],
  after: readonly StoredFace[],
): Promise<void> {
  for (const [name, faces] of byGallery(before)) await countOut(tx, name, faces);
  for (const [modelId, faces] of groupBy(after, (face) => face.modelId))
    await countModelIn(tx, modelId, faces);
  countBytes(tx, before, -1);
  countBytes(tx, after, 1);
  for (const [modelId, keys] of await rewriteFaces(tx, after))
    tx.note({ kind: 'changed', modelId, seqs: Float64Array.from(keys, ({ seq }) => seq) }, keys);
}

/** Takes faces out of a gallery, or of all, all or none. @throws NearFaceError `FACE_NOT_FOUND` */
export async function deleteFaces(tx: WriteTx, scope: Scope, ids: readonly string[]): Promise<void> {
  const faces = await readFacesById(tx, scope, [...new Set(ids)]);
  if (scope === null) await eraseFaces(tx, faces);
  else await removeFromGallery(tx, scope, faces);
}
