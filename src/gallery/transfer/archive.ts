import { badParam } from '../../core/errors.ts';
import { integer } from '../../core/options.ts';
import { type ArchiveFace, decodeChunk, encodeChunks, MAX_CHUNK_BYTES } from './archive-chunk.ts';
import {
  type ArchiveEncryption,
  type ArchiveHeader,
  checkHeader,
  damaged,
  encodePrologue,
  type Prologue,
  readPrologue,
} from './archive-header.ts';
import {
  checkPassphrase,
  ChecksumSeal,
  type ChunkPlace,
  CipherSeal,
  hashPrologue,
  newKey,
  notEncrypted,
  openKey,
  type Seal,
} from './archive-seal.ts';
import { ByteReader } from './byte-reader.ts';
import { byteStream } from './byte-stream.ts';

export type { ArchiveFace, ArchiveHeader };

/** Kind, number, length of the payload. */
const FRAME_BYTES = 12;

const KIND_FACES = 1;
/** The kind of the last chunk. */
export const KIND_END = 2;

/** Payload of the last chunk: how many faces there are. */
export const END_BYTES = 8;

/** How an archive is written. */
export interface WriteArchiveOptions {
  /** Encrypts everything but the header. */
  readonly passphrase?: string | undefined;
}

/** How an archive is read. */
export interface ReadArchiveOptions {
  /** Needed where the archive is encrypted, refused where it is not. */
  readonly passphrase?: string | undefined;
  /** Bytes in the file, if that is known: lengths beyond it are refused before anything is read. */
  readonly size?: number | undefined;
}

/** An archive that is being read. It holds the stream until its faces have been read to the end, or to an error. */
export interface OpenArchive {
  readonly header: ArchiveHeader;
  /**
   * The faces, once, in the order they were written. A chunk's faces come only after the chunk was found whole, but damage
   * further on is found only there, so what came before must be held back or taken back by whoever stores it.
   */
  readonly faces: AsyncIterable<ArchiveFace>;
  /** Lets go of the stream without reading on. Safe to call twice. */
  cancel(): Promise<void>;
}

/**
 * Writes faces as a `.nearface` file (docs/archive-format.md), made as it is read: memory for about 4 MB, or for one face
 * with its pictures where that is more. Each record's `pictures` are taken from the pictures given; a picture whose type
 * is not that of an image is written without one. Cancelling the stream ends `faces`.
 *
 * What cannot be read back, faces of another model or dimension than the header's, or another number of them, makes the
 * stream fail with `BAD_PARAM`.
 *
 * @throws NearFaceError `BAD_PARAM` if the header or the passphrase is not as it should be
 */
export function writeArchive(
  header: Omit<ArchiveHeader, 'encryption'>,
  faces: AsyncIterable<ArchiveFace>,
  options: WriteArchiveOptions = {},
): ReadableStream<Uint8Array<ArrayBuffer>> {
  const { encryption: _given, ...checked } = checkHeader(header);
  if (options.passphrase !== undefined) checkPassphrase(options.passphrase);
  return byteStream(archivePieces(checked, faces, options.passphrase));
}

async function* archivePieces(
  header: ArchiveHeader,
  faces: AsyncIterable<ArchiveFace>,
  passphrase: string | undefined,
): AsyncGenerator<Uint8Array<ArrayBuffer>, void> {
  const { prologue, seal } = await begin(header, passphrase);
  yield prologue.bytes;
  let number = 1;
  let count = 0;
  for await (const chunk of encodeChunks(header, faces)) {
    const frame = encodeFrame(KIND_FACES, number++, chunk.payload.length);
    yield frame;
    yield await seal.seal(frame, chunk.payload);
    count += chunk.faces;
  }
  if (header.faces !== null && header.faces !== count)
    throw badParam('header.faces', header.faces, `${count}, the number of faces given, or null`);
  yield* endOf(seal, number, count);
}

/** The last chunk: how many there were. */
export async function* endOf(
  seal: Seal,
  number: number,
  count: number,
): AsyncGenerator<Uint8Array<ArrayBuffer>, void> {
  const end = new Uint8Array(END_BYTES);
  new DataView(end.buffer).setBigUint64(0, BigInt(count), true);
  const frame = encodeFrame(KIND_END, number, END_BYTES);
  yield frame;
  yield await seal.seal(frame, end);
}

/** Begins a file. @param magic - what it starts with, if it is no archive */
export async function begin(
  header: object,
  passphrase: string | undefined,
  magic?: readonly number[],
): Promise<{ readonly prologue: Prologue; readonly seal: Seal }> {
  if (passphrase === undefined) {
    const prologue = encodePrologue(header, magic);
    return { prologue, seal: new ChecksumSeal(prologue) };
  }
  const { key, encryption } = await newKey(passphrase);
  const prologue = encodePrologue({ ...header, encryption }, magic);
  return { prologue, seal: new CipherSeal(key, await hashPrologue(prologue)) };
}

