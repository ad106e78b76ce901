/** For laws of people: what stands between a database and the engine's callers. */
import { expect } from 'vitest';
import type { Sighting } from '../../core/people.ts';
import type { Box } from '../../core/types.ts';
import { Assigner } from '../people/assigner.ts';
import { of } from '../people/coroutine.ts';
import { EntryDesk, type SightingInput } from '../people/entry-desk.ts';
import { PeopleDesk, type SightingListing } from '../people/people-desk.ts';
import { bytesOfRecord, pairKey, personMark } from '../people/stored.ts';
import { Searcher } from '../searcher.ts';
import { HistoryTransfer } from '../transfer/history-transfer.ts';
import type { Opened } from './test-subject.ts';

/** The desks of a database. */
export function desksOf({ database, mirror }: Opened): {
  readonly people: PeopleDesk;
  readonly entry: EntryDesk;
  readonly transfer: HistoryTransfer;
} {
  const searcher = new Searcher(database, mirror);
  const people = new PeopleDesk(database);
  const entry = new EntryDesk(database, searcher, new Assigner(database, searcher), people);
  return { people, entry, transfer: new HistoryTransfer(database, people) };
}

/** A sighting to note. */
export const sighting = (timeMs: number, change: Partial<SightingInput> = {}): SightingInput => ({
  ...{ timeMs, id: `sighting-${timeMs}`, pictures: {} },
  ...change,
});

/** All sightings, page by page. @param between - done after each page */
export async function allSightings(
  desk: PeopleDesk,
  query: Omit<SightingListing, 'limit' | 'cursor'>,
  limit: number,
  between: () => Promise<unknown> = async () => undefined,
): Promise<readonly Sighting[]> {
  const found: Sighting[] = [];
  for (let cursor: string | undefined, isFirst = true; isFirst || cursor !== undefined; isFirst = false) {
    const page = await desk.searchSightings({ ...query, limit, ...(cursor !== undefined && { cursor }) });
    found.push(...page.sightings);
    ({ cursor } = page);
    await between();
  }
  return found;
}

export const ids = (sightings: readonly Sighting[]): readonly string[] => sightings.map(({ id }) => id);

export const BOX: Box = { left: 1, top: 2, width: 3, height: 4 };

/** All that a file brings over. */
export function contents({ database }: Opened): Promise<unknown> {
  return database.people.read(function* (tx) {
    const persons = yield* of(tx.persons.after(0, 10_000));
    const cameras = yield* of(tx.cameras.all());
    const pairs = yield* of(tx.pairs.of(persons.map(({ id }) => personMark(id))));
    const keys = yield* of(tx.sightings.before({ timeMs: Infinity, seq: 0 }, -Infinity, 10_000));
    const sightings = keys.map((each) => each.read());
    const pictures: string[] = [];
    for (const each of sightings)
      for (const { kind, type, bytes } of each ? yield* of(tx.sightings.pictures(each)) : [])
        pictures.push(`${each?.id} ${kind} ${type} ${new TextDecoder().decode(bytes)}`);
    return { persons, cameras, pairs: pairs.map(pairKey).toSorted(), sightings, pictures };
  });
}

/** What the counters should say. */
export async function expectCounted({ database }: Opened): Promise<void> {
  const usage = (await database.usage()).people;
  const counted = await database.people.read(function* (tx) {
    const persons = yield* of(tx.persons.after(0, 10_000));
    const cameras = yield* of(tx.cameras.all());
    const keys = yield* of(tx.sightings.before({ timeMs: Infinity, seq: 0 }, -Infinity, 10_000));
    const records = [
      ...persons,
      ...cameras,
      ...keys.map((each) => each.read()).filter((one) => one !== undefined),
    ];
    const bytes = records.reduce((sum, record) => sum + bytesOfRecord(record), 0);
    return { people: persons.length, cameras: cameras.length, sightings: keys.length, bytes };
  });
  expect(usage).toEqual(counted);
}
