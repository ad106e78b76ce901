import { Unzip, UnzipInflate, type UnzipFile } from 'fflate';
import { badParam, throwIfAborted } from '../core/errors.ts';

/** A directory as `showDirectoryPicker` gives it. */
interface Directory {
  readonly kind: 'directory';
  entries(): AsyncIterable<[string, Directory | PickedFile]>;
}
interface PickedFile {
  readonly kind: 'file';
  getFile(): Promise<File>;
}

/** Where photos come from: files, a picked directory, what was dropped on the page, or a zip file. */
export type PhotoSource =
  Iterable<Blob> | AsyncIterable<Blob> | FileSystemDirectoryHandle | DataTransferItemList | Blob;

/** A file of a source: its path there, with `/` between folders. */
export interface Entry {
  readonly path: string;
  readonly file: Blob;
}

/** Largest file that is taken out of a zip, in bytes. */
const MAX_FILE_BYTES = 200e6;

/** Most files in a zip. */
const MAX_FILES = 1_000_000;

const IMAGE = /\.(jpe?g|png|webp|avif|gif|bmp)$/i;

/** Whether a file is a photo, by its name or, where it has none, by its type. */
export function isPhoto(path: string, file: Blob): boolean {
  return IMAGE.test(path) || (!/\.[a-z0-9]+$/i.test(path) && file.type.startsWith('image/'));
}

/** Hidden files, and what macOS puts into zips. */
function isJunk(path: string): boolean {
  return /(^|\/)(\.|__MACOSX(\/|$))/.test(path);
}

/**
 * What can be read of a source at once. The items of a drag are gone after the event, so that it must be called in its
 * handler.
 */
export type OpenSource = () => AsyncIterable<Entry>;

/** Opens a source, so that it can be read several times. @throws NearFaceError `BAD_PARAM` */
export function openSource(source: PhotoSource, param: string): OpenSource {
  if (typeof source !== 'object' || source === null)
    throw badParam(param, source, 'files, a directory handle, dropped items or a zip file');
  const given = source as Partial<Directory> & object;
  if (source instanceof Blob)
    return isZip(source) ? () => zipEntries(source, param) : () => listEntries([source]);
  if (typeof DataTransferItemList !== 'undefined' && source instanceof DataTransferItemList) {
    const roots = Array.from(source).flatMap((item) => item.webkitGetAsEntry() ?? []);
    return () => droppedEntries(roots);
  }
  if (given.kind === 'directory') return () => directoryEntries(source as unknown as Directory, '');
  if (Symbol.iterator in given || Symbol.asyncIterator in given) {
    let read: Blob[] | undefined;
    return async function* () {
      if (!read) {
        read = [];
        for await (const file of source as AsyncIterable<Blob>) read.push(file);
      }
      yield* listEntries(read);
    };
  }
  throw badParam(param, source, 'files, a directory handle, dropped items or a zip file');
}

const isZip = (file: Blob): boolean =>
  /zip/.test(file.type) || /\.zip$/i.test((file as Partial<File>).name ?? '');

async function* listEntries(files: readonly Blob[]): AsyncIterable<Entry> {
  for (const [i, file] of files.entries()) {
    const { webkitRelativePath, name } = file as Partial<File>;
    const path = webkitRelativePath || name || `image-${i + 1}`;
    if (!isJunk(path)) yield { path, file };
  }
}

async function* directoryEntries(directory: Directory, prefix: string): AsyncIterable<Entry> {
  const found: [string, Directory | PickedFile][] = [];
  for await (const entry of directory.entries()) found.push(entry);
  for (const [name, handle] of found.sort(([a], [b]) => (a < b ? -1 : 1))) {
    const path = prefix + name;
    if (isJunk(path)) continue;
    if (handle.kind === 'directory') yield* directoryEntries(handle, `${path}/`);
    else yield { path, file: await handle.getFile() };
  }
}

async function* droppedEntries(roots: readonly FileSystemEntry[]): AsyncIterable<Entry> {
  for (const entry of roots) {
    const path = entry.fullPath.replace(/^\//, '');
    if (isJunk(path)) continue;
    if (entry.isDirectory) {
      const reader = (entry as FileSystemDirectoryEntry).createReader();
      const read = (): Promise<FileSystemEntry[]> =>
        new Promise((resolve, reject) => reader.readEntries(resolve, reject));
      const inside: FileSystemEntry[] = [];
      for (let some = await read(); some.length > 0; some = await read()) inside.push(...some);
      yield* droppedEntries(inside.sort((a, b) => (a.name < b.name ? -1 : 1)));
    } else {
      const file = await new Promise<File>((resolve, reject) =>
        (entry as FileSystemFileEntry).file(resolve, reject),
      );
      // A dropped zip is a folder, too.
      if (isZip(file)) yield* zipEntries(file, path);
      else yield { path, file };
    }
  }
}

/** The files of a zip, one after the other as they lie in it; only one is in memory at a time. */
async function* zipEntries(zip: Blob, param: string): AsyncIterable<Entry> {
  const ready: Entry[] = [];
  let failed: unknown;
  let files = 0;
  const unzip = new Unzip((file) => {
    if (++files > MAX_FILES) failed ??= badParam(param, zip, `a zip of at most ${MAX_FILES} files`);
    if (file.name.endsWith('/') || isJunk(file.name)) return;
    collect(
      file,
      (entry) => ready.push(entry),
      (error) => (failed ??= error),
    );
  });
  unzip.register(UnzipInflate);
  const reader = (zip.stream() as ReadableStream<Uint8Array<ArrayBuffer>>).getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      try {
        unzip.push(value ?? new Uint8Array(0), done);
      } catch (error) {
        failed ??= error;
      }
      if (failed) throw badParam(param, zip, `a zip that can be read (${String((failed as Error).message)})`);
      yield* ready.splice(0);
      if (done) break;
    }
    if (files === 0) throw badParam(param, zip, 'a zip with files in it');
  } finally {
    await reader.cancel().catch(() => undefined);
  }
}

function collect(file: UnzipFile, done: (entry: Entry) => void, fail: (error: Error) => void): void {
  const parts: Uint8Array<ArrayBuffer>[] = [];
  let bytes = 0;
  file.ondata = (error, part, last) => {
    if (error) return fail(new Error(`${file.name}: ${error.message}`));
    bytes += part.length;
    if (bytes > MAX_FILE_BYTES) {
      parts.length = 0;
      file.terminate();
      return fail(new Error(`${file.name} is larger than ${MAX_FILE_BYTES / 1e6} MB`));
    }
    parts.push(part as Uint8Array<ArrayBuffer>);
    if (last) done({ path: file.name, file: new File(parts, file.name) });
  };
  file.start();
}

/** Reads a source from its beginning, until `signal` aborts. */
export async function* readSource(open: OpenSource, signal: AbortSignal | undefined): AsyncIterable<Entry> {
  for await (const entry of open()) {
    throwIfAborted(signal);
    yield entry;
  }
}
