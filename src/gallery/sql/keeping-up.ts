/** How the engine's memory takes in what lies in the database: all of it, or what others have changed since a revision. */
import { throwIfAborted } from '../../core/errors.ts';
import { keysOf } from '../face-keys.ts';
import { type NewRow, rowsOf } from '../face-rows.ts';
import { groupBy } from '../group-by.ts';
import { isHidden } from '../hidden-faces.ts';
import type { FaceMemory, OpeningOptions, Refill } from '../port.ts';
import type { StoredFace } from '../stored.ts';
import { numbersParam, NUMBERS, recordOf, vectorOf } from './columns.ts';
import { type LoggedChange, type NewSqlFace, PLAIN_TAG, type SqlReading } from './sql-tx.ts';

/** Faces that are read at a time. */
const PAGE = 2048;

/** How many changes are kept for others; who is farther behind reads everything again. */
export const KEPT_CHANGES = 10_000;

/** A face as a row of the memory: nobody finds one that is hidden. */
export function newRow({ face, vector, isHidden: hidden }: NewSqlFace): NewRow {
  const { timestamp, reliability } = face;
  const seen = hidden ? { ...face, galleries: [] } : face;
  return { ...keysOf(PLAIN_TAG, seen), timestamp, reliability, vector };
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

/** Reads everything; whoever asked for it ends the answer, or cancels it. */
export async function readAll(
  tx: SqlReading,
  memory: FaceMemory,
  { onProgress, signal }: OpeningOptions = {},
): Promise<Refill> {
  const refill = memory.refill();
  try {
    const total = [...tx.counters.models.values()].reduce((sum, { faces }) => sum + faces, 0);
    for (const [modelId, { dimension, faces }] of tx.counters.models)
      refill.reserve(modelId, dimension, faces);
    onProgress?.(0, total);
    for (let [after, done] = [0, 0]; ;) {
      throwIfAborted(signal);
      const rows = await tx.ask(
        'SELECT f.seq, f.record, v.vector FROM @faces f JOIN @vectors v USING (seq) WHERE f.seq > $1 ORDER BY f.seq LIMIT $2',
        [after, PAGE],
      );
      const page = rows.map((row) => faceOf(tx, row));
      addRows(refill, page, memory.encode);
      onProgress?.((done += page.length), total);
      if (page.length < PAGE) return refill;
      after = page.at(-1)?.face.seq as number;
    }
  } catch (error) {
    refill.cancel();
    throw error;
  }
}

function faceOf(tx: SqlReading, row: Readonly<Record<string, unknown>>): NewSqlFace {
  const face = recordOf<StoredFace>(row);
  return { face, vector: vectorOf(row.vector), isHidden: isHidden(tx.counters, face.seq) };
}

/** What others have changed since a revision; nothing where too much has, or all of it. */
async function changesSince(tx: SqlReading, revision: number): Promise<readonly LoggedChange[] | null> {
  const rows = await tx.ask('SELECT revision, change FROM @changes WHERE revision > $1 ORDER BY revision', [
    revision,
  ]);
  if (rows.length < tx.revision - revision) return null;
  const changes = rows.map(({ change }) => JSON.parse(change as string) as LoggedChange);
  return changes.some(({ isNew }) => isNew) ? null : changes;
}

/** Brings a memory that is as of a revision up to that of the transaction. Faces are looked at as they are now, so that doing it twice is the same. */
export async function catchUp(tx: SqlReading, memory: FaceMemory, revision: number): Promise<void> {
  const changes = await changesSince(tx, revision);
  if (!changes) return (await readAll(tx, memory)).end([]);
  for (const gallery of changes.flatMap(({ gone }) => gone)) memory.apply({ kind: 'gone', gallery });
  const renewed = new Set(changes.flatMap((change) => change.renewed));
  const ranges = changes.flatMap(({ touched }) => touched).toSorted(([a], [b]) => a - b);
  let last = 0;
  for (const [first, end] of ranges) {
    for (let from = Math.max(first, last + 1); from <= end; from += PAGE)
      await lookAgain(tx, memory, from, Math.min(end, from + PAGE - 1), renewed);
    last = Math.max(last, end);
  }
}

async function lookAgain(
  tx: SqlReading,
  memory: FaceMemory,
  first: number,
  last: number,
  renewed: ReadonlySet<number>,
): Promise<void> {
  const rows = await tx.ask('SELECT record FROM @faces WHERE seq BETWEEN $1 AND $2 ORDER BY seq', [
    first,
    last,
  ]);
  const faces = rows.map((row) => recordOf<StoredFace>(row));
  const isKnown = ({ seq, modelId }: StoredFace): boolean => !renewed.has(seq) && memory.has(modelId, seq);
  const known = faces.filter(isKnown);
  const added = faces.filter((face) => !isKnown(face));
  const kept = new Set(known.map(({ seq }) => seq));
  const range = Array.from({ length: last - first + 1 }, (_, i) => first + i);
  memory.apply({
    ...{ kind: 'left', gallery: '', stay: new Float64Array() },
    erased: Float64Array.from(range.filter((seq) => !kept.has(seq))),
  });
  memory.apply({
    kind: 'changed',
    faces: known.map((face) =>
      keysOf(PLAIN_TAG, isHidden(tx.counters, face.seq) ? { ...face, galleries: [] } : face),
    ),
  });
  if (added.length === 0) return;
  const read = await tx.ask(
    `SELECT f.seq, f.record, v.vector FROM @faces f JOIN @vectors v USING (seq) WHERE f.seq IN ${NUMBERS} ORDER BY f.seq`,
    [numbersParam(added.map(({ seq }) => seq))],
  );
  addRows(
    memory,
    read.map((row) => faceOf(tx, row)),
    memory.encode,
  );
}
