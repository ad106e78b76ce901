import { zipSync } from 'fflate';
import { describe, expect, it } from 'vitest';
import type { PhotoSource } from './files.ts';
import { photosIn } from './test-photos.ts';

const file = (name: string, content = name): File =>
  new File([content], name.slice(name.lastIndexOf('/') + 1));

async function pathsOf(source: PhotoSource): Promise<string[]> {
  return (await photosIn(source)).map(({ path }) => path);
}

type Tree = { readonly [name: string]: Tree | string };

/** A folder as the File System API shows it, with its children in the order given. */
function folderHandle(name: string, tree: Tree): FileSystemDirectoryHandle {
  const children = Object.entries(tree).map(([child, content]) =>
    typeof content === 'string'
      ? { kind: 'file', name: child, getFile: async () => file(child, content) }
      : folderHandle(child, content),
  );
  async function* values(): AsyncGenerator<unknown> {
    yield* children;
  }
  return { kind: 'directory', name, values } as unknown as FileSystemDirectoryHandle;
}

/** A dropped entry; folders give their children in batches of two, and no more once `isOver`. */
function entryOf(name: string, tree: Tree | string | Blob): FileSystemEntry {
  if (typeof tree === 'string' || tree instanceof Blob) {
    const content = new File([tree], name);
    return { isFile: true, isDirectory: false, name, file: (give: FileCallback) => give(content) } as never;
  }
  const createReader = (): unknown => {
    const children = Object.entries(tree).map(([child, content]) => entryOf(child, content));
    return { readEntries: (give: (batch: FileSystemEntry[]) => void) => give(children.splice(0, 2)) };
  };
  return { isFile: false, isDirectory: true, name, createReader } as never;
}

/** The items of a drop, which lose their content when the event ends. */
function dropOf(...entries: FileSystemEntry[]): { items: DataTransferItem[]; end: () => void } {
  let isOver = false;
  const items = entries.map((entry) => ({ kind: 'file', webkitGetAsEntry: () => (isOver ? null : entry) }));
  return { items: items as never, end: () => (isOver = true) };
}

const TREE: Tree = {
  'b.jpg': 'b',
  'b.txt': 'Bea',
  '.hidden.jpg': 'x',
  'notes.pdf': 'x',
  'list.csv': 'meta,image',
  a: { 'z.PNG': 'z', 'c.webp': 'c', deep: { 'd.avif': 'd' } },
  __MACOSX: { 'b.jpg': 'x' },
  '.git': { 'e.jpg': 'x' },
  'a.gif': 'a',
};
const SORTED = ['a/c.webp', 'a/deep/d.avif', 'a/z.PNG', 'a.gif', 'b.jpg'];

function zipOf(tree: Record<string, string>): Blob {
  const bytes = Object.entries(tree).map(
    ([path, content]) => [path, new TextEncoder().encode(content)] as const,
  );
  return new Blob([zipSync(Object.fromEntries(bytes))]);
}

describe('files', () => {
  it('keep their order, and their path in the chosen folder', async () => {
    const inFolder = Object.assign(file('c.bmp'), { webkitRelativePath: 'album/x/c.bmp' });
    const hidden = Object.assign(file('d.jpg'), { webkitRelativePath: 'album/.x/d.jpg' });
    const files = [
      file('b.jpeg'),
      inFolder,
      hidden,
      file('a.jpg'),
      file('a.pdf'),
      file('.a.jpg'),
      file('noext'),
    ];
    expect(await pathsOf(files)).toEqual(['b.jpeg', 'album/x/c.bmp', 'a.jpg']);
    expect(await pathsOf(new Set(files))).toEqual(['b.jpeg', 'album/x/c.bmp', 'a.jpg']);
  });

  it('may be nameless, if they may be images', async () => {
    const blobs = [
      new Blob(['x']),
      new Blob(['x'], { type: 'text/plain' }),
      new Blob(['x'], { type: 'image/png' }),
    ];
    expect(await pathsOf(blobs)).toEqual(['item 0', 'item 2']);
  });

  it('give the very blob that was given', async () => {
    const photo = file('a.jpg');
    const [found] = await photosIn([photo]);
    expect(await found!.open()).toBe(photo);
  });

  it('find the text beside each photo, whatever its case and place, and the tables', async () => {
    const names = ['a.txt', 'A.jpg', 'a.jpg', 'b.jpg', 'C.PNG', 'c.TXT', 'A.txt', 'one.csv', 'x.txt'];
    const photos = await photosIn(names.map((name) => file(name)));
    const texts = photos.map(async ({ text }) => (text ? (await text.open()).text() : undefined));
    expect(await Promise.all(texts)).toEqual(['A.txt', 'a.txt', undefined, 'c.TXT']);
    for (const { tables } of photos) expect(tables.map(({ path }) => path)).toEqual(['one.csv']);
  });

  it('may be zips among them, under their name', async () => {
    const zip = new File([zipOf({ 'x/b.jpg': 'b', '__MACOSX/x/._b.jpg': 'x' })], 'Album.ZIP');
    expect(await pathsOf([file('a.jpg'), zip])).toEqual(['a.jpg', 'Album.ZIP/x/b.jpg']);
  });
});

