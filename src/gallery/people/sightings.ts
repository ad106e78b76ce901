import { badParam, type NearFaceError } from '../../core/errors.ts';
import type { DayOfVisits, Sighting, SightingPage } from '../../core/people.ts';
import type { PictureKind } from '../../core/records.ts';
import { type Coroutine, of } from './coroutine.ts';
import { dayIn, eachSighting, friendsAmong, friendsIn, type ResolvedFriendRule } from './friends.ts';
import { readPerson } from './persons.ts';
import { changeSighting } from './steps.ts';
import { bytesOfRecord, type PreparedSighting, type StoredSighting } from './stored.ts';
import type { PeopleTables, SightingKeys, SightingPlace } from './tables.ts';

/** Which sightings are looked for. */
export interface SightingQuery {
  /** Of one of these people. */
  readonly people?: readonly string[];
  readonly cameraIds?: readonly string[];
  readonly start: number;
  readonly end: number;
  readonly friend?: boolean;
  readonly rule: ResolvedFriendRule;
}

/** The same for a page. */
export interface SightingPageQuery extends SightingQuery {
  readonly limit: number;
  readonly cursor?: string;
  /** The id of a sighting that comes before all of the page. */
  readonly before?: string;
}

/** Keeps new sightings. @throws NearFaceError `PERSON_NOT_FOUND`, `BAD_PARAM` of an id that is taken */
export function* addSightings(
  tx: PeopleTables,
  prepared: readonly PreparedSighting[],
): Coroutine<readonly StoredSighting[]> {
  yield* refuseKnown(tx, prepared);
  const people = new Set(prepared.map(({ personId }) => personId).filter((id) => id !== undefined));
  for (const id of people) yield* readPerson(tx, id);
  const stored: StoredSighting[] = [];
  for (const { pictures, ...facts } of prepared) {
    const seq = tx.counters.nextSighting;
    const pictureBytes = pictures.reduce((sum, { bytes }) => sum + bytes.byteLength, 0);
    const kinds = pictures.map(({ kind }) => kind);
    // As every database gives it back: nothing in it that JSON does not know.
    const plain = JSON.parse(JSON.stringify(facts)) as typeof facts;
    const sighting: StoredSighting = { ...plain, seq, pictures: kinds, pictureBytes };
    const { sightings, bytes, ...kept } = tx.counters;
    const counted = { sightings: sightings + 1, bytes: bytes + bytesOfRecord(sighting) };
    tx.counters = { ...kept, ...counted, nextSighting: seq + 1 };
    yield* of(tx.sightings.put(sighting, pictures));
    stored.push(sighting);
  }
  return stored;
}

function* refuseKnown(tx: PeopleTables, prepared: readonly PreparedSighting[]): Coroutine<void> {
  const ids = new Set<string>();
  for (const { id } of prepared) {
    if (ids.has(id)) throw sightingExists(id);
    ids.add(id);
  }
  const [known] = yield* of(tx.sightings.byIds([...ids]));
  if (known) throw sightingExists(known.id);
}

function sightingExists(id: string): NearFaceError {
  return badParam('id', id, 'an id that no sighting has yet; left out it is a new one');
}

/** Sightings that were made of faces are of whom these are. */
export function* followFaces(
  tx: Pick<PeopleTables, 'counters' | 'sightings'>,
  faces: readonly { readonly id: string; readonly personId?: string }[],
): Coroutine<void> {
  const personOf = new Map(faces.map(({ id, personId }) => [id, personId]));
  for (const sighting of yield* of(tx.sightings.ofFaces([...personOf.keys()]))) {
    const personId = personOf.get(sighting.faceId as string);
    if (sighting.personId === personId) continue;
    const { personId: _, ...rest } = sighting;
    yield* changeSighting(tx, sighting, { ...rest, ...(personId !== undefined && { personId }) });
  }
}

/** What is told of sightings. */
export function* viewsOf(
  tx: PeopleTables,
  sightings: readonly StoredSighting[],
  rule?: ResolvedFriendRule,
): Coroutine<readonly Sighting[]> {
  const ids = new Set(sightings.map(({ personId }) => personId).filter((id) => id !== undefined));
  const friends = rule && (yield* friendsAmong(tx, rule, [...ids]));
  const names = new Map<string, string>();
  for (const id of ids) names.set(id, (yield* of(tx.persons.byId(id)))?.meta ?? '');
  const views: Sighting[] = [];
  for (const { seq: _, pictureBytes: _bytes, meta, ...sighting } of sightings) {
    const { personId = '' } = sighting;
    const friend = friends && { friend: friends.has(tx.tag(personId)) };
    views.push({ ...sighting, meta: meta ?? names.get(personId) ?? '', ...friend });
  }
  return views;
}

