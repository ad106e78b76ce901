import { badParam, NearFaceError, throwIfAborted } from '../../core/errors.ts';
import type { ExportFormat } from '../../core/records.ts';
import { assumedReliability } from '../../core/reliability.ts';
import { randomId } from '../../core/random-id.ts';
import type { PreparedFace } from '../face-input.ts';
import { galleryFull, modelMismatch } from '../gallery-errors.ts';
import { readArchive } from './archive.ts';
import { notEncrypted } from './archive-seal.ts';
import { type ForeignFaces, readForeign } from './foreign.ts';
import { readJsonLines } from './jsonl.ts';
import { readNpy } from './npy.ts';
import type { StoredGallery, StoredModel } from '../stored.ts';

/** What is imported, and how. */
export interface ImportRequest {
  /** Found out from the file's first bytes if absent. */
  readonly format?: ExportFormat;
  readonly passphrase?: string;
  /** Whether faces keep their ids; `skip` leaves out those that the gallery has with the same vector. */
  readonly ids: 'keep' | 'new' | 'skip';
  /** Whether faces are left out that are of photos of which the gallery had faces before. */
  readonly duplicates: 'add' | 'skip';
  /** The model in use: whose embeddings `.npy` files and foreign descriptors are taken for. */
  readonly modelId: string;
}

/** Models whose embeddings another library's descriptors are, if such a model is loaded. */
const FOREIGN_MODELS: Readonly<Record<ForeignFaces['source'], readonly string[]>> = {
  human: ['faceres', 'human-faceres'],
  'face-api': ['face-recognition', 'face-recognition-net', 'face_recognition'],
};

/** Longest JSON of foreign descriptors: it is read whole. */
const MAX_FOREIGN_BYTES = 200e6;

/** The faces of a file, ready to be stored in one gallery. The file may be damaged further on. */
export async function* facesOf(
  file: Blob,
  gallery: string,
  request: ImportRequest,
  signal: AbortSignal,
): AsyncIterable<PreparedFace> {
  try {
    for await (const face of readAny(file, request)) {
      throwIfAborted(signal);
      const id = request.ids === 'new' ? randomId() : face.id;
      yield { ...face, id, galleries: [gallery] };
    }
  } catch (error) {
    throw unreadable(error);
  }
}

/** A file may be gone or changed since it was chosen. */
function unreadable(error: unknown): NearFaceError {
  if (error instanceof NearFaceError) return error;
  const message = error instanceof Error ? error.message : String(error);
  const text = `The file could not be read (${message}); was it changed or removed? Choose it again`;
  return new NearFaceError('BAD_PARAM', text, { param: 'file' }, error);
}

/** Where a file is imported to. */
export interface ImportTarget {
  readonly gallery: StoredGallery;
  readonly models: ReadonlyMap<string, StoredModel>;
}

/** Reads a file to its end and keeps nothing; answers how many faces it holds. @throws NearFaceError */
export async function checkFile(
  file: Blob,
  { gallery, models }: ImportTarget,
  request: ImportRequest,
  signal: AbortSignal,
): Promise<number> {
  let count = 0;
  let model = gallery.modelId;
  let dimension = 0;
  for await (const { modelId, vector } of facesOf(file, gallery.name, request, signal)) {
    if (model !== null && modelId !== model) throw modelMismatch(gallery.name, model, modelId);
    model = modelId;
    const stored = models.get(modelId)?.dimension ?? vector.length;
    if (vector.length !== stored) throw dimensionMismatch(modelId, stored, vector.length);
    dimension ||= vector.length;
    if (vector.length !== dimension)
      throw badParam('file', `vectors of ${dimension} and ${vector.length} numbers`, 'a file of one model');
    count++;
  }
  const { capacity } = gallery;
  // How many of them are duplicates is known only when they are looked up.
  if (
    request.duplicates === 'add' &&
    request.ids !== 'skip' &&
    capacity !== null &&
    gallery.count + count > capacity
  )
    throw galleryFull(gallery.name, capacity, gallery.count, count);
  return count;
}

