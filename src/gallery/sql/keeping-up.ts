/** How the engine's memory takes in what lies in the database: all of it, or what others have changed since a revision. */
import { keysOf } from '../face-keys.ts';
import { isHidden } from '../hidden-faces.ts';
import type { FaceMemory } from '../port.ts';
import type { StoredFace } from '../stored.ts';
import { numbersParam, NUMBERS } from './columns.ts';
import { FaceFiller, readAll, seen } from './reading-all.ts';
import { type LoggedChange, PLAIN_TAG, type SqlReading } from './sql-tx.ts';
import { wholeFace } from './whole-rows.ts';

/** Faces that are read at a time. */
const PAGE = 2048;

/** How many changes are kept for others; who is farther behind reads everything again. */
export const KEPT_CHANGES = 10_000;

/** Up to which change a memory is in step. */
export interface KnownChange {
  readonly revision: number;
  readonly stamp: string | undefined;
}

/** What others have changed since then; nothing where too much has, or all of it, or where the database is one without that change. */
async function changesSince(
  tx: SqlReading,
  { revision, stamp }: KnownChange,
): Promise<readonly LoggedChange[] | null> {
  if (tx.revision <= revision) return null;
  const rows = await tx.ask('SELECT change FROM @changes WHERE revision >= $1 ORDER BY revision', [revision]);
  const changes = rows.map(({ change }) => JSON.parse(change as string) as LoggedChange);
  if (revision > 0 && changes.shift()?.stamp !== stamp) return null;
  if (changes.length < tx.revision - revision) return null;
  return changes.some(({ isNew }) => isNew) ? null : changes;
}

/** Brings a memory that is in step up to a change up to that of the transaction. Faces are looked at as they are now, so that doing it twice is the same. */
export async function catchUp(tx: SqlReading, memory: FaceMemory, known: KnownChange): Promise<void> {
  const changes = await changesSince(tx, known);
  if (!changes) return (await readAll(tx, memory)).end();
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
  const rows = await tx.ask('SELECT seq, record FROM @faces WHERE seq BETWEEN $1 AND $2 ORDER BY seq', [
    first,
    last,
  ]);
  const faces = rows.map(wholeFace).filter((face) => face !== undefined);
  const isKnown = ({ seq, modelId }: StoredFace): boolean =>
    !renewed.has(seq) && (memory.has(modelId, seq) || memory.lookup.damaged.has(seq));
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
    faces: known.map((face) => keysOf(PLAIN_TAG, seen(face, isHidden(tx.counters, face.seq)))),
  });
  if (added.length === 0) return;
  const read = await tx.ask(
    `SELECT f.seq, f.record, v.vector FROM @faces f JOIN @vectors v USING (seq) WHERE f.seq IN ${NUMBERS} ORDER BY f.seq`,
    [numbersParam(added.map(({ seq }) => seq))],
  );
  // One whose vector cannot be read already is told by the counters alone, until everything is read again.
  const filler = new FaceFiller(tx, memory, read.length);
  for (const row of read) filler.take(row);
  filler.end();
}
