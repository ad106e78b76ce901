/** Who was seen on how many days, by which camera. */
import { badParam } from '../../core/errors.ts';
import type { FriendRule } from '../../core/people.ts';
import { type Coroutine, of } from './coroutine.ts';
import type { PeopleTables, SightingKeys } from './tables.ts';

/** A rule with all its values. */
export type ResolvedFriendRule = Required<FriendRule>;

/** Seven days, in milliseconds. */
const WEEK = 7 * 24 * 3600 * 1000;

/** Sightings, and faces, read at a time. */
const SLICE = 1000;

/** A rule with the defaults in the place of what it leaves out. @throws NearFaceError `BAD_PARAM` of a time zone that is not known */
export function wholeRule(rule: FriendRule = {}): ResolvedFriendRule {
  const { count = 5, intervalMs = WEEK, timeZone = 'UTC', now = Date.now() } = rule;
  dayIn(timeZone, 'friend.timeZone');
  return { count, intervalMs, timeZone, now };
}

/** Tells the day of a time, as in `2026-11-29`. @throws NearFaceError `BAD_PARAM` of a time zone that is not known */
export function dayIn(timeZone: string, path = 'timeZone'): (timeMs: number) => string {
  try {
    const parts = { year: 'numeric', month: '2-digit', day: '2-digit' } as const;
    // Swedish writes dates as ISO 8601 does; the calendar and the digits are fixed, whatever the machine's.
    const format = new Intl.DateTimeFormat('sv-SE-u-ca-iso8601-nu-latn', { timeZone, ...parts });
    return (timeMs) => format.format(timeMs);
  } catch {
    throw badParam(path, timeZone, 'a time zone, as in Europe/Zurich or UTC');
  }
}

/** Tags of the people who are friends. */
export function* friendsIn(tx: PeopleTables, rule: ResolvedFriendRule): Coroutine<ReadonlySet<string>> {
  return yield* friendsAmong(tx, rule, undefined);
}

/** Whether one of them is. */
export function* isFriend(tx: PeopleTables, id: string, rule: ResolvedFriendRule): Coroutine<boolean> {
  return (yield* friendsAmong(tx, rule, [id])).has(tx.tag(id));
}

/** Tags of those of some people (ids), or of all, who are friends. */
export function* friendsAmong(
  tx: PeopleTables,
  { count, intervalMs, timeZone, now }: ResolvedFriendRule,
  people: readonly string[] | undefined,
): Coroutine<ReadonlySet<string>> {
  if (people?.length === 0) return new Set();
  const day = dayIn(timeZone);
  const start = now - intervalMs;
  const days = new Map<string, Map<string, Set<string>>>();
  const note = (who: string, camera: string, timeMs: number): void => {
    const cameras = days.get(who) ?? new Map<string, Set<string>>();
    days.set(who, cameras.set(camera, (cameras.get(camera) ?? new Set()).add(day(timeMs))));
  };
  for (const person of people ?? [undefined])
    yield* eachSighting(tx, { start, end: now + 1, person }, (sighting) => {
      if (sighting.camera !== '' && sighting.person !== '' && sighting.timeMs <= now)
        note(sighting.person, sighting.camera, sighting.timeMs);
    });
  const seqs = tx.index.ofPeople(
    people?.map((id) => tx.tag(id)),
    start,
    now + 1,
  );
  for (let from = 0; from < seqs.length; from += SLICE) {
    const some = Array.from(seqs.subarray(from, from + SLICE)).filter((seq) => tx.isSeen(seq));
    for (const { personId, cameraId, timestamp } of yield* of(tx.faces.bySeqs(some)))
      if (personId !== undefined && cameraId !== undefined && timestamp <= now)
        note(tx.tag(personId), tx.tag(cameraId), timestamp);
  }
  const isEnough = (cameras: ReadonlyMap<string, ReadonlySet<string>>): boolean =>
    [...cameras.values()].some(({ size }) => size >= count);
  return new Set([...days].filter(([, cameras]) => isEnough(cameras)).map(([who]) => who));
}

/** A time, from `start` to before `end`, and perhaps a person (id). */
export interface SightingRange {
  readonly start: number;
  readonly end: number;
  readonly person?: string | undefined;
}

/** Calls `take` with all sightings of a time, the newest first; until it answers false. */
export function* eachSighting(
  tx: PeopleTables,
  { start, end, person }: SightingRange,
  take: (sighting: SightingKeys) => boolean | void,
): Coroutine<void> {
  let place = { timeMs: end, seq: 0 };
  for (;;) {
    const some = yield* of(tx.sightings.before(place, start, SLICE, person));
    for (const sighting of some) if (take(sighting) === false) return;
    const last = some.at(-1);
    if (some.length < SLICE || !last) return;
    place = { timeMs: last.timeMs, seq: last.seq };
  }
}
