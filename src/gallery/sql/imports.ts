import { randomId } from '../../core/random-id.ts';
import type { PreparedFace } from '../face-input.ts';
import { importDisturbed, importUnderWay } from '../gallery-errors.ts';
import { isSameVector, leftChange } from '../face-rules.ts';
import { countedIn } from '../gallery-rules.ts';
import { withHidden } from '../hidden-faces.ts';
import { runLater } from '../people/coroutine.ts';
import { ensureAll } from '../people/persons.ts';
import type { Import } from '../port.ts';
import { columnText } from './columns.ts';
import type { SqlImport } from './counters.ts';
import { addFaces, eraseHidden } from './faces.ts';
import { putFresh } from './fresh.ts';
import { galleryToChange, readGallery } from './galleries.ts';
import { putGallery } from './mending-galleries.ts';
import { growingTables } from './people.ts';
import { facesOfPhoto } from './queries.ts';
import { dropUnreadable, vectorsOf } from './rows.ts';
import type { SqlStore } from './sql-store.ts';
import type { SqlReading, SqlTx } from './sql-tx.ts';
import { wholeFace } from './whole-rows.ts';

/** The name of the lock that the process of an import holds. */
const lockOf = (token: string): string => `nearface import ${token}`;

/** Keeps faces that nobody sees before `work` has ended; see {@link GalleryDatabase.importInto}. */
export async function importInto<T>(
  store: SqlStore,
  gallery: string,
  work: (into: Import, signal: AbortSignal) => Promise<T>,
  signal: AbortSignal,
): Promise<T> {
  await store.write((tx) => refuseWhileImporting(store, tx), signal);
  const token = randomId();
  const unlock = await store.lock(lockOf(token));
  let begun: Promise<number> | undefined;
  let isOver = false;
  const step = async <R>(
    mode: 'read' | 'write',
    job: (tx: SqlTx, firstSeq: number) => Promise<R>,
  ): Promise<R> => {
    if (isOver) throw importDisturbed();
    // Nothing is noted before the work has something to keep.
    begun ??= store.write((tx) => begin(store, tx, gallery, token), signal);
    const firstSeq = await begun;
    return mode === 'write'
      ? store.write((tx) => job(tx, firstSeq), signal)
      : store.read((tx) => job(tx as SqlTx, firstSeq), signal);
  };
  try {
    const done = await work(
      {
        begin: () => step('read', async () => undefined),
        store: (faces) => step('write', (tx) => storeHidden(tx, gallery, token, faces)),
        hadPhoto: (photoHash) =>
          step('read', async (tx, firstSeq) =>
            (await facesOfPhoto(tx, gallery, photoHash)).some(({ seq }) => seq < firstSeq),
          ),
        hadFace: async (face) => {
          const known = await step('read', (tx, firstSeq) => hadFace(tx, gallery, face, firstSeq));
          if (known?.isMendable)
            await step('write', (tx) =>
              putFresh(tx, face.modelId, [{ seq: known.seq, vector: face.vector }]),
            );
          return known !== undefined;
        },
      },
      signal,
    );
    if (begun) await store.write((tx) => endImport(tx, gallery, token), signal);
    return done;
  } catch (error) {
    // Where that fails, too, whoever opens the database next takes it back.
    if (begun) await store.write((tx) => takeBack(tx, token)).catch(() => undefined);
    throw error;
  } finally {
    isOver = true;
    await unlock?.().catch(() => undefined);
  }
}

/** Refuses what would reach hidden faces; those of an import whose process has died are taken back. @throws NearFaceError `STORAGE_FAILED` */
export async function refuseWhileImporting(store: SqlStore, tx: SqlTx): Promise<void> {
  const { importing } = tx.counters;
  if (!importing) return;
  const unlock = await store.driver.tryLock(lockOf(importing.token));
  if (!unlock) throw importUnderWay();
  try {
    await takeBack(tx, importing.token);
  } finally {
    await unlock();
  }
}

