import { jobExists } from '../job-steps.ts';
import type {
  NewRecognition,
  RecognitionStep,
  RecognitionStore,
  StoredAppearances,
  StoredRecognition,
} from '../port.ts';
import { advanced, checkStaging, newRecognition, sourceOf } from '../recognition-steps.ts';
import { bytesOf, columnNumber, columnText } from './columns.ts';
import { readGallery } from './galleries.ts';
import { findJob, putJob } from './job-items.ts';
import { appearancesOf, putAppearance, readRecognition } from './recognition-rows.ts';
import type { SqlStore } from './sql-store.ts';

/** Jobs that recognise, of a database of SQL. */
export class SqlRecognitions implements RecognitionStore {
  readonly #store: SqlStore;

  constructor(store: SqlStore) {
    this.#store = store;
  }

  createRecognition(id: string, made: NewRecognition): Promise<StoredRecognition> {
    return this.#store.write(async (tx) => {
      for (const gallery of made.galleries) await readGallery(tx, gallery);
      if (await findJob(tx, id)) throw jobExists(id);
      const job = newRecognition(id, made);
      await putJob(tx, job);
      return structuredClone(job);
    });
  }

  addSourcePiece(id: string, source: number, bytes: Uint8Array<ArrayBuffer>): Promise<void> {
    return this.#store.write(async (tx) => {
      checkStaging(await readRecognition(tx, id), source);
      await tx.ask(
        `INSERT INTO @pieces SELECT $1::text, $2::bigint, count(*), $3::bytea FROM @pieces WHERE job = $1::text AND source = $2::bigint`,
        [columnText(id), source, bytes],
      );
    });
  }

  readSourcePiece(id: string, source: number, no: number): Promise<Uint8Array<ArrayBuffer> | null> {
    return this.#store.read(async (tx) => {
      sourceOf(await readRecognition(tx, id), source);
      const [row] = await tx.ask('SELECT bytes FROM @pieces WHERE job = $1 AND source = $2 AND no = $3', [
        ...[columnText(id), source, columnNumber(no)],
      ]);
      return row ? bytesOf(row.bytes) : null;
    });
  }

  saveRecognition(id: string, step: RecognitionStep): Promise<StoredRecognition> {
    return this.#store.write(async (tx) => {
      const before = await readRecognition(tx, id);
      if (before.state === 'cancelled') return before;
      const job = advanced(before, step);
      for (const appearance of step.appearances) await putAppearance(tx, id, appearance);
      await tx.ask(
        'INSERT INTO @checkpoints VALUES ($1, $2) ON CONFLICT (job) DO UPDATE SET bytes = excluded.bytes',
        [columnText(id), step.checkpoint],
      );
      if (step.ended && !step.ended.error)
        await tx.ask('DELETE FROM @pieces WHERE job = $1 AND source = $2', [columnText(id), step.source]);
      await putJob(tx, job);
      return structuredClone(job);
    });
  }

  readCheckpoint(id: string): Promise<Uint8Array<ArrayBuffer> | null> {
    return this.#store.read(async (tx) => {
      await readRecognition(tx, id);
      const [row] = await tx.ask('SELECT bytes FROM @checkpoints WHERE job = $1', [columnText(id)]);
      return row ? bytesOf(row.bytes) : null;
    });
  }

  listAppearances(id: string, offset: number, limit: number): Promise<StoredAppearances> {
    return this.#store.read(async (tx) => {
      await readRecognition(tx, id);
      const [row] = await tx.ask('SELECT count(*) AS count FROM @appearances WHERE job = $1', [
        columnText(id),
      ]);
      const bounds = [columnNumber(limit), columnNumber(offset)];
      const appearances = await appearancesOf(tx, id, 'LIMIT $2 OFFSET $3', bounds);
      return { appearances, total: Number(row?.count) };
    });
  }
}
