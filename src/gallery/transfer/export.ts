import { badParam, throwIfAborted } from '../../core/errors.ts';
import type { ExportFormat, PictureKind } from '../../core/records.ts';
import { blobOf } from '../../core/stream-blob.ts';
import type { Call } from '../../core/call.ts';
import type { GalleryDatabase, LeftOut, WholeFace } from '../port.ts';
import { writeArchive } from './archive.ts';
import { byteStream } from './byte-stream.ts';
import { writeJsonLines } from './jsonl.ts';
import { npyHeader } from './npy.ts';
import { vectorBytes } from './vector-bytes.ts';

/** What an export holds, and how. */
export interface ExportRequest {
  readonly format: ExportFormat;
  /** Archives only. */
  readonly pictures: boolean;
  /** Archives only. */
  readonly passphrase?: string;
}

const TYPES: Readonly<Record<ExportFormat, string>> = {
  archive: 'application/x-nearface',
  jsonl: 'application/x-ndjson',
  npy: 'application/octet-stream',
};

const KINDS: readonly PictureKind[] = ['thumbnail', 'crop', 'photo'];

/** The faces that are read, and how. */
interface Reading {
  readonly database: GalleryDatabase;
  readonly gallery: string;
  /** The model of all of them; `null` where there were none at the start. */
  readonly modelId: string | null;
  readonly pictures: boolean;
  readonly total: number;
  readonly call: Call;
}

/**
 * A gallery as a file, made slice by slice in short transactions, in the order of enrolment. The browser keeps a large
 * `Blob` on the disk. A face that is enrolled or deleted meanwhile may or may not be in it. Damaged faces and pictures are left out.
 *
 * @throws NearFaceError
 */
export async function exportGallery(
  database: GalleryDatabase,
  gallery: string,
  request: ExportRequest,
  call: Call,
): Promise<Blob> {
  const { format, passphrase } = request;
  if (format !== 'archive' && passphrase !== undefined)
    throw badParam('passphrase', '(not shown)', "left out: format 'archive' alone is encrypted");
  const { gallery: stored, models } = await database.describeGallery(gallery);
  const { modelId, count: total } = stored;
  const dimension = (modelId !== null && models.get(modelId)?.dimension) || null;
  const pictures = format === 'archive' && request.pictures;
  const faces = readFaces({ database, gallery, modelId, pictures, total, call });
  const type = TYPES[format];
  if (format === 'jsonl') return blobOf(writeJsonLines(faces), type);
  if (format === 'npy') return npyFile(faces, dimension ?? 1, type);
  const facts = { gallery, modelId, dimension, createdAt: Date.now(), faces: null };
  const header = { ...facts, pictures: pictures ? KINDS : [] };
  return blobOf(writeArchive(header, faces, passphrase === undefined ? {} : { passphrase }), type);
}

/** The rows are written before the header, since others may enrol and delete while they are read. */
async function npyFile(faces: AsyncIterable<WholeFace>, dimension: number, type: string): Promise<Blob> {
  let count = 0;
  async function* rows(): AsyncGenerator<Uint8Array<ArrayBuffer>, void> {
    for await (const { vector } of faces) {
      count++;
      yield vectorBytes(vector);
    }
  }
  const table = await blobOf(byteStream(rows()), type);
  return new Blob([npyHeader({ count, dimension }), table], { type });
}

async function* readFaces(reading: Reading): AsyncGenerator<WholeFace, void> {
  const { database, gallery, modelId, pictures, call, total } = reading;
  if (modelId === null) return;
  let done = 0;
  let leftOut: LeftOut = { faces: 0, pictures: 0 };
  for (let after = 0; ;) {
    throwIfAborted(call.signal);
    const slice = await database.readWhole(gallery, { modelId, after, pictures });
    yield* slice.faces;
    after = slice.last;
    done += slice.faces.length + slice.leftOut.faces;
    leftOut = {
      faces: leftOut.faces + slice.leftOut.faces,
      pictures: leftOut.pictures + slice.leftOut.pictures,
    };
    const isWhole = leftOut.faces === 0 && leftOut.pictures === 0;
    const progress = { phase: 'export', item: gallery, done, total: Math.max(done, total) } as const;
    call.report?.({ ...progress, ...(!isWhole && { leftOut }) });
    if (slice.atEnd) return;
  }
}
