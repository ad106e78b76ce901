import { badParam, NearFaceError } from '../../core/errors.ts';
import { arrayOf, type Check, integer, oneOf, string } from '../../core/options.ts';
import type { PictureKind } from '../../core/records.ts';
import { MAX_DIMENSION } from '../../search/kernel/kernel.ts';
import { checkGalleryName } from '../gallery-errors.ts';
import type { ByteReader } from './byte-reader.ts';
import { joinBytes } from '../../core/join-bytes.ts';
import { crc32 } from '../../core/crc32.ts';
import { fieldsOf, jsonBytes, orNull, parseJson } from './json-text.ts';
import { checkId, checkKind, checkTime } from './record-fields.ts';

/** The version that is written, and the newest that is read. */
export const ARCHIVE_VERSION = 1;

/** What the file starts with: `NEARFACE`. */
const MAGIC: readonly number[] = [0x4e, 0x45, 0x41, 0x52, 0x46, 0x41, 0x43, 0x45];

const MAX_HEADER_BYTES = 1_048_576;

/** Magic, version, length of the JSON. */
const FIXED_BYTES = MAGIC.length + 8;

/** What a file says of itself before its faces. It can be read without the passphrase. */
export interface ArchiveHeader {
  /** The gallery that was exported. */
  readonly gallery: string;
  /** The model that made every embedding in the file; `null` for an empty gallery. */
  readonly modelId: string | null;
  /** Length of every embedding; `null` for an empty gallery. */
  readonly dimension: number | null;
  /** When the file was written, in milliseconds since 1970. */
  readonly createdAt: number;
  /** How many faces the file holds; `null` where that was not known when it was begun. */
  readonly faces: number | null;
  /** The kinds of pictures that faces may have with them. */
  readonly pictures: readonly PictureKind[];
  /** How the faces are encrypted; absent where they are not. */
  readonly encryption?: ArchiveEncryption;
}

/** What the key is made of, but for the passphrase. */
export interface ArchiveEncryption {
  readonly cipher: 'AES-GCM-256';
  readonly kdf: 'PBKDF2-HMAC-SHA256';
  readonly iterations: number;
  /** 16 random bytes, lower-case hex; never the same in two files. */
  readonly salt: string;
  /** Tells a wrong passphrase from a damaged file: the 16-byte tag of an empty text, lower-case hex. */
  readonly check: string;
}

/** The bytes before the first chunk. */
export interface Prologue<Header = unknown> {
  readonly header: Header;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

const hex16 = string(32, /^[0-9a-f]{32}$/);

/** How a file is encrypted. */
export const checkEncryption: Check<ArchiveEncryption> = fieldsOf<ArchiveEncryption>({
  cipher: oneOf('AES-GCM-256'),
  kdf: oneOf('PBKDF2-HMAC-SHA256'),
  iterations: integer(100_000, 10_000_000),
  salt: hex16,
  check: hex16,
});

const fields = fieldsOf<ArchiveHeader>(
  {
    gallery: checkGalleryName,
    modelId: orNull(checkId),
    dimension: orNull(integer(1, MAX_DIMENSION)),
    createdAt: checkTime,
    faces: orNull(integer(0, 1e9)),
    pictures: arrayOf(checkKind, 3),
    encryption: checkEncryption,
  },
  ['encryption'],
);

/** The header, of which what it does not know is dropped. @throws NearFaceError `BAD_PARAM` naming the field */
export function checkHeader(value: unknown): ArchiveHeader {
  const header = fields(value, 'header');
  if ((header.modelId === null) !== (header.dimension === null))
    throw badParam('header.dimension', header.dimension, 'null if, and only if, modelId is null');
  if (header.modelId === null && header.faces !== null && header.faces > 0)
    throw badParam('header.faces', header.faces, '0 or null where modelId is null');
  return header;
}

/** What a kind of file begins with, and how its header is checked. */
export interface FileKind<Header> {
  readonly magic: readonly number[];
  readonly check: (value: unknown) => Header;
  /** What it is, and who writes it, for messages. */
  readonly what: string;
}

const ARCHIVE: FileKind<ArchiveHeader> = {
  magic: MAGIC,
  check: checkHeader,
  what: 'a .nearface archive: it does not start with NEARFACE; give a file that gallery.export() wrote',
};

/** Magic, version, length, JSON and checksum. */
export function encodePrologue<Header>(header: Header, magic: readonly number[] = MAGIC): Prologue<Header> {
  const json = jsonBytes(JSON.stringify(header));
  const fixed = new Uint8Array(FIXED_BYTES);
  fixed.set(magic);
  const view = new DataView(fixed.buffer);
  view.setUint32(MAGIC.length, ARCHIVE_VERSION, true);
  view.setUint32(MAGIC.length + 4, json.length, true);
  const body = joinBytes([fixed, json]);
  const sum = new Uint8Array(4);
  new DataView(sum.buffer).setUint32(0, crc32(body), true);
  return { header, bytes: joinBytes([body, sum]) };
}

/** Reads what stands before the first chunk. @throws NearFaceError `BAD_PARAM`, `MALFORMED_JSON` */
export function readPrologue(reader: ByteReader): Promise<Prologue<ArchiveHeader>> {
  return readPrologueOf(reader, ARCHIVE);
}

/** The same of any kind of file. */
export async function readPrologueOf<Header>(
  reader: ByteReader,
  { magic, check, what }: FileKind<Header>,
): Promise<Prologue<Header>> {
  const fixed = await reader.read(FIXED_BYTES, 'the header');
  if (!magic.every((byte, i) => fixed[i] === byte))
    throw new NearFaceError('BAD_PARAM', `This is not ${what}`, { param: 'stream' });
  const view = new DataView(fixed.buffer, fixed.byteOffset);
  checkVersion(view.getUint32(MAGIC.length, true));
  const length = view.getUint32(MAGIC.length + 4, true);
  if (length > MAX_HEADER_BYTES) throw damaged(`its header claims ${length} bytes, the most being 1 MB`, 0);
  const json = await reader.read(length, 'the header');
  const sum = await reader.read(4, 'the header');
  if (crc32(json, crc32(fixed)) !== new DataView(sum.buffer, sum.byteOffset).getUint32(0, true))
    throw damaged('the checksum of its header is wrong', 0);
  const header = check(parseJson(json, 'The header of the archive'));
  return { header, bytes: joinBytes([fixed, json, sum]) };
}

function checkVersion(version: number): void {
  if (version === ARCHIVE_VERSION) return;
  if (version === 0) throw damaged('it says that its version is 0', 0);
  throw new NearFaceError(
    'BAD_PARAM',
    `The archive is of version ${version}, newer than version ${ARCHIVE_VERSION}, which this nearface reads; update nearface`,
    { param: 'stream', version },
  );
}

/** The file is not as it was written. `offset`: the byte where what is wrong begins. */
export function damaged(what: string, offset: number, cause?: unknown): NearFaceError {
  return new NearFaceError(
    'BAD_PARAM',
    `The archive is damaged: ${what} (at byte ${offset}); take another copy of it`,
    { param: 'stream', offset },
    cause,
  );
}
