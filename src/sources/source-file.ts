/** At most so many files are listed from one source. */
export const MAX_FILES = 1_000_000;

/** A file of a source, not opened yet. */
export interface SourceFile {
  /** Place in the source, parts joined by `/`; a name only, never used to reach another file. */
  readonly path: string;
  /** The last part of `path`. */
  readonly name: string;
  /** What it is taken for; `undefined` for what no source hands on. */
  readonly kind: FileKind | undefined;
  /** Its size, where that is known before it is opened; in a zip what the zip says, and nothing for what `open` will refuse. */
  readonly bytes?: number;
  /**
   * The content; each call reads anew, the caller owns the result.
   * @throws `BAD_PARAM` for a zip entry that cannot be unpacked, `IMAGE_DECODING_FAILED` for a file that cannot be
   * read, both naming the file; `ABORTED`.
   */
  open(signal?: AbortSignal): Promise<Blob>;
}

/** What a file is taken for. */
export type FileKind = 'image' | 'text' | 'table';

const IMAGE_TYPES: Readonly<Record<string, string>> = {
  jpg: 'image/jpeg',
  jpeg: 'image/jpeg',
  png: 'image/png',
  webp: 'image/webp',
  avif: 'image/avif',
  gif: 'image/gif',
  bmp: 'image/bmp',
};

/** The kind of a file by its extension alone. */
export function kindOf(path: string): FileKind | undefined {
  const extension = extensionOf(path);
  if (Object.hasOwn(IMAGE_TYPES, extension)) return 'image';
  if (extension === 'txt') return 'text';
  return extension === 'csv' ? 'table' : undefined;
}

/** The media type of a file by its extension; empty if it is no image. */
export function mediaTypeOf(path: string): string {
  const extension = extensionOf(path);
  return Object.hasOwn(IMAGE_TYPES, extension) ? IMAGE_TYPES[extension]! : '';
}

/** `a\\b//./c` as `a/b/c`; `..` is kept as any other name. */
export function cleanPath(path: string): string {
  const parts = path.replaceAll('\\', '/').split('/');
  return parts.filter((part) => part !== '' && part !== '.').join('/');
}

/** Whether a part of a path hides it: a leading dot, or the folder of macOS' resource forks. */
export function isHidden(path: string): boolean {
  return path.split('/').some((part) => isHiddenName(part));
}

function isHiddenName(name: string): boolean {
  return name === '__MACOSX' || (name.startsWith('.') && name !== '.' && name !== '..');
}

/** The last part of a path. */
export function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

/** The path with `/` after its folder, or the empty string at the top. */
export function folderOf(path: string): string {
  return path.slice(0, path.lastIndexOf('/') + 1);
}

/** A path or name without its extension: `a/b.c.jpg` gives `a/b.c`. */
export function stemOf(path: string): string {
  const dot = path.lastIndexOf('.');
  return dot > path.lastIndexOf('/') + 1 ? path.slice(0, dot) : path;
}

/** The extension in lower case, without the dot. */
export function extensionOf(path: string): string {
  return path.slice(stemOf(path).length + 1).toLowerCase();
}
