import { badParam, type NearFaceError } from '../../core/errors.ts';
import { arrayOf, type Check, integer } from '../../core/options.ts';
import type { PortableRecord, PictureKind } from '../../core/records.ts';
import { checkUnitVector, type PreparedFace } from '../face-input.ts';
import { type ArchiveHeader, damaged } from './archive-header.ts';
import { readVector, vectorBytes } from './vector-bytes.ts';
import type { ChunkPlace } from './archive-seal.ts';
import { joinBytes } from '../../core/join-bytes.ts';
import { fieldsOf, jsonBytes, parseJson } from './json-text.ts';
import { checkKind, checkRecordFacts, type RecordFacts } from './record-fields.ts';

/** Most faces of a chunk. */
export const MAX_CHUNK_FACES = 256;

/** Most bytes of a chunk's payload. */
export const MAX_CHUNK_BYTES: number = 256 * 2 ** 20;

/** Most bytes of a chunk's JSON: 256 records in 10,000 galleries each are far less likely than an attack. */
const MAX_JSON_BYTES: number = 16 * 2 ** 20;

/** A chunk is closed when it holds as many bytes: what is held in memory at a time. */
export const FULL_CHUNK_BYTES: number = 4 * 2 ** 20;

/** Number of faces, and bytes of JSON. */
const COUNTS_BYTES = 8;

/**
 * Types of pictures that a file may give. Nothing that a browser would run when the picture is opened by its own URL: a
 * hostile file could otherwise bring a page or an SVG with scripts. `''` where the type is not known.
 */
const PICTURE_TYPE = /^(image\/(?!svg)[a-z0-9][a-z0-9.+-]{0,63})?$/;

/** One face of a file. `record.pictures` lists the kinds in `pictures`. */
export interface ArchiveFace {
  readonly record: PortableRecord;
  /** Of unit length. */
  readonly vector: Float32Array<ArrayBuffer>;
  readonly pictures: PreparedFace['pictures'];
}

/** A face that is ready to be written. */
interface FaceParts {
  readonly json: string;
  readonly vector: Uint8Array<ArrayBuffer>;
  readonly pictures: readonly Uint8Array<ArrayBuffer>[];
  /** About how much room it takes. */
  readonly bytes: number;
}

/** A picture as the JSON of its face names it; its bytes stand at the end of the chunk. */
interface PictureLine {
  readonly kind: PictureKind;
  readonly type: string;
  readonly bytes: number;
}

/** A face as the JSON of a chunk has it. */
interface FaceLine {
  readonly record: RecordFacts;
  readonly pictures: readonly PictureLine[];
}

/** The type of a picture that a file gives. */
export const pictureType: Check<string> = (value, path) => {
  if (typeof value === 'string' && PICTURE_TYPE.test(value)) return value;
  throw badParam(path, value, 'the type of a picture, such as image/jpeg');
};

const faceLine = fieldsOf<FaceLine>({
  record: checkRecordFacts,
  pictures: arrayOf(
    fieldsOf<PictureLine>({ kind: checkKind, type: pictureType, bytes: integer(0, MAX_CHUNK_BYTES) }),
    3,
  ),
});

/** The payloads of the chunks that hold `faces`, and how many each holds. @throws NearFaceError `BAD_PARAM` */
export async function* encodeChunks(
  header: ArchiveHeader,
  faces: AsyncIterable<ArchiveFace>,
): AsyncGenerator<{ readonly payload: Uint8Array<ArrayBuffer>; readonly faces: number }, void> {
  let chunk: FaceParts[] = [];
  let bytes = 0;
  let index = 0;
  for await (const face of faces) {
    const parts = facePartsOf(header, face, `faces[${index}]`);
    index++;
    const isFull = chunk.length === MAX_CHUNK_FACES || bytes + parts.bytes > FULL_CHUNK_BYTES;
    if (isFull && chunk.length > 0) {
      yield { payload: encodePayload(chunk), faces: chunk.length };
      chunk = [];
      bytes = 0;
    }
    chunk.push(parts);
    bytes += parts.bytes;
  }
  if (chunk.length > 0) yield { payload: encodePayload(chunk), faces: chunk.length };
}

function facePartsOf(header: ArchiveHeader, face: ArchiveFace, path: string): FaceParts {
  const pictures = face.pictures.map(({ kind, type, bytes }) => ({
    kind,
    type: PICTURE_TYPE.test(type) ? type : '',
    bytes: bytes.byteLength,
  }));
  const line = faceLine({ record: face.record, pictures }, path);
  checkAgainstHeader(header, line, path);
  const vector = checkUnitVector(face.vector, `${path}.vector`);
  if (vector.length !== header.dimension)
    throw badParam(`${path}.vector`, `${vector.length} numbers`, `a vector of ${header.dimension} numbers`);
  const json = JSON.stringify(line);
  const bytes = pictures.reduce((sum, picture) => sum + picture.bytes, json.length + vector.byteLength);
  if (bytes > MAX_CHUNK_BYTES / 2)
    throw badParam(`${path}.pictures`, `${bytes} bytes`, `of at most ${MAX_CHUNK_BYTES / 2} bytes in all`);
  const bodies = face.pictures.map((picture) => new Uint8Array(picture.bytes));
  return { json, vector: vectorBytes(vector), pictures: bodies, bytes };
}

