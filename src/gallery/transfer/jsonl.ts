import { badParam } from '../../core/errors.ts';
import { arrayOf, number } from '../../core/options.ts';
import { checkUnitVector } from '../face-input.ts';
import type { ArchiveFace } from './archive-chunk.ts';
import { ByteReader } from './byte-reader.ts';
import { byteStream } from './byte-stream.ts';
import { jsonBytes, parseJson } from './json-text.ts';
import { checkRecordFacts } from './record-fields.ts';

/** Most bytes of a line. */
export const MAX_LINE_BYTES = 1_048_576;

/** A face as a line holds it: all but its pictures, so `record.pictures` is empty. */
export type LineFace = Pick<ArchiveFace, 'record' | 'vector'>;

/** Tab, carriage return, space. */
const BLANKS: readonly number[] = [0x09, 0x0d, 0x20];

/**
 * Writes faces as JSON Lines (jsonlines.org): a line a face, of the record's fields and `embedding`, an array of numbers
 * that give the same float32 again. Pictures are left out. A face that could not be read back makes the stream fail with
 * `BAD_PARAM`; cancelling the stream ends `faces`.
 */
export function writeJsonLines(faces: AsyncIterable<LineFace>): ReadableStream<Uint8Array<ArrayBuffer>> {
  return byteStream(linesOf(faces));
}

async function* linesOf(faces: AsyncIterable<LineFace>): AsyncGenerator<Uint8Array<ArrayBuffer>, void> {
  let index = 0;
  for await (const { record, vector } of faces) {
    const path = `faces[${index++}]`;
    const facts = checkRecordFacts(record, `${path}.record`);
    const embedding = Array.from(checkUnitVector(vector, `${path}.vector`), shortest);
    const line = jsonBytes(`${JSON.stringify({ ...facts, embedding })}\n`);
    if (line.length > MAX_LINE_BYTES)
      throw badParam(path, `${line.length} bytes as JSON`, `at most ${MAX_LINE_BYTES} bytes long as JSON`);
    yield line;
  }
}

/** Nine significant digits tell every float32 from every other (IEEE 754-2019, 5.12.2). */
function shortest(x: number): number {
  return Number(x.toPrecision(9));
}

/**
 * Reads JSON Lines as {@link writeJsonLines} writes them; fields that it does not know and blank lines are skipped. The
 * stream is cancelled at the end, on an error, and when the loop over the faces is left.
 *
 * @throws NearFaceError `MALFORMED_JSON` for a line that is not JSON, `BAD_PARAM` for one that is too long or whose fields
 * are not a face's, each naming the line, counted from 1
 */
export async function* readJsonLines(stream: ReadableStream<Uint8Array>): AsyncGenerator<LineFace, void> {
  const reader = new ByteReader(stream, { name: 'The file' });
  try {
    for (let no = 1; ; no++) {
      const line = await reader.line(MAX_LINE_BYTES, `line ${no}`);
      if (!line) return;
      if (!line.every((byte) => BLANKS.includes(byte))) yield readLine(line, `line ${no}`);
    }
  } finally {
    await reader.cancel();
  }
}

function readLine(line: Uint8Array<ArrayBuffer>, name: string): LineFace {
  const value = parseJson(line, name);
  const path = `${name}: face`;
  const facts = checkRecordFacts(value, path);
  const numbers = (value as { readonly embedding?: unknown }).embedding;
  const embedding = arrayOf(number(-2, 2))(numbers, `${path}.embedding`);
  const vector = checkUnitVector(embedding, `${path}.embedding`);
  return { record: { ...facts, pictures: [] }, vector };
}
