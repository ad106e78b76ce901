import { badParam, NearFaceError } from '../../core/errors.ts';
import type { PeoplePage, Person } from '../../core/people.ts';
import { textHash } from '../../core/text-hash.ts';
import type { PersonFaces } from '../face-lookup.ts';
import type { StoredFace } from '../stored.ts';
import { type Coroutine, of } from './coroutine.ts';
import { friendsIn, isFriend, type ResolvedFriendRule } from './friends.ts';
import { bytesOfRecord, type NewPerson, type StoredPerson } from './stored.ts';
import type { PeopleTables } from './tables.ts';

/** Which people are listed, and how far. */
export interface PeopleQuery {
  readonly limit: number;
  readonly cursor?: string;
  readonly meta?: string;
  readonly named?: boolean;
  readonly friend?: boolean;
  /** Whether the answer says who is a friend, and by which rule. */
  readonly rule?: ResolvedFriendRule;
}

/** People read at a time. */
const SLICE = 500;

export function personNotFound(id: string): NearFaceError {
  return new NearFaceError(
    'PERSON_NOT_FOUND',
    `There is no person '${id}'; it may have been deleted or merged into another, or gone when nothing of it was left`,
    { id },
  );
}

/** @throws NearFaceError `PERSON_NOT_FOUND` */
export function* readPerson(tx: PeopleTables, id: string): Coroutine<StoredPerson> {
  const person = yield* of(tx.persons.byId(id));
  if (person) return person;
  throw personNotFound(id);
}

/** What people are made and changed with. */
export type PersonTables = Pick<PeopleTables, 'counters' | 'persons'>;

/** Writes a person in the place of an earlier one, or takes it away, and counts it. */
export function* putPerson(
  tx: PersonTables,
  before: StoredPerson | null,
  after: StoredPerson | null,
): Coroutine<void> {
  const { people, bytes, ...kept } = tx.counters;
  tx.counters = {
    ...kept,
    people: people + (after ? 1 : 0) - (before ? 1 : 0),
    bytes: bytes + (after ? bytesOfRecord(after) : 0) - (before ? bytesOfRecord(before) : 0),
  };
  if (after) yield* of(tx.persons.put(after));
  else if (before) yield* of(tx.persons.delete(before));
}

/** Gives a new person its number and keeps it. */
export function* makePerson(tx: PersonTables, person: NewPerson): Coroutine<StoredPerson> {
  const number = tx.counters.nextPerson;
  tx.counters = { ...tx.counters, nextPerson: number + 1 };
  const made = { ...person, number };
  yield* putPerson(tx, null, made);
  return made;
}

/** Makes the people that faces name and that are not there yet, each called as the first of its faces. */
export function* ensurePersons(
  tx: PersonTables,
  faces: Iterable<{ readonly personId?: string; readonly meta: string }>,
): Coroutine<void> {
  const seen = new Set<string>();
  for (const { personId, meta } of faces) {
    if (personId === undefined || seen.has(personId)) continue;
    seen.add(personId);
    if (!(yield* of(tx.persons.byId(personId)))) yield* makePerson(tx, { id: personId, meta, auto: false });
  }
}

/** Makes the people of all faces: those of earlier versions and of imports name some that nobody has made. */
export function* ensureAll(tx: PeopleTables, isWanted: (seq: number) => boolean): Coroutine<void> {
  const firsts = Array.from(tx.index.persons(isWanted).values(), ({ seq }) => seq);
  for (let from = 0; from < firsts.length; from += SLICE)
    yield* ensurePersons(tx, yield* of(tx.faces.bySeqs(firsts.slice(from, from + SLICE))));
}

/** The faces of a person that are seen, in the order of enrolment. */
export function* facesOfPerson(tx: PeopleTables, id: string): Coroutine<readonly StoredFace[]> {
  return (yield* facesOfPeople(tx, [id])).get(id) ?? [];
}

/** The faces of each of some people who have any. All faces are looked through once, however many people they are. */
export function* facesOfPeople(
  tx: PeopleTables,
  ids: readonly string[],
): Coroutine<ReadonlyMap<string, readonly StoredFace[]>> {
  const found = new Map<string, StoredFace[]>();
  yield* eachFaceOf(
    tx,
    ids,
    () => false,
    (face, id) => {
      const known = found.get(id);
      if (known) known.push(face);
      else found.set(id, [face]);
    },
  );
  return found;
}

/** Those of some people who have a face that is not to be left out. */
export function* havingFaces(
  tx: PeopleTables,
  ids: readonly string[],
  isLeftOut: (seq: number) => boolean,
): Coroutine<ReadonlySet<string>> {
  const found = new Set<string>();
  yield* eachFaceOf(tx, ids, isLeftOut, (_face, id) => void found.add(id));
  return found;
}

