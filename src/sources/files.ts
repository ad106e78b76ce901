import type { BrowserObject } from '../core/browser-object.ts';
import { badParam } from '../core/errors.ts';
import { filesUnder, nodeOfEntry, nodeOfHandle, sourceFile } from './folders.ts';
import type { PathMatcher } from './match-path.ts';
import {
  cleanPath,
  extensionOf,
  isHidden,
  kindOf,
  MAX_FILES,
  nameOf,
  stemOf,
  type SourceFile,
} from './source-file.ts';
import type { ZipReader } from './zip-entry.ts';

/**
 * Where the photos of an enrolment come from: files (of an `<input>`, its folder choice included), a folder from
 * `showDirectoryPicker()`, what was dropped on the page (`event.dataTransfer.items`, folders included), or a zip file.
 * A zip among files or dropped items is read as a folder of its name.
 */
export type PhotoSource =
  | Iterable<Blob>
  | BrowserObject<'FileSystemDirectoryHandle'>
  | Iterable<BrowserObject<'DataTransferItem'>>
  | Blob;

/** What a meta rule may look at beside the photo's name. */
export interface PhotoLabels {
  readonly path: string;
  readonly name: string;
  /** The text file beside the photo: `photo.txt`, or of another extension, for `photo.jpg`. */
  readonly text?: Pick<SourceFile, 'open'>;
  /** Every CSV file of the source; the same array for all its photos. */
  readonly tables?: readonly SourceFile[];
}

/** A photo that was found and not opened yet. */
export interface ListedPhoto extends SourceFile, PhotoLabels {
  readonly tables: readonly SourceFile[];
}

/** What of a source is listed. */
export interface ListingOptions {
  readonly signal?: AbortSignal | undefined;
  /** Which photos, by their paths. Default: all. */
  readonly match?: PathMatcher | undefined;
  /** The extension of the text files beside photos, in lower case. Default: `txt`. */
  readonly companion?: string | undefined;
}

const ACCEPTED =
  'an iterable of Files or Blobs, a zip file, or of a page a FileSystemDirectoryHandle or the items of a drop (DataTransferItem)';

/**
 * Finds all photos of a source and opens none of them: their number is known before the first is enrolled, and one
 * that turns out unreadable fails alone, in its `open`. What is dropped must be given in the drop's own event handler:
 * the page loses sight of it at the event's end, and this call takes hold of it before it returns.
 *
 * Files keep the order given and zip entries that of the zip; folders are sorted by name. Left out are hidden files,
 * `__MACOSX`, and what is neither an image by its extension (jpg, jpeg, png, webp, avif, gif, bmp), nor a text
 * beside one, nor a `.csv`.
 * @throws `BAD_PARAM` for another kind of source (at once), a zip or folder that cannot be read, over 1,000,000 files;
 * `ABORTED`.
 */
export function listPhotos(
  source: PhotoSource,
  zips: ZipReader,
  { signal, match, companion = 'txt' }: ListingOptions = {},
): Promise<ListedPhoto[]> {
  return takeHold(source)({ zips, signal }).then((files) => matchCompanions(files, companion, match));
}

function matchCompanions(
  files: readonly SourceFile[],
  companion: string,
  match: PathMatcher | undefined,
): ListedPhoto[] {
  const tables = files.filter((file) => file.kind === 'table');
  const texts = new Map<string, SourceFile>();
  for (const file of files) {
    if (file.kind === 'image' || extensionOf(file.path) !== companion) continue;
    const stem = stemOf(file.path);
    texts.set(stem, file);
    if (!texts.has(stem.toLowerCase())) texts.set(stem.toLowerCase(), file);
  }
  const photos = files.filter((file) => file.kind === 'image' && (match?.(file.path) ?? true));
  return photos.map((photo) => {
    const stem = stemOf(photo.path);
    const text = texts.get(stem) ?? texts.get(stem.toLowerCase());
    return text ? { ...photo, tables, text } : { ...photo, tables };
  });
}

