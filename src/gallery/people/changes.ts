/** Merging, splitting, moving, and "not the same". Each is one step that can be taken back. */
import { badParam } from '../../core/errors.ts';
import { randomId } from '../../core/random-id.ts';
import { groupBy } from '../group-by.ts';
import type { StoredFace } from '../stored.ts';
import { type Coroutine, of } from './coroutine.ts';
import { eachSighting } from './friends.ts';
import { facesOfPeople, facesOfPerson, personNotFound, readPerson } from './persons.ts';
import { distinctPairs, take } from './steps.ts';
import {
  faceMark,
  type Moved,
  pairKey,
  pairOfFace,
  pairOfPeople,
  type PeopleStep,
  type PersonChange,
  personMark,
  type StoredPair,
  type StoredPerson,
} from './stored.ts';
import type { PeopleTables } from './tables.ts';

/**
 * Puts people together. The one that stays keeps its name, or takes the first that one of the others has; faces that were called as their
 * person was, or not at all, are called as this one is. What was said to be different and is merged by hand is not any more.
 *
 * @throws NearFaceError `PERSON_NOT_FOUND`, `BAD_PARAM`
 */
export function* mergePeople(tx: PeopleTables, into: string, from: readonly string[]): Coroutine<void> {
  const target = yield* readPerson(tx, into);
  const others: StoredPerson[] = [];
  for (const id of new Set(from)) {
    if (id === into) throw badParam('from', id, 'other people than the one they are merged into');
    others.push(yield* readPerson(tx, id));
  }
  if (others.length === 0) return;
  const meta = [target, ...others].find((person) => person.meta !== '')?.meta ?? '';
  const faces: Moved[] = [];
  const sightings: Moved[] = [];
  if (target.meta !== meta) faces.push(...movesOf(yield* facesOfPerson(tx, into), into, target.meta, meta));
  const theirs = yield* facesOfPeople(
    tx,
    others.map(({ id }) => id),
  );
  for (const { id, meta: called } of others) {
    faces.push(...movesOf(theirs.get(id) ?? [], into, called, meta));
    const seqs = yield* sightingsOf(tx, id);
    if (seqs.length > 0) sightings.push({ from: id, to: into, seqs });
  }
  const gone = new Set(others.map(({ id }) => id));
  const ofPerson = new Set(faces.filter(({ to }) => to === into).flatMap(({ seqs }) => seqs));
  const pairs = yield* pairsAfterMerge(tx, into, gone, ofPerson);
  const persons: PersonChange[] = others.map((before) => ({ before, after: null }));
  // It is named even where it stays as it was, so that the step goes with it.
  persons.push({ before: target, after: { ...target, meta } });
  yield* take(tx, { ...newStep('merge'), persons, faces, sightings, ...pairs });
}

/** Faces that go to a person: those called as theirs was, or not at all, take its name; the others keep theirs. */
export function movesOf(
  faces: readonly StoredFace[],
  to: string,
  called: string,
  meta: string,
): readonly Moved[] {
  const byKind = groupBy(faces, (face) =>
    face.meta === called || face.meta === '' ? `as ${face.meta}` : 'other',
  );
  return Array.from(byKind, ([kind, some]): Moved => ({
    from: some[0].personId ?? null,
    to,
    seqs: some.map(({ seq }) => seq),
    ...(kind !== 'other' && some[0].meta !== meta && { metas: [some[0].meta, meta] as const }),
  }));
}

/** Numbers of a person's sightings. */
export function* sightingsOf(tx: PeopleTables, person: string): Coroutine<readonly number[]> {
  const seqs: number[] = [];
  const range = { start: -Infinity, end: Infinity, person };
  yield* eachSighting(tx, range, ({ seq }) => void seqs.push(seq));
  return seqs;
}

