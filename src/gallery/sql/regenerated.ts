import { reembedded, refuseWithout, staleFace } from '../face-rules.ts';
import { groupBy } from '../group-by.ts';
import type { FreshEmbedding, RegeneratedStore, StaleCounts, StaleFace, Swapped } from '../port.ts';
import { addBytes, bytesOf as bytesOfFaces, type StoredFace } from '../stored.ts';
import { columnNumber, columnText, NUMBERS, numbersParam, textOf } from './columns.ts';
import type { SqlRow } from './driver.ts';
import { eraseFaces } from './faces.ts';
import { checkLength, putFresh } from './fresh.ts';
import { listGalleries, readGallery } from './galleries.ts';
import { refuseWhileImporting } from './imports.ts';
import { mendGalleries, putGallery } from './mending-galleries.ts';
import { picturesOf } from './pictures.ts';
import { countFaces, replaceBelongings, updateRecords, vectorsOf } from './rows.ts';
import type { SqlStore } from './sql-store.ts';
import type { SqlReading, SqlTx } from './sql-tx.ts';
import { dimensionOf, wholeFace, wholeFaces, wholeVector } from './whole-rows.ts';

/**
 * Faces that are seen and of other models, or whose embeddings are damaged, beside their new embedding if there is one; see {@link staleOf}.
 * Those nobody sees are in no gallery.
 */
const STALE =
  'FROM @faces f LEFT JOIN @fresh n ON n.model = $1 AND n.seq = f.seq WHERE ' +
  '(f.model <> $1 OR f.seq IN (SELECT json_array_elements_text($2::json)::bigint)) AND ' +
  'EXISTS (SELECT 1 FROM @face_galleries g WHERE g.seq = f.seq)';

/** The model that is to embed all faces, and those of its own whose embeddings are damaged. */
function staleOf(tx: SqlReading, modelId: string): [string, string] {
  const damaged = [...tx.lookup.damaged].filter((face) => face.modelId === modelId);
  return [columnText(modelId), numbersParam(damaged.map(({ keys }) => keys.seq))];
}

/** Faces that are read at a time. */
const PAGE = 256;

/** New embeddings in a database of SQL. */
export class SqlRegenerated implements RegeneratedStore {
  readonly #store: SqlStore;

  constructor(store: SqlStore) {
    this.#store = store;
  }

  countStale(modelId: string): Promise<StaleCounts> {
    return this.#store.read(async (tx) => {
      const [row] = await tx.ask(
        `SELECT count(*) AS stale, count(n.seq) AS made ${STALE}`,
        staleOf(tx, modelId),
      );
      return { stale: Number(row?.stale), made: Number(row?.made) };
    });
  }

  nextStale(modelId: string, afterSeq: number, count: number): Promise<readonly StaleFace[]> {
    return this.#store.read(async (tx) => {
      const found: StoredFace[] = [];
      for (let after = afterSeq; found.length < count;) {
        const rows = await tx.ask(
          `SELECT f.seq, f.record, n.vector ${STALE} AND f.seq > $3 ORDER BY f.seq LIMIT $4`,
          [...staleOf(tx, modelId), columnNumber(after), PAGE],
        );
        const waiting = rows.filter((row) => !freshVector(tx, modelId, row));
        found.push(...wholeFaces(tx, waiting));
        if (rows.length < PAGE) break;
        after = Number(rows.at(-1)?.seq);
      }
      return staleFaces(tx, found.slice(0, count));
    });
  }

  putRegenerated(modelId: string, made: readonly FreshEmbedding[]): Promise<void> {
    return this.#store.write((tx) => putFresh(tx, modelId, made));
  }

  swapRegenerated(modelId: string, missing: 'keep' | 'delete', signal?: AbortSignal): Promise<Swapped> {
    return this.#store.write(async (tx) => {
      await refuseWhileImporting(this.#store, tx);
      return swap(tx, modelId, missing);
    }, signal);
  }
}