function dimensionMismatch(modelId: string, stored: number, given: number): NearFaceError {
  return new NearFaceError(
    'MODEL_MISMATCH',
    `The file holds vectors of ${given} numbers, those of the model '${modelId}' in the database have ${stored}; it was made with another model`,
    { model: modelId, dimension: stored, given },
  );
}

async function* readAny(file: Blob, request: ImportRequest): AsyncIterable<PreparedFace> {
  const format = request.format ?? (await detect(file));
  if (format !== 'archive' && request.passphrase !== undefined) throw notEncrypted('file');
  const stream = (): ReadableStream<Uint8Array> => file.stream();
  switch (format) {
    case 'archive': {
      const { passphrase } = request;
      const { faces } = await readArchive(stream(), { passphrase, size: file.size });
      for await (const { record, vector, pictures } of faces) yield { ...record, vector, pictures };
      return;
    }
    case 'jsonl':
      for await (const { record, vector } of readJsonLines(stream()))
        yield { ...record, vector, pictures: [] };
      return;
    case 'npy': {
      const { vectors } = await readNpy(stream(), { size: file.size });
      for await (const vector of vectors) yield bare('', unit(vector), request.modelId);
      return;
    }
    case 'foreign': {
      const { source, faces, dimension } = await readForeignFile(file);
      if (!FOREIGN_MODELS[source].includes(request.modelId)) {
        const text = `These are ${source}'s descriptors of ${dimension} numbers, which the model '${request.modelId}' cannot be compared with; load ${source}'s embedding model (option models), or enrol the photos again`;
        throw new NearFaceError('MODEL_MISMATCH', text, { source, dimension, model: request.modelId });
      }
      for (const { meta, vector } of faces) yield bare(meta, unit(vector), request.modelId);
    }
  }
}

function bare(meta: string, vector: Float32Array<ArrayBuffer>, modelId: string): PreparedFace {
  return { id: randomId(), meta, galleries: [], modelId, vector, pictures: [], ...assumedReliability() };
}

function unit(vector: Float32Array<ArrayBuffer>): Float32Array<ArrayBuffer> {
  const length = Math.hypot(...vector);
  if (!(length > 0)) throw badParam('file', 'a vector of zeros', 'vectors that have a direction');
  return vector.map((x) => x / length);
}

async function detect(file: Blob): Promise<ExportFormat | 'foreign'> {
  const start = new Uint8Array(await file.slice(0, 64).arrayBuffer());
  const text = new TextDecoder('latin1').decode(start);
  if (text.startsWith('NEARFACE')) return 'archive';
  if (text.startsWith('NEARHIST'))
    throw badParam('file', 'people and history', 'a gallery; give this file to history.import()');
  if (start[0] === 0x93 && text.slice(1, 6) === 'NUMPY') return 'npy';
  const json = text.replace(/^\u00ef\u00bb\u00bf/, '').trimStart();
  if (json.startsWith('[') || /^\{\s*"(label|labeledDescriptors|distanceThreshold)"/.test(json))
    return 'foreign';
  if (json.startsWith('{')) return 'jsonl';
  throw badParam('file', file, 'an archive that gallery.export() wrote, JSON Lines, or a .npy array');
}

async function readForeignFile(file: Blob): Promise<ForeignFaces> {
  if (file.size > MAX_FOREIGN_BYTES)
    throw badParam('file', `${file.size} bytes`, `at most ${MAX_FOREIGN_BYTES} bytes of JSON`);
  let json: unknown;
  try {
    json = JSON.parse(await file.text());
  } catch (error) {
    throw new NearFaceError('MALFORMED_JSON', 'The file is not JSON; give it as it was saved', {}, error);
  }
  const found = readForeign(json);
  if (found) return found;
  throw badParam('file', file, 'an archive, JSON Lines, a .npy array, or descriptors of human or face-api');
}
