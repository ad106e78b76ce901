import type { FacePatch } from '../../core/records.ts';
import { rotated } from '../../core/secret-rotation.ts';
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
import { runLater } from '../people/coroutine.ts';
import { ensurePersons } from '../people/persons.ts';
import { giveByHand } from '../people/plan.ts';
import { forgetFaces } from '../people/removal.ts';
import type { Scope } from '../port.ts';
import { bytesOf, bytesOfTexts, DEFAULT_GALLERY, type FaceBytes, type StoredFace } from '../stored.ts';
import { TEXTS, textOf, textsParam } from './columns.ts';
import { besideVector } from './face-facts.ts';
import { countIn, countOut, readGallery } from './galleries.ts';
import { forgetInJobs } from './job-items.ts';
import { peopleTables } from './people-tables.ts';
import { forgetInRecognitions } from './recognition-rows.ts';
import { dropFaces, facesBySeq, insertFaces, readVector, replaceBelongings, updateRecords } from './rows.ts';
import { PLAIN_TAG, type SqlReading, type SqlTx } from './sql-tx.ts';
import { wholeFaces } from './whole-rows.ts';

/** A face of a gallery, or of any. @throws NearFaceError `GALLERY_NOT_FOUND`, `FACE_NOT_FOUND` */
export async function readFace(tx: SqlReading, scope: Scope, id: string): Promise<StoredFace> {
  const [face] = await readFacesById(tx, scope, [id]);
  return face as StoredFace;
}

/** Faces of a gallery, or of any, each once. @throws NearFaceError `GALLERY_NOT_FOUND`, `FACE_NOT_FOUND` */
async function readFacesById(
  tx: SqlReading,
  scope: Scope,
  ids: readonly string[],
): Promise<readonly StoredFace[]> {
  if (scope !== null) await readGallery(tx, scope);
  const found = new Map((await facesById(tx, ids)).map((face) => [face.id, face]));
  return [...new Set(ids)].map((id) => {
    const face = found.get(id);
    if (face && isIn(scope, face)) return face;
    throw faceNotFound(scope, id);
  });
}

/** Those of these ids that are there and seen, in no order. */
export async function facesById(tx: SqlReading, ids: readonly string[]): Promise<readonly StoredFace[]> {
  const rows = await tx.ask(`SELECT seq, record FROM @faces WHERE id IN ${TEXTS}`, [
    textsParam(new Set(ids)),
  ]);
  return wholeFaces(tx, rows).filter(({ seq }) => !isHidden(tx.counters, seq));
}

/** Those of these numbers that are there and seen, in the order given. */
export async function seenFaces(tx: SqlReading, seqs: Iterable<number>): Promise<readonly StoredFace[]> {
  return (await facesBySeq(tx, seqs)).filter(({ seq }) => !isHidden(tx.counters, seq));
}

/**
 * Keeps new faces.
 *
 * @param hide - whether nobody is to see them yet: they are counted into their galleries when they are shown
 * @throws NearFaceError
 */
export async function addFaces(
  tx: SqlTx,
  prepared: readonly PreparedFace[],
  hide?: (faces: readonly StoredFace[]) => Promise<void>,
): Promise<readonly StoredFace[]> {
  const ids = distinctIds(prepared);
  const [known] = await tx.ask(`SELECT id FROM @faces WHERE id IN ${TEXTS} LIMIT 1`, [textsParam(ids)]);
  if (known) throw faceExists(textOf(known.id));
  const { nextSeq, models } = tx.counters;
  checkDimensions(models, prepared);
  const texts = numbered(prepared, nextSeq).map((face) => JSON.stringify(face));
  const faces = texts.map((text) => JSON.parse(text) as StoredFace);
  const bytes = bytesOfTexts(faces, texts);
  tx.counters = { ...tx.counters, nextSeq: nextSeq + faces.length };
  if (hide) await hide(faces);
  else {
    await countAllIn(tx, faces, bytes);
    await runLater(ensurePersons(peopleTables(tx), faces));
  }
  const entries = faces.map((face, i) => {
    const { vector, pictures } = belongings(tx, prepared[i] as PreparedFace);
    return { face, text: texts[i] as string, beside: besideVector(face), vector, pictures };
  });
  await insertFaces(tx, entries, bytes, hide === undefined);
  for (const { face, vector, beside } of entries)
    tx.added.push({ face, vector, facts: beside.facts, isHidden: hide !== undefined });
  return faces;
}

/** Puts a face of another photo in the place of one. @throws NearFaceError */
export async function replaceFace(
  tx: SqlTx,
  scope: Scope,
  id: string,
  by: PreparedFace,
): Promise<StoredFace> {
  const before = await readFace(tx, scope, id);
  await readVector(tx, before);
  const face = asStored(rephotographed(before, by));
  checkDimensions(tx.counters.models, [by]);
  for (const name of before.galleries) await countOut(tx, name, [before]);
  await countAllIn(tx, [face]);
  await updateRecords(tx, [before], [face]);
  const entry = { face, ...belongings(tx, by) };
  await replaceBelongings(tx, [entry]);
  // One that was made of the photo that it had.
  await tx.ask('DELETE FROM @fresh WHERE seq = $1', [face.seq]);
  tx.renewed.push(face.seq);
  tx.added.push({ ...entry, facts: besideVector(face).facts, isHidden: false });
  return face;
}

