/** What jobs that recognise have seen, in its tables. */
import type { JobSourceTable } from '../job-tables.ts';
import type { StoredAppearance } from '../port.ts';
import { facesOfAppearance, withoutFaces } from '../recognition-steps.ts';
import {
  bytesOf,
  columnBytes,
  columnNumber,
  columnText,
  recordOf,
  TEXTS,
  textOf,
  textsParam,
} from './columns.ts';
import type { SqlRow, SqlValue } from './driver.ts';
import type { SqlReading, SqlTx } from './sql-tx.ts';

export function sourceTable(tx: SqlTx): JobSourceTable {
  return {
    async addPiece(job, source, bytes) {
      await tx.ask(
        `INSERT INTO @pieces SELECT $1::text, $2::bigint, count(*), $3::bytea FROM @pieces WHERE job = $1::text AND source = $2::bigint`,
        [columnText(job), source, bytes],
      );
    },
    async piece(job, source, no) {
      const [row] = await tx.ask('SELECT bytes FROM @pieces WHERE job = $1 AND source = $2 AND no = $3', [
        ...[columnText(job), source, columnNumber(no)],
      ]);
      return row ? bytesOf(row.bytes) : null;
    },
    async dropPieces(job, source) {
      await tx.ask('DELETE FROM @pieces WHERE job = $1 AND source = $2', [columnText(job), source]);
    },
    async checkpoint(job) {
      const [row] = await tx.ask('SELECT bytes FROM @checkpoints WHERE job = $1', [columnText(job)]);
      return row ? bytesOf(row.bytes) : null;
    },
    async putCheckpoint(job, bytes) {
      await tx.ask(
        'INSERT INTO @checkpoints VALUES ($1, $2) ON CONFLICT (job) DO UPDATE SET bytes = excluded.bytes',
        [columnText(job), bytes],
      );
    },
    async appearances(job, offset, limit) {
      const [row] = await tx.ask('SELECT count(*) AS count FROM @appearances WHERE job = $1', [
        columnText(job),
      ]);
      const bounds = [columnNumber(limit), columnNumber(offset)];
      const appearances = await appearancesOf(tx, job, 'LIMIT $2 OFFSET $3', bounds);
      return { appearances, total: Number(row?.count) };
    },
    async putAppearances(job, appearances) {
      for (const appearance of appearances) await putAppearance(tx, job, appearance);
    },
    async dropAppearances(job, source) {
      for (const table of ['appearances', 'appearance_faces'])
        await tx.ask(`DELETE FROM @${table} WHERE job = $1 AND source = $2`, [columnText(job), source]);
    },
  };
}

/** What lies in the record of an appearance, its bytes apart. */
type AppearanceRecord = Omit<StoredAppearance, 'thumbnail' | 'frames' | 'boxes'> & {
  readonly thumbnailType?: string;
};

/** Appearances of a job, in the order in which they are told. @param rest - behind the job, which is `$1` */
async function appearancesOf(
  tx: SqlReading,
  job: string,
  rest = '',
  values: readonly SqlValue[] = [],
): Promise<readonly StoredAppearance[]> {
  const text = `SELECT record, thumbnail, frames, boxes FROM @appearances WHERE job = $1 ORDER BY source, frame, track ${rest}`;
  return (await tx.ask(text, [columnText(job), ...values])).map(appearanceOf);
}

function appearanceOf(row: SqlRow): StoredAppearance {
  const { thumbnailType, ...record } = recordOf<AppearanceRecord>(row);
  return {
    ...record,
    ...(thumbnailType !== undefined && { thumbnail: { type: thumbnailType, bytes: bytesOf(row.thumbnail) } }),
    frames: new Uint32Array(bytesOf(row.frames).buffer),
    boxes: new Float32Array(bytesOf(row.boxes).buffer),
  };
}

/** Puts an appearance in the place of the one of its track. */
export async function putAppearance(tx: SqlTx, job: string, given: StoredAppearance): Promise<void> {
  const { thumbnail, frames, boxes, ...facts } = given;
  const { source, track } = facts;
  const record: AppearanceRecord = { ...facts, ...(thumbnail && { thumbnailType: thumbnail.type }) };
  await dropAppearance(tx, job, source, track);
  await tx.ask('INSERT INTO @appearances VALUES ($1, $2, $3, $4, $5, $6, $7, $8)', [
    ...[columnText(job), source, track, facts.frameStart, JSON.stringify(record), thumbnail?.bytes ?? null],
    ...[columnBytes(frames), columnBytes(boxes)],
  ]);
  await tx.ask('INSERT INTO @appearance_faces SELECT json_array_elements_text($1::json), $2, $3, $4', [
    ...[textsParam(facesOfAppearance(given)), columnText(job), source, track],
  ]);
}

async function dropAppearance(tx: SqlTx, job: string, source: number, track: number): Promise<void> {
  for (const table of ['appearances', 'appearance_faces'])
    await tx.ask(`DELETE FROM @${table} WHERE job = $1 AND source = $2 AND track = $3`, [
      ...[columnText(job), source, track],
    ]);
}

/** Takes away all that is kept of a job. */
export async function dropRecognition(tx: SqlTx, id: string): Promise<void> {
  for (const table of ['pieces', 'checkpoints', 'appearances', 'appearance_faces'])
    await tx.ask(`DELETE FROM @${table} WHERE job = $1`, [columnText(id)]);
}

/** Takes what jobs tell of faces that are deleted. */
export async function forgetInRecognitions(tx: SqlTx, ids: readonly string[]): Promise<void> {
  const gone = new Set(ids);
  const rows = await tx.ask(
    `SELECT a.job, a.record, a.thumbnail, a.frames, a.boxes FROM @appearances a WHERE (a.job, a.source, a.track) IN
     (SELECT job, source, track FROM @appearance_faces WHERE face IN ${TEXTS})`,
    [textsParam(ids)],
  );
  for (const row of rows) await putAppearance(tx, textOf(row.job), withoutFaces(appearanceOf(row), gone));
}