function checkAgainstHeader(header: ArchiveHeader, line: FaceLine, path: string): void {
  if (line.record.modelId !== header.modelId)
    throw badParam(`${path}.record.modelId`, line.record.modelId, `'${header.modelId}', as in the header`);
  const kinds = line.pictures.map(({ kind }) => kind);
  const isKept = kinds.every((kind, i) => header.pictures.includes(kind) && kinds.indexOf(kind) === i);
  if (!isKept)
    throw badParam(
      `${path}.pictures`,
      kinds.join(', '),
      `different ones of the header's ${header.pictures.join(', ') || 'none'}`,
    );
}

function encodePayload(faces: readonly FaceParts[]): Uint8Array<ArrayBuffer> {
  const json = jsonBytes(`[${faces.map((face) => face.json).join(',')}]`);
  const counts = new Uint8Array(COUNTS_BYTES);
  const view = new DataView(counts.buffer);
  view.setUint32(0, faces.length, true);
  view.setUint32(4, json.length, true);
  const vectors = faces.map(({ vector }) => vector);
  return joinBytes([counts, json, ...vectors, ...faces.flatMap(({ pictures }) => pictures)]);
}

/** The faces of a chunk. @throws NearFaceError `BAD_PARAM`, `MALFORMED_JSON`, naming chunk, face and field */
export function decodeChunk(
  header: ArchiveHeader,
  payload: Uint8Array<ArrayBuffer>,
  place: ChunkPlace,
): readonly ArchiveFace[] {
  const cursor = new PayloadCursor(payload, place);
  const counts = cursor.take(COUNTS_BYTES);
  const view = new DataView(counts.buffer, counts.byteOffset);
  const count = view.getUint32(0, true);
  const jsonLength = view.getUint32(4, true);
  if (header.dimension === null || count < 1 || count > MAX_CHUNK_FACES || jsonLength > MAX_JSON_BYTES)
    throw damaged(`chunk ${place.chunk} claims ${count} faces and ${jsonLength} bytes of JSON`, place.offset);
  const name = `chunk ${place.chunk}`;
  const lines: unknown = parseJson(cursor.take(jsonLength), `The JSON of ${name}`);
  if (!Array.isArray(lines) || lines.length !== count)
    throw badParam(name, lines, `an array of ${count} faces`);
  const vectors = cursor.take(count * header.dimension * 4);
  const faces = lines.map((line, i) => readFace({ header, line, vectors, index: i, cursor, name }));
  if (cursor.left > 0) throw damaged(`chunk ${place.chunk} has ${cursor.left} bytes too many`, place.offset);
  return faces;
}

interface FaceSource {
  readonly header: ArchiveHeader;
  readonly line: unknown;
  readonly vectors: Uint8Array<ArrayBuffer>;
  readonly index: number;
  readonly cursor: PayloadCursor;
  readonly name: string;
}

function readFace({ header, line, vectors, index, cursor, name }: FaceSource): ArchiveFace {
  const path = `${name}, face ${index + 1}: face`;
  const face = faceLine(line, path);
  checkAgainstHeader(header, face, path);
  const row = readVector(vectors, index, header.dimension as number);
  const vector = checkUnitVector(row, `${path}.vector`);
  // Copies: a picture that is kept would otherwise keep the whole chunk.
  const pictures = face.pictures.map(({ kind, type, bytes }) => ({
    kind,
    type,
    bytes: cursor.take(bytes).slice().buffer,
  }));
  return { record: { ...face.record, pictures: pictures.map(({ kind }) => kind) }, vector, pictures };
}

/** Hands out a payload from its start, and never more than there is. */
export class PayloadCursor {
  readonly #payload: Uint8Array<ArrayBuffer>;
  readonly #place: ChunkPlace;
  #at = 0;

  constructor(payload: Uint8Array<ArrayBuffer>, place: ChunkPlace) {
    this.#payload = payload;
    this.#place = place;
  }

  get left(): number {
    return this.#payload.length - this.#at;
  }

  take(length: number): Uint8Array<ArrayBuffer> {
    if (length > this.left) throw this.#tooShort(length);
    this.#at += length;
    return this.#payload.subarray(this.#at - length, this.#at);
  }

  #tooShort(length: number): NearFaceError {
    const { chunk, offset } = this.#place;
    return damaged(`chunk ${chunk} has ${this.left} bytes where ${length} should be`, offset);
  }
}
