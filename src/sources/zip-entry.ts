import { Inflate } from 'fflate';
import { NearFaceError, throwIfAborted } from '../core/errors.ts';
import { BlobWindow } from './blob-window.ts';
import { crc32 } from '../core/crc32.ts';
import { nextTask } from '../core/next-task.ts';
import { mediaTypeOf, nameOf } from './source-file.ts';
import { FETCH_AGAIN, PACK_AGAIN, zipError } from './zip-error.ts';
import type { ZipEntry } from '../core/zip-entry.ts';

/** Reads zips, here or in a worker. */
export interface ZipReader {
  /** As {@link listZip}. */
  list(zip: Blob, signal: AbortSignal | undefined): Promise<readonly ZipEntry[]>;
  /** As {@link openZipEntry}. */
  open(zip: Blob, entry: ZipEntry, signal: AbortSignal | undefined): Promise<Blob>;
}

/** The largest file that is unpacked, in bytes. */
export const MAX_ENTRY_BYTES = 100_000_000;

const LOCAL = { signature: 0x04034b50, bytes: 30 };
const STORED = 0;
const DEFLATE = 8;
/** Bits 0, 6 and 13: encrypted, strongly encrypted, masked header. */
const ENCRYPTED = 0b10_0000_0100_0001;
const READ_BYTES = 1 << 20;
/** Read along with the data: as much as most local headers have. */
const HEADER_BYTES = 1024;
/** Deflate grows at most 1,032-fold, so that one step makes no more than 4 MB. */
const STEP_BYTES = 1 << 12;
/** How long unpacking may keep the thread. */
const SLICE_MS = 12;

/**
 * The content of one file in a zip, its size and CRC-32 checked. Costs the file's bytes in memory, at most
 * {@link MAX_ENTRY_BYTES}, whatever the entry claims of itself; a stored file stays a slice of the zip.
 * @throws `BAD_PARAM` naming the entry if it is encrypted, too large, packed by another method than Deflate, cut short
 * or damaged; `ABORTED`.
 */
export async function openZipEntry(zip: Blob, entry: ZipEntry, signal?: AbortSignal): Promise<File> {
  const refusal = refusalOf(entry);
  if (refusal) throw refusal;
  const file = new BlobWindow(zip, Math.min(READ_BYTES, entry.packedBytes) + HEADER_BYTES);
  const at = await findData(file, entry);
  const content = new Content(entry);
  const inflate = new Inflate((part) => content.add(part));
  for (let done = 0; done < entry.packedBytes || done === 0; done += READ_BYTES) {
    throwIfAborted(signal);
    const length = Math.min(READ_BYTES, entry.packedBytes - done);
    const piece = await file.read(at + done, length, entry.path);
    if (entry.method === STORED) content.add(piece);
    else await inflatePiece(inflate, piece, done + length === entry.packedBytes, entry, signal);
  }
  content.check();
  const parts = entry.method === STORED ? [zip.slice(at, at + entry.bytes)] : content.parts;
  return new File(parts, nameOf(entry.path), { type: mediaTypeOf(entry.path) });
}

/** Why an entry is not unpacked, by what the directory tells of it; nothing if it is. */
export function refusalOf(entry: Omit<ZipEntry, 'isRefused'>): NearFaceError | undefined {
  const { path, flags, method, bytes, packedBytes, isShared } = entry;
  if (isShared) return zipError(path, 'shares its bytes with another file', PACK_AGAIN);
  if (flags & ENCRYPTED) return zipError(path, 'is encrypted', 'pack it again without a password');
  if (method !== STORED && method !== DEFLATE)
    return zipError(path, `is packed by method ${method}`, PACK_AGAIN);
  if (Math.max(bytes, packedBytes) > MAX_ENTRY_BYTES) {
    const size = `${Math.ceil(Math.max(bytes, packedBytes) / 1e6)} MB`;
    return zipError(
      path,
      `is ${size} large`,
      `take it out: files of up to ${MAX_ENTRY_BYTES / 1e6} MB are read`,
    );
  }
  return undefined;
}

/** Where the entry's data begins: behind its local header, whose name and extra may differ from the directory's. */
async function findData(file: BlobWindow, entry: ZipEntry): Promise<number> {
  const head = await file.read(entry.headerAt, LOCAL.bytes, entry.path);
  const view = new DataView(head.buffer, head.byteOffset, head.byteLength);
  if (view.getUint32(0, true) !== LOCAL.signature) throw damaged(entry);
  return entry.headerAt + LOCAL.bytes + view.getUint16(26, true) + view.getUint16(28, true);
}

async function inflatePiece(
  inflate: Inflate,
  piece: Uint8Array,
  isLast: boolean,
  entry: ZipEntry,
  signal: AbortSignal | undefined,
): Promise<void> {
  try {
    let pauseAt = performance.now() + SLICE_MS;
    for (let at = 0; at < piece.length || at === 0; at += STEP_BYTES) {
      if (performance.now() > pauseAt) {
        await nextTask();
        throwIfAborted(signal);
        pauseAt = performance.now() + SLICE_MS;
      }
      inflate.push(piece.subarray(at, at + STEP_BYTES), isLast && at + STEP_BYTES >= piece.length);
    }
  } catch (error) {
    throw error instanceof NearFaceError ? error : damaged(entry, error);
  }
}

/** Gathers an entry's content and ends it as soon as it is more than the entry says. */
class Content {
  readonly parts: Uint8Array<ArrayBuffer>[] = [];
  readonly #entry: ZipEntry;
  #bytes = 0;
  #crc32 = 0;

  constructor(entry: ZipEntry) {
    this.#entry = entry;
  }

  add(part: Uint8Array): void {
    this.#bytes += part.length;
    if (this.#bytes > this.#entry.bytes) throw damaged(this.#entry);
    this.#crc32 = crc32(part, this.#crc32);
    if (this.#entry.method !== STORED) this.parts.push(part as Uint8Array<ArrayBuffer>);
  }

  check(): void {
    if (this.#bytes !== this.#entry.bytes || this.#crc32 !== this.#entry.crc32) throw damaged(this.#entry);
  }
}

function damaged(entry: ZipEntry, cause?: unknown): NearFaceError {
  return zipError(
    entry.path,
    'is damaged: its content does not match its size and checksum',
    FETCH_AGAIN,
    cause,
  );
}
