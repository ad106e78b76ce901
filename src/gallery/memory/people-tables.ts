/** People, cameras and sightings in a database in memory. */
import { imageType } from '../../core/image-type.ts';
import { marksOf, pairKey, type StoredPair, type StoredSighting } from '../people/stored.ts';
import type {
  CameraTable,
  JournalTable,
  PairTable,
  PeopleTables,
  PersonTable,
  SightingKeys,
  SightingTable,
} from '../people/tables.ts';
import type { MemoryTx } from './memory-tx.ts';
import { NumberSet } from './number-set.ts';
import { TimeOrder } from './time-order.ts';

/** What does not touch faces. */
export type TablesBesideFaces = Pick<
  PeopleTables,
  'counters' | 'persons' | 'cameras' | 'pairs' | 'journal' | 'sightings'
>;

export function peopleTables(tx: MemoryTx): TablesBesideFaces {
  return {
    get counters() {
      return tx.counters.people;
    },
    set counters(people) {
      tx.counters = { ...tx.counters, people };
    },
    persons: personTable(tx),
    cameras: cameraTable(tx),
    pairs: pairTable(tx),
    journal: journalTable(tx),
    sightings: sightingTable(tx),
  };
}

const byId = (a: { readonly id: string }, b: { readonly id: string }): number => (a.id < b.id ? -1 : 1);

function personTable({ journal, persons, personIds, personNumbers }: MemoryTx): PersonTable {
  return {
    byId: (id) => persons.get(personIds.get(id) ?? NaN),
    after: (number, count) => present(persons, personNumbers.after(number, count)),
    put: (person) => {
      journal.set(persons, person.number, person);
      journal.set(personIds, person.id, person.number);
      journal.toggle(personNumbers, person.number, true);
    },
    delete: ({ id, number }) => {
      journal.delete(persons, number);
      journal.delete(personIds, id);
      journal.toggle(personNumbers, number, false);
    },
  };
}

/** What is kept by some numbers, in their order. */
function present<T>(kept: ReadonlyMap<number, T>, numbers: Iterable<number>): readonly T[] {
  return Array.from(numbers, (number) => kept.get(number)).filter((one) => one !== undefined);
}

function cameraTable({ journal, cameras }: MemoryTx): CameraTable {
  return {
    byId: (id) => cameras.get(id),
    all: () => [...cameras.values()].sort(byId),
    put: (camera) => journal.set(cameras, camera.id, camera),
    delete: (id) => journal.delete(cameras, id),
  };
}

function pairTable({ journal, pairs }: MemoryTx): PairTable {
  return {
    of: (marks) => {
      const wanted = new Set(marks);
      return [...pairs.values()].filter((pair) => marksOf(pair).some((mark) => wanted.has(mark)));
    },
    put: (pair) => journal.set(pairs, pairKey(pair), pair),
    delete: (pair) => journal.delete(pairs, pairKey(pair)),
  };
}

function journalTable({ journal, steps }: MemoryTx): JournalTable {
  const namesOne = (ids: ReadonlySet<string>, pairs: readonly StoredPair[]): boolean =>
    pairs.some(({ isFace, other }) => isFace && ids.has(other));
  return {
    all: () => [...steps.values()].sort((a, b) => a.no - b.no),
    last: () => steps.get(Math.max(...steps.keys())),
    ofFaces: (ids) => {
      const wanted = new Set(ids);
      return [...steps.values()].filter(({ pairsAdded, pairsRemoved }) =>
        namesOne(wanted, [...pairsAdded, ...pairsRemoved]),
      );
    },
    put: (entry) => journal.set(steps, entry.no, entry),
    delete: (no) => journal.delete(steps, no),
  };
}

function sightingTable(tx: MemoryTx): SightingTable {
  const { journal, sightings, sightingIds, sightingTimes, sightingsOf, sightingsOfFaces } = tx;
  const bySeqs = (seqs: Iterable<number>): readonly StoredSighting[] =>
    present(sightings, seqs).map(({ sighting }) => sighting);
  return {
    before: (place, start, count, person) => {
      const order = person === undefined ? sightingTimes : sightingsOf.get(person);
      return bySeqs(order?.before(place, start, count) ?? []).map(keysOf);
    },
    edge: (person, which) => sightingsOf.get(person)?.edge(which),
    count: (person) => sightingsOf.get(person)?.size ?? 0,
    byIds: (ids) => bySeqs(ids.map((id) => sightingIds.get(id) ?? NaN)),
    bySeqs,
    ofFaces: (ids) => bySeqs(new Set(ids.flatMap((id) => [...(sightingsOfFaces.get(id)?.inOrder() ?? [])]))),
    put: (sighting, pictures) => {
      const { seq, id } = sighting;
      const before = sightings.get(seq);
      const kept = pictures?.map((picture) => ({ ...picture, bytes: picture.bytes.slice(0) }));
      if (before) find(tx, before.sighting, false);
      journal.set(sightings, seq, { sighting, pictures: kept ?? before?.pictures ?? [] });
      journal.set(sightingIds, id, seq);
      journal.toggle(sightingTimes, sighting, true);
      find(tx, sighting, true);
    },
    delete: (seqs) => {
      for (const sighting of bySeqs(seqs)) {
        journal.delete(sightings, sighting.seq);
        journal.delete(sightingIds, sighting.id);
        journal.toggle(sightingTimes, sighting, false);
        find(tx, sighting, false);
      }
    },
    picture: (seq, kind) => {
      const picture = sightings.get(seq)?.pictures.find((each) => each.kind === kind);
      return picture ? new Blob([picture.bytes], { type: imageType(picture.type) }) : null;
    },
    pictures: ({ seq }) =>
      (sightings.get(seq)?.pictures ?? []).map((each) => ({ ...each, bytes: each.bytes.slice(0) })),
  };
}

/** Lets a sighting be found by its person and its face, or no more. */
function find(
  { journal, sightingsOf, sightingsOfFaces }: MemoryTx,
  sighting: StoredSighting,
  is: boolean,
): void {
  const { seq, personId, faceId } = sighting;
  if (personId !== undefined)
    journal.toggleIn(sightingsOf, personId, sighting, { is, make: () => new TimeOrder() });
  if (faceId !== undefined)
    journal.toggleIn(sightingsOfFaces, faceId, seq, { is, make: () => new NumberSet() });
}

function keysOf(sighting: StoredSighting): SightingKeys {
  const { seq, timeMs, personId = '', cameraId = '' } = sighting;
  return { seq, timeMs, person: personId, camera: cameraId, read: () => sighting };
}