/** Lists the files of what was taken hold of before. */
type Listing = (how: Reading) => Promise<readonly SourceFile[]>;

interface Reading {
  readonly zips: ZipReader;
  readonly signal: AbortSignal | undefined;
}

function takeHold(source: PhotoSource): Listing {
  if (isBlob(source)) return (how) => filesInZip(source, '', how);
  if (isDirectory(source)) return ({ signal }) => filesUnder(nodeOfHandle(source), '', signal);
  if (typeof source !== 'object' || source === null || !(Symbol.iterator in source))
    throw badParam('source', source, ACCEPTED);
  const listings = Array.from(source as Iterable<unknown>, takeItem);
  return async (how) => {
    const files: SourceFile[] = [];
    for (const list of listings) {
      for (const file of await list(how)) files.push(file);
      if (files.length > MAX_FILES) throw badParam('source', `${files.length} files`, `at most ${MAX_FILES}`);
    }
    return files;
  };
}

/** By the object's own tag, so that blobs of other frames are known too. */
function isBlob(value: unknown): value is Blob {
  return /^\[object (Blob|File)\]$/.test(Object.prototype.toString.call(value));
}

function isDirectory(source: PhotoSource): source is FileSystemDirectoryHandle {
  return (source as Partial<FileSystemDirectoryHandle> | null)?.kind === 'directory';
}

function takeItem(item: unknown, index: number): Listing {
  if (isBlob(item)) return (how) => listBlob(item, index, how);
  const dropped = item as Partial<DataTransferItem> | null;
  if (typeof dropped?.webkitGetAsEntry !== 'function') throw badParam(`source[${index}]`, item, ACCEPTED);
  const entry = dropped.kind === 'file' ? dropped.webkitGetAsEntry() : null;
  if (entry) return (how) => listEntry(entry, how);
  const file = dropped.kind === 'file' ? dropped.getAsFile?.() : null;
  return async (how) => (file ? listBlob(file, index, how) : []);
}

async function listEntry(entry: FileSystemEntry, how: Reading): Promise<readonly SourceFile[]> {
  const { signal } = how;
  if (entry.isFile && isHidden(entry.name)) return [];
  const files = await filesUnder(nodeOfEntry(entry), entry.name, signal);
  const isZip = entry.isFile && extensionOf(entry.name) === 'zip';
  return isZip && files[0] ? filesInZip(await files[0].open(signal), entry.name, how) : files;
}

/** A file under its path in the chosen folder or its name; a nameless blob, if it may be an image, as `item 3`. */
async function listBlob(blob: Blob, index: number, how: Reading): Promise<readonly SourceFile[]> {
  const { name, webkitRelativePath } = blob as Partial<File>;
  if (name === undefined) {
    const mayBeImage = blob.type === '' || blob.type.startsWith('image/');
    return mayBeImage ? [sourceFile(`item ${index}`, () => Promise.resolve(blob), 'image', blob.size)] : [];
  }
  const path = cleanPath(webkitRelativePath || name);
  if (isHidden(path)) return [];
  if (extensionOf(path) === 'zip') return filesInZip(blob, path, how);
  return [sourceFile(path, () => Promise.resolve(blob), kindOf(path), blob.size)];
}

/** Every entry of a zip that is not hidden, under `folder` if that is not empty. */
async function filesInZip(
  zip: Blob,
  folder: string,
  { zips, signal }: Reading,
): Promise<readonly SourceFile[]> {
  const entries = (await zips.list(zip, signal)).filter(({ path }) => !isHidden(path));
  return entries.map((entry) => {
    const path = folder === '' ? entry.path : `${folder}/${entry.path}`;
    const open: SourceFile['open'] = (own) => zips.open(zip, entry, own);
    const file = { path, name: nameOf(path), kind: kindOf(path), open };
    // What will be refused takes no room.
    return entry.isRefused ? file : { ...file, bytes: entry.bytes };
  });
}
