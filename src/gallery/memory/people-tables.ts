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

function personTable({ journal, persons, personIds }: MemoryTx): PersonTable {
  return {
    byId: (id) => persons.get(personIds.get(id) ?? NaN),
    after: (number, count) =>
      [...persons.values()]
        .filter((person) => person.number > number)
        .sort((a, b) => a.number - b.number)
        .slice(0, count),
    put: (person) => {
      journal.set(persons, person.number, person);
      journal.set(personIds, person.id, person.number);
    },
    delete: ({ id, number }) => {
      journal.delete(persons, number);
      journal.delete(personIds, id);
    },
  };
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

/** The newest first. */
const newestFirst = (a: StoredSighting, b: StoredSighting): number => b.timeMs - a.timeMs || b.seq - a.seq;

function sightingTable({ journal, sightings }: MemoryTx): SightingTable {
  const those = (isOne: (sighting: StoredSighting) => boolean): StoredSighting[] =>
    Array.from(sightings.values(), ({ sighting }) => sighting).filter(isOne);
  const ofPerson = (person: string): StoredSighting[] => those(({ personId }) => personId === person);
  return {
    before: ({ timeMs, seq }, start, count, person) =>
      those(
        (sighting) =>
          sighting.timeMs >= start &&
          (sighting.timeMs < timeMs || (sighting.timeMs === timeMs && sighting.seq < seq)) &&
          (person === undefined || sighting.personId === person),
      )
        .sort(newestFirst)
        .slice(0, count)
        .map(keysOf),
    edge: (person, which) => {
      const times = ofPerson(person).map(({ timeMs }) => timeMs);
      if (times.length === 0) return undefined;
      return times.reduce((a, b) => (which === 'first' ? Math.min(a, b) : Math.max(a, b)));
    },
    count: (person) => ofPerson(person).length,
    byIds: (ids) => those(({ id }) => ids.includes(id)),
    bySeqs: (seqs) =>
      seqs.map((seq) => sightings.get(seq)?.sighting).filter((sighting) => sighting !== undefined),
    ofFaces: (ids) => those(({ faceId }) => faceId !== undefined && ids.includes(faceId)),
    put: (sighting, pictures) => {
      const kept = pictures?.map((picture) => ({ ...picture, bytes: picture.bytes.slice(0) }));
      const known = kept ?? sightings.get(sighting.seq)?.pictures ?? [];
      journal.set(sightings, sighting.seq, { sighting, pictures: known });
    },
    delete: (seqs) => seqs.forEach((seq) => journal.delete(sightings, seq)),
    picture: (seq, kind) => {
      const picture = sightings.get(seq)?.pictures.find((each) => each.kind === kind);
      return picture ? new Blob([picture.bytes], { type: imageType(picture.type) }) : null;
    },
    pictures: ({ seq }) =>
      (sightings.get(seq)?.pictures ?? []).map((each) => ({ ...each, bytes: each.bytes.slice(0) })),
  };
}

function keysOf(sighting: StoredSighting): SightingKeys {
  const { seq, timeMs, personId = '', cameraId = '' } = sighting;
  return { seq, timeMs, person: personId, camera: cameraId, read: () => sighting };
}
