/** What is told, and what is cleared away, where a database is damaged. */
import type { Clearing, Damage } from '../../core/records.ts';
import { addBytes, bytesOf, type FaceBytes, NO_BYTES, type StoredFace, type StoredModel } from '../stored.ts';
import { textOf } from './columns.ts';
import type { SqlRow } from './driver.ts';
import { forget } from './faces.ts';
import {
  countDamagedGalleries,
  type Counted,
  countFace,
  mendGalleries,
  NO_FACES,
  putGallery,
} from './mending-galleries.ts';
import { clearDamagedPeople, type NamingFace } from './mending-people.ts';
import { dropRows } from './rows.ts';
import type { SqlReading, SqlTx } from './sql-tx.ts';
import { dimensionOf, wholeFace, wholeFaces, wholeGallery, wholeVector } from './whole-rows.ts';

/** Faces that are read at a time. */
const PAGE = 2048;

/** What is known to be damaged. */
export async function damageOf(tx: SqlReading): Promise<Damage> {
  const { vectored, unreadable, damaged } = tx.lookup;
  // The counters tell faces without a vector also where there is no record of them that can be read. They tell nothing of one
  // in whose place there is a vector of no face.
  const faces = Math.max(facesIn(tx) - vectored + unreadable, damaged.size);
  return { galleries: await countDamagedGalleries(tx), faces };
}

/** All faces that the counters know, those that nobody sees yet among them. */
function facesIn({ counters }: SqlReading): number {
  return [...counters.models.values()].reduce((sum, { faces }) => sum + faces, 0);
}

/** Reads everything, and notes which faces have no record that can be read. */
export async function checkRecords(tx: SqlReading): Promise<Damage> {
  await eachPage(tx, 'SELECT seq, record FROM @faces WHERE seq > $1 ORDER BY seq LIMIT $2', (rows) => {
    wholeFaces(tx, rows);
  });
  const lost = await tx.ask(
    'SELECT seq FROM @vectors v WHERE NOT EXISTS (SELECT 1 FROM @faces f WHERE f.seq = v.seq)',
  );
  for (const { seq } of lost) tx.lookup.noteUnreadable(Number(seq));
  await tx.ask('SELECT max(length(vector)) FROM @vectors');
  return damageOf(tx);
}

/** Calls `take` with the rows of all faces, some at a time. */
async function eachPage(
  tx: SqlReading,
  text: string,
  take: (rows: readonly SqlRow[]) => void | Promise<void>,
): Promise<void> {
  for (let after = 0; ;) {
    const rows = await tx.ask(text, [after, PAGE]);
    await take(rows);
    if (rows.length < PAGE) return;
    after = Number(rows.at(-1)?.seq);
  }
}

/** What is left when what is damaged is gone. */
interface Left {
  readonly galleries: Map<string, Counted>;
  readonly models: Map<string, StoredModel>;
  readonly naming: Map<string, NamingFace>;
  bytes: FaceBytes;
  faces: number;
  /** Ids of those that went. */
  readonly gone: string[];
}

/** Deletes every face that has no record or no vector that can be read, makes damaged rows of galleries anew, and counts all that is left. */
export async function clearDamaged(tx: SqlTx): Promise<Clearing> {
  const galleries = await mendGalleries(tx);
  const stored = facesIn(tx);
  const left = await clearFaces(tx);
  await clearBeside(tx);
  await recount(tx, left.galleries);
  tx.counters = { ...tx.counters, bytes: left.bytes, models: left.models };
  await forget(tx, left.gone);
  await clearDamagedPeople(tx, [...left.naming.values()]);
  tx.isNew = true;
  // Of some faces there may be neither record nor vector.
  return { faces: Math.max(left.gone.length, stored - left.faces), galleries };
}

async function clearFaces(tx: SqlTx): Promise<Left> {
  const counts = { galleries: new Map(), models: new Map(), naming: new Map() };
  const left: Left = { ...counts, bytes: NO_BYTES, faces: 0, gone: [] };
  const text =
    'SELECT f.seq, f.id, f.record, v.vector FROM @faces f LEFT JOIN @vectors v USING (seq) WHERE f.seq > $1 ORDER BY f.seq LIMIT $2';
  await eachPage(tx, text, async (rows) => {
    const damaged = rows.filter((row) => {
      const face = wholeFace(row);
      const isWhole = face && wholeVector(row.vector, dimensionOf(tx, face.modelId)) !== undefined;
      if (isWhole) countLeft(tx, left, face);
      return !isWhole;
    });
    left.gone.push(...damaged.map(({ id }) => textOf(id)));
    await dropRows(
      tx,
      damaged.map(({ seq }) => Number(seq)),
    );
  });
  return left;
}

function countLeft(tx: SqlTx, left: Left, face: StoredFace): void {
  const { modelId, personId } = face;
  left.faces++;
  left.bytes = addBytes(left.bytes, bytesOf([face]));
  countFace(left.galleries, face);
  const faces = (left.models.get(modelId)?.faces ?? 0) + 1;
  left.models.set(modelId, { dimension: dimensionOf(tx, modelId), faces, segments: 0 });
  if (personId !== undefined && !left.naming.has(personId)) left.naming.set(personId, face);
}

/** Deletes what is kept of faces that are no more. */
async function clearBeside(tx: SqlTx): Promise<void> {
  for (const table of ['face_galleries', 'vectors', 'pictures', 'fresh'])
    await tx.ask(`DELETE FROM @${table} t WHERE NOT EXISTS (SELECT 1 FROM @faces f WHERE f.seq = t.seq)`);
}

async function recount(tx: SqlTx, counted: ReadonlyMap<string, Counted>): Promise<void> {
  for (const row of await tx.ask('SELECT name, record FROM @galleries')) {
    const gallery = wholeGallery(row);
    if (gallery) await putGallery(tx, { ...gallery, ...(counted.get(gallery.name) ?? NO_FACES) });
  }
}
