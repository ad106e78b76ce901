/** Galleries whose rows are damaged: what their faces tell of them, and how they are made anew of these. */
import { addBytes, bytesOf, newGallery, NO_BYTES, type StoredFace, type StoredGallery } from '../stored.ts';
import type { SqlReading, SqlTx } from './sql-tx.ts';
import { wholeFaces, wholeGallery } from './whole-rows.ts';

/** Faces that are read at a time. */
const PAGE = 2048;

/** Counters of a gallery's faces. */
export type Counted = Pick<StoredGallery, 'count' | 'bytes' | 'modelId'>;

export const NO_FACES: Counted = { count: 0, bytes: NO_BYTES, modelId: null };

/** Counts a face into its galleries. */
export function countFace(counted: Map<string, Counted>, face: StoredFace): void {
  for (const name of face.galleries) {
    const { count, bytes } = counted.get(name) ?? NO_FACES;
    const more = { count: count + 1, bytes: addBytes(bytes, bytesOf([face])), modelId: face.modelId };
    counted.set(name, more);
  }
}

export async function putGallery(tx: SqlTx, gallery: StoredGallery): Promise<void> {
  await tx.ask(
    'INSERT INTO @galleries VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET record = excluded.record',
    [gallery.name, JSON.stringify(gallery)],
  );
}

/** How many galleries' rows are damaged. */
export async function countDamagedGalleries(tx: SqlReading): Promise<number> {
  const rows = await tx.ask('SELECT name, record FROM @galleries');
  return rows.filter((row) => !wholeGallery(row)).length;
}

/** A gallery whose row is damaged as far as its faces tell it, without their bytes. */
export async function glimpseGallery(tx: SqlReading, name: string): Promise<StoredGallery> {
  const [row] = await tx.ask(
    'SELECT count(*) AS count, min(seq) AS seq FROM @face_galleries WHERE gallery = $1',
    [name],
  );
  const firsts = await tx.ask('SELECT seq, record FROM @faces WHERE seq = $1', [Number(row?.seq ?? 0)]);
  const [first] = wholeFaces(tx, firsts);
  return {
    ...newGallery(name, null),
    ...{ createdAt: 0, count: Number(row?.count), modelId: first?.modelId ?? null },
  };
}

/** Makes the damaged row of a gallery anew of all records: it has no capacity then. */
export async function mendGallery(tx: SqlTx, name: string): Promise<StoredGallery> {
  const counted = new Map<string, Counted>();
  for (let after = 0; ;) {
    const rows = await tx.ask(
      `SELECT f.seq, f.record FROM @face_galleries g JOIN @faces f USING (seq)
       WHERE g.gallery = $1 AND g.seq > $2 ORDER BY g.seq LIMIT $3`,
      [name, after, PAGE],
    );
    for (const face of wholeFaces(tx, rows)) countFace(counted, { ...face, galleries: [name] });
    if (rows.length < PAGE) break;
    after = Number(rows.at(-1)?.seq);
  }
  const gallery = { ...newGallery(name, null), ...(counted.get(name) ?? NO_FACES) };
  await putGallery(tx, gallery);
  return gallery;
}

/** The same for all. Answers how many those were. */
export async function mendGalleries(tx: SqlTx): Promise<number> {
  const rows = await tx.ask('SELECT name, record FROM @galleries');
  const damaged = rows.filter((row) => !wholeGallery(row)).map(({ name }) => name as string);
  for (const name of damaged) await mendGallery(tx, name);
  return damaged.length;
}
