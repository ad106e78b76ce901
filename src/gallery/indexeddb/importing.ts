import type { PreparedFace } from '../face-input.ts';
import { isSameVector } from '../face-rules.ts';
import { importDisturbed, importUnderWay } from '../gallery-errors.ts';
import { withHidden } from '../hidden-faces.ts';
import { countIn, readGallery } from './galleries.ts';
import { runLater } from '../people/coroutine.ts';
import { ensureAll } from '../people/persons.ts';
import { tablesOf } from './people.ts';
import { facesOfPhoto } from './queries.ts';
import { blockOf, facesOf, nextBlocks, readFaces } from './records.ts';
import { eraseFaces, eraseHidden } from './removal.ts';
import { readVectors } from './segments.ts';
import {
  BLOCK_FACES,
  EMPTY_STATE,
  type ReadTx,
  type StoredImport,
  type StoredState,
  type WriteTx,
} from './schema.ts';
import { addBytes, bytesOf, type StoredFace } from '../stored.ts';

/** Blocks of records that are taken back in one transaction. */
const SLICE_BLOCKS = 32;

/** What the page that imports is at, which others wait for. */
export const importUpkeep = (id: string): string => `import:${id}`;

/** Notes that an import has begun. Answers the number that its first face gets, or a later one. */
export async function beginImport(tx: WriteTx, gallery: string, id: string): Promise<number> {
  await readGallery(tx, gallery);
  if (tx.state.importing) throw importUnderWay();
  tx.state = { ...tx.state, importing: { id, ranges: [] } };
  return tx.state.nextSeq;
}

/**
 * Notes which hidden faces, of one model, a batch of it has stored, in the transaction that stores them.
 *
 * @throws NearFaceError as {@link endImport}
 */
export async function noteImported(
  tx: WriteTx,
  id: string,
  gallery: string,
  faces: readonly StoredFace[],
): Promise<void> {
  const importing = withHidden(ownMark(tx, id), await readGallery(tx, gallery), faces);
  tx.state = { ...tx.state, importing };
}

/**
 * Shows the imported faces, all at once: from now on they are like any others.
 *
 * @throws NearFaceError `STORAGE_FAILED` if it was taken back; `GALLERY_NOT_FOUND`, `MODEL_MISMATCH`, `GALLERY_FULL` by what others
 *   have made of the gallery meanwhile
 */
export async function endImport(tx: WriteTx, id: string, gallery: string): Promise<void> {
  const { ranges, hidden } = ownMark(tx, id);
  if (hidden) {
    // A damaged row is counted anew first: of what is seen by now.
    await countIn(tx, gallery, hidden.modelId, hidden);
    tx.note({ kind: 'shown', gallery: tx.sealer.tag(gallery), ranges });
  }
  removeMark(tx);
  const isNew = (seq: number): boolean => ranges.some(([first, last]) => seq >= first && seq <= last);
  await runLater(ensureAll(tablesOf(tx), isNew));
}

/**
 * Takes back some of the faces of an import that did not end; nothing happens if it has. Those of an earlier version's,
 * which were seen, go for good, whatever galleries they were put into meanwhile. Returns whether all are gone.
 */
export async function takeBackImport(tx: WriteTx, id: string): Promise<boolean> {
  const { importing } = tx.state;
  if (importing?.id !== id) return true;
  const range = importing.ranges.at(-1);
  if (!range) {
    // What is left of the bytes is of faces whose records could not be read.
    const { bytes } = importing.hidden ?? EMPTY_STATE;
    tx.state = { ...tx.state, bytes: addBytes(tx.state.bytes, bytes, -1) };
    removeMark(tx);
    return true;
  }
  const [first, last] = range;
  // From the end, so that no step passes over what earlier ones have deleted.
  const block = Math.max(blockOf(first), blockOf(last) - SLICE_BLOCKS + 1);
  const from = Math.max(first, block * BLOCK_FACES);
  const blocks = await nextBlocks(tx, block, SLICE_BLOCKS);
  const faces = blocks.flatMap((some) => facesOf(tx.sealer, some));
  const some = faces.filter(({ seq }) => seq >= from && seq <= last);
  const { hidden } = importing;
  if (hidden) await eraseHidden(tx, some, unreadableIn(from, last, some, hidden));
  else await eraseFaces(tx, some);
  const rest = hidden && {
    ...hidden,
    faces: hidden.faces - some.length,
    bytes: addBytes(hidden.bytes, bytesOf(some), -1),
  };
  const left = importing.ranges.slice(0, -1);
  const ranges = from > first ? [...left, [first, from - 1] as const] : left;
  tx.state = { ...tx.state, importing: { ...importing, ranges, ...(rest && { hidden: rest }) } };
  return false;
}

/** Hidden faces from one number to another but those that are known: all numbers there are of the import, and nobody deletes any. */
function unreadableIn(
  from: number,
  last: number,
  known: readonly StoredFace[],
  { modelId }: { readonly modelId: string },
): readonly Pick<StoredFace, 'seq' | 'modelId'>[] {
  const readable = new Set(known.map(({ seq }) => seq));
  return Array.from({ length: last - from + 1 }, (_, i) => from + i)
    .filter((seq) => !readable.has(seq))
    .map((seq) => ({ seq, modelId }));
}

/** Whether a gallery has a face of a photo with a number below `beforeSeq`. */
export async function hadPhoto(
  tx: ReadTx,
  gallery: string,
  photoHash: string,
  beforeSeq: number,
): Promise<boolean> {
  const faces = await facesOfPhoto(tx, gallery, photoHash);
  return faces.some(({ seq }) => seq < beforeSeq);
}

/** A face that an import brings again. */
interface KnownFace {
  readonly seq: number;
  /** Whether its vector is damaged, and what is imported is the same face by id, model and time. */
  readonly isMendable: boolean;
}

/** A gallery's face of this id and vector with a number below `beforeSeq`; one whose vector is damaged is known by its id alone. */
export async function hadFace(
  tx: ReadTx,
  gallery: string,
  { id, modelId, vector, timestamp }: Pick<PreparedFace, 'id' | 'modelId' | 'vector' | 'timestamp'>,
  beforeSeq: number,
): Promise<KnownFace | undefined> {
  const candidates = await readFaces(tx, tx.index.withIds([tx.sealer.tag(id)]));
  const face = candidates.find((other) => other.id === id);
  if (!face || face.seq >= beforeSeq || face.modelId !== modelId || !face.galleries.includes(gallery))
    return undefined;
  const { seq } = face;
  const stored = (await readVectors(tx, modelId, [seq])).get(seq);
  if (!stored) return { seq, isMendable: timestamp === face.timestamp };
  return isSameVector(stored, vector) ? { seq, isMendable: false } : undefined;
}

/** Refuses what would reach hidden faces. @throws NearFaceError `STORAGE_FAILED` */
export function refuseWhileImporting({ importing }: Pick<StoredState, 'importing'>): void {
  if (importing) throw importUnderWay();
}

function ownMark(tx: WriteTx, id: string): StoredImport {
  const { importing } = tx.state;
  if (importing?.id === id) return importing;
  throw importDisturbed();
}

function removeMark(tx: WriteTx): void {
  const { importing: _, ...state } = tx.state;
  tx.state = state;
}
