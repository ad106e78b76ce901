import type { ImportReport } from '../../core/records.ts';
import type { PreparedFace } from '../face-input.ts';
import type { GalleryDatabase, Import } from '../port.ts';
import { checkFile, facesOf, type ImportRequest } from './import.ts';

/** Faces that are stored at a time. */
const BATCH = 1000;

/** A batch is closed when its faces have as many bytes of pictures: what is held in memory at a time. */
const BATCH_BYTES: number = 16 * 2 ** 20;

/** What is imported, and into what. */
export interface ImportTask {
  readonly database: Pick<GalleryDatabase, 'describeGallery'>;
  readonly into: Import;
  readonly gallery: string;
  readonly file: Blob;
  readonly request: ImportRequest;
  readonly onProgress: (done: number, total: number) => void;
  readonly signal: AbortSignal;
}

/**
 * Stores the faces of a file. It is read to its end first, since damage may lie anywhere, and nothing is written if there is any.
 *
 * @throws NearFaceError
 */
export async function importFaces(task: ImportTask): Promise<ImportReport> {
  const { database, into, file, request, signal, onProgress } = task;
  const target = await database.describeGallery(task.gallery);
  const total = await checkFile(file, target, request, signal);
  await into.begin();
  let [imported, skipped, bytes] = [0, 0, 0];
  let batch: PreparedFace[] = [];
  const store = async (): Promise<void> => {
    if (batch.length > 0) await into.store(batch);
    imported += batch.length;
    [batch, bytes] = [[], 0];
    onProgress(imported + skipped, total);
  };
  for await (const face of facesOf(file, target.gallery.name, request, signal)) {
    if (await isKnown(into, face, request)) {
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

async function isKnown(
  into: Import,
  face: PreparedFace,
  { ids, duplicates }: ImportRequest,
): Promise<boolean> {
  const { photoHash } = face;
  if (duplicates === 'skip' && photoHash !== undefined && (await into.hadPhoto(photoHash))) return true;
  return ids === 'skip' && into.hadFace(face);
}