function belongings(
  { rotations }: SqlTx,
  { modelId, vector, pictures }: PreparedFace,
): Pick<PreparedFace, 'vector' | 'pictures'> {
  return { vector: rotated(rotations, modelId, vector), pictures };
}

/** A record as every database gives it back: nothing in it that JSON does not know. */
function asStored(face: StoredFace): StoredFace {
  return JSON.parse(JSON.stringify(face)) as StoredFace;
}

/** @param bytes - what all of them take up together */
async function countAllIn(
  tx: SqlTx,
  faces: readonly StoredFace[],
  bytes: FaceBytes = bytesOf(faces),
): Promise<void> {
  for (const [modelId, some] of groupBy(faces, (face) => face.modelId))
    for (const [gallery, members] of byGallery(some)) {
      const own = members.length === faces.length ? bytes : bytesOf(members);
      await countIn(tx, gallery, modelId, { faces: members.length, bytes: own });
    }
}

/** Changes faces in the same way. Returns them as they are then. @throws NearFaceError */
export async function updateFaces(
  tx: SqlTx,
  scope: Scope,
  ids: readonly string[],
  patch: FacePatch,
): Promise<readonly StoredFace[]> {
  const before = await readFacesById(tx, scope, ids);
  const after = before.map((face) => asStored(patched(face, patch)));
  await changeFaces(tx, before, after);
  if (patch.personId !== undefined) await runLater(giveByHand(peopleTables(tx), after));
  return after;
}

/** Writes faces in the place of what they were. @throws NearFaceError where they do not go into their galleries */
export async function changeFaces(
  tx: SqlTx,
  before: readonly StoredFace[],
  after: readonly StoredFace[],
): Promise<void> {
  for (const [name, faces] of byGallery(before)) await countOut(tx, name, faces);
  await countAllIn(tx, after);
  await updateRecords(tx, before, after);
  tx.changes.push({ kind: 'changed', faces: after.map((face) => keysOf(PLAIN_TAG, face)) });
}

/** Takes faces out of a gallery, or of all. @throws NearFaceError `GALLERY_NOT_FOUND`, `FACE_NOT_FOUND` */
export async function deleteFaces(tx: SqlTx, scope: Scope, ids: readonly string[]): Promise<void> {
  const faces = await readFacesById(tx, scope, ids);
  if (scope === null) await eraseFaces(tx, faces);
  else await removeFromGallery(tx, scope, faces);
}

/** Deletes a gallery, and the faces that are in no other, or all of its faces. @throws NearFaceError */
export async function deleteGallery(tx: SqlTx, name: string, withFaces = false): Promise<void> {
  if (name === DEFAULT_GALLERY) throw cannotDeleteDefault(name);
  await readGallery(tx, name);
  const rows = await tx.ask(
    'SELECT f.seq, f.record FROM @face_galleries g JOIN @faces f USING (seq) WHERE g.gallery = $1 ORDER BY g.seq',
    [name],
  );
  const faces = wholeFaces(tx, rows);
  if (withFaces) await eraseFaces(tx, faces);
  else await removeFromGallery(tx, name, faces);
  // Those that cannot be read are in it still.
  await tx.ask('DELETE FROM @face_galleries WHERE gallery = $1', [name]);
  await tx.ask('DELETE FROM @galleries WHERE name = $1', [name]);
  tx.changes.push({ kind: 'gone', gallery: name });
}

/** Takes faces out of a gallery; those that are in no other are erased, and jobs forget them. */
export async function removeFromGallery(
  tx: SqlTx,
  gallery: string,
  faces: readonly StoredFace[],
): Promise<void> {
  const { stay, gone } = takenOut(gallery, faces);
  await countOut(tx, gallery, faces);
  const staying = new Set(stay.map(({ seq }) => seq));
  await updateRecords(
    tx,
    faces.filter(({ seq }) => staying.has(seq)),
    stay,
  );
  await dropFaces(tx, gone);
  await forget(tx, idsOf(gone));
  tx.changes.push(leftChange(gallery, stay, gone));
}

/** Erases faces from all their galleries, and jobs forget them. */
export async function eraseFaces(tx: SqlTx, faces: readonly StoredFace[]): Promise<void> {
  for (const [gallery, some] of byGallery(faces)) await countOut(tx, gallery, some);
  await dropFaces(tx, faces);
  await forget(tx, idsOf(faces));
  tx.changes.push(leftChange('', [], faces));
}

/** Erases the faces that are gone by themselves at `now`. */
export async function removeExpired(tx: SqlTx, now: number): Promise<void> {
  const seen = await seenFaces(tx, tx.lookup.expired(now));
  if (seen.length > 0) await eraseFaces(tx, seen);
}

/** Takes out of jobs, and of what is known of people, whatever names faces that are gone. */
export async function forget(tx: SqlTx, ids: readonly string[]): Promise<void> {
  if (ids.length === 0) return;
  await forgetInJobs(tx, ids);
  await forgetInRecognitions(tx, ids);
  await runLater(forgetFaces(peopleTables(tx), ids));
}

const idsOf = (faces: readonly StoredFace[]): readonly string[] => faces.map(({ id }) => id);

/** Erases faces that no gallery counts and no job knows. */
export async function eraseHidden(tx: SqlTx, faces: readonly StoredFace[]): Promise<void> {
  await dropFaces(tx, faces);
  tx.changes.push(leftChange('', [], faces));
}
