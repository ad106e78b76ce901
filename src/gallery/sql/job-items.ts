/** Photos of jobs in their tables. */
import { forgotten } from '../job-steps.ts';
import type { AnyStoredJob, StoredJobItem } from '../port.ts';
import { bytesOf, columnText, recordOf, TEXTS, textOf, textsParam } from './columns.ts';
import type { SqlRow, SqlValue } from './driver.ts';
import type { SqlReading, SqlTx } from './sql-tx.ts';

export async function findJob(tx: SqlReading, id: string): Promise<AnyStoredJob | undefined> {
  const [row] = await tx.ask('SELECT record FROM @jobs WHERE id = $1', [columnText(id)]);
  return row && recordOf<AnyStoredJob>(row);
}

export async function putJob(tx: SqlTx, job: AnyStoredJob): Promise<void> {
  await tx.ask('INSERT INTO @jobs VALUES ($1, $2) ON CONFLICT (id) DO UPDATE SET record = excluded.record', [
    ...[columnText(job.id), JSON.stringify(job)],
  ]);
}

/** Photos of a job, in their order. @param where - which of them, beside the job, which is `$1` */
export async function itemsOf(
  tx: SqlReading,
  job: string,
  where = 'true',
  values: readonly SqlValue[] = [],
): Promise<readonly StoredJobItem[]> {
  const order = where.includes('LIMIT') ? '' : ' ORDER BY no';
  const rows = await tx.ask(`SELECT record, photo FROM @items WHERE job = $1 AND ${where}${order}`, [
    columnText(job),
    ...values,
  ]);
  return rows.map(itemOf);
}

function itemOf(row: SqlRow): StoredJobItem {
  return { ...recordOf<Omit<StoredJobItem, 'photo'>>(row), photo: bytesOf(row.photo) };
}

/** Puts a photo in the place of the one of its number. */
export async function putItem(tx: SqlTx, job: string, { photo, ...record }: StoredJobItem): Promise<void> {
  const { index, status, ids } = record;
  await tx.ask(
    `INSERT INTO @items VALUES ($1, $2, $3, $4, $5) ON CONFLICT (job, no) DO UPDATE SET status = excluded.status,
     record = excluded.record, photo = excluded.photo`,
    [columnText(job), index, status, JSON.stringify(record), photo],
  );
  await tx.ask('DELETE FROM @item_faces WHERE job = $1 AND no = $2', [columnText(job), index]);
  if (ids.length === 0) return;
  await tx.ask('INSERT INTO @item_faces SELECT json_array_elements_text($1::json), $2, $3', [
    ...[textsParam(new Set(ids)), columnText(job), index],
  ]);
}

/** Takes all photos of a job out. */
export async function dropItems(tx: SqlTx, job: string): Promise<void> {
  for (const table of ['items', 'item_faces'])
    await tx.ask(`DELETE FROM @${table} WHERE job = $1`, [columnText(job)]);
}

/** Takes what jobs know of faces that are deleted: names of files, and metas. */
export async function forgetInJobs(tx: SqlTx, ids: readonly string[]): Promise<void> {
  const gone = new Set(ids);
  const places = await tx.ask(`SELECT DISTINCT job, no FROM @item_faces WHERE face IN ${TEXTS}`, [
    textsParam(ids),
  ]);
  for (const { job, no } of places) {
    const id = textOf(job);
    const [item] = await itemsOf(tx, id, 'no = $2', [Number(no)]);
    if (item) await putItem(tx, id, item.ids.filter((face) => gone.has(face)).reduce(forgotten, item));
  }
}
