import { throwIfAborted } from '../core/errors.ts';
import type { ZipEntry } from '../core/zip-entry.ts';
import { BlobWindow } from './blob-window.ts';
import { cleanPath, MAX_FILES } from './source-file.ts';
import { refusalOf } from './zip-entry.ts';
import { FETCH_AGAIN, zipError } from './zip-error.ts';

// Offsets and signatures are those of PKWARE's APPNOTE.TXT 6.3.10, sections 4.3.7 to 4.3.16.
const END = { signature: 0x06054b50, bytes: 22, maxComment: 0xffff };
const END64_LOCATOR = { signature: 0x07064b50, bytes: 20 };
const END64 = { signature: 0x06064b50, bytes: 56 };
const ENTRY = { signature: 0x02014b50, bytes: 46 };
const EXTRA64 = 0x0001;
const UNIX = 3;
const UNIX_LINK = 0xa;
const UTF8_NAME = 1 << 11;

const WINDOW_BYTES = 1 << 20;
const MAX_PATH_BYTES = 4096;
/** Least bytes of a local header. */
const LOCAL_BYTES = 30;
/** Zips may unpack to this much, or to this many times their own size where that is more. */
const MAX_UNPACKED_BYTES = 500e6;
const MAX_RATIO = 100;

/** An entry as the directory has it, seen by itself. */
type ListedEntry = Omit<ZipEntry, 'isShared' | 'isRefused'>;

interface Directory {
  readonly entries: number;
  readonly at: number;
  readonly bytes: number;
}

/**
 * The files of a zip in the order of its central directory, without folders and symbolic links. Only the directory is
 * read, a megabyte at a time; zip64 is understood.
 * @throws `BAD_PARAM` for what is no zip or a damaged, cut or split one, one of more than 1,000,000 entries, or one that
 * would unpack to more than 500 MB and 100 times its size; `ABORTED`.
 */
export async function listZip(zip: Blob, signal?: AbortSignal): Promise<ZipEntry[]> {
  const directory = await findDirectory(zip);
  const file = new BlobWindow(zip, WINDOW_BYTES);
  const end = directory.at + directory.bytes;
  const entries: ListedEntry[] = [];
  let at = directory.at;
  for (let index = 0; index < directory.entries; index++) {
    throwIfAborted(signal);
    if (at + ENTRY.bytes > end) throw damaged();
    const head = viewOf(await file.read(at, ENTRY.bytes));
    if (head.getUint32(0, true) !== ENTRY.signature) throw damaged();
    const bytes =
      ENTRY.bytes + head.getUint16(28, true) + head.getUint16(30, true) + head.getUint16(32, true);
    if (at + bytes > end) throw damaged();
    const entry = readEntry(await file.read(at, bytes));
    if (entry) entries.push(entry);
    at += bytes;
  }
  const marked = markShared(entries);
  checkUnpacked(marked, zip.size);
  return marked;
}

function markShared(entries: readonly ListedEntry[]): ZipEntry[] {
  const shared = new Set<ListedEntry>();
  let end = 0;
  for (const entry of entries.toSorted((a, b) => a.headerAt - b.headerAt)) {
    if (entry.headerAt < end) shared.add(entry);
    end = Math.max(end, entry.headerAt + LOCAL_BYTES + entry.packedBytes);
  }
  return entries.map((entry) => {
    const marked = { ...entry, isShared: shared.has(entry) };
    return { ...marked, isRefused: refusalOf(marked) !== undefined };
  });
}

/** Entries are held to the sizes that they declare when they are opened, so that what is declared bounds what is made. */
function checkUnpacked(entries: readonly ZipEntry[], zipBytes: number): void {
  const unpacked = entries.reduce((sum, { bytes, isRefused }) => sum + (isRefused ? 0 : bytes), 0);
  if (unpacked <= Math.max(MAX_UNPACKED_BYTES, MAX_RATIO * zipBytes)) return;
  const [large, small] = [`${(unpacked / 1e9).toFixed(1)} GB`, `${(zipBytes / 1e6).toFixed(1)} MB`];
  throw zipError(
    undefined,
    `of ${small} would unpack to ${large}`,
    'photos do not pack so well; split it if it is sound',
  );
}

async function findDirectory(zip: Blob): Promise<Directory> {
  const tailAt = Math.max(0, zip.size - END.bytes - END.maxComment);
  const tail = viewOf(await new BlobWindow(zip, 0).read(tailAt, zip.size - tailAt));
  const endAt = findEnd(tail);
  if (endAt < 0)
    throw zipError(undefined, 'is no zip, or is cut short: its directory is missing', FETCH_AGAIN);

  const narrow = {
    disk: tail.getUint16(endAt + 4, true),
    entries: tail.getUint16(endAt + 10, true),
    bytes: tail.getUint32(endAt + 12, true),
    at: tail.getUint32(endAt + 16, true),
  };
  const isWide = narrow.entries === 0xffff || narrow.bytes === 0xffffffff || narrow.at === 0xffffffff;
  const wide = isWide ? await findDirectory64(zip, tailAt + endAt) : undefined;
  const directory = wide ?? narrow;
  if (narrow.disk !== 0 && narrow.disk !== 0xffff)
    throw zipError(undefined, 'is one part of a split zip', 'join its parts first');
  if (directory.entries > MAX_FILES)
    throw zipError(
      undefined,
      `holds ${directory.entries} entries`,
      `split it: ${MAX_FILES} are read at most`,
    );
  if (directory.at + directory.bytes > tailAt + endAt) throw damaged();
  return directory;
}

