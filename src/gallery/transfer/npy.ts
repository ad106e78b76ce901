import { badParam, NearFaceError } from '../../core/errors.ts';
import { integer } from '../../core/options.ts';
import { MAX_DIMENSION } from '../../search/kernel/kernel.ts';
import { ByteReader } from './byte-reader.ts';
import { byteStream } from './byte-stream.ts';
import { joinBytes } from '../../core/join-bytes.ts';
import { jsonBytes } from './json-text.ts';
import { readVector, vectorBytes } from './vector-bytes.ts';

/** `\x93NUMPY`, major version, minor version. */
const MAGIC: readonly number[] = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0];

/** Magic, version, length of the dictionary. */
const FIXED_BYTES = 10;

/** The data begin at a multiple of it. */
const ALIGNMENT = 64;

/** Rows that are read at a time. */
const ROWS_AT_A_TIME = 256;

/** One entry of the dictionary: a string, a truth value, or a tuple. */
const ENTRY = /^\s*(['"])(\w+)\1\s*:\s*('[^']*'|"[^"]*"|True|False|\([\d,\s]*\))\s*(?:,|$)/;

const checkCount = integer(0, 1e9);
const checkDimension = integer(1, MAX_DIMENSION);

/** How many vectors a `.npy` file holds, and how long each is: the array's shape. */
export interface NpyShape {
  readonly count: number;
  readonly dimension: number;
}

/** A `.npy` file that is being read. It holds the stream until the vectors have been read to the end, or to an error. */
export interface OpenNpy extends NpyShape {
  /** The rows, once, in order. Their numbers are finite; their length is not looked at. */
  readonly vectors: AsyncIterable<Float32Array<ArrayBuffer>>;
  /** Lets go of the stream without reading on. Safe to call twice. */
  cancel(): Promise<void>;
}

/**
 * Writes vectors as a NumPy array: `.npy` version 1.0, dtype `<f4`, C order, shape (count, dimension). Format:
 * numpy.org/doc/stable/reference/generated/numpy.lib.format.html. Vectors of another length, or another number of them, make the
 * stream fail with `BAD_PARAM`. Cancelling the stream ends `vectors`.
 *
 * @throws NearFaceError `BAD_PARAM` for a shape that is not one
 */
export function writeNpy(
  shape: NpyShape,
  vectors: AsyncIterable<Float32Array>,
): ReadableStream<Uint8Array<ArrayBuffer>> {
  const count = checkCount(shape.count, 'shape.count');
  const dimension = checkDimension(shape.dimension, 'shape.dimension');
  return byteStream(npyPieces({ count, dimension }, vectors));
}

async function* npyPieces(
  { count, dimension }: NpyShape,
  vectors: AsyncIterable<Float32Array>,
): AsyncGenerator<Uint8Array<ArrayBuffer>, void> {
  yield npyHeader({ count, dimension });
  let row = 0;
  for await (const vector of vectors) {
    if (row === count) throw badParam('vectors', `more than ${count}`, `${count}, as in the shape`);
    if (vector.length !== dimension)
      throw badParam(`vectors[${row}]`, `${vector.length} numbers`, `a vector of ${dimension} numbers`);
    yield vectorBytes(vector);
    row++;
  }
  if (row < count) throw badParam('vectors', row, `${count}, as in the shape`);
}

/** What stands before the rows. */
export function npyHeader({ count, dimension }: NpyShape): Uint8Array<ArrayBuffer> {
  const dictionary = `{'descr': '<f4', 'fortran_order': False, 'shape': (${count}, ${dimension}), }`;
  const whole = Math.ceil((FIXED_BYTES + dictionary.length + 1) / ALIGNMENT) * ALIGNMENT;
  const length = whole - FIXED_BYTES;
  const fixed = new Uint8Array(FIXED_BYTES);
  fixed.set(MAGIC);
  new DataView(fixed.buffer).setUint16(MAGIC.length, length, true);
  return joinBytes([fixed, jsonBytes(`${dictionary.padEnd(length - 1)}\n`)]);
}

/**
 * Opens a `.npy` file of version 1.0 that holds a table of float32, row by row. The stream is the reader's from here on, and
 * is cancelled on an error. `size`: bytes in the file, if that is known.
 *
 * @throws NearFaceError `BAD_PARAM` for another dtype, order, shape or version, and for a file that is cut off or too long
 */
export async function readNpy(
  stream: ReadableStream<Uint8Array>,
  options: { readonly size?: number | undefined } = {},
): Promise<OpenNpy> {
  const reader = new ByteReader(stream, { name: 'The .npy file', size: options.size });
  try {
    const shape = await readHeader(reader);
    if (shape.count * shape.dimension * 4 > reader.left)
      throw npyError(`it is too short for its shape (${shape.count}, ${shape.dimension}); copy it again`);
    return { ...shape, vectors: readRows(reader, shape), cancel: () => reader.cancel() };
  } catch (error) {
    await reader.cancel();
    throw error;
  }
}

async function readHeader(reader: ByteReader): Promise<NpyShape> {
  const fixed = await reader.read(FIXED_BYTES, 'the header');
  if (!MAGIC.slice(0, 6).every((byte, i) => fixed[i] === byte)) throw npyError('it does not start as one');
  if (fixed[6] !== 1 || fixed[7] !== 0)
    throw npyError(`it is of version ${fixed[6]}.${fixed[7]}; save it as version 1.0, as numpy.save does`);
  const length = new DataView(fixed.buffer, fixed.byteOffset).getUint16(MAGIC.length, true);
  const dictionary = readDictionary(
    new TextDecoder('latin1').decode(await reader.read(length, 'the header')),
  );
  const dtype = dictionary.get('descr');
  if (dtype !== '<f4')
    throw npyError(`its dtype is ${dtype ?? 'not given'}; convert the array with astype('<f4')`);
  if (dictionary.get('fortran_order') !== 'False')
    throw npyError('it is in Fortran order; convert the array with numpy.ascontiguousarray');
  return readShape(dictionary.get('shape') ?? 'not given');
}

/** The entries, strings without their quotes. */
function readDictionary(text: string): ReadonlyMap<string, string> {
  const inner = /^\s*\{([^{}]*)\}\s*$/.exec(text)?.[1]?.trim();
  if (inner === undefined) throw npyError('its header is not a dictionary');
  const entries = new Map<string, string>();
  for (let rest = inner; rest !== '';) {
    const [whole, , key, value] = ENTRY.exec(rest) ?? [];
    if (whole === undefined || key === undefined || value === undefined)
      throw npyError('its header has an entry that is not one of a plain array of numbers');
    entries.set(key, value.replace(/^['"]|['"]$/g, ''));
    rest = rest.slice(whole.length);
  }
  return entries;
}

function readShape(text: string): NpyShape {
  const [, count, dimension] = /^\(\s*(\d{1,10})\s*,\s*(\d{1,10})\s*,?\s*\)$/.exec(text) ?? [];
  if (count === undefined || dimension === undefined)
    throw npyError(`its shape is ${text}; an array of vectors has two axes`);
  return {
    count: checkCount(Number(count), 'shape[0]'),
    dimension: checkDimension(Number(dimension), 'shape[1]'),
  };
}

async function* readRows(
  reader: ByteReader,
  { count, dimension }: NpyShape,
): AsyncGenerator<Float32Array<ArrayBuffer>, void> {
  try {
    for (let row = 0; row < count;) {
      const rows = Math.min(ROWS_AT_A_TIME, count - row);
      const table = await reader.read(rows * dimension * 4, `rows ${row} to ${row + rows - 1}`);
      for (let i = 0; i < rows; i++, row++) {
        const vector = readVector(table, i, dimension);
        const bad = vector.findIndex((x) => !Number.isFinite(x));
        if (bad >= 0) throw badParam(`row ${row}[${bad}]`, vector[bad], 'a finite number');
        yield vector;
      }
    }
    if (!(await reader.atEnd())) throw npyError(`it goes on after its ${count} rows`);
  } finally {
    await reader.cancel();
  }
}

function npyError(what: string): NearFaceError {
  return new NearFaceError('BAD_PARAM', `The .npy file cannot be read: ${what}`, { param: 'stream' });
}
