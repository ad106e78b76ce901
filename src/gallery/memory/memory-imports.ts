import type { PreparedFace } from '../face-input.ts';
import { isSameVector } from '../face-rules.ts';
import { importDisturbed, importUnderWay } from '../gallery-errors.ts';
import { countedIn } from '../gallery-rules.ts';
import { withHidden } from '../hidden-faces.ts';
import type { Import } from '../port.ts';
import { runNow } from '../people/coroutine.ts';
import { ensureAll } from '../people/persons.ts';
import { growingTables } from './memory-people.ts';
import { addFaces, eraseHidden, readFaces } from './faces.ts';
import { putGallery, readGallery } from './galleries.ts';
import type { MemoryStore, MemoryTx } from './memory-tx.ts';
import { facesOfPhoto } from './queries.ts';
import { show } from './rows.ts';
import type { MemoryImport } from './tables.ts';

/** Keeps faces that nobody sees before `work` has ended; see {@link GalleryDatabase.importInto}. */
export async function importInto<T>(
  store: MemoryStore,
  gallery: string,
  work: (into: Import, signal: AbortSignal) => Promise<T>,
  signal: AbortSignal,
): Promise<T> {
  await store.run((tx) => refuseWhileImporting(tx), signal);
  const token = {};
  let begun: Promise<number> | undefined;
  let isOver = false;
  const step = async <R>(job: (tx: MemoryTx, firstSeq: number) => R): Promise<R> => {
    if (isOver) throw importDisturbed();
    // Nothing is noted before the work has something to keep.
    begun ??= store.run((tx) => begin(tx, gallery, token), signal);
    const firstSeq = await begun;
    return store.run((tx) => job(tx, firstSeq), signal);
  };
  try {
    const done = await work(
      {
        begin: () => step(() => undefined),
        store: (faces) => step((tx) => storeHidden(tx, gallery, token, faces)),
        hadPhoto: (photoHash) =>
          step((tx, firstSeq) => facesOfPhoto(tx, gallery, photoHash).some(({ seq }) => seq < firstSeq)),
        hadFace: (face) => step((tx, firstSeq) => hadFace(tx, gallery, face, firstSeq)),
      },
      signal,
    );
    if (begun) await store.run((tx) => endImport(tx, gallery, token), signal);
    return done;
  } catch (error) {
    // Where the database was closed everything is gone.
    if (begun) await store.run((tx) => takeBack(tx, token)).catch(() => undefined);
    throw error;
  } finally {
    isOver = true;
  }
}

/** Refuses what would reach hidden faces. @throws NearFaceError `STORAGE_FAILED` */
export function refuseWhileImporting({ counters }: MemoryTx): void {
  if (counters.importing) throw importUnderWay();
}

/** Notes that an import has begun. Answers the number that its first face gets, or a later one. */
function begin(tx: MemoryTx, gallery: string, token: object): number {
  readGallery(tx, gallery);
  refuseWhileImporting(tx);
  tx.counters = { ...tx.counters, importing: { token, ranges: [] } };
  return tx.counters.nextSeq;
}

function storeHidden(tx: MemoryTx, gallery: string, token: object, prepared: readonly PreparedFace[]): void {
  const mark = ownMark(tx, token);
  addFaces(tx, prepared, (faces) => {
    const importing = withHidden(mark, readGallery(tx, gallery), faces);
    tx.counters = { ...tx.counters, importing };
  });
}

function hadFace(
  tx: MemoryTx,
  gallery: string,
  { id, modelId, vector }: Pick<PreparedFace, 'id' | 'modelId' | 'vector'>,
  firstSeq: number,
): boolean {
  const seq = tx.ids.get(id) ?? Infinity;
  const known = seq < firstSeq ? tx.faces.get(seq) : undefined;
  if (known?.face.modelId !== modelId || !known.face.galleries.includes(gallery)) return false;
  return isSameVector(known.vector, vector);
}

/** Shows the faces, all at once: from now on they are like any others. */
function endImport(tx: MemoryTx, gallery: string, token: object): void {
  const { ranges, hidden } = ownMark(tx, token);
  removeMark(tx);
  if (!hidden) return;
  putGallery(tx, countedIn(readGallery(tx, gallery), hidden.modelId, hidden));
  for (const [first, last] of ranges) for (let seq = first; seq <= last; seq++) show(tx, seq, [], [gallery]);
  const isNew = (seq: number): boolean => ranges.some(([first, last]) => seq >= first && seq <= last);
  runNow(ensureAll(growingTables(tx), isNew));
  tx.changes.push({ kind: 'shown', gallery, ranges });
}

/** Takes the faces back; nothing happens if the import has ended. */
function takeBack(tx: MemoryTx, token: object): void {
  const { importing } = tx.counters;
  if (importing?.token !== token) return;
  for (const [first, last] of importing.ranges) {
    const seqs = Array.from({ length: last - first + 1 }, (_, i) => first + i);
    eraseHidden(
      tx,
      readFaces(tx, seqs).map(({ face }) => face),
    );
  }
  removeMark(tx);
}

/** The mark of the import that it is. @throws NearFaceError `STORAGE_FAILED` where others have ended it */
function ownMark({ counters: { importing } }: MemoryTx, token: object): MemoryImport {
  if (importing?.token === token) return importing;
  throw importDisturbed();
}

function removeMark(tx: MemoryTx): void {
  const { importing: _, ...counters } = tx.counters;
  tx.counters = counters;
}