async function staleFaces(tx: SqlReading, faces: readonly StoredFace[]): Promise<readonly StaleFace[]> {
  const vectors = await vectorsOf(tx, faces);
  const pictures = await picturesOf(tx, 'pictures', faces);
  return faces.map((face) => {
    const crop = pictures.get(face.seq)?.find(({ kind }) => kind === 'crop');
    return staleFace(face, vectors.get(face.seq), crop && { type: crop.type, bytes: crop.bytes });
  });
}

async function swap(tx: SqlTx, modelId: string, missing: 'keep' | 'delete'): Promise<Swapped> {
  await mendGalleries(tx);
  const rows = await tx.ask(
    `SELECT f.seq, f.model, f.record, n.vector, n.reliability ${STALE} ORDER BY f.seq`,
    staleOf(tx, modelId),
  );
  const swapped: SwappedFace[] = [];
  const without: StoredFace[] = [];
  for (const row of rows) {
    const [before, vector] = [wholeFace(row), freshVector(tx, modelId, row)];
    // Those of the model whose embeddings nobody could make anew stay as damaged.
    const stays = missing === 'keep' && before?.modelId === modelId;
    if (before && vector) {
      const reliability = row.reliability === null ? {} : { reliability: Number(row.reliability) };
      swapped.push({ before, face: reembedded(before, modelId, reliability), vector });
    } else if (before && !stays) without.push(before);
  }
  refuseWithout(without.length, missing);
  await eraseFaces(tx, without);
  const dimension = tx.counters.models.get(modelId)?.dimension ?? swapped[0]?.vector.length ?? 0;
  for (const { face, vector } of swapped) checkLength(modelId, face.seq, vector, dimension);
  await updateRecords(
    tx,
    swapped.map(({ before }) => before),
    swapped.map(({ face }) => face),
  );
  await replaceBelongings(tx, swapped);
  for (const [model, some] of groupBy(swapped, ({ before }) => before.modelId))
    countFaces(tx, model, dimensionOf(tx, model), -some.length);
  if (swapped.length > 0) countFaces(tx, modelId, dimension, swapped.length);
  await renameUnreadable(
    tx,
    modelId,
    rows.filter((row) => !wholeFace(row)),
  );
  await countSwapped(tx, modelId, swapped);
  await tx.ask('DELETE FROM @fresh');
  tx.isNew = true;
  return { swapped: swapped.length, deleted: without.length };
}

/** A face with its new embedding. */
interface SwappedFace {
  readonly before: StoredFace;
  readonly face: StoredFace;
  readonly vector: Float32Array<ArrayBuffer>;
}

/** The new embedding in a row; nothing where there is none, or it is damaged. */
function freshVector(
  { counters }: SqlReading,
  modelId: string,
  { vector }: SqlRow,
): Float32Array<ArrayBuffer> | undefined {
  const length = vector instanceof Uint8Array ? Math.floor(vector.length / 4) : 0;
  return wholeVector(vector, counters.models.get(modelId)?.dimension ?? length);
}

/** Faces whose records cannot be read are damaged ones of the new model from now on. */
async function renameUnreadable(tx: SqlTx, modelId: string, rows: readonly SqlRow[]): Promise<void> {
  // A model that has no vectors has no dimension yet.
  if (!tx.counters.models.has(modelId)) return;
  for (const [model, some] of groupBy(rows, (row) => textOf(row.model))) {
    countFaces(tx, model, dimensionOf(tx, model), -some.length);
    countFaces(tx, modelId, dimensionOf(tx, modelId), some.length);
    await tx.ask(`UPDATE @faces SET model = $2 WHERE seq IN ${NUMBERS}`, [
      numbersParam(some.map(({ seq }) => Number(seq))),
      columnText(modelId),
    ]);
  }
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
  if (!tx.counters.models.has(modelId)) return;
  // Those too of whose faces no record can be read.
  for (const gallery of await listGalleries(tx))
    if (gallery.modelId !== null && gallery.modelId !== modelId)
      await putGallery(tx, { ...gallery, modelId });
}
