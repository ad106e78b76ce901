/** People and history as a file (docs/archive-format.md): the frame of an archive with other contents. */
import { badParam } from '../../core/errors.ts';
import type { PreparedFace } from '../face-input.ts';
import { joinBytes } from '../../core/join-bytes.ts';
import { begin, encodeFrame, endOf, KIND_END, readChunk, sealOf } from './archive.ts';
import { FULL_CHUNK_BYTES, MAX_CHUNK_BYTES, MAX_CHUNK_FACES, PayloadCursor } from './archive-chunk.ts';
import {
  type ArchiveEncryption,
  checkEncryption,
  damaged,
  type FileKind,
  readPrologueOf,
} from './archive-header.ts';
import { checkPassphrase, type ChunkPlace } from './archive-seal.ts';
import { ByteReader } from './byte-reader.ts';
import { byteStream } from './byte-stream.ts';
import { checkLine, type HistoryItem, type HistoryLine } from './history-fields.ts';
import { fieldsOf, jsonBytes, parseJson } from './json-text.ts';
import { checkTime } from './record-fields.ts';

/** What the file starts with: `NEARHIST`. */
const MAGIC: readonly number[] = [0x4e, 0x45, 0x41, 0x52, 0x48, 0x49, 0x53, 0x54];

const KIND_HISTORY = 3;

/** Number of lines, and bytes of JSON. */
const COUNTS_BYTES = 8;

/** What a file says of itself. */
interface HistoryHeader {
  readonly createdAt: number;
  readonly encryption?: ArchiveEncryption;
}

const header = fieldsOf<HistoryHeader>({ createdAt: checkTime, encryption: checkEncryption }, ['encryption']);

const HISTORY: FileKind<HistoryHeader> = {
  magic: MAGIC,
  check: (value) => header(value, 'header'),
  what: 'a file of people and history: it does not start with NEARHIST; give one that history.export() wrote',
};

/** Writes people, cameras and sightings, made as it is read. @throws NearFaceError `BAD_PARAM` of the passphrase */
export function writeHistory(
  items: AsyncIterable<HistoryItem>,
  passphrase: string | undefined,
): ReadableStream<Uint8Array<ArrayBuffer>> {
  if (passphrase !== undefined) checkPassphrase(passphrase);
  return byteStream(pieces(items, passphrase));
}

async function* pieces(
  items: AsyncIterable<HistoryItem>,
  passphrase: string | undefined,
): AsyncGenerator<Uint8Array<ArrayBuffer>, void> {
  const { prologue, seal } = await begin({ createdAt: Date.now() }, passphrase, MAGIC);
  yield prologue.bytes;
  let [number, count] = [1, 0];
  for await (const lines of chunksOf(items)) {
    const payload = encode(lines);
    const frame = encodeFrame(KIND_HISTORY, number++, payload.length);
    yield frame;
    yield await seal.seal(frame, payload);
    count += lines.length;
  }
  yield* endOf(seal, number, count);
}

/** An item that is ready to be written. */
interface Line {
  readonly json: string;
  readonly pictures: readonly ArrayBuffer[];
}

async function* chunksOf(items: AsyncIterable<HistoryItem>): AsyncGenerator<readonly Line[], void> {
  let lines: Line[] = [];
  let bytes = 0;
  for await (const item of items) {
    const line = lineOf(item);
    const more = line.pictures.reduce((sum, { byteLength }) => sum + byteLength, line.json.length);
    if (lines.length > 0 && (lines.length === MAX_CHUNK_FACES || bytes + more > FULL_CHUNK_BYTES)) {
      yield lines;
      [lines, bytes] = [[], 0];
    }
    lines.push(line);
    bytes += more;
  }
  if (lines.length > 0) yield lines;
}

function lineOf(item: HistoryItem): Line {
  if (item.kind !== 'sighting') return { json: JSON.stringify(checkLine(item, item.kind)), pictures: [] };
  const { pictures, ...sighting } = item.sighting;
  const kept = pictures.filter(({ bytes }) => bytes.byteLength <= MAX_CHUNK_BYTES / 4);
  const named = kept.map(({ kind, type, bytes }) => ({ kind, type, bytes: bytes.byteLength }));
  const line = checkLine({ kind: 'sighting', sighting, pictures: named }, 'sighting');
  return { json: JSON.stringify(line), pictures: kept.map(({ bytes }) => bytes) };
}

function encode(lines: readonly Line[]): Uint8Array<ArrayBuffer> {
  const json = jsonBytes(`[${lines.map((line) => line.json).join(',')}]`);
  const counts = new Uint8Array(COUNTS_BYTES);
  new DataView(counts.buffer).setUint32(0, lines.length, true);
  new DataView(counts.buffer).setUint32(4, json.length, true);
  const pictures = lines.flatMap((line) => line.pictures.map((bytes) => new Uint8Array(bytes)));
  return joinBytes([counts, json, ...pictures]);
}

/**
 * The items of a file, a chunk of them at a time; what is damaged further on is found there.
 *
 * @throws NearFaceError `BAD_PARAM`, `MALFORMED_JSON`, `LOCKED`
 */
export async function* readHistory(
  file: Blob,
  passphrase: string | undefined,
): AsyncGenerator<readonly HistoryItem[], void> {
  const reader = new ByteReader(file.stream(), { name: 'The file', size: file.size });
  try {
    const prologue = await readPrologueOf(reader, HISTORY);
    const seal = await sealOf(prologue, passphrase);
    let count = 0;
    for (let chunk = 1; ; chunk++) {
      const place = { chunk, offset: reader.offset };
      const { kind, payload } = await readChunk(reader, seal, place, KIND_HISTORY);
      if (kind === KIND_END) {
        const claimed = new DataView(payload.buffer, payload.byteOffset).getBigUint64(0, true);
        if (claimed !== BigInt(count))
          throw damaged(`it has ${count} entries, and ${claimed} by its end`, place.offset);
        break;
      }
      const items = decode(payload, place);
      count += items.length;
      yield items;
    }
    if (!(await reader.atEnd())) throw damaged('something follows its end', reader.offset);
  } finally {
    await reader.cancel();
  }
}

function decode(payload: Uint8Array<ArrayBuffer>, place: ChunkPlace): readonly HistoryItem[] {
  const cursor = new PayloadCursor(payload, place);
  const counts = cursor.take(COUNTS_BYTES);
  const view = new DataView(counts.buffer, counts.byteOffset);
  const name = `chunk ${place.chunk}`;
  const lines = parseJson(cursor.take(view.getUint32(4, true)), `The JSON of ${name}`);
  const count = view.getUint32(0, true);
  if (!Array.isArray(lines) || lines.length !== count || count > MAX_CHUNK_FACES)
    throw badParam(name, lines, `an array of ${count} entries`);
  const items = lines.map((line: unknown, i) => itemOf(checkLine(line, `${name}, entry ${i + 1}`), cursor));
  if (cursor.left > 0) throw damaged(`${name} has ${cursor.left} bytes too many`, place.offset);
  return items;
}

function itemOf(line: HistoryLine, cursor: PayloadCursor): HistoryItem {
  if (line.kind !== 'sighting') return line;
  const { sighting, pictures: named } = line;
  // Copies: a picture that is kept would otherwise keep the whole chunk.
  const pictures = named.map(({ kind, type, bytes }): PreparedFace['pictures'][number] => ({
    ...{ kind, type },
    bytes: cursor.take(bytes).slice().buffer,
  }));
  return { kind: 'sighting', sighting: { ...sighting, pictures } };
}
