import type { FacePatch } from '../../core/records.ts';
import { keysOf } from '../face-keys.ts';
import type { PreparedFace } from '../face-input.ts';
import {
  byGallery,
  checkDimensions,
  distinctIds,
  numbered,
  patched,
  rephotographed,
  leftChange,
  takenOut,
} from '../face-rules.ts';
import { cannotDeleteDefault, faceExists, faceNotFound } from '../gallery-errors.ts';
import { isIn } from '../gallery-rules.ts';
import { groupBy } from '../group-by.ts';
import { isHidden } from '../hidden-faces.ts';
import { runNow } from '../people/coroutine.ts';
import { ensurePersons } from '../people/persons.ts';
import { giveByHand } from '../people/plan.ts';
import { forgetFaces } from '../people/removal.ts';
import type { Scope } from '../port.ts';
import { DEFAULT_GALLERY, type StoredFace } from '../stored.ts';
import { countIn, countOut, membersOf, readGallery } from './galleries.ts';
import { forgetInJobs } from './job-items.ts';
import { forgetInRecognitions } from './memory-recognitions.ts';
import { type MemoryTx, PLAIN_TAG } from './memory-tx.ts';
import { peopleTables } from './people-tables.ts';
import { dropFace, putFace } from './rows.ts';
import type { MemoryFace } from './tables.ts';

/** A face of a gallery, or of any. @throws NearFaceError `GALLERY_NOT_FOUND`, `FACE_NOT_FOUND` */
export function readFace(tx: MemoryTx, scope: Scope, id: string): MemoryFace {
  if (scope !== null) readGallery(tx, scope);
  const seq = tx.ids.get(id);
  const found = seq === undefined || isHidden(tx.counters, seq) ? undefined : tx.faces.get(seq);
  if (found && isIn(scope, found.face)) return found;
  throw faceNotFound(scope, id);
}

/** Faces by number; those that are gone are left out. */
export function readFaces({ faces }: MemoryTx, seqs: Iterable<number>): readonly MemoryFace[] {
  return Array.from(seqs, (seq) => faces.get(seq)).filter((face) => face !== undefined);
}

/**
 * Keeps new faces.
 *
 * @param hide - whether nobody is to see them yet: they are counted into their galleries when they are shown
 * @throws NearFaceError
 */
export function addFaces(
  tx: MemoryTx,
  prepared: readonly PreparedFace[],
  hide?: (faces: readonly StoredFace[]) => void,
): readonly StoredFace[] {
  for (const id of distinctIds(prepared)) if (tx.ids.has(id)) throw faceExists(id);
  const { nextSeq, models } = tx.counters;
  checkDimensions(models, prepared);
  const faces = numbered(prepared, nextSeq).map(asStored);
  tx.counters = { ...tx.counters, nextSeq: nextSeq + faces.length };
  if (hide) hide(faces);
  else {
    countAllIn(tx, faces);
    runNow(ensurePersons(peopleTables(tx), faces));
  }
  for (const [i, face] of faces.entries()) {
    const entry = { face, ...belongings(prepared[i] as PreparedFace) };
    putFace(tx, entry);
    tx.added.push({ ...entry, isHidden: hide !== undefined });
  }
  return faces;
}

/** Puts a face of another photo in the place of one. @throws NearFaceError */
export function replaceFace(tx: MemoryTx, scope: Scope, id: string, by: PreparedFace): StoredFace {
  const { face: before } = readFace(tx, scope, id);
  const face = asStored(rephotographed(before, by));
  checkDimensions(tx.counters.models, [by]);
  for (const name of before.galleries) countOut(tx, name, [before]);
  countAllIn(tx, [face]);
  const entry = { face, ...belongings(by) };
  putFace(tx, entry);
  // One that was made of the photo that it had.
  tx.journal.delete(tx.fresh, face.seq);
  tx.renewed.push(face.seq);
  tx.added.push({ ...entry, isHidden: false });
  return face;
}

/** Copies of what lies beside a face's record. */
function belongings({ vector, pictures }: PreparedFace): Omit<MemoryFace, 'face'> {
  const kept = pictures.map((picture) => ({ ...picture, bytes: picture.bytes.slice(0) }));
  return { vector: vector.slice(), pictures: kept };
}

/** A record as every database gives it back: nothing in it that JSON does not know. */
function asStored(face: StoredFace): StoredFace {
  return JSON.parse(JSON.stringify(face)) as StoredFace;
}

