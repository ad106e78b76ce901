/** People, cameras and sightings in an IndexedDB database. */
import { imageType } from '../../core/image-type.ts';
import type { PictureKind } from '../../core/records.ts';
import type { PreparedFace } from '../face-input.ts';
import { countersOf } from '../people/stored.ts';
import type {
  CameraTable,
  JournalTable,
  PairTable,
  PeopleTables,
  PersonTable,
  SightingKeys,
  SightingPlace,
  SightingTable,
} from '../people/tables.ts';
import {
  cameraOf,
  cameraRow,
  pairOf,
  pairRow,
  personOf,
  personRow,
  sightingOf,
  sightingRow,
  stepOf,
  stepRow,
} from './people-rows.ts';
import type { SightingRow, WriteTx } from './schema.ts';
import type { Sealer } from './sealer.ts';

/** What does not touch faces. */
export type TablesBesideFaces = Pick<
  PeopleTables,
  'counters' | 'persons' | 'cameras' | 'pairs' | 'journal' | 'sightings'
>;

export function peopleTables(tx: WriteTx): TablesBesideFaces {
  return {
    get counters() {
      return countersOf(tx.state.people);
    },
    set counters(people) {
      tx.state = { ...tx.state, people };
    },
    persons: personTable(tx),
    cameras: cameraTable(tx),
    pairs: pairTable(tx),
    journal: journalTable(tx),
    sightings: sightingTable(tx),
  };
}

const there = <T>(values: readonly (T | undefined)[]): readonly T[] =>
  values.filter((value) => value !== undefined);

function personTable({ sealer, objectStore }: WriteTx): PersonTable {
  return {
    byId: async (id) => {
      // A damaged one may lie beside the one that was made in its place.
      const rows = await objectStore('persons').index('id').getAll(sealer.tag(id));
      return there(rows.map((row) => personOf(sealer, row)))[0];
    },
    after: async (number, count) => {
      const found = [];
      // Damaged ones are passed over, so that a page is as long as it should be.
      for (let from = number; found.length < count;) {
        const rows = await objectStore('persons').getAll(IDBKeyRange.lowerBound(from, true), count);
        found.push(...there(rows.map((row) => personOf(sealer, row))));
        if (rows.length < count) break;
        from = rows.at(-1)?.number ?? from;
      }
      return found.slice(0, count);
    },
    put: async (person) => void (await objectStore('persons').put(personRow(sealer, person))),
    delete: ({ number }) => objectStore('persons').delete(number),
  };
}

function cameraTable({ sealer, objectStore }: WriteTx): CameraTable {
  return {
    byId: async (id) => {
      const row = await objectStore('cameras').get(sealer.tag(id));
      return row && cameraOf(sealer, row);
    },
    all: async () => {
      const rows = await objectStore('cameras').getAll();
      return [...there(rows.map((row) => cameraOf(sealer, row)))].sort((a, b) => (a.id < b.id ? -1 : 1));
    },
    put: async (camera) => void (await objectStore('cameras').put(cameraRow(sealer, camera))),
    delete: (id) => objectStore('cameras').delete(sealer.tag(id)),
  };
}

function pairTable({ sealer, objectStore }: WriteTx): PairTable {
  return {
    of: async (marks) => {
      const store = objectStore('pairs');
      const count = await store.count();
      if (count === 0) return [];
      if (count <= marks.length) {
        // One read of all takes less than one for each mark.
        const wanted = new Set(marks.map((mark) => sealer.tag(mark)));
        const rows = (await store.getAll()).filter((row) => row.marks.some((mark) => wanted.has(mark)));
        return there(rows.map((row) => pairOf(sealer, row)));
      }
      const found = new Map<string, Awaited<ReturnType<typeof store.get>>>();
      for (const mark of marks)
        for (const row of await store.index('marks').getAll(sealer.tag(mark))) found.set(row.key, row);
      return there([...found.values()].map((row) => row && pairOf(sealer, row)));
    },
    put: async (pair) => void (await objectStore('pairs').put(pairRow(sealer, pair))),
    delete: (pair) => objectStore('pairs').delete(pairRow(sealer, pair).key),
  };
}

