import { badParam, throwIfAborted } from '../../core/errors.ts';
import type { ExportFormat, PictureKind } from '../../core/records.ts';
import type { Connection } from '../store/connection.ts';
import { toRecord } from '../store/faces.ts';
import { readGallery } from '../store/galleries.ts';
import { facesAfter, readStoredPicture } from '../store/queries.ts';
import { readState } from '../store/schema.ts';
import { readVectors } from '../store/segments.ts';
import { type ArchiveFace, writeArchive } from './archive.ts';
import { writeJsonLines } from './jsonl.ts';
import { writeNpy } from './npy.ts';

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

const TYPES: Readonly<Record<ExportFormat, string>> = {
  archive: 'application/x-nearface',
  jsonl: 'application/x-ndjson',
  npy: 'application/octet-stream',
};

const KINDS: readonly PictureKind[] = ['thumbnail', 'crop', 'photo'];

/**
 * A gallery as a file, made slice by slice. The browser keeps a large `Blob` on the disk. A face that is enrolled
 * meanwhile may or may not be in it, but for `npy`, whose count is told first.
 */
export async function exportGallery(
  connection: Connection,
  gallery: string,
  request: ExportRequest,
  onProgress: (done: number, total: number) => void,
  signal: AbortSignal,
): Promise<Blob> {
  const { format, pictures, passphrase } = request;
  if (format !== 'archive' && passphrase !== undefined)
    throw badParam('passphrase', '(not shown)', "left out: format 'archive' alone is encrypted");
  const { found, state } = await connection.read(async (tx) => ({
    found: await readGallery(tx, gallery),
    state: await readState(tx),
  }));
  const { modelId, count } = found;
  const dimension = (modelId !== null && state.models.get(modelId)?.dimension) || null;
  const faces = readFaces(connection, gallery, modelId ?? '', { pictures, onProgress, signal, total: count });
  const header = {
    gallery,
    modelId,
    dimension,
    createdAt: Date.now(),
    faces: null,
    pictures: pictures ? KINDS : [],
  };
  const streams = {
    archive: () => writeArchive(header, faces, passphrase === undefined ? {} : { passphrase }),
    jsonl: () => writeJsonLines(faces),
    npy: () => writeNpy({ count, dimension: dimension ?? 1 }, vectorsOf(faces)),
  };
  const file = await new Response(streams[format]()).blob();
  return file.slice(0, file.size, TYPES[format]);
}

async function* vectorsOf(faces: AsyncIterable<ArchiveFace>): AsyncIterable<Float32Array> {
  for await (const { vector } of faces) yield vector;
}

async function* readFaces(
  connection: Connection,
  gallery: string,
  modelId: string,
  how: {
    readonly pictures: boolean;
    readonly total: number;
    readonly onProgress: (done: number, total: number) => void;
    readonly signal: AbortSignal;
  },
): AsyncIterable<ArchiveFace> {
  let done = 0;
  for (let after = 0; ;) {
    throwIfAborted(how.signal);
    const start = after;
    const slice = await connection.read(async (tx) => {
      const faces = await facesAfter(tx, gallery, start, SLICE);
      const seqs = faces.map(({ seq }) => seq);
      const vectors = await readVectors(tx, modelId, seqs);
      const pictures = await Promise.all(
        faces.map(async (face) => {
          const kinds = how.pictures ? face.pictures : [];
          return Promise.all(kinds.map((kind) => readStoredPicture(tx, face.seq, kind)));
        }),
      );
      return faces.map((face, i) => ({
        seq: face.seq,
        record: { ...toRecord(face), pictures: [] },
        vector: vectors.get(face.seq) as Float32Array<ArrayBuffer>,
        pictures: (pictures[i] ?? []).filter((picture) => picture !== undefined),
      }));
    });
    for (const { seq, ...face } of slice) {
      after = seq;
      yield face;
    }
    done += slice.length;
    how.onProgress(done, Math.max(done, how.total));
    if (slice.length < SLICE) return;
  }
}