function countAllIn(tx: MemoryTx, faces: readonly StoredFace[]): void {
  for (const [modelId, some] of groupBy(faces, (face) => face.modelId))
    for (const [gallery, members] of byGallery(some)) countIn(tx, gallery, modelId, members);
}

/** Changes faces in the same way. Returns them as they are then. @throws NearFaceError */
export function updateFaces(
  tx: MemoryTx,
  scope: Scope,
  ids: readonly string[],
  patch: FacePatch,
): readonly StoredFace[] {
  if (scope !== null) readGallery(tx, scope);
  const before = [...new Set(ids)].map((id) => readFace(tx, scope, id));
  const after = before.map(({ face }) => asStored(patched(face, patch)));
  changeFaces(
    tx,
    before.map(({ face }) => face),
    after,
  );
  if (patch.personId !== undefined) runNow(giveByHand(peopleTables(tx), after));
  return after;
}

/** Writes faces in the place of what they were. @throws NearFaceError where they do not go into their galleries */
export function changeFaces(tx: MemoryTx, before: readonly StoredFace[], after: readonly StoredFace[]): void {
  for (const [name, faces] of byGallery(before)) countOut(tx, name, faces);
  countAllIn(tx, after);
  for (const face of after) putFace(tx, { ...(tx.faces.get(face.seq) as MemoryFace), face });
  tx.changes.push({ kind: 'changed', faces: after.map((face) => keysOf(PLAIN_TAG, face)) });
}

/** Takes faces out of a gallery, or of all. @throws NearFaceError `GALLERY_NOT_FOUND`, `FACE_NOT_FOUND` */
export function deleteFaces(tx: MemoryTx, scope: Scope, ids: readonly string[]): void {
  if (scope !== null) readGallery(tx, scope);
  const faces = [...new Set(ids)].map((id) => readFace(tx, scope, id).face);
  if (scope === null) eraseFaces(tx, faces);
  else removeFromGallery(tx, scope, faces);
}

/** Deletes a gallery, and the faces that are in no other, or all of its faces. @throws NearFaceError */
export function deleteGallery(tx: MemoryTx, name: string, withFaces = false): void {
  if (name === DEFAULT_GALLERY) throw cannotDeleteDefault(name);
  readGallery(tx, name);
  const faces = readFaces(tx, membersOf(tx, name).inOrder()).map(({ face }) => face);
  if (withFaces) eraseFaces(tx, faces);
  else removeFromGallery(tx, name, faces);
  tx.journal.delete(tx.galleries, name);
  tx.changes.push({ kind: 'gone', gallery: name });
}

/** Takes faces out of a gallery; those that are in no other are erased, and jobs forget them. */
export function removeFromGallery(tx: MemoryTx, gallery: string, faces: readonly StoredFace[]): void {
  const { stay, gone } = takenOut(gallery, faces);
  countOut(tx, gallery, faces);
  for (const face of stay) putFace(tx, { ...(tx.faces.get(face.seq) as MemoryFace), face });
  for (const face of gone) dropFace(tx, face);
  forget(tx, gone);
  tx.changes.push(leftChange(gallery, stay, gone));
}

/** Erases faces from all their galleries, and jobs forget them. */
export function eraseFaces(tx: MemoryTx, faces: readonly StoredFace[]): void {
  for (const [gallery, some] of byGallery(faces)) countOut(tx, gallery, some);
  for (const face of faces) dropFace(tx, face);
  forget(tx, faces);
  tx.changes.push(leftChange('', [], faces));
}

/** Erases the faces that are gone by themselves at `now`. */
export function removeExpired(tx: MemoryTx, now: number): void {
  const faces = readFaces(tx, tx.lookup.expired(now)).map(({ face }) => face);
  const seen = faces.filter(({ seq }) => !isHidden(tx.counters, seq));
  if (seen.length > 0) eraseFaces(tx, seen);
}

/** Takes out of jobs, and of what is known of people, whatever names faces that are gone. */
function forget(tx: MemoryTx, faces: readonly StoredFace[]): void {
  const ids = faces.map(({ id }) => id);
  forgetInJobs(tx, ids);
  forgetInRecognitions(tx, ids);
  if (ids.length > 0) runNow(forgetFaces(peopleTables(tx), ids));
}

/** Erases faces that no gallery counts and no job knows. */
export function eraseHidden(tx: MemoryTx, faces: readonly StoredFace[]): void {
  for (const face of faces) dropFace(tx, face);
  tx.changes.push(leftChange('', [], faces));
}
