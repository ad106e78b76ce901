import { zipSync } from 'fflate';
import { afterEach, describe, expect, it } from 'vitest';
import { photosIn } from './test-photos.ts';

const FOLDER = 'photos-of-a-test';

async function write(folder: FileSystemDirectoryHandle, path: string, content: string): Promise<void> {
  const parts = path.split('/');
  const name = parts.pop()!;
  for (const part of parts) folder = await folder.getDirectoryHandle(part, { create: true });
  const file = await (await folder.getFileHandle(name, { create: true })).createWritable();
  await file.write(content);
  await file.close();
}

describe('in a browser', () => {
  afterEach(async () => {
    const root = await navigator.storage.getDirectory();
    await root.removeEntry(FOLDER, { recursive: true }).catch(() => undefined);
  });

  it('reads a folder of the file system', async () => {
    const root = await navigator.storage.getDirectory();
    const folder = await root.getDirectoryHandle(FOLDER, { create: true });
    for (const path of ['b.jpg', 'a/d.png', 'a/c.JPG', 'a/c.txt', '.x/e.jpg', 'list.csv']) {
      await write(folder, path, path);
    }
    const found = [];
    for (const { path, open, text, tables } of await photosIn(folder)) {
      found.push([
        path,
        await (await open()).text(),
        text && (await (await text.open()).text()),
        tables.length,
      ]);
    }
    expect(found).toEqual([
      ['a/c.JPG', 'a/c.JPG', 'a/c.txt', 1],
      ['a/d.png', 'a/d.png', undefined, 1],
      ['b.jpg', 'b.jpg', undefined, 1],
    ]);

    const [photo] = await photosIn(folder);
    await folder.removeEntry('a', { recursive: true });
    await expect(photo!.open()).rejects.toMatchObject({ code: 'IMAGE_DECODING_FAILED' });
  });

  it('reads the files of an input and the items of a transfer', async () => {
    const transfer = new DataTransfer();
    transfer.items.add(new File(['b'], 'b.jpg'));
    transfer.items.add('text', 'text/plain');
    transfer.items.add(new File([zipSync({ 'x/a.jpg': new Uint8Array(9) })], 'album.zip'));
    for (const source of [transfer.files, transfer.items]) {
      const paths = (await photosIn(source)).map(({ path }) => path);
      expect(paths).toEqual(['b.jpg', 'album.zip/x/a.jpg']);
    }
  });
});