/** What was said of those who go is said of the one that stays; what the merge contradicts is taken back. */
function* pairsAfterMerge(
  tx: PeopleTables,
  into: string,
  gone: ReadonlySet<string>,
  seqs: ReadonlySet<number>,
): Coroutine<Pick<PeopleStep, 'pairsAdded' | 'pairsRemoved'>> {
  const marks = [into, ...gone].map(personMark);
  const known = yield* of(tx.pairs.of(marks));
  const stays = (id: string): string => (gone.has(id) ? into : id);
  const faces = known.filter(({ isFace }) => isFace).map(({ other }) => other);
  const theirs = new Set<string>();
  for (const face of yield* of(tx.faces.byIds(faces)))
    if (face.personId === into || seqs.has(face.seq)) theirs.add(face.id);
  const after = known.flatMap((pair): StoredPair[] => {
    const person = stays(pair.person);
    if (pair.isFace) return theirs.has(pair.other) ? [] : [{ ...pair, person }];
    const other = stays(pair.other);
    return person === other ? [] : [pairOfPeople(person, other)];
  });
  const [before, then] = [new Set(known.map(pairKey)), new Set(after.map(pairKey))];
  return {
    pairsAdded: distinctPairs(after).filter((pair) => !before.has(pairKey(pair))),
    pairsRemoved: known.filter((pair) => !then.has(pairKey(pair))),
  };
}

/**
 * Makes a person of its own of some faces of one; sightings they were made of go with them. Both are not the same from then on, and what
 * was said of the one holds for the other.
 *
 * @throws NearFaceError `PERSON_NOT_FOUND`, `BAD_PARAM`
 */
export function* splitPerson(tx: PeopleTables, id: string, faceIds: readonly string[]): Coroutine<string> {
  const person = yield* readPerson(tx, id);
  const faces = yield* facesNamed(tx, faceIds);
  const stranger = faces.find(({ personId }) => personId !== id);
  if (stranger) throw badParam('faceIds', stranger.id, `faces of the person '${id}' alone`);
  const all = yield* facesOfPerson(tx, id);
  if (faces.length === all.length) throw badParam('faceIds', faceIds, 'some of its faces, and not all');
  const made = yield* splitOff(tx, person, faces, 'split', []);
  return made;
}

/** @param said - pairs that are added besides */
function* splitOff(
  tx: PeopleTables,
  person: StoredPerson,
  faces: readonly StoredFace[],
  what: PeopleStep['what'],
  said: readonly StoredPair[],
): Coroutine<string> {
  const id = randomId();
  const number = tx.counters.nextPerson;
  tx.counters = { ...tx.counters, nextPerson: number + 1 };
  const made: StoredPerson = { id, number, meta: '', auto: true };
  const known = yield* of(tx.pairs.of([personMark(person.id)]));
  const ids = new Set(faces.map((face) => face.id));
  const inherited = known.flatMap((pair): StoredPair[] => {
    if (pair.isFace) return ids.has(pair.other) ? [] : [pairOfFace(pair.other, id)];
    return [pairOfPeople(id, pair.person === person.id ? pair.other : pair.person)];
  });
  const moved = movesOf(faces, id, person.meta, '');
  yield* take(tx, {
    ...newStep(what),
    persons: [
      { before: null, after: made },
      ...(person.meta === '' ? [{ before: person, after: null }] : []),
    ],
    faces: moved,
    sightings: yield* sightingsOfFaces(tx, [...ids], id),
    pairsAdded: distinctPairs([pairOfPeople(person.id, id), ...inherited, ...said]),
  });
  return id;
}

/** Sightings that faces were made of go where these go. */
export function* sightingsOfFaces(
  tx: PeopleTables,
  faceIds: readonly string[],
  to: string,
): Coroutine<readonly Moved[]> {
  const found = yield* of(tx.sightings.ofFaces(faceIds));
  const byPerson = groupBy(found, ({ personId }) => personId ?? null);
  return Array.from(byPerson, ([from, some]) => ({ from, to, seqs: some.map(({ seq }) => seq) })).filter(
    ({ from }) => from !== to,
  );
}

