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
  TEXTS,
  textOf,
  textsParam,
} from './columns.ts';
import type { SqlRow, SqlValue } from './driver.ts';
import { insertPictures, pictureOf, picturesOf } from './pictures.ts';
import type { SqlTx } from './sql-tx.ts';
import { wholeRecord, wholeRecords } from './whole-rows.ts';

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

type Fields = Readonly<Record<string, unknown>>;

const isText = (value: unknown): boolean => typeof value === 'string';

/** What is asked of a record, so that every use of it finds what it relies on. */
const having =
  (isOne: (record: Fields) => boolean) =>
  (record: unknown): boolean =>
    typeof record === 'object' && record !== null && isOne(record as Fields);

export const isPerson: (record: unknown) => boolean = having(
  ({ id, meta, number }) => isText(id) && isText(meta) && typeof number === 'number',
);
export const isCamera: (record: unknown) => boolean = having(({ id }) => isText(id));
export const isPair: (record: unknown) => boolean = having(
  ({ person, other }) => isText(person) && isText(other),
);
export const isStep: (record: unknown) => boolean = having(
  ({ no, faces }) => typeof no === 'number' && Array.isArray(faces),
);
export const isSighting: (record: unknown) => boolean = having(
  ({ id, timeMs, pictures, seq }) =>
    isText(id) && typeof timeMs === 'number' && Array.isArray(pictures) && typeof seq === 'number',
);

async function first<T>(
  tx: SqlTx,
  isOne: (record: unknown) => boolean,
  text: string,
  values: readonly SqlValue[],
): Promise<T | undefined> {
  return wholeRecords<T>(await tx.ask(text, values), isOne)[0];
}

function personTable(tx: SqlTx): PersonTable {
  return {
    byId: (id) =>
      first<StoredPerson>(tx, isPerson, 'SELECT record FROM @persons WHERE id = $1', [columnText(id)]),
    after: async (number, count) => personsAfter(tx, number, count),
    put: async (person) => {
      // One that cannot be read may have had the id.
      await tx.ask('DELETE FROM @persons WHERE id = $1 AND number <> $2', [
        ...[columnText(person.id), person.number],
      ]);
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
    byId: (id) =>
      first<StoredCamera>(tx, isCamera, 'SELECT record FROM @cameras WHERE id = $1', [columnText(id)]),
    all: async () =>
      wholeRecords<StoredCamera>(await tx.ask('SELECT record FROM @cameras'), isCamera).toSorted((a, b) =>
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
      wholeRecords<StoredPair>(
        await tx.ask(`SELECT record FROM @pairs WHERE mark IN ${TEXTS} OR other_mark IN ${TEXTS}`, [
          textsParam(marks),
        ]),
        isPair,
      ),
    put: async (pair) => {
      const [mark, other] = marksOf(pair).map(columnText) as [string, string];
      await tx.ask(
        'INSERT INTO @pairs VALUES ($1, $2, $3, $4) ON CONFLICT (key) DO UPDATE SET record = excluded.record',
        [...[columnText(pairKey(pair)), mark, other, JSON.stringify(pair)]],
      );
    },
    delete: async (pair) =>
      void (await tx.ask('DELETE FROM @pairs WHERE key = $1', [columnText(pairKey(pair))])),
  };
}

/** There are few steps: they are read whole. */
function journalTable(tx: SqlTx): JournalTable {
  const all = async (): Promise<readonly JournalEntry[]> =>
    wholeRecords<JournalEntry>(await tx.ask('SELECT record FROM @steps ORDER BY no'), isStep);
  return {
    all,
    last: () => first<JournalEntry>(tx, isStep, 'SELECT record FROM @steps ORDER BY no DESC LIMIT 1', []),
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
    wholeRecords(await tx.ask(`SELECT record FROM @sightings WHERE ${where}`, values), isSighting);
  return {
    before: async ({ timeMs, seq }, start, count, person) => {
      const own = person === undefined ? '' : ' AND person = $5';
      const found = await tx.ask(
        `SELECT seq, time, person, camera, record FROM @sightings WHERE (time, seq) < ($1::float8, $2::bigint) AND time >= $3::float8${own} ORDER BY time DESC, seq DESC LIMIT $4`,
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

/** So many, unless there are no more: in the place of those that cannot be read others come. */
async function personsAfter(tx: SqlTx, number: number, count: number): Promise<readonly StoredPerson[]> {
  const found: StoredPerson[] = [];
  for (let [after, left] = [number, count]; left > 0;) {
    const rows = await tx.ask(
      'SELECT number, record FROM @persons WHERE number > $1 ORDER BY number LIMIT $2',
      [columnNumber(after), columnNumber(left)],
    );
    found.push(...wholeRecords<StoredPerson>(rows, isPerson));
    if (rows.length < left) break;
    after = Number(rows.at(-1)?.number);
    left = count - found.length;
  }
  return found;
}

async function putSighting(
  tx: SqlTx,
  sighting: StoredSighting,
  pictures: Parameters<SightingTable['put']>[1],
): Promise<void> {
  const { seq, id, timeMs, personId, cameraId, faceId } = sighting;
  // One that cannot be read may have had the id.
  await tx.ask('DELETE FROM @sightings WHERE id = $1 AND seq <> $2', [columnText(id), seq]);
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

function keysOf(row: SqlRow): SightingKeys {
  const text = (column: unknown): string => (column === null ? '' : textOf(column));
  return {
    ...{ seq: Number(row.seq), timeMs: Number(row.time) },
    ...{ person: text(row.person), camera: text(row.camera) },
    read: () => wholeRecord<StoredSighting>(row, isSighting),
  };
}
