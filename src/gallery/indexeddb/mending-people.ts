import { runLater } from '../people/coroutine.ts';
import { ensurePersons } from '../people/persons.ts';
import { bytesOfRecord, countersOf, type StoredSighting } from '../people/stored.ts';
import { cameraOf, pairOf, personOf, sightingOf, sightingRow, stepOf } from './people-rows.ts';
import { peopleTables } from './people-tables.ts';
import type { StoreName, WriteTx } from './schema.ts';
import type { Sealer } from './sealer.ts';

/** A face that is kept, as far as it names somebody. */
export type NamingFace = Parameters<typeof ensurePersons>[1] extends Iterable<infer Face> ? Face : never;

/**
 * Deletes what cannot be read of people, cameras and sightings, makes the people anew that faces name, and counts what is left. Sightings
 * of somebody who could not be read are of nobody then.
 */
export async function clearDamagedPeople(tx: WriteTx, faces: readonly NamingFace[]): Promise<void> {
  const persons = await wholeOnes(tx, 'persons', personOf);
  const cameras = await wholeOnes(tx, 'cameras', cameraOf);
  await wholeOnes(tx, 'pairs', pairOf);
  await wholeOnes(tx, 'peopleSteps', stepOf);
  const sightings = await wholeOnes(tx, 'sightings', sightingOf);
  const bytes = [...persons, ...cameras, ...sightings].reduce(
    (sum, record) => sum + bytesOfRecord(record),
    0,
  );
  const counted = { people: persons.length, cameras: cameras.length, sightings: sightings.length, bytes };
  tx.state = { ...tx.state, people: { ...countersOf(tx.state.people), ...counted } };
  await runLater(ensurePersons(peopleTables(tx), faces));
  await forgetUnknown(tx, sightings);
  const kept = new Set(sightings.map(({ seq }) => seq));
  for (const key of await tx.objectStore('sightingPictures').getAllKeys())
    if (!kept.has(key[0])) await tx.objectStore('sightingPictures').delete(key);
}

/** Deletes the rows of a store that cannot be read, and answers what the others hold. */
async function wholeOnes<Name extends StoreName, Row, Value>(
  tx: WriteTx,
  name: Name,
  read: (sealer: Sealer, row: Row) => Value | undefined,
): Promise<readonly Value[]> {
  const found: Value[] = [];
  const store = tx.objectStore(name);
  for (let cursor = await store.openCursor(); cursor; cursor = await cursor.continue()) {
    const value = read(tx.sealer, cursor.value as unknown as Row);
    if (value === undefined) await cursor.delete();
    else found.push(value);
  }
  return found;
}

async function forgetUnknown(tx: WriteTx, sightings: readonly StoredSighting[]): Promise<void> {
  const { persons } = peopleTables(tx);
  for (const sighting of sightings) {
    const { personId, ...rest } = sighting;
    if (personId === undefined || (await persons.byId(personId))) continue;
    const { people } = tx.state;
    const bytes = countersOf(people).bytes + bytesOfRecord(rest) - bytesOfRecord(sighting);
    tx.state = { ...tx.state, people: { ...countersOf(people), bytes } };
    await tx.objectStore('sightings').put(sightingRow(tx.sealer, rest));
  }
}
