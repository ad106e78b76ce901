/** What can be relied on of rows. What is damaged is left out, and noted where the engine's memory has it. */
import type { StoredFace, StoredGallery } from '../stored.ts';
import { isFaceRecord, isGalleryRecord, isUnit } from '../wholeness.ts';
import { vectorOf } from './columns.ts';
import type { SqlRow } from './driver.ts';
import type { SqlReading } from './sql-tx.ts';

/** The record of a row, or nothing where it is not what `isOne` takes it for. */
export function wholeRecord<T>(row: SqlRow, isOne: (record: unknown) => boolean): T | undefined {
  try {
    const record: unknown = JSON.parse(row.record as string);
    return isOne(record) ? (record as T) : undefined;
  } catch {
    return undefined;
  }
}

/** The records of rows that can be read. */
export function wholeRecords<T>(rows: readonly SqlRow[], isOne: (record: unknown) => boolean): readonly T[] {
  return rows.map((row) => wholeRecord<T>(row, isOne)).filter((record) => record !== undefined);
}

/** The face of a row with `seq` and `record`; nothing where it is damaged. */
export function wholeFace(row: SqlRow): StoredFace | undefined {
  const face = wholeRecord<StoredFace>(row, isFaceRecord);
  return face?.seq === Number(row.seq) ? face : undefined;
}

/** The faces of such rows. Those that cannot be read are noted. */
export function wholeFaces(tx: Pick<SqlReading, 'lookup'>, rows: readonly SqlRow[]): readonly StoredFace[] {
  return rows.flatMap((row) => {
    const face = wholeFace(row);
    if (face) return [face];
    tx.lookup.noteUnreadable(Number(row.seq));
    return [];
  });
}

/** The gallery of a row with `name` and `record`; nothing where it is damaged. */
export function wholeGallery(row: SqlRow): StoredGallery | undefined {
  const gallery = wholeRecord<StoredGallery>(row, isGalleryRecord);
  return gallery?.name === row.name ? gallery : undefined;
}

/** The vector in a column, if it is of unit length and has as many numbers as the model's others. */
export function wholeVector(column: unknown, dimension: number): Float32Array<ArrayBuffer> | undefined {
  if (!(column instanceof Uint8Array) || column.length !== 4 * dimension) return undefined;
  const vector = vectorOf(column);
  return isUnit(vector, 0, dimension) ? vector : undefined;
}

/** The numbers of a model's vectors; 0 of one that has none. */
export function dimensionOf({ counters }: Pick<SqlReading, 'counters'>, modelId: string): number {
  return counters.models.get(modelId)?.dimension ?? 0;
}