/** @throws NearFaceError `BAD_PARAM` of an id that no face has */
function* facesNamed(tx: PeopleTables, ids: readonly string[]): Coroutine<readonly StoredFace[]> {
  const wanted = [...new Set(ids)];
  if (wanted.length === 0) throw badParam('faceIds', ids, 'at least one face');
  const faces = new Map((yield* of(tx.faces.byIds(wanted))).map((face) => [face.id, face]));
  return wanted.map((id) => {
    const face = faces.get(id);
    if (face) return face;
    throw badParam('faceIds', id, 'ids of stored faces');
  });
}

/**
 * Gives faces to a person, and the sightings they were made of. They are not of those they were of before, from then on. An unnamed person
 * of whom nothing is left goes.
 *
 * @throws NearFaceError `PERSON_NOT_FOUND`, `BAD_PARAM`
 */
export function* moveFaces(tx: PeopleTables, faceIds: readonly string[], to: string): Coroutine<void> {
  const target = yield* readPerson(tx, to);
  const faces = (yield* facesNamed(tx, faceIds)).filter(({ personId }) => personId !== to);
  if (faces.length === 0) return;
  const ids = faces.map(({ id }) => id);
  const known = yield* of(tx.pairs.of(ids.map(faceMark)));
  const persons: PersonChange[] = [];
  const moves: Moved[] = [];
  const said: StoredPair[] = [];
  for (const [from, some] of groupBy(faces, ({ personId }) => personId)) {
    const before = from === undefined ? undefined : yield* of(tx.persons.byId(from));
    moves.push(...movesOf(some, to, before?.meta ?? '', target.meta));
    if (before) said.push(...some.map(({ id }) => pairOfFace(id, before.id)));
    if (before?.meta === '') persons.push({ before, after: null });
  }
  const there = new Set(known.map(pairKey));
  const sightings = yield* sightingsOfFaces(tx, ids, to);
  yield* take(tx, {
    ...{ ...newStep('move'), persons, faces: moves, sightings },
    pairsAdded: said.filter((pair) => !there.has(pairKey(pair))),
    pairsRemoved: known.filter(({ person }) => person === to),
  });
}

/**
 * Remembers that two people, or a face and a person, are not the same. A face that is of that person becomes one of its own.
 *
 * @throws NearFaceError `BAD_PARAM`, `PERSON_NOT_FOUND`
 */
export function* notSame(tx: PeopleTables, a: string, b: string): Coroutine<void> {
  const first = yield* of(tx.persons.byId(a));
  const second = yield* of(tx.persons.byId(b));
  if (first && second) {
    if (a === b) throw badParam('b', b, 'somebody else than a');
    return yield* remember(tx, pairOfPeople(a, b));
  }
  const person = first ?? second;
  if (!person) throw personNotFound(b);
  const [face] = yield* of(tx.faces.byIds([first ? b : a]));
  if (!face) throw badParam(first ? 'b' : 'a', first ? b : a, 'the id of a person or of a stored face');
  const pair = pairOfFace(face.id, person.id);
  if (face.personId !== person.id) return yield* remember(tx, pair);
  yield* splitOff(tx, person, [face], 'notSame', [pair]);
}

function* remember(tx: PeopleTables, pair: StoredPair): Coroutine<void> {
  const [mark] = pair.isFace ? [faceMark(pair.other)] : [personMark(pair.person)];
  const known = yield* of(tx.pairs.of([mark]));
  if (known.some((other) => pairKey(other) === pairKey(pair))) return;
  yield* take(tx, { ...newStep('notSame'), pairsAdded: [pair] });
}

/** A step that changes nothing. */
export function newStep(what: PeopleStep['what']): PeopleStep {
  const nothing = { persons: [], faces: [], sightings: [], pairsAdded: [], pairsRemoved: [] };
  return { what, timeMs: Date.now(), ...nothing };
}
