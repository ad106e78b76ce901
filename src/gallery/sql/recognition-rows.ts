/** What jobs that recognise have seen, in its tables. */
import { recognising } from '../job-steps.ts';
import type { StoredAppearance, StoredRecognition } from '../port.ts';
import { facesOfAppearance, forgottenAppearance, triedAgain } from '../recognition-steps.ts';
import { bytesOf, columnBytes, columnText, recordOf, TEXTS, textOf, textsParam } from './columns.ts';
import type { SqlRow, SqlValue } from './driver.ts';
import { putJob, readJob } from './job-items.ts';
import type { SqlReading, SqlTx } from './sql-tx.ts';

/** @throws NearFaceError `BAD_PARAM` */
export async function readRecognition(tx: SqlReading, id: string): Promise<StoredRecognition> {
  return recognising(await readJob(tx, id));
}

/** What lies in the record of an appearance, its bytes apart. */
type AppearanceRecord = Omit<StoredAppearance, 'thumbnail' | 'frames' | 'boxes'> & {
  readonly thumbnailType?: string;
};

/** Appearances of a job, in the order in which they are told. @param rest - behind the job, which is `$1` */
export async function appearancesOf(
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

/** Lets the failed sources of a job wait again; what was seen of them goes. */
export async function retryRecognition(tx: SqlTx, before: StoredRecognition): Promise<void> {
  const { job, sources } = triedAgain(before);
  for (const source of sources)
    for (const table of ['appearances', 'appearance_faces'])
      await tx.ask(`DELETE FROM @${table} WHERE job = $1 AND source = $2`, [columnText(job.id), source]);
  await putJob(tx, job);
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
  for (const row of rows) {
    const before = appearanceOf(row);
    const named = facesOfAppearance(before).filter((id) => gone.has(id));
    await putAppearance(tx, textOf(row.job), named.reduce(forgottenAppearance, before));
  }
}
