import type { ImportReport } from '../../core/records.ts';
import type { PreparedFace } from '../face-input.ts';
import type { Connection } from '../store/connection.ts';
import { readGallery } from '../store/galleries.ts';
import {
  beginImport,
  endImport,
  hadFace,
  hadPhoto,
  noteImported,
  takeBackImport,
} from '../store/importing.ts';
import { putRegenerated } from '../store/regenerating.ts';
import type { Writer } from '../writer.ts';
import { checkFile, facesOf, type ImportRequest } from './import.ts';

/** Faces that are stored in one transaction. */
const BATCH = 1000;

/** A batch is closed when its faces have as many bytes of pictures: what is held in memory at a time. */
const BATCH_BYTES: number = 16 * 2 ** 20;

/** What an import writes with, each call in a transaction of its own. */
export type ImportWriter = Pick<Writer, 'write' | 'writeFaces' | 'free'>;

/** What is imported, and into what. */
export interface Import {
  /** Names it: its page holds the lock of {@link importUpkeep} as long as it is under way. */
  readonly id: string;
  readonly connection: Connection;
  readonly writer: ImportWriter;
  readonly gallery: string;
  readonly file: Blob;
  readonly request: ImportRequest;
  /** Called when the database carries the import's mark. */
  readonly onBegun: () => void;
  readonly onProgress: (done: number, total: number) => void;
  readonly signal: AbortSignal;
}

/**
 * Stores the faces of a file, all or none. It is read to its end first, since damage may lie anywhere, and nothing is
 * written if there is any. Then its faces are stored in batches, hidden: nobody sees them, but their ids are taken. The last
 * transaction shows all of them. The database carries a mark with the numbers of the faces stored, so that they are taken back if
 * the import does not end: at once, or, where its page ended first, by {@link takeBack} in whichever page is there. A batch is
 * written only while the mark is there, so whoever takes it away ends the import. One import at a time.
 *
 * @throws NearFaceError
 */
export async function importFaces(task: Import): Promise<ImportReport> {
  const { id, connection, writer, gallery, file, request, onBegun, signal } = task;
  const target = await connection.read(async (tx) => ({
    gallery: await readGallery(tx, gallery),
    models: tx.state.models,
  }));
  const total = await checkFile(file, target, request, signal);
  const firstSeq = await writer.write((tx) => beginImport(tx, gallery, id), { onComplete: onBegun });
  try {
    const report = await storeFaces(task, firstSeq, total);
    await writer.write((tx) => endImport(tx, id, gallery), { signal });
    return report;
  } catch (error) {
    // What cannot be taken back now is taken back later; why the import failed is what the caller needs to know.
    await takeBack(writer, id).catch(() => undefined);
    throw error;
  }
}

/** Takes back the faces of an import that did not end, on a full disk too; nothing happens if it has. */
export async function takeBack(writer: ImportWriter, id: string): Promise<void> {
  for (let done = false; !done;)
    await writer.free([0], async (tx) => {
      done = await takeBackImport(tx, id);
    });
}

async function storeFaces(
  { id, connection, writer, gallery, file, request, onProgress, signal }: Import,
  firstSeq: number,
  total: number,
): Promise<ImportReport> {
  let [imported, skipped, bytes] = [0, 0, 0];
  let batch: PreparedFace[] = [];
  const store = async (): Promise<void> => {
    const faces = batch;
    if (faces.length > 0)
      await writer.writeFaces(
        async (tx, add) => noteImported(tx, id, gallery, await add(faces, true)),
        signal,
      );
    imported += faces.length;
    [batch, bytes] = [[], 0];
    onProgress(imported + skipped, total);
  };
  const isKnown = async (face: PreparedFace): Promise<boolean> => {
    const { photoHash } = face;
    const samePhoto = request.duplicates === 'skip' && photoHash !== undefined;
    if (samePhoto && (await connection.read((tx) => hadPhoto(tx, gallery, photoHash, firstSeq)))) return true;
    if (request.ids !== 'skip') return false;
    const known = await connection.read((tx) => hadFace(tx, gallery, face, firstSeq));
    if (known?.isMendable) {
      const made = { seq: known.seq, vector: face.vector };
      await writer.write((tx) => putRegenerated(tx, face.modelId, [made]));
    }
    return known !== undefined;
  };
  for await (const face of facesOf(file, gallery, request, signal)) {
    if (await isKnown(face)) {
      skipped++;
      continue;
    }
    const more = face.pictures.reduce((sum, picture) => sum + picture.bytes.byteLength, 0);
    if (batch.length === BATCH || (batch.length > 0 && bytes + more > BATCH_BYTES)) await store();
    batch.push(face);
    bytes += more;
  }
  await store();
  return { imported, skipped };
}