/** A test of sightings by what can be told without opening them. */
function* testOf(tx: PeopleTables, query: SightingQuery): Coroutine<(sighting: SightingKeys) => boolean> {
  const { people, cameraIds, friend, rule } = query;
  const [wanted, cameras] = [people, cameraIds].map((ids) => ids && new Set(ids.map((id) => tx.tag(id))));
  const friends = friend === undefined ? undefined : yield* friendsIn(tx, rule);
  return ({ person, camera }) =>
    (!wanted || wanted.has(person)) &&
    (!cameras || cameras.has(camera)) &&
    (friend === undefined || friends?.has(person) === friend);
}

/** The one person that is looked for, by whom sightings are found at once. */
const onlyPerson = ({ people }: SightingQuery): string | undefined =>
  people?.length === 1 ? people[0] : undefined;

/** A page of sightings, the newest first. @throws NearFaceError `BAD_PARAM` of a cursor that no page had, or a sighting that is not there */
export function* searchSightings(tx: PeopleTables, query: SightingPageQuery): Coroutine<SightingPage> {
  const { limit, start, end, cursor, rule } = query;
  const place = cursor === undefined ? yield* beginningOf(tx, query) : placeOf(cursor, end);
  const passes = yield* testOf(tx, query);
  const found: StoredSighting[] = [];
  let at = place;
  for (let isEnd = false; !isEnd && found.length <= limit;) {
    const count = Math.min(1000, 2 * (limit + 1));
    const some = yield* of(tx.sightings.before(at, start, count, onlyPerson(query)));
    isEnd = some.length < count;
    const last = some.at(-1);
    if (last) at = { timeMs: last.timeMs, seq: last.seq };
    for (const keys of some) {
      const sighting = found.length <= limit && passes(keys) ? keys.read() : undefined;
      if (sighting) found.push(sighting);
    }
  }
  const page = found.slice(0, limit);
  const sightings = yield* viewsOf(tx, page, rule);
  const last = page.at(-1);
  return found.length > limit && last ? { sightings, cursor: cursorOf(last) } : { sightings };
}

function* beginningOf(
  tx: PeopleTables,
  { end, before }: Pick<SightingPageQuery, 'end' | 'before'>,
): Coroutine<SightingPlace> {
  if (before === undefined) return { timeMs: end, seq: 0 };
  const [sighting] = yield* of(tx.sightings.byIds([before]));
  if (!sighting) throw badParam('before', before, 'the id of a sighting; it may have been deleted');
  const { timeMs, seq } = sighting;
  return timeMs < end ? { timeMs, seq } : { timeMs: end, seq: 0 };
}

function cursorOf({ timeMs, seq }: StoredSighting): string {
  return `before_${timeMs}_${seq}`;
}

function placeOf(cursor: string, end: number): SightingPlace {
  const [, time, no] = /^before_([-0-9.e+]+)_([0-9]+)$/.exec(cursor) ?? [];
  const [timeMs, seq] = [Number(time ?? NaN), Number(no ?? NaN)];
  if (timeMs < end && seq > 0) return { timeMs, seq };
  throw badParam('cursor', cursor, 'the cursor of an earlier page of the same search');
}

/** How much there was to see on each day that there was something, the last one first. */
export function* visits(
  tx: PeopleTables,
  query: SightingQuery,
  timeZone: string,
): Coroutine<readonly DayOfVisits[]> {
  const day = dayIn(timeZone);
  const passes = yield* testOf(tx, query);
  const days = new Map<string, { sightings: number; readonly people: Set<string> }>();
  const { start, end } = query;
  yield* eachSighting(tx, { start, end, person: onlyPerson(query) }, (sighting) => {
    if (!passes(sighting)) return;
    const name = day(sighting.timeMs);
    const of = days.get(name) ?? { sightings: 0, people: new Set() };
    of.sightings++;
    if (sighting.person !== '') of.people.add(sighting.person);
    days.set(name, of);
  });
  return Array.from(days, ([name, { sightings, people }]) => ({ day: name, sightings, people: people.size }));
}

/** A picture of a sighting; `null` where none of that kind was kept. @throws NearFaceError `BAD_PARAM` of an id that none has */
export function* sightingPicture(tx: PeopleTables, id: string, kind: PictureKind): Coroutine<Blob | null> {
  const [sighting] = yield* of(tx.sightings.byIds([id]));
  if (!sighting) throw badParam('id', id, 'the id of a sighting; it may have been deleted');
  return yield* of(tx.sightings.picture(sighting.seq, kind));
}
