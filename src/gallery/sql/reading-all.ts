/** How the engine's memory is filled with all that lies in the database. */
import { throwIfAborted } from '../../core/errors.ts';
import { keysOf } from '../face-keys.ts';
import { type NewRow, rowsOf } from '../face-rows.ts';
import { groupBy } from '../group-by.ts';
import { isHidden } from '../hidden-faces.ts';
import type { FaceMemory, OpeningOptions } from '../port.ts';
import type { DamagedFace } from '../quarantine.ts';
import type { StoredFace } from '../stored.ts';
import type { SqlRow } from './driver.ts';
import { type NewSqlFace, PLAIN_TAG, type SqlReading } from './sql-tx.ts';
import { dimensionOf, wholeFace, wholeVector } from './whole-rows.ts';

/** Faces that are read, or taken in, at a time. */
const PAGE = 2048;

/** A face as a row of the memory. */
export function newRow({ face, vector, isHidden: hidden }: NewSqlFace): NewRow {
  const { timestamp, reliability } = face;
  return { ...keysOf(PLAIN_TAG, seen(face, hidden)), timestamp, reliability, vector };
}

/** Puts faces into a memory. @throws NearFaceError `STORAGE_FULL` */
export function addRows(
  into: Pick<FaceMemory, 'reserve' | 'add'>,
  faces: readonly NewSqlFace[],
  encode: FaceMemory['encode'],
): void {
  for (const [modelId, some] of groupBy(faces, ({ face }) => face.modelId)) {
    const dimension = some[0].vector.length;
    const rows = rowsOf(some.map(newRow), encode);
    into.reserve(modelId, dimension, some.length);
    into.add(modelId, dimension, rows);
  }
}

/** Everything, as it was read: it takes the place of what was in the memory, or is dropped. */
export interface ReadAnew {
  end(): void;
  cancel(): void;
}

/** Reads everything; whoever asked for it ends the answer, or cancels it. */
export async function readAll(
  tx: SqlReading,
  memory: FaceMemory,
  { onProgress, signal }: OpeningOptions = {},
): Promise<ReadAnew> {
  const refill = memory.refill();
  const damaged: DamagedFace[] = [];
  try {
    const total = [...tx.counters.models.values()].reduce((sum, { faces }) => sum + faces, 0);
    for (const [modelId, { dimension, faces }] of tx.counters.models)
      refill.reserve(modelId, dimension, faces);
    onProgress?.(0, total);
    let done = 0;
    await eachPage(tx, (rows) => {
      throwIfAborted(signal);
      addRows(refill, facesOf(tx, rows, damaged), memory.encode);
      onProgress?.((done += rows.length), total);
    });
    return { end: () => refill.end(damaged), cancel: () => refill.cancel() };
  } catch (error) {
    refill.cancel();
    throw error;
  }
}

const FACES = 'SELECT f.seq, f.record, v.vector FROM @faces f LEFT JOIN @vectors v USING (seq)';

/** Takes the rows of all faces in the order of their numbers, some at a time. */
async function eachPage(tx: SqlReading, take: (rows: readonly SqlRow[]) => void): Promise<void> {
  if (tx.stream) {
    let rows: SqlRow[] = [];
    await tx.stream(`${FACES} ORDER BY f.seq`, (fields) => {
      if (rows.push(rowOf(fields)) < PAGE) return;
      take(rows);
      rows = [];
    });
    take(rows);
    return;
  }
  for (let after = 0; ;) {
    const rows = await tx.ask(`${FACES} WHERE f.seq > $1 ORDER BY f.seq LIMIT $2`, [after, PAGE]);
    take(rows);
    if (rows.length < PAGE) return;
    after = Number(rows.at(-1)?.seq);
  }
}

const TEXT = new TextDecoder();

/** A row of binary fields. The vector's bytes are copied: they are overwritten. */
function rowOf([seq, record, vector]: readonly (Uint8Array | null)[]): SqlRow {
  const { buffer, byteOffset, byteLength } = seq as Uint8Array;
  return {
    seq: Number(new DataView(buffer, byteOffset, byteLength).getBigInt64(0)),
    record: TEXT.decode(record as Uint8Array),
    vector: vector && new Uint8Array(vector),
  };
}

/** The faces of rows. Those without a vector that can be read are put into `damaged`; those without a record nobody finds. */
export function facesOf(
  tx: SqlReading,
  rows: readonly SqlRow[],
  damaged: DamagedFace[],
): readonly NewSqlFace[] {
  const found: NewSqlFace[] = [];
  for (const row of rows) {
    const face = wholeFace(row);
    if (!face) continue;
    const { modelId, timestamp } = face;
    const hidden = isHidden(tx.counters, face.seq);
    const vector = wholeVector(row.vector, dimensionOf(tx, modelId));
    if (vector) found.push({ face, vector, isHidden: hidden });
    else damaged.push({ modelId, timestamp, keys: keysOf(PLAIN_TAG, seen(face, hidden)) });
  }
  return found;
}

/** Nobody finds one that is hidden. */
export function seen(face: StoredFace, hidden: boolean): StoredFace {
  return hidden ? { ...face, galleries: [] } : face;
}
