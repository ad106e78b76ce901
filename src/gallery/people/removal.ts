/** What goes for good: people, sightings, and what is known of faces that are deleted. */
import { type PersonDeletion, type Pruning, UNKNOWNS } from '../../core/people.ts';
import type { StoredFace } from '../stored.ts';
import { type Coroutine, of } from './coroutine.ts';
import { eachSighting } from './friends.ts';
import { facesOfPeople, facesOfPerson, putPerson, readPerson } from './persons.ts';
import { changeSighting, dropPairs, type Erased, forgetSteps } from './steps.ts';
import { bytesOfRecord, faceMark, personMark, type StoredPair, type StoredPerson } from './stored.ts';
import type { PeopleTables } from './tables.ts';

/** Faces, or sightings, deleted at a time. */
const SLICE = 500;

/** How a long deletion reports and ends: it may throw. */
export type OnSlice = (done: number, total: number) => void;

/**
 * Deletes a person with all its faces, in whatever galleries, its sightings and their pictures, and all that was noted of it.
 *
 * @throws NearFaceError `PERSON_NOT_FOUND`
 */
export function* deletePerson(tx: PeopleTables, id: string, onSlice: OnSlice): Coroutine<PersonDeletion> {
  const person = yield* readPerson(tx, id);
  const faces = yield* facesOfPerson(tx, id);
  const seqs: number[] = [];
  yield* eachSighting(tx, { start: -Infinity, end: Infinity, person: id }, ({ seq }) => void seqs.push(seq));
  const total = faces.length + seqs.length;
  for (let from = 0; from < faces.length; from += SLICE) {
    onSlice(from, total);
    yield* of(tx.faces.erase(faces.slice(from, from + SLICE)));
  }
  for (let from = 0; from < seqs.length; from += SLICE) {
    onSlice(faces.length + from, total);
    yield* deleteSightings(tx, seqs.slice(from, from + SLICE));
  }
  yield* removePeople(tx, [person], {
    faces: new Set(faces.map(({ seq }) => seq)),
    sightings: new Set(seqs),
  });
  onSlice(total, total);
  return { faces: faces.length, sightings: seqs.length };
}

/** Takes people away who have nothing any more, and whatever names them. @param erased - what they had */
function* removePeople(tx: PeopleTables, people: readonly StoredPerson[], erased: Erased): Coroutine<void> {
  const ids = people.map(({ id }) => id);
  yield* forgetSteps(tx, ids, erased);
  yield* dropPairs(tx, ids.map(personMark));
  for (const person of people) yield* putPerson(tx, person, null);
}

/** Deletes sightings with their pictures. */
export function* deleteSightings(tx: PeopleTables, seqs: readonly number[]): Coroutine<void> {
  const there = yield* of(tx.sightings.bySeqs(seqs));
  const gone = there.reduce((sum, sighting) => sum + bytesOfRecord(sighting), 0);
  const { sightings, bytes } = tx.counters;
  tx.counters = { ...tx.counters, sightings: sightings - there.length, bytes: bytes - gone };
  yield* of(tx.sightings.delete(seqs));
}

/** What may name faces. */
export type NamingFaces = Pick<PeopleTables, 'counters' | 'pairs' | 'journal' | 'sightings'>;

/** Takes out whatever names faces that are deleted. */
export function* forgetFaces(tx: NamingFaces, ids: readonly string[]): Coroutine<void> {
  yield* dropPairs(tx, ids.map(faceMark));
  const gone = new Set(ids);
  const stays = (pair: StoredPair): boolean => !(pair.isFace && gone.has(pair.other));
  for (const entry of yield* of(tx.journal.ofFaces(ids)))
    yield* of(
      tx.journal.put({
        ...entry,
        pairsAdded: entry.pairsAdded.filter(stays),
        pairsRemoved: entry.pairsRemoved.filter(stays),
      }),
    );
  for (const sighting of yield* of(tx.sightings.ofFaces(ids))) {
    const { faceId: _, ...rest } = sighting;
    yield* changeSighting(tx, sighting, rest);
  }
}

/** Deletes some of the sightings before a time, and answers whether those were all. */
export function* pruneSightings(
  tx: PeopleTables,
  before: number,
): Coroutine<{ readonly sightings: number; readonly isEnd: boolean }> {
  const seqs: number[] = [];
  yield* eachSighting(tx, { start: -Infinity, end: before }, ({ seq }) => {
    seqs.push(seq);
    return seqs.length < SLICE;
  });
  yield* deleteSightings(tx, seqs);
  return { sightings: seqs.length, isEnd: seqs.length < SLICE };
}

/**
 * Deletes the people after a number that were made on the fly, have no name, no sighting, and no face but such as lie in the gallery of
 * unknown people alone and are older than a time; those faces go with them. Answers where to go on, or nothing at the end.
 */
export function* prunePeople(
  tx: PeopleTables,
  before: number,
  after: number,
): Coroutine<Pick<Pruning, 'people'> & { readonly next?: number }> {
  const some = yield* of(tx.persons.after(after, SLICE));
  const alone: StoredPerson[] = [];
  for (const person of some)
    if (person.auto && person.meta === '' && (yield* of(tx.sightings.count(person.id))) === 0)
      alone.push(person);
  const facesOf = yield* facesOfPeople(
    tx,
    alone.map(({ id }) => id),
  );
  const isOld = ({ galleries, timestamp, meta }: StoredFace): boolean =>
    timestamp < before && meta === '' && galleries.length === 1 && galleries[0] === UNKNOWNS;
  const gone = alone.filter(({ id }) => facesOf.get(id)?.every(isOld) ?? true);
  const faces = gone.flatMap(({ id }) => facesOf.get(id) ?? []);
  for (let from = 0; from < faces.length; from += SLICE)
    yield* of(tx.faces.erase(faces.slice(from, from + SLICE)));
  if (gone.length > 0)
    yield* removePeople(tx, gone, { faces: new Set(faces.map(({ seq }) => seq)), sightings: new Set() });
  const [people, last] = [gone.length, some.at(-1)];
  return some.length < SLICE || !last ? { people } : { people, next: last.number };
}