/** Calls `take` with the faces of some people that are seen, in the order of enrolment. */
function* eachFaceOf(
  tx: PeopleTables,
  ids: readonly string[],
  isLeftOut: (seq: number) => boolean,
  take: (face: StoredFace, id: string) => void,
): Coroutine<void> {
  if (ids.length === 0) return;
  const wanted = new Set(ids);
  const seqs = tx.index
    .ofPeople(ids.map((id) => tx.tag(id)))
    .filter((seq) => tx.isSeen(seq) && !isLeftOut(seq));
  for (let from = 0; from < seqs.length; from += SLICE)
    // The index goes by hashes.
    for (const face of yield* of(tx.faces.bySeqs(Array.from(seqs.subarray(from, from + SLICE)))))
      if (face.personId !== undefined && wanted.has(face.personId)) take(face, face.personId);
}

/** A person with what is counted. */
export function* viewOf(
  tx: PeopleTables,
  person: StoredPerson,
  counted: ReadonlyMap<number, PersonFaces>,
): Coroutine<Person> {
  const { id, number, meta } = person;
  const faces = counted.get(textHash(tx.tag(id)));
  const sightings = yield* of(tx.sightings.count(id));
  const times = [faces?.first, faces?.last].filter((time) => time !== undefined);
  if (sightings > 0)
    for (const which of ['first', 'last'] as const) {
      const time = yield* of(tx.sightings.edge(id, which));
      if (time !== undefined) times.push(time);
    }
  return {
    ...{ id, number, meta, named: meta !== '', faces: faces?.count ?? 0, sightings },
    firstSeen: times.length > 0 ? Math.min(...times) : null,
    lastSeen: times.length > 0 ? Math.max(...times) : null,
  };
}

/** One person. @throws NearFaceError `PERSON_NOT_FOUND` */
export function* getPerson(tx: PeopleTables, id: string, rule?: ResolvedFriendRule): Coroutine<Person> {
  const person = yield* readPerson(tx, id);
  const view = yield* viewOf(tx, person, tx.index.persons(tx.isSeen, tx.tag(id)));
  return rule ? { ...view, friend: yield* isFriend(tx, id, rule) } : view;
}

/** A page of people by their numbers. @throws NearFaceError `BAD_PARAM` of a cursor that no page had */
export function* listPeople(tx: PeopleTables, query: PeopleQuery): Coroutine<PeoplePage> {
  const { limit, meta, named, friend, rule } = query;
  const friends = rule && (yield* friendsIn(tx, rule));
  const found: StoredPerson[] = [];
  let after = placeOf(query.cursor, tx.counters.nextPerson);
  for (let isEnd = false; !isEnd && found.length <= limit;) {
    const some = yield* of(tx.persons.after(after, SLICE));
    isEnd = some.length < SLICE;
    after = some.at(-1)?.number ?? after;
    for (const person of some) {
      const passes =
        (meta === undefined || person.meta === meta) &&
        (named === undefined || (person.meta !== '') === named) &&
        (friend === undefined || friends?.has(tx.tag(person.id)) === friend);
      if (passes && found.length <= limit) found.push(person);
    }
  }
  const page = found.slice(0, limit);
  const counted = page.length > 0 ? tx.index.persons(tx.isSeen) : new Map<number, PersonFaces>();
  const people: Person[] = [];
  for (const person of page) {
    const view = yield* viewOf(tx, person, counted);
    people.push(friends ? { ...view, friend: friends.has(tx.tag(person.id)) } : view);
  }
  const last = page.at(-1);
  return found.length > limit && last ? { people, cursor: `after-${last.number.toString(36)}` } : { people };
}

function placeOf(cursor: string | undefined, nextPerson: number): number {
  if (cursor === undefined) return 0;
  const digits = /^after-([0-9a-z]{1,11})$/.exec(cursor)?.[1];
  const number = digits === undefined ? NaN : Number.parseInt(digits, 36);
  if (number < nextPerson) return number;
  throw badParam('cursor', cursor, 'the cursor of an earlier page of the same list');
}

/** Gives a person a name, and its faces that were called as it was, or not at all. @throws NearFaceError `PERSON_NOT_FOUND` */
export function* renamePerson(tx: PeopleTables, id: string, meta: string): Coroutine<void> {
  const before = yield* readPerson(tx, id);
  const faces = yield* facesOfPerson(tx, id);
  const named = faces.filter((face) => face.meta !== meta && (face.meta === before.meta || face.meta === ''));
  yield* of(
    tx.faces.change(
      named,
      named.map((face) => ({ ...face, meta })),
    ),
  );
  yield* putPerson(tx, before, { ...before, meta });
}