function journalTable({ sealer, objectStore }: WriteTx): JournalTable {
  return {
    all: async () => {
      const rows = await objectStore('peopleSteps').getAll();
      return there(rows.map((row) => stepOf(sealer, row)));
    },
    last: async () => {
      const cursor = await objectStore('peopleSteps').openCursor(null, 'prev');
      return cursor ? stepOf(sealer, cursor.value) : undefined;
    },
    ofFaces: async (ids) => {
      const store = objectStore('peopleSteps');
      if ((await store.count()) === 0) return [];
      const found = new Map<number, Awaited<ReturnType<typeof store.get>>>();
      for (const id of ids)
        for (const row of await store.index('faces').getAll(sealer.tag(id))) found.set(row.no, row);
      return there([...found.values()].map((row) => row && stepOf(sealer, row)));
    },
    put: async (entry) => void (await objectStore('peopleSteps').put(stepRow(sealer, entry))),
    delete: (no) => objectStore('peopleSteps').delete(no),
  };
}

function sightingTable({ sealer, objectStore }: WriteTx): SightingTable {
  const store = (): ReturnType<typeof objectStore<'sightings'>> => objectStore('sightings');
  const bySome = async (ids: readonly string[], index: 'id' | 'face'): Promise<readonly SightingRow[]> => {
    if (ids.length === 0 || (await store().count()) === 0) return [];
    const rows = await Promise.all(ids.map(async (id) => store().index(index).getAll(sealer.tag(id))));
    return rows.flat();
  };
  const opened = (rows: readonly (SightingRow | undefined)[]) =>
    there(rows.map((row) => row && sightingOf(sealer, row)));
  return {
    before: async (place, start, count, person) => {
      if (place.timeMs < start) return [];
      const rows =
        person === undefined
          ? await store()
              .index('time')
              .getAll(olderThan(place, start, []), count)
          : await store()
              .index('person')
              .getAll(olderThan(place, start, [sealer.tag(person)]), count);
      return rows.map((row) => keysOf(sealer, row));
    },
    edge: async (person, which) => {
      const tag = sealer.tag(person);
      const range = IDBKeyRange.bound([tag], [tag, []]);
      const cursor = await store()
        .index('person')
        .openCursor(range, which === 'last' ? 'next' : 'prev');
      return cursor ? timeOf(cursor.value) : undefined;
    },
    count: (person) => {
      const tag = sealer.tag(person);
      return store()
        .index('person')
        .count(IDBKeyRange.bound([tag], [tag, []]));
    },
    byIds: async (ids) => opened(await bySome(ids, 'id')),
    bySeqs: async (seqs) => opened(await Promise.all(seqs.map(async (seq) => store().get(seq)))),
    ofFaces: async (ids) => opened(await bySome(ids, 'face')),
    put: async (sighting, pictures = []) => {
      await store().put(sightingRow(sealer, sighting));
      await Promise.all(
        pictures.map(async ({ kind, type, bytes }) => {
          const sealed = sealer.seal(new Uint8Array(bytes)).slice().buffer;
          return objectStore('sightingPictures').put({ type, bytes: sealed }, [sighting.seq, kind]);
        }),
      );
    },
    delete: async (seqs) => {
      await Promise.all(
        seqs.flatMap((seq) => [
          store().delete(seq),
          objectStore('sightingPictures').delete(IDBKeyRange.bound([seq], [seq, []])),
        ]),
      );
    },
    picture: async (seq, kind) => {
      const picture = await readPicture(sealer, objectStore, seq, kind);
      return picture ? new Blob([picture.bytes], { type: picture.type }) : null;
    },
    pictures: async ({ seq, pictures }) => {
      const read = pictures.map(async (kind) => {
        return readPicture(sealer, objectStore, seq, kind).catch(() => undefined);
      });
      return there(await Promise.all(read));
    },
  };
}

/** Keys with times and numbers negative. */
function olderThan({ timeMs, seq }: SightingPlace, start: number, before: readonly string[]): IDBKeyRange {
  return IDBKeyRange.bound([...before, -timeMs, -seq], [...before, -start, []], true);
}

/** There is no negative zero among keys. */
const timeOf = ({ time }: SightingRow): number => 0 - time;

function keysOf(sealer: Sealer, row: SightingRow): SightingKeys {
  const { seq, person = '', camera = '' } = row;
  return { seq, timeMs: timeOf(row), person, camera, read: () => sightingOf(sealer, row) };
}

async function readPicture(
  sealer: Sealer,
  objectStore: WriteTx['objectStore'],
  seq: number,
  kind: PictureKind,
): Promise<PreparedFace['pictures'][number] | undefined> {
  const picture = await objectStore('sightingPictures').get([seq, kind]);
  if (!picture) return undefined;
  const bytes = sealer.open(new Uint8Array(picture.bytes)).slice().buffer;
  return { kind, type: imageType(picture.type), bytes };
}