/** Takes back what an import has left whose process has died. */
export async function takeBackDead(store: SqlStore): Promise<void> {
  const isLeft = await store.read(async ({ counters }) => counters.importing !== undefined);
  if (!isLeft) return;
  await store.write(async (tx) => {
    const { importing } = tx.counters;
    const unlock = importing && (await store.driver.tryLock(lockOf(importing.token)));
    if (!unlock) return;
    await takeBack(tx, importing.token);
    await unlock();
  });
}

/** Notes that an import has begun. Answers the number that its first face gets, or a later one. */
async function begin(store: SqlStore, tx: SqlTx, gallery: string, token: string): Promise<number> {
  await readGallery(tx, gallery);
  await refuseWhileImporting(store, tx);
  tx.counters = { ...tx.counters, importing: { token, ranges: [] } };
  return tx.counters.nextSeq;
}

async function storeHidden(
  tx: SqlTx,
  gallery: string,
  token: string,
  prepared: readonly PreparedFace[],
): Promise<void> {
  const mark = ownMark(tx, token);
  await addFaces(tx, prepared, async (faces) => {
    const importing = withHidden(mark, await readGallery(tx, gallery), faces);
    tx.counters = { ...tx.counters, importing };
  });
}

/** A face that an import brings again. */
interface KnownFace {
  readonly seq: number;
  /** Whether its vector is damaged, and what is imported is the same face by id, model and time. */
  readonly isMendable: boolean;
}

async function hadFace(
  tx: SqlReading,
  gallery: string,
  { id, modelId, vector, timestamp }: Pick<PreparedFace, 'id' | 'modelId' | 'vector' | 'timestamp'>,
  firstSeq: number,
): Promise<KnownFace | undefined> {
  const [row] = await tx.ask('SELECT seq, record FROM @faces WHERE id = $1 AND seq < $2', [
    columnText(id),
    firstSeq,
  ]);
  const face = row && wholeFace(row);
  if (face?.modelId !== modelId || !face.galleries.includes(gallery)) return undefined;
  const { seq } = face;
  const known = (await vectorsOf(tx, [face])).get(seq);
  if (!known) return { seq, isMendable: timestamp === face.timestamp };
  return isSameVector(known, vector) ? { seq, isMendable: false } : undefined;
}

/** Shows the faces, all at once: from now on they are like any others. */
async function endImport(tx: SqlTx, gallery: string, token: string): Promise<void> {
  const { ranges, hidden } = ownMark(tx, token);
  removeMark(tx);
  if (!hidden) return;
  await putGallery(tx, countedIn(await galleryToChange(tx, gallery), hidden.modelId, hidden));
  for (const [first, last] of ranges)
    await tx.ask('INSERT INTO @face_galleries SELECT $1, seq FROM @faces WHERE seq BETWEEN $2 AND $3', [
      ...[gallery, first, last],
    ]);
  const isNew = (seq: number): boolean => ranges.some(([first, last]) => seq >= first && seq <= last);
  await runLater(ensureAll(growingTables(tx), isNew));
  tx.changes.push({ kind: 'shown', gallery, ranges });
}

/** Takes the faces back; nothing happens if the import has ended. */
async function takeBack(tx: SqlTx, token: string): Promise<void> {
  const { importing } = tx.counters;
  if (importing?.token !== token) return;
  for (const [first, last] of importing.ranges) {
    const rows = await tx.ask('SELECT seq, record FROM @faces WHERE seq BETWEEN $1 AND $2', [first, last]);
    await eraseHidden(
      tx,
      rows.map(wholeFace).filter((face) => face !== undefined),
    );
    const unreadable = rows.filter((row) => !wholeFace(row)).map(({ seq }) => Number(seq));
    await dropUnreadable(tx, importing.hidden?.modelId ?? '', unreadable);
    tx.changes.push(
      leftChange(
        '',
        [],
        unreadable.map((seq) => ({ seq })),
      ),
    );
  }
  removeMark(tx);
}

/** The mark of the import that it is. @throws NearFaceError `STORAGE_FAILED` where others have ended it */
function ownMark({ counters: { importing } }: SqlTx, token: string): SqlImport {
  if (importing?.token === token) return importing;
  throw importDisturbed();
}

function removeMark(tx: SqlTx): void {
  const { importing: _, ...counters } = tx.counters;
  tx.counters = counters;
}
