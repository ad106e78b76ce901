/** Pictures of faces and of sightings. */
import { imageType } from '../../core/image-type.ts';
import type { PictureKind } from '../../core/records.ts';
import type { PreparedFace } from '../face-input.ts';
import { bytesOf, columnBytes, columnText, numbersParam, NUMBERS, packed, textOf } from './columns.ts';
import type { SqlReading, SqlTx } from './sql-tx.ts';

/** Keeps pictures of faces, or of sightings. */
export async function insertPictures(
  tx: SqlTx,
  table: 'pictures' | 'sighting_pictures',
  entries: readonly { readonly seq: number; readonly pictures: PreparedFace['pictures'] }[],
): Promise<void> {
  const all = entries.flatMap(({ seq, pictures }) => pictures.map((picture) => ({ seq, ...picture })));
  if (all.length === 0) return;
  const { bytes, places } = packed(all.map((picture) => columnBytes(picture.bytes)));
  const rows = all.map(({ seq, kind, type }, i) => ({ seq, kind, type: columnText(type), ...places[i] }));
  await tx.ask(
    `INSERT INTO @${table} SELECT seq, kind, type, substr($2::bytea, at, length)
     FROM json_to_recordset($1::json) AS t(seq bigint, kind text, type text, at integer, length integer)`,
    [JSON.stringify(rows), bytes],
  );
}

/** A picture of a face, or of a sighting. */
export async function pictureOf(
  tx: SqlReading,
  table: 'pictures' | 'sighting_pictures',
  seq: number,
  kind: PictureKind,
): Promise<Blob | null> {
  const [row] = await tx.ask(`SELECT type, bytes FROM @${table} WHERE seq = $1 AND kind = $2`, [seq, kind]);
  return row ? new Blob([bytesOf(row.bytes)], { type: imageType(textOf(row.type)) }) : null;
}

/** All pictures of some faces, or sightings, by number, in the order in which they were given. */
export async function picturesOf(
  tx: SqlReading,
  table: 'pictures' | 'sighting_pictures',
  owners: readonly { readonly seq: number; readonly pictures: readonly PictureKind[] }[],
): Promise<ReadonlyMap<number, PreparedFace['pictures']>> {
  const rows = await tx.ask(`SELECT seq, kind, type, bytes FROM @${table} WHERE seq IN ${NUMBERS}`, [
    numbersParam(owners.map(({ seq }) => seq)),
  ]);
  const found = rows.map((row) => ({
    seq: Number(row.seq),
    kind: row.kind as PictureKind,
    type: imageType(textOf(row.type)),
    bytes: bytesOf(row.bytes).buffer,
  }));
  return new Map(
    owners.map(({ seq, pictures }) => {
      const own = found.filter((picture) => picture.seq === seq);
      const ordered = pictures.flatMap((kind) => own.find((picture) => picture.kind === kind) ?? []);
      return [seq, ordered.map(({ kind, type, bytes }) => ({ kind, type, bytes }))];
    }),
  );
}