/** What stands before a chunk's payload. */
export function encodeFrame(kind: number, number: number, length: number): Uint8Array<ArrayBuffer> {
  const frame = new Uint8Array(FRAME_BYTES);
  const view = new DataView(frame.buffer);
  view.setUint32(0, kind, true);
  view.setUint32(4, number, true);
  view.setUint32(8, length, true);
  return frame;
}

/**
 * Opens a `.nearface` file: reads its header and tries the passphrase. The stream is the reader's from here on, and is
 * cancelled on an error.
 *
 * @throws NearFaceError `BAD_PARAM` for a file that is damaged, cut off, of a newer version or none of ours, `MALFORMED_JSON`,
 * `LOCKED` where the passphrase is missing or wrong, `BACKEND_UNAVAILABLE` without WebCrypto. The faces throw the same,
 * naming chunk, face and field.
 */
export async function readArchive(
  stream: ReadableStream<Uint8Array>,
  options: ReadArchiveOptions = {},
): Promise<OpenArchive> {
  const size =
    options.size === undefined ? undefined : integer(0, Number.MAX_SAFE_INTEGER)(options.size, 'size');
  const reader = new ByteReader(stream, { name: 'The archive', size });
  try {
    const prologue = await readPrologue(reader);
    const seal = await sealOf(prologue, options.passphrase);
    const faces = readFaces(reader, prologue.header, seal);
    return { header: prologue.header, faces, cancel: () => reader.cancel() };
  } catch (error) {
    await reader.cancel();
    throw error;
  }
}

/** What opens the chunks of a file. @throws NearFaceError `LOCKED`, `BAD_PARAM` of a passphrase that is not needed */
export async function sealOf(
  prologue: Prologue<{ readonly encryption?: ArchiveEncryption }>,
  passphrase: string | undefined,
): Promise<Seal> {
  const { encryption } = prologue.header;
  if (!encryption) {
    if (passphrase !== undefined) throw notEncrypted('archive');
    return new ChecksumSeal(prologue);
  }
  const key = await openKey(passphrase, encryption);
  return new CipherSeal(key, await hashPrologue(prologue));
}

async function* readFaces(
  reader: ByteReader,
  header: ArchiveHeader,
  seal: Seal,
): AsyncGenerator<ArchiveFace, void> {
  try {
    let count = 0;
    for (let chunk = 1; ; chunk++) {
      const place = { chunk, offset: reader.offset };
      const { kind, payload } = await readChunk(reader, seal, place);
      if (kind === KIND_END) {
        checkCount(header, payload, count, place);
        break;
      }
      const faces = decodeChunk(header, payload, place);
      count += faces.length;
      yield* faces;
    }
    if (!(await reader.atEnd())) throw damaged('something follows its end', reader.offset);
  } finally {
    await reader.cancel();
  }
}

/** The next chunk. @param content - the kind of those before the end */
export async function readChunk(
  reader: ByteReader,
  seal: Seal,
  place: ChunkPlace,
  content: number = KIND_FACES,
): Promise<{ readonly kind: number; readonly payload: Uint8Array<ArrayBuffer> }> {
  const name = `chunk ${place.chunk}`;
  const frame = await reader.read(FRAME_BYTES, name);
  const view = new DataView(frame.buffer, frame.byteOffset);
  const kind = view.getUint32(0, true);
  const number = view.getUint32(4, true);
  const length = view.getUint32(8, true);
  if (kind !== content && kind !== KIND_END)
    throw damaged(`${name} is of unknown kind ${kind}`, place.offset);
  if (number !== place.chunk) throw damaged(`chunk ${number} stands where ${name} should`, place.offset);
  if (length > MAX_CHUNK_BYTES || (kind === KIND_END && length !== END_BYTES))
    throw damaged(`${name} claims ${length} bytes`, place.offset);
  const sealed = await reader.read(length + seal.overhead, name);
  return { kind, payload: await seal.open(frame, sealed, place) };
}

function checkCount(
  header: ArchiveHeader,
  end: Uint8Array<ArrayBuffer>,
  count: number,
  { offset }: ChunkPlace,
): void {
  const claimed = new DataView(end.buffer, end.byteOffset).getBigUint64(0, true);
  if (claimed !== BigInt(count)) throw damaged(`it has ${count} faces, and ${claimed} by its end`, offset);
  if (header.faces !== null && header.faces !== count)
    throw damaged(`it has ${count} faces, and ${header.faces} by its header`, offset);
}
