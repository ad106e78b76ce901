import { runLater } from '../people/coroutine.ts';
import { ensurePersons } from '../people/persons.ts';
import {
  bytesOfRecord,
  type StoredCamera,
  type StoredPerson,
  type StoredSighting,
} from '../people/stored.ts';
import { isCamera, isPair, isPerson, isSighting, isStep, peopleTables } from './people-tables.ts';
import type { SqlTx } from './sql-tx.ts';
import { wholeRecord } from './whole-rows.ts';

/** A face that is kept, as far as it names somebody. */
export type NamingFace = Parameters<typeof ensurePersons>[1] extends Iterable<infer Face> ? Face : never;

/**
 * Deletes what cannot be read of people, cameras and sightings, makes the people anew that faces name, and counts what is left. Sightings
 * of somebody who could not be read are of nobody then.
 */
export async function clearDamagedPeople(tx: SqlTx, faces: readonly NamingFace[]): Promise<void> {
  const persons = await wholeOnes<StoredPerson>(tx, 'persons', isPerson);
  const cameras = await wholeOnes<StoredCamera>(tx, 'cameras', isCamera);
  await wholeOnes(tx, 'pairs', isPair);
  await wholeOnes(tx, 'steps', isStep);
  const sightings = await wholeOnes<StoredSighting>(tx, 'sightings', isSighting);
  const bytes = [...persons, ...cameras, ...sightings].reduce(
    (sum, record) => sum + bytesOfRecord(record),
    0,
  );
  const counted = { people: persons.length, cameras: cameras.length, sightings: sightings.length, bytes };
  tx.counters = { ...tx.counters, people: { ...tx.counters.people, ...counted } };
  await runLater(ensurePersons(peopleTables(tx), faces));
  await forgetUnknown(tx, sightings);
  await tx.ask(
    'DELETE FROM @sighting_pictures p WHERE NOT EXISTS (SELECT 1 FROM @sightings s WHERE s.seq = p.seq)',
  );
}

/** Deletes the rows of a table that cannot be read, and answers what the others hold. */
async function wholeOnes<T>(
  tx: SqlTx,
  table: string,
  isOne: (record: unknown) => boolean,
): Promise<readonly T[]> {
  const found: T[] = [];
  // A row's own place: tables have keys of several kinds, and no page is written to in between.
  for (const row of await tx.ask(`SELECT ctid::text AS place, record FROM @${table}`)) {
    const value = wholeRecord<T>(row, isOne);
    if (value === undefined)
      await tx.ask(`DELETE FROM @${table} WHERE ctid = $1::tid`, [row.place as string]);
    else found.push(value);
  }
  return found;
}

async function forgetUnknown(tx: SqlTx, sightings: readonly StoredSighting[]): Promise<void> {
  const tables = peopleTables(tx);
  for (const sighting of sightings) {
    const { personId, ...rest } = sighting;
    if (personId === undefined || (await tables.persons.byId(personId))) continue;
    const { people } = tx.counters;
    const bytes = people.bytes + bytesOfRecord(rest) - bytesOfRecord(sighting);
    tx.counters = { ...tx.counters, people: { ...people, bytes } };
    await tables.sightings.put(rest);
  }
}
