import type { Call } from '../../core/call.ts';
import { throwIfAborted } from '../../core/errors.ts';
import type { HistoryImport } from '../../core/people.ts';
import { blobOf } from '../../core/stream-blob.ts';
import { putCamera } from '../people/cameras.ts';
import { type Coroutine, of } from '../people/coroutine.ts';
import { eachSighting } from '../people/friends.ts';
import type { PeopleDesk } from '../people/people-desk.ts';
import { ensurePersons, putPerson } from '../people/persons.ts';
import { addSightings } from '../people/sightings.ts';
import { personMark, type StoredPair, type StoredPerson, type StoredSighting } from '../people/stored.ts';
import type { PeopleTables } from '../people/tables.ts';
import type { GalleryDatabase } from '../port.ts';
import type { HistoryItem } from './history-fields.ts';
import { readHistory, writeHistory } from './history-file.ts';

/** How people and history are written. */
export interface HistoryExport {
  readonly pictures: boolean;
  readonly passphrase?: string;
}

/** People, and sightings, read at a time. */
const SLICE = 200;

/** People, cameras and history as a file, and such a file into a database. Every method throws NearFaceError. */
export class HistoryTransfer {
  readonly #database: GalleryDatabase;
  readonly #desk: PeopleDesk;

  constructor(database: GalleryDatabase, desk: PeopleDesk) {
    this.#database = database;
    this.#desk = desk;
  }

  async exportHistory({ pictures, passphrase }: HistoryExport, call: Call = {}): Promise<Blob> {
    await this.#desk.ensureMade();
    return blobOf(writeHistory(this.#items(pictures, call), passphrase), 'application/x-nearface');
  }

  /** In slices: what changes meanwhile may or may not be in it. */
  async *#items(pictures: boolean, { signal, report }: Call): AsyncGenerator<HistoryItem, void> {
    const { people } = this.#database;
    const total = await this.#total();
    let done = 0;
    const tell = (more: number): void => {
      throwIfAborted(signal);
      report?.({ phase: 'export', item: 'history', done: (done += more), total: Math.max(done, total) });
    };
    tell(0);
    for (let after = 0; ;) {
      const from: number = after;
      const { persons, pairs } = await people.read((tx) => nextPersons(tx, from));
      for (const person of persons) yield { kind: 'person', person };
      for (const pair of pairs) yield { kind: 'pair', pair };
      tell(persons.length);
      if (persons.length < SLICE) break;
      after = persons.at(-1)?.number ?? after;
    }
    const cameras = await people.read(function* (tx) {
      return yield* of(tx.cameras.all());
    });
    for (const camera of cameras) yield { kind: 'camera', camera };
    tell(cameras.length);
    // The oldest first, by number: what is noted meanwhile comes last.
    const seqs = await people.read(allNumbers);
    for (let from = 0; from < seqs.length; from += SLICE) {
      const some = seqs.slice(from, from + SLICE);
      for (const item of await people.read((tx) => sightingItems(tx, some, pictures))) yield item;
      tell(some.length);
    }
  }

  async #total(): Promise<number> {
    const { people, cameras, sightings } = (await this.#database.usage()).people;
    return people + cameras + sightings;
  }

  /**
   * Takes in what a file holds and the database does not have, by ids. The file is read to its end first, so that a damaged one changes
   * nothing; what was stored before an abort or a full disk stays, and the same file brings the rest when it is imported again.
   */
  async importHistory(
    file: Blob,
    passphrase: string | undefined,
    { signal, report }: Call = {},
  ): Promise<HistoryImport> {
    await this.#desk.ensureMade();
    let [total, done] = [0, 0];
    for await (const items of readHistory(file, passphrase)) {
      throwIfAborted(signal);
      total += items.length;
    }
    let [people, cameras, sightings] = [0, 0, 0];
    for await (const items of readHistory(file, passphrase)) {
      const some = await this.#database.people.write((tx) => takeIn(tx, items), signal);
      people += some.people;
      cameras += some.cameras;
      sightings += some.sightings;
      report?.({ phase: 'import', item: 'history', done: (done += items.length), total });
    }
    return { people, cameras, sightings };
  }
}

function* nextPersons(
  tx: PeopleTables,
  after: number,
): Coroutine<{ readonly persons: readonly StoredPerson[]; readonly pairs: readonly StoredPair[] }> {
  const persons = yield* of(tx.persons.after(after, SLICE));
  const ids = new Set(persons.map(({ id }) => id));
  const known = yield* of(tx.pairs.of([...ids].map(personMark)));
  const pairs: StoredPair[] = [];
  // A pair comes with the later of two people.
  for (const pair of known) {
    const other = pair.isFace ? undefined : yield* of(tx.persons.byId(pair.other));
    const person = yield* of(tx.persons.byId(pair.person));
    const later = (other?.number ?? 0) > (person?.number ?? 0) ? pair.other : pair.person;
    if (ids.has(later)) pairs.push(pair);
  }
  return { persons, pairs };
}

function* allNumbers(tx: PeopleTables): Coroutine<readonly number[]> {
  const seqs: number[] = [];
  yield* eachSighting(tx, { start: -Infinity, end: Infinity }, ({ seq }) => void seqs.push(seq));
  return seqs.sort((a, b) => a - b);
}

function* sightingItems(
  tx: PeopleTables,
  seqs: readonly number[],
  isWhole: boolean,
): Coroutine<readonly HistoryItem[]> {
  const items: HistoryItem[] = [];
  for (const stored of yield* of(tx.sightings.bySeqs(seqs))) {
    const { seq: _, pictureBytes: _bytes, ...sighting }: StoredSighting = stored;
    const pictures = isWhole ? yield* of(tx.sightings.pictures(stored)) : [];
    items.push({ kind: 'sighting', sighting: { ...sighting, pictures } });
  }
  return items;
}

function* takeIn(tx: PeopleTables, items: readonly HistoryItem[]): Coroutine<HistoryImport> {
  let [people, cameras, sightings] = [0, 0, 0];
  for (const item of items) {
    switch (item.kind) {
      case 'person': {
        const { person } = item;
        if (yield* of(tx.persons.byId(person.id))) break;
        // A number that was given here already is somebody else's.
        const number = Math.max(person.number, tx.counters.nextPerson);
        tx.counters = { ...tx.counters, nextPerson: number + 1 };
        yield* putPerson(tx, null, { ...person, number });
        people++;
        break;
      }
      case 'camera':
        if (yield* of(tx.cameras.byId(item.camera.id))) break;
        yield* putCamera(tx, null, item.camera);
        cameras++;
        break;
      case 'pair':
        if (yield* of(tx.persons.byId(item.pair.person))) yield* of(tx.pairs.put(item.pair));
        break;
      case 'sighting': {
        const { sighting } = item;
        if ((yield* of(tx.sightings.byIds([sighting.id]))).length > 0) break;
        const { personId } = sighting;
        yield* ensurePersons(tx, [{ meta: '', ...(personId !== undefined && { personId }) }]);
        yield* addSightings(tx, [sighting]);
        sightings++;
      }
    }
  }
  return { people, cameras, sightings };
}
