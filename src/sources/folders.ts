import { NearFaceError, throwIfAborted } from '../core/errors.ts';
import { isHidden, kindOf, MAX_FILES, nameOf, type FileKind, type SourceFile } from './source-file.ts';

/** Links that lead back up could make a tree endless. */
const MAX_DEPTH = 100;

/** A file or folder of a tree, whoever shows it. */
export type TreeNode =
  | { readonly name: string; readonly open: () => Promise<Blob> }
  | { readonly name: string; readonly list: () => Promise<readonly TreeNode[]> };

/** A folder that the user gave access to, as `showDirectoryPicker()` or the origin's own file system gives it. */
export function nodeOfHandle(handle: FileSystemDirectoryHandle | FileSystemFileHandle): TreeNode {
  const { name } = handle;
  if (handle.kind === 'file') return { name, open: () => handle.getFile() };
  return {
    name,
    list: async () => {
      const nodes: TreeNode[] = [];
      for await (const child of handle.values()) nodes.push(nodeOfHandle(child));
      return nodes;
    },
  };
}

/** A dropped file or folder, as `DataTransferItem.webkitGetAsEntry()` gives it. */
export function nodeOfEntry(entry: FileSystemEntry): TreeNode {
  const { name } = entry;
  if (!entry.isDirectory) {
    return {
      name,
      open: () => new Promise((resolve, reject) => (entry as FileSystemFileEntry).file(resolve, reject)),
    };
  }
  return {
    name,
    list: async () => {
      const reader = (entry as FileSystemDirectoryEntry).createReader();
      const nodes: TreeNode[] = [];
      // A reader gives its entries in batches (Chromium: 100), and an empty one at the end.
      for (;;) {
        const batch = await new Promise<FileSystemEntry[]>((resolve, reject) =>
          reader.readEntries(resolve, reject),
        );
        if (batch.length === 0) return nodes;
        for (const child of batch) nodes.push(nodeOfEntry(child));
      }
    },
  };
}

/**
 * Every file at and under `node`, folder by folder in the order of the names' UTF-16 units, hidden ones left out. No
 * file is opened. `path` is the node's own path; empty for a root that does not show in its files' paths.
 * @throws `BAD_PARAM` for a folder that cannot be read, one nested over 100 deep, or over 1,000,000 files; `ABORTED`.
 */
export async function filesUnder(node: TreeNode, path: string, signal?: AbortSignal): Promise<SourceFile[]> {
  const files: SourceFile[] = [];
  const walk = async (at: TreeNode, atPath: string, depth: number): Promise<void> => {
    throwIfAborted(signal);
    if ('open' in at) {
      if (files.length === MAX_FILES) throw tooMany(`holds more than ${MAX_FILES} files`, atPath);
      files.push(sourceFile(atPath, at.open));
      return;
    }
    if (depth > MAX_DEPTH) throw tooMany(`has folders more than ${MAX_DEPTH} deep`, atPath);
    for (const child of await listSorted(at, atPath)) {
      await walk(child, atPath === '' ? child.name : `${atPath}/${child.name}`, depth + 1);
    }
  };
  await walk(node, path, 0);
  return files;
}

async function listSorted(
  folder: Extract<TreeNode, { list: unknown }>,
  path: string,
): Promise<readonly TreeNode[]> {
  try {
    const nodes = (await folder.list()).filter(({ name }) => !isHidden(name));
    return nodes.sort((a, b) => (a.name < b.name ? -1 : Number(a.name > b.name)));
  } catch (error) {
    const details = { param: 'source', value: path };
    const message = `source: the folder ${JSON.stringify(path || folder.name)} cannot be read; choose it again`;
    throw new NearFaceError('BAD_PARAM', message, details, error);
  }
}

function tooMany(what: string, path: string): NearFaceError {
  return new NearFaceError('BAD_PARAM', `source ${what}; give its folders one by one`, {
    param: 'source',
    value: path,
  });
}

/** A file outside any zip. A failed read is `IMAGE_DECODING_FAILED` with the file's path. */
export function sourceFile(
  path: string,
  read: () => Promise<Blob>,
  kind: FileKind | undefined = kindOf(path),
  bytes?: number,
): SourceFile {
  const open = async (signal?: AbortSignal): Promise<Blob> => {
    throwIfAborted(signal);
    try {
      return await read();
    } catch (error) {
      const message = `${path} can no longer be read; was it moved, or its folder's permission taken back?`;
      throw new NearFaceError('IMAGE_DECODING_FAILED', message, { param: 'source', value: path }, error);
    }
  };
  return { path, name: nameOf(path), kind, open, ...(bytes !== undefined && { bytes }) };
}
