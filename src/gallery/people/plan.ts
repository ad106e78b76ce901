/** Who new faces and sightings are, and what is stored for that in one transaction. */
import type { PreparedFace } from '../face-input.ts';
import type { StoredFace } from '../stored.ts';
import { type Coroutine, of } from './coroutine.ts';
import { ensurePersons, makePerson } from './persons.ts';
import { UNKNOWNS } from '../../core/people.ts';
import { addSightings, followFaces } from './sightings.ts';
import { faceMark, type NewPerson, type PreparedSighting, type StoredSighting } from './stored.ts';
import type { GrowingTables, PeopleTables } from './tables.ts';

/** People who come with new faces. It holds for the faces of one revision: where there are others by now, it is made anew. */
export interface PeoplePlan {
  readonly asOf: number;
  readonly persons: readonly NewPerson[];
  /** Stored faces without a person that get one. */
  readonly adopted: readonly { readonly id: string; readonly personId: string }[];
}

/** What is stored by a plan. */
export interface Newcomers {
  readonly plan: PeoplePlan;
  readonly faces: readonly PreparedFace[];
  readonly sightings: readonly PreparedSighting[];
}

/** What was stored. */
export interface Stored {
  readonly faces: readonly StoredFace[];
  readonly sightings: readonly StoredSighting[];
}

/** Makes the people of a plan. Answers false, and does nothing, where other faces are there than it was made for. */
export function* introduce(tx: PeopleTables, { asOf, persons, adopted }: PeoplePlan): Coroutine<boolean> {
  if (tx.revision !== asOf) return false;
  for (const person of persons) yield* makePerson(tx, person);
  const before = yield* of(tx.faces.byIds(adopted.map(({ id }) => id)));
  const personOf = new Map(adopted.map(({ id, personId }) => [id, personId]));
  const after = before.map((face) => ({ ...face, personId: personOf.get(face.id) as string }));
  if (before.length > 0) yield* of(tx.faces.change(before, after));
  yield* followFaces(tx, after);
  return true;
}

/** Stores newcomers; nothing where the plan holds no more. */
export function* settle(tx: GrowingTables, { plan, faces, sightings }: Newcomers): Coroutine<Stored | null> {
  if (!(yield* introduce(tx, plan))) return null;
  if (faces.some(({ galleries }) => galleries.includes(UNKNOWNS))) yield* of(tx.ensureGallery(UNKNOWNS));
  const stored = faces.length > 0 ? yield* of(tx.addFaces(faces)) : [];
  return { faces: stored, sightings: yield* addSightings(tx, sightings) };
}

/** What follows where faces are given to people by hand: these are made, sightings follow, and what was said against it holds no more. */
export function* giveByHand(
  tx: Pick<PeopleTables, 'counters' | 'persons' | 'pairs' | 'sightings'>,
  faces: readonly StoredFace[],
): Coroutine<void> {
  yield* ensurePersons(tx, faces);
  yield* followFaces(tx, faces);
  const personOf = new Map(faces.map(({ id, personId }) => [id, personId]));
  for (const pair of yield* of(tx.pairs.of(faces.map(({ id }) => faceMark(id)))))
    if (pair.isFace && personOf.get(pair.other) === pair.person) yield* of(tx.pairs.delete(pair));
}