/** The last end record whose comment ends with the file; else the last that fits before its end; else -1. */
function findEnd(tail: DataView): number {
  let fitting = -1;
  for (let at = tail.byteLength - END.bytes; at >= 0; at--) {
    if (tail.getUint32(at, true) !== END.signature) continue;
    const end = at + END.bytes + tail.getUint16(at + 20, true);
    if (end === tail.byteLength) return at;
    if (end < tail.byteLength && fitting < 0) fitting = at;
  }
  return fitting;
}

/** The directory as zip64 tells it; `undefined` if there is no such record, so that the narrow numbers hold. */
async function findDirectory64(zip: Blob, endAt: number): Promise<Directory | undefined> {
  const file = new BlobWindow(zip, 0);
  const locatorAt = endAt - END64_LOCATOR.bytes;
  if (locatorAt < 0) return undefined;
  const locator = viewOf(await file.read(locatorAt, END64_LOCATOR.bytes));
  if (locator.getUint32(0, true) !== END64_LOCATOR.signature) return undefined;
  const end = viewOf(await file.read(wideNumber(locator, 8), END64.bytes));
  if (end.getUint32(0, true) !== END64.signature) throw damaged();
  return { entries: wideNumber(end, 32), bytes: wideNumber(end, 40), at: wideNumber(end, 48) };
}

/** `undefined` for a folder and a symbolic link. */
function readEntry(bytes: Uint8Array): ListedEntry | undefined {
  const view = viewOf(bytes);
  const nameEnd = ENTRY.bytes + view.getUint16(28, true);
  const flags = view.getUint16(8, true);
  const name = decodeName(bytes.subarray(ENTRY.bytes, nameEnd), (flags & UTF8_NAME) !== 0);
  const isLink = view.getUint8(5) === UNIX && view.getUint32(38, true) >>> 28 === UNIX_LINK;
  if (isLink || /[/\\]$/.test(name)) return undefined;
  const path = cleanPath(name);
  if (nameEnd - ENTRY.bytes > MAX_PATH_BYTES) {
    throw zipError(path, 'has a name that is too long', `shorten it to ${MAX_PATH_BYTES} bytes`);
  }
  const extra = bytes.subarray(nameEnd, nameEnd + view.getUint16(30, true));
  const sizes = readSizes(view, extra, path);
  return { path, flags, method: view.getUint16(10, true), crc32: view.getUint32(16, true), ...sizes };
}

function readSizes(
  view: DataView,
  extra: Uint8Array,
  path: string,
): Pick<ZipEntry, 'packedBytes' | 'bytes' | 'headerAt'> {
  const wide = findExtra64(extra);
  let used = 0;
  // The wide numbers stand in this order, each only where the narrow one is all ones (APPNOTE 4.5.3).
  const read = (at: number): number => {
    const narrow = view.getUint32(at, true);
    if (narrow !== 0xffffffff || !wide) return narrow;
    if (used + 8 > wide.byteLength) throw damaged(path);
    used += 8;
    return wideNumber(wide, used - 8);
  };
  const bytes = read(24);
  const packedBytes = read(20);
  return { bytes, packedBytes, headerAt: read(42) };
}

function findExtra64(extra: Uint8Array): DataView | undefined {
  const view = viewOf(extra);
  for (let at = 0; at + 4 <= view.byteLength;) {
    const end = at + 4 + view.getUint16(at + 2, true);
    if (view.getUint16(at, true) === EXTRA64) return viewOf(extra.subarray(at + 4, end));
    at = end;
  }
  return undefined;
}

/** A 64-bit number; beyond 2^53 it is still far outside any blob, which is all that matters then. */
function wideNumber(view: DataView, at: number): number {
  return Number(view.getBigUint64(at, true));
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function damaged(entry?: string): Error {
  return zipError(entry, 'has a damaged directory', FETCH_AGAIN);
}

/** Code page 437 from 0x80 on, the zip format's encoding of names that are not marked as UTF-8. */
const CP437 =
  'ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜ¢£¥₧ƒáíóúñÑªº¿⌐¬½¼¡«»░▒▓│┤╡╢╖╕╣║╗╝╜╛┐└┴┬├─┼╞╟╚╔╩╦╠═╬╧╨╤╥╙╘╒╓╫╪┘┌█▄▌▐▀αßΓπΣσµτΦΘΩδ∞φε∩≡±≥≤⌠⌡÷≈°∙·√ⁿ²■\u00a0';

/** Names that are valid UTF-8 are read as such even if unmarked: macOS and Linux write them so. */
function decodeName(bytes: Uint8Array, isUtf8: boolean): string {
  try {
    return new TextDecoder('utf-8', { fatal: !isUtf8 }).decode(bytes);
  } catch {
    return Array.from(bytes, (byte) => (byte < 128 ? String.fromCharCode(byte) : CP437[byte - 128])).join('');
  }
}
