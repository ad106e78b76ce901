import { badParam, NearFaceError, throwIfAborted } from '../../core/errors.ts';
import type { ExportFormat, PictureKind } from '../../core/records.ts';
import type { Progress } from '../../core/types.ts';
import type { Connection } from '../store/connection.ts';
import { toRecord } from '../store/faces.ts';
import { readGallery } from '../store/galleries.ts';
import { facesAfter, wholePictures } from '../store/queries.ts';
import type { ReadTx, StoredFace } from '../store/schema.ts';
import { readVectors } from '../store/segments.ts';
import { type ArchiveFace, writeArchive } from './archive.ts';
import { byteStream } from './byte-stream.ts';
import { writeJsonLines } from './jsonl.ts';
import { npyHeader } from './npy.ts';
import { blobOf } from '../../core/stream-blob.ts';
import { vectorBytes } from './vector-bytes.ts';

/** What an export holds, and how. */
export interface ExportRequest {
  readonly format: ExportFormat;
  /** Archives only. */
  readonly pictures: boolean;
  /** Archives only. */
  readonly passphrase?: string;
}

/** Faces that are read in one transaction. */
const SLICE = 256;

/** A slice ends where its faces have as many bytes of pictures. */
const SLICE_BYTES: number = 8 * 2 ** 20;

const TYPES: Readonly<Record<ExportFormat, string>> = {
  archive: 'application/x-nearface',
  jsonl: 'application/x-ndjson',
  npy: 'application/octet-stream',
};

const KINDS: readonly PictureKind[] = ['thumbnail', 'crop', 'photo'];

/** `leftOut`: faces and pictures that are damaged so far. */
export type ReportExport = (done: number, total: number, leftOut: LeftOut) => void;

/** Reports how far the export of a gallery is, and what is left out of it, if anything is. */
export function exportReporter(gallery: string, report: (progress: Progress) => void): ReportExport {
  return (done, total, leftOut) => {
    const isWhole = leftOut.faces === 0 && leftOut.pictures === 0;
    report({ phase: 'export', item: gallery, done, total, ...(!isWhole && { leftOut }) });
  };
}

/** What is damaged and could not be exported. */
export interface LeftOut {
  readonly faces: number;
  readonly pictures: number;
}

/** The faces that are read, and how. */
interface Reading {
  readonly connection: Connection;
  readonly gallery: string;
  /** The model of all of them; `null` where there were none at the start. */
  readonly modelId: string | null;
  readonly pictures: boolean;
  readonly total: number;
  readonly onProgress: ReportExport;
  readonly signal: AbortSignal;
}

/**
 * A gallery as a file, made slice by slice in short transactions, in the order of enrolment. The browser keeps a large
 * `Blob` on the disk. A face that is enrolled or deleted meanwhile may or may not be in it. Damaged faces and pictures are left out.
 *
 * @throws NearFaceError
 */
export async function exportGallery(
  connection: Connection,
  gallery: string,
  request: ExportRequest,
  onProgress: ReportExport,
  signal: AbortSignal,
): Promise<Blob> {
  const { format, passphrase } = request;
  if (format !== 'archive' && passphrase !== undefined)
    throw badParam('passphrase', '(not shown)', "left out: format 'archive' alone is encrypted");
  const { found, state } = await connection.read(async (tx) => ({
    found: await readGallery(tx, gallery),
    state: tx.state,
  }));
  const { modelId, count: total } = found;
  const dimension = (modelId !== null && state.models.get(modelId)?.dimension) || null;
  const pictures = format === 'archive' && request.pictures;
  const faces = readFaces({ connection, gallery, modelId, pictures, total, onProgress, signal });
  const type = TYPES[format];
  if (format === 'jsonl') return blobOf(writeJsonLines(faces), type);
  if (format === 'npy') return npyFile(faces, dimension ?? 1, type);
  const facts = { gallery, modelId, dimension, createdAt: Date.now(), faces: null };
  const header = { ...facts, pictures: pictures ? KINDS : [] };
  return blobOf(writeArchive(header, faces, passphrase === undefined ? {} : { passphrase }), type);
}

/** The rows are written before the header, since others may enrol and delete while they are read. */
async function npyFile(faces: AsyncIterable<ArchiveFace>, dimension: number, type: string): Promise<Blob> {
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

async function* readFaces(reading: Reading): AsyncGenerator<ArchiveFace, void> {
  const { connection, modelId, onProgress, signal, total } = reading;
  if (modelId === null) return;
  let done = 0;
  let leftOut: LeftOut = { faces: 0, pictures: 0 };
  for (let after = 0; ;) {
    throwIfAborted(signal);
    const start = after;
    const slice = await connection.read((tx) => readSlice(tx, reading, modelId, start));
    yield* slice.faces;
    after = slice.last;
    done += slice.faces.length + slice.leftOut.faces;
    leftOut = {
      faces: leftOut.faces + slice.leftOut.faces,
      pictures: leftOut.pictures + slice.leftOut.pictures,
    };
    onProgress(done, Math.max(done, total), leftOut);
    if (slice.atEnd) return;
  }
}

/** What one transaction read. */
interface Slice {
  readonly faces: readonly ArchiveFace[];
  /** The number of the last face that was looked at. */
  readonly last: number;
  readonly atEnd: boolean;
  readonly leftOut: LeftOut;
}

async function readSlice(
  tx: ReadTx,
  { gallery, pictures }: Reading,
  modelId: string,
  after: number,
): Promise<Slice> {
  const { faces: found, seqs } = await facesAfter(tx, gallery, after, SLICE);
  const faces = pictures ? upToBytes(found) : found;
  const other = faces.find((face) => face.modelId !== modelId);
  if (other) throw modelChanged(gallery, modelId, other.modelId);
  const vectors = await readVectors(
    tx,
    modelId,
    faces.map(({ seq }) => seq),
  );
  const whole = faces.filter(({ seq }) => vectors.has(seq));
  const kinds = whole.reduce((sum, face) => sum + (pictures ? face.pictures.length : 0), 0);
  const read = await Promise.all(
    whole.map(async (face) => ({
      record: { ...toRecord(face), pictures: [] },
      vector: vectors.get(face.seq) as Float32Array<ArrayBuffer>,
      pictures: pictures ? await wholePictures(tx, face) : [],
    })),
  );
  const isCut = faces.length < found.length;
  const last = (isCut ? faces.at(-1)?.seq : seqs.at(-1)) ?? after;
  return {
    faces: read,
    last,
    atEnd: !isCut && seqs.length < SLICE,
    leftOut: {
      // Also those whose records cannot be read.
      faces: seqs.filter((seq) => seq <= last).length - whole.length,
      pictures: kinds - read.reduce((sum, face) => sum + face.pictures.length, 0),
    },
  };
}

/** The first faces whose pictures are not too many bytes, one at least. */
function upToBytes(faces: readonly StoredFace[]): readonly StoredFace[] {
  let bytes = 0;
  const end = faces.findIndex(({ pictureBytes }, i) => (bytes += pictureBytes) > SLICE_BYTES && i > 0);
  return end < 0 ? faces : faces.slice(0, end);
}

function modelChanged(gallery: string, before: string, after: string): NearFaceError {
  return new NearFaceError(
    'MODEL_MISMATCH',
    `The gallery '${gallery}' got embeddings of '${after}' in place of those of '${before}' while it was exported; export it again`,
    { gallery, galleryModel: after, model: before },
  );
}
