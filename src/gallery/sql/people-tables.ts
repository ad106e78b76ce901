/** People, cameras and sightings in SQL. */
import {
  type JournalEntry,
  marksOf,
  pairKey,
  type StoredCamera,
  type StoredPair,
  type StoredPerson,
  type StoredSighting,
} from '../people/stored.ts';
import type {
  CameraTable,
  JournalTable,
  PairTable,
  PeopleTables,
  PersonTable,
  SightingKeys,
  SightingTable,
} from '../people/tables.ts';
import {
  columnNumber,
  columnText,
  columnTextOrNull,
  numbersParam,
  NUMBERS,
  recordOf,
  TEXTS,
  textsParam,
} from './columns.ts';
import type { SqlRow, SqlValue } from './driver.ts';
import { insertPictures, pictureOf, picturesOf } from './pictures.ts';
import type { SqlTx } from './sql-tx.ts';

/** What does not touch faces. */
export type TablesBesideFaces = Pick<
  PeopleTables,
  'counters' | 'persons' | 'cameras' | 'pairs' | 'journal' | 'sightings'
>;

export function peopleTables(tx: SqlTx): TablesBesideFaces {
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

const recordsOf = <T>(rows: readonly SqlRow[]): readonly T[] => rows.map((row) => recordOf<T>(row));

async function first<T>(tx: SqlTx, text: string, values: readonly SqlValue[]): Promise<T | undefined> {
  const [row] = await tx.ask(text, values);
  return row && recordOf<T>(row);
}

function personTable(tx: SqlTx): PersonTable {
  return {
    byId: (id) => first<StoredPerson>(tx, 'SELECT record FROM @persons WHERE id = $1', [columnText(id)]),
    after: async (number, count) =>
      recordsOf(
        await tx.ask('SELECT record FROM @persons WHERE number > $1 ORDER BY number LIMIT $2', [
          ...[columnNumber(number), columnNumber(count)],
        ]),
      ),
    put: async (person) => {
      await tx.ask(
        `INSERT INTO @persons VALUES ($1, $2, $3)
         ON CONFLICT (number) DO UPDATE SET id = excluded.id, record = excluded.record`,
        [person.number, columnText(person.id), JSON.stringify(person)],
      );
    },
    delete: async ({ number }) => void (await tx.ask('DELETE FROM @persons WHERE number = $1', [number])),
  };
}

function cameraTable(tx: SqlTx): CameraTable {
  return {
    byId: (id) => first<StoredCamera>(tx, 'SELECT record FROM @cameras WHERE id = $1', [columnText(id)]),
    all: async () =>
      recordsOf<StoredCamera>(await tx.ask('SELECT record FROM @cameras')).toSorted((a, b) =>
        a.id < b.id ? -1 : 1,
      ),
    put: async (camera) => {
      await tx.ask(
        'INSERT INTO @cameras VALUES ($1, $2) ON CONFLICT (id) DO UPDATE SET record = excluded.record',
        [columnText(camera.id), JSON.stringify(camera)],
      );
    },
    delete: async (id) => void (await tx.ask('DELETE FROM @cameras WHERE id = $1', [columnText(id)])),
  };
}

function pairTable(tx: SqlTx): PairTable {
  return {
    of: async (marks) =>
      recordsOf<StoredPair>(
        await tx.ask(`SELECT record FROM @pairs WHERE mark IN ${TEXTS} OR other_mark IN ${TEXTS}`, [
          textsParam(marks),
        ]),
      ),
    put: async (pair) => {
      const [mark, other] = marksOf(pair).map(columnText) as [string, string];
      await tx.ask('INSERT INTO @pairs VALUES ($1, $2, $3, $4) ON CONFLICT (key) DO NOTHING', [
        ...[columnText(pairKey(pair)), mark, other, JSON.stringify(pair)],
      ]);
    },
    delete: async (pair) =>
      void (await tx.ask('DELETE FROM @pairs WHERE key = $1', [columnText(pairKey(pair))])),
  };
}

/** There are few steps: they are read whole. */
function journalTable(tx: SqlTx): JournalTable {
  const all = async (): Promise<readonly JournalEntry[]> =>
    recordsOf<JournalEntry>(await tx.ask('SELECT record FROM @steps ORDER BY no'));
  return {
    all,
    last: () => first<JournalEntry>(tx, 'SELECT record FROM @steps ORDER BY no DESC LIMIT 1', []),
    ofFaces: async (ids) => {
      const wanted = new Set(ids);
      return (await all()).filter(({ pairsAdded, pairsRemoved }) =>
        [...pairsAdded, ...pairsRemoved].some(({ isFace, other }) => isFace && wanted.has(other)),
      );
    },
    put: async (entry) => {
      await tx.ask(
        'INSERT INTO @steps VALUES ($1, $2) ON CONFLICT (no) DO UPDATE SET record = excluded.record',
        [...[entry.no, JSON.stringify(entry)]],
      );
    },
    delete: async (no) => void (await tx.ask('DELETE FROM @steps WHERE no = $1', [no])),
  };
}

function sightingTable(tx: SqlTx): SightingTable {
  const records = async (where: string, values: readonly SqlValue[]): Promise<readonly StoredSighting[]> =>
    recordsOf(await tx.ask(`SELECT record FROM @sightings WHERE ${where}`, values));
  return {
    before: async ({ timeMs, seq }, start, count, person) => {
      const own = person === undefined ? '' : ' AND person = $5';
      const found = await records(
        `(time, seq) < ($1::float8, $2::bigint) AND time >= $3::float8${own} ORDER BY time DESC, seq DESC LIMIT $4`,
        [
          timeMs,
          columnNumber(seq),
          start,
          columnNumber(count),
          ...(person === undefined ? [] : [columnText(person)]),
        ],
      );
      return found.map(keysOf);
    },
    edge: async (person, which) => {
      const text = `SELECT ${which === 'first' ? 'min' : 'max'}(time) AS time FROM @sightings WHERE person = $1`;
      const [row] = await tx.ask(text, [columnText(person)]);
      return row?.time === null || row?.time === undefined ? undefined : Number(row.time);
    },
    count: async (person) => {
      const [row] = await tx.ask('SELECT count(*) AS count FROM @sightings WHERE person = $1', [
        columnText(person),
      ]);
      return Number(row?.count);
    },
    byIds: (ids) => records(`id IN ${TEXTS}`, [textsParam(ids)]),
    bySeqs: async (seqs) => {
      const found = new Map(
        (await records(`seq IN ${NUMBERS}`, [numbersParam(seqs)])).map((one) => [one.seq, one]),
      );
      return seqs.map((seq) => found.get(seq)).filter((one) => one !== undefined);
    },
    ofFaces: (ids) => records(`face IN ${TEXTS}`, [textsParam(ids)]),
    put: (sighting, pictures) => putSighting(tx, sighting, pictures),
    delete: async (seqs) => {
      for (const table of ['sightings', 'sighting_pictures'])
        await tx.ask(`DELETE FROM @${table} WHERE seq IN ${NUMBERS}`, [numbersParam(seqs)]);
    },
    picture: (seq, kind) => pictureOf(tx, 'sighting_pictures', seq, kind),
    pictures: async (sighting) =>
      (await picturesOf(tx, 'sighting_pictures', [sighting])).get(sighting.seq) ?? [],
  };
}

async function putSighting(
  tx: SqlTx,
  sighting: StoredSighting,
  pictures: Parameters<SightingTable['put']>[1],
): Promise<void> {
  const { seq, id, timeMs, personId, cameraId, faceId } = sighting;
  await tx.ask(
    `INSERT INTO @sightings VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (seq) DO UPDATE SET id = excluded.id,
     time = excluded.time, person = excluded.person, camera = excluded.camera, face = excluded.face, record = excluded.record`,
    [
      ...[seq, columnText(id), timeMs, columnTextOrNull(personId), columnTextOrNull(cameraId)],
      ...[columnTextOrNull(faceId), JSON.stringify(sighting)],
    ],
  );
  if (!pictures) return;
  await tx.ask('DELETE FROM @sighting_pictures WHERE seq = $1', [seq]);
  await insertPictures(tx, 'sighting_pictures', [{ seq, pictures }]);
}

function keysOf(sighting: StoredSighting): SightingKeys {
  const { seq, timeMs, personId = '', cameraId = '' } = sighting;
  return { seq, timeMs, person: personId, camera: cameraId, read: () => sighting };
}
