import { reembedded, refuseWithout, staleFace } from '../face-rules.ts';
import { wrongDimension } from '../gallery-errors.ts';
import { groupBy } from '../group-by.ts';
import type { FreshEmbedding, RegeneratedStore, StaleCounts, StaleFace, Swapped } from '../port.ts';
import { addBytes, bytesOf as bytesOfFaces, type StoredFace } from '../stored.ts';
import { columnBytes, columnNumber, columnText, recordOf, vectorOf } from './columns.ts';
import { eraseFaces } from './faces.ts';
import { putGallery, readGallery } from './galleries.ts';
import { refuseWhileImporting } from './imports.ts';
import { picturesOf } from './pictures.ts';
import { countFaces, replaceBelongings, updateRecords, vectorsBySeq } from './rows.ts';
import type { SqlStore } from './sql-store.ts';
import type { SqlReading, SqlTx } from './sql-tx.ts';

/** Faces of other models that are seen, beside their new embedding if there is one; `$1` is the model. Those nobody sees are in no gallery. */
const STALE =
  'FROM @faces f LEFT JOIN @fresh n ON n.model = $1 AND n.seq = f.seq WHERE f.model <> $1 AND ' +
  'EXISTS (SELECT 1 FROM @face_galleries g WHERE g.seq = f.seq)';

/** New embeddings in a database of SQL. */
export class SqlRegenerated implements RegeneratedStore {
  readonly #store: SqlStore;

  constructor(store: SqlStore) {
    this.#store = store;
  }

  countStale(modelId: string): Promise<StaleCounts> {
    return this.#store.read(async (tx) => {
      const [row] = await tx.ask(`SELECT count(*) AS stale, count(n.seq) AS made ${STALE}`, [
        columnText(modelId),
      ]);
      return { stale: Number(row?.stale), made: Number(row?.made) };
    });
  }

  nextStale(modelId: string, afterSeq: number, count: number): Promise<readonly StaleFace[]> {
    return this.#store.read(async (tx) => {
      const rows = await tx.ask(
        `SELECT f.record ${STALE} AND n.seq IS NULL AND f.seq > $2 ORDER BY f.seq LIMIT $3`,
        [columnText(modelId), columnNumber(afterSeq), columnNumber(count)],
      );
      return staleFaces(
        tx,
        rows.map((row) => recordOf<StoredFace>(row)),
      );
    });
  }

  putRegenerated(modelId: string, made: readonly FreshEmbedding[]): Promise<void> {
    return this.#store.write(async (tx) => {
      const dimension = tx.counters.models.get(modelId)?.dimension;
      for (const { seq, vector, reliability } of made) {
        const [face] = await tx.ask('SELECT 1 FROM @faces WHERE seq = $1', [columnNumber(seq)]);
        if (!face) continue;
        checkLength(modelId, seq, vector, dimension ?? vector.length);
        await tx.ask(
          `INSERT INTO @fresh VALUES ($1, $2, $3, $4) ON CONFLICT (model, seq)
           DO UPDATE SET vector = excluded.vector, reliability = excluded.reliability`,
          [columnText(modelId), seq, columnBytes(vector), reliability ?? null],
        );
      }
    });
  }

  swapRegenerated(modelId: string, missing: 'keep' | 'delete', signal?: AbortSignal): Promise<Swapped> {
    return this.#store.write(async (tx) => {
      await refuseWhileImporting(this.#store, tx);
      return swap(tx, modelId, missing);
    }, signal);
  }
}

async function staleFaces(tx: SqlReading, faces: readonly StoredFace[]): Promise<readonly StaleFace[]> {
  const vectors = await vectorsBySeq(
    tx,
    faces.map(({ seq }) => seq),
  );
  const pictures = await picturesOf(tx, 'pictures', faces);
  return faces.map((face) => {
    const crop = pictures.get(face.seq)?.find(({ kind }) => kind === 'crop');
    return staleFace(face, vectors.get(face.seq), crop && { type: crop.type, bytes: crop.bytes });
  });
}

async function swap(tx: SqlTx, modelId: string, missing: 'keep' | 'delete'): Promise<Swapped> {
  const rows = await tx.ask(`SELECT f.record, n.vector, n.reliability ${STALE} ORDER BY f.seq`, [
    columnText(modelId),
  ]);
  const entries = rows.map((row) => ({ before: recordOf<StoredFace>(row), row }));
  const without = entries.filter(({ row }) => row.vector === null).map(({ before }) => before);
  refuseWithout(without.length, missing);
  await eraseFaces(tx, without);
  const swapped = entries.flatMap(({ before, row }) => {
    if (row.vector === null) return [];
    const reliability = row.reliability === null ? {} : { reliability: Number(row.reliability) };
    return [{ before, face: reembedded(before, modelId, reliability), vector: vectorOf(row.vector) }];
  });
  const dimension = tx.counters.models.get(modelId)?.dimension ?? swapped[0]?.vector.length ?? 0;
  for (const { face, vector } of swapped) checkLength(modelId, face.seq, vector, dimension);
  await updateRecords(
    tx,
    swapped.map(({ before }) => before),
    swapped.map(({ face }) => face),
  );
  await replaceBelongings(tx, swapped);
  for (const [model, some] of groupBy(swapped, ({ before }) => before.modelId))
    countFaces(tx, model, tx.counters.models.get(model)?.dimension ?? 0, -some.length);
  if (swapped.length > 0) countFaces(tx, modelId, dimension, swapped.length);
  await countSwapped(tx, modelId, swapped);
  await tx.ask('DELETE FROM @fresh');
  tx.isNew = true;
  return { swapped: swapped.length, deleted: without.length };
}

/** @throws NearFaceError `BAD_PARAM` */
function checkLength(modelId: string, seq: number, { length }: Float32Array, dimension: number): void {
  if (length !== dimension) throw wrongDimension(`the new vector of face ${seq}`, length, dimension, modelId);
}

/** Notes in the galleries of faces that their model, and the lengths of their records, are others now. */
async function countSwapped(
  tx: SqlTx,
  modelId: string,
  swapped: readonly { readonly before: StoredFace; readonly face: StoredFace }[],
): Promise<void> {
  const places = swapped.flatMap((entry) => entry.face.galleries.map((name) => ({ name, ...entry })));
  for (const [name, some] of groupBy(places, (place) => place.name)) {
    const gallery = await readGallery(tx, name);
    const after = bytesOfFaces(some.map(({ face }) => face));
    const more = addBytes(after, bytesOfFaces(some.map(({ before }) => before)), -1);
    await putGallery(tx, { ...gallery, modelId, bytes: addBytes(gallery.bytes, more) });
  }
}
