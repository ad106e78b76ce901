/** Faces in their tables, with what they are found by and how they are counted. */
import { isHidden } from '../hidden-faces.ts';
import { addBytes, bytesOf, type StoredFace } from '../stored.ts';
import type { MemoryTx } from './memory-tx.ts';
import { NumberSet } from './number-set.ts';
import type { MemoryFace } from './tables.ts';

/** Puts a face into the tables, in the place of the one of its number. */
export function putFace(tx: MemoryTx, entry: MemoryFace): void {
  const { face, vector } = entry;
  const { seq, id, photoHash } = face;
  const before = tx.faces.get(seq);
  const { journal } = tx;
  if (before) count(tx, before, -1);
  count(tx, entry, 1);
  journal.set(tx.faces, seq, { ...entry, vector });
  journal.set(tx.ids, id, seq);
  journal.toggle(tx.seqs, seq, true);
  const hashBefore = before?.face.photoHash;
  if (hashBefore !== undefined && hashBefore !== photoHash) toggle(tx, tx.photos, hashBefore, seq, false);
  if (photoHash !== undefined) toggle(tx, tx.photos, photoHash, seq, true);
  show(tx, seq, before ? seen(tx, before.face) : [], seen(tx, face));
}

/** Takes a face out of all tables; galleries have counted it out. */
export function dropFace(tx: MemoryTx, { seq, id, photoHash, galleries }: StoredFace): void {
  const { journal } = tx;
  count(tx, tx.faces.get(seq) as MemoryFace, -1);
  journal.delete(tx.faces, seq);
  journal.delete(tx.ids, id);
  journal.delete(tx.fresh, seq);
  journal.toggle(tx.seqs, seq, false);
  if (photoHash !== undefined) toggle(tx, tx.photos, photoHash, seq, false);
  show(tx, seq, galleries, []);
}

/** Moves a face from some galleries' members to others'. */
export function show(tx: MemoryTx, seq: number, before: readonly string[], after: readonly string[]): void {
  for (const name of before) if (!after.includes(name)) toggle(tx, tx.members, name, seq, false);
  for (const name of after) toggle(tx, tx.members, name, seq, true);
}

function seen({ counters }: MemoryTx, { seq, galleries }: StoredFace): readonly string[] {
  return isHidden(counters, seq) ? [] : galleries;
}

function toggle(
  { journal }: MemoryTx,
  sets: Map<string, NumberSet>,
  key: string,
  seq: number,
  is: boolean,
): void {
  journal.toggleIn(sets, key, seq, { is, make: () => new NumberSet() });
}

function count(tx: MemoryTx, { face, vector }: MemoryFace, sign: 1 | -1): void {
  const { models, bytes } = tx.counters;
  const { modelId } = face;
  const faces = (models.get(modelId)?.faces ?? 0) + sign;
  const counted = new Map(models);
  if (faces > 0) counted.set(modelId, { dimension: vector.length, faces, segments: 0 });
  else counted.delete(modelId);
  tx.counters = { ...tx.counters, models: counted, bytes: addBytes(bytes, bytesOf([face]), sign) };
}