describe('a folder', () => {
  it('is read whole, sorted by name, without what is hidden', async () => {
    expect(await pathsOf(folderHandle('root', TREE))).toEqual(SORTED);
  });

  it('gives content, texts and tables', async () => {
    const found = [];
    for (const { path, name, open, text } of await photosIn(folderHandle('root', TREE))) {
      found.push([path, name, await (await open()).text(), text && (await (await text.open()).text())]);
    }
    expect(found[1]).toEqual(['a/deep/d.avif', 'd.avif', 'd', undefined]);
    expect(found[4]).toEqual(['b.jpg', 'b.jpg', 'b', 'Bea']);
  });

  it('that cannot be read is named, a file that cannot be read fails alone', async () => {
    const gone = new DOMException('gone', 'NotFoundError');
    const broken = folderHandle('root', { a: {} });
    const fails = { [Symbol.asyncIterator]: () => ({ next: () => Promise.reject(gone) }) };
    const child = { kind: 'directory', name: 'a', values: () => fails };
    const unreadable = { kind: 'file', name: 'b.jpg', getFile: () => Promise.reject(gone) };
    const withChildren = (...children: unknown[]): FileSystemDirectoryHandle =>
      Object.assign(broken, { values: () => children });
    await expect(photosIn(withChildren(child))).rejects.toMatchObject({
      code: 'BAD_PARAM',
      details: { param: 'source', value: 'a' },
    });
    const [photo] = await photosIn(withChildren(unreadable));
    await expect(photo!.open()).rejects.toMatchObject({ code: 'IMAGE_DECODING_FAILED', cause: gone });
  });

  it('that holds itself ends in an error', async () => {
    const loop: FileSystemDirectoryHandle = {
      kind: 'directory',
      name: 'loop',
      values: () => [loop],
    } as never;
    await expect(photosIn(loop)).rejects.toMatchObject({ code: 'BAD_PARAM' });
  });
});

describe('a drop', () => {
  it('is taken hold of before the call returns, and read to the last batch', async () => {
    const { items, end } = dropOf(entryOf('album', TREE), entryOf('q.jpg', 'q'), entryOf('.q.jpg', 'x'));
    const listed = photosIn(items);
    end();
    const expected = [...SORTED.map((path) => `album/${path}`), 'q.jpg'];
    expect((await listed).map(({ path }) => path)).toEqual(expected);
  });

  it('may be a zip, a file without an entry, or text, which is left out', async () => {
    const { items } = dropOf(entryOf('album.zip', zipOf({ 'x/b.jpg': 'b' })));
    const plain = { kind: 'file', webkitGetAsEntry: () => null, getAsFile: () => file('p.jpg') };
    const text = { kind: 'string', webkitGetAsEntry: () => null, getAsFile: () => null };
    expect(await pathsOf([...items, plain as never, text as never])).toEqual(['album.zip/x/b.jpg', 'p.jpg']);
  });

  it('with a folder that cannot be read names it', async () => {
    const fails = { readEntries: (_: unknown, fail: (error: unknown) => void) => fail(new Error('denied')) };
    const folder = { isDirectory: true, name: 'album', createReader: () => fails } as never;
    await expect(photosIn(dropOf(folder).items)).rejects.toThrowError(/folder "album" cannot be read/);
  });
});

describe('a zip', () => {
  const zip = zipOf({
    'x/b.jpg': 'b',
    'x/b.txt': 'Bea',
    '__MACOSX/x/._b.jpg': 'x',
    'a.jpg': 'a',
    'l.csv': '',
  });

  it('gives its photos in its own order, with texts and tables', async () => {
    const photos = await photosIn(zip);
    expect(photos.map(({ path, name, text }) => [path, name, text !== undefined])).toEqual([
      ['x/b.jpg', 'b.jpg', true],
      ['a.jpg', 'a.jpg', false],
    ]);
    expect(photos[0]!.tables).toHaveLength(1);
    expect(await (await photos[0]!.open()).text()).toBe('b');
    expect(await (await photos[0]!.text!.open()).text()).toBe('Bea');
  });
});

describe('the sizes of photos in a zip', () => {
  it('are told, so that there can be room for them, but for those that will not be unpacked', async () => {
    const packed = zipSync({ 'a.jpg': new Uint8Array(5), 'b.jpg': new Uint8Array(6) });
    const claims = new DataView(packed.buffer);
    let last = packed.length - 4;
    while (claims.getUint32(last, true) !== 0x02014b50) last--;
    claims.setUint32(last + 24, 2 ** 31, true);
    const photos = await photosIn(new Blob([packed]));
    expect(photos.map(({ path, bytes }) => [path, bytes])).toEqual([
      ['a.jpg', 5],
      ['b.jpg', undefined],
    ]);
  });
});

describe('the call', () => {
  it.each([[undefined], [null], ['a.jpg'], [7], [{}]])('refuses %j at once', (source) => {
    expect(() => photosIn(source as never)).toThrowError(/^source must be an iterable of Files/);
  });

  it('names the item that is no file', () => {
    expect(() => photosIn([file('a.jpg'), 'b.jpg'] as never)).toThrowError(/^source\[1\] must be/);
    expect(() => photosIn([null] as never)).toThrowError(/^source\[0\] must be/);
  });

  it('stops at the signal', async () => {
    const signal = AbortSignal.abort();
    const sources = [[file('a.jpg')], folderHandle('root', TREE), zipOf({ 'a.jpg': 'a' })];
    for (const source of sources) {
      const opened = photosIn(source, signal).then(([photo]) => photo!.open(signal));
      await expect(opened).rejects.toMatchObject({ code: 'ABORTED' });
    }
  });
});
