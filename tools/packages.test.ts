import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createHash } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PackageStore, untar } from './packages.ts';

/** A tar archive of plain files. */
function tar(files: Readonly<Record<string, string>>): Uint8Array {
  const blocks = Object.entries(files).flatMap(([name, text]) => {
    const header = Buffer.alloc(512);
    header.write(name, 0);
    header.write(text.length.toString(8).padStart(11, '0'), 124);
    header.write('0', 156);
    const body = Buffer.alloc(512 * Math.ceil(text.length / 512));
    body.write(text);
    return [header, body];
  });
  return Buffer.concat([...blocks, Buffer.alloc(1024)]);
}

let folder: string;
const archive = gzipSync(tar({ 'package/a.txt': 'first', 'package/deep/b.txt': 'x'.repeat(700) }));
const integrity = `sha512-${createHash('sha512').update(archive).digest('base64')}`;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'packages-'));
  await writeFile(join(folder, '-scope-name-1.0.0.tgz'), archive);
});
afterAll(() => rm(folder, { recursive: true }));

describe('untar', () => {
  it('finds every file under the package’s folder', () => {
    const files = untar(tar({ 'package/a.txt': 'first', 'package/deep/b.txt': 'x'.repeat(700) }));
    expect([...files].map(([name, bytes]) => [name, bytes.length])).toEqual([
      ['a.txt', 5],
      ['deep/b.txt', 700],
    ]);
  });

  it('refuses an archive that ends within a file', () => {
    expect(() => untar(tar({ 'package/b.txt': 'x'.repeat(700) }).subarray(0, 800))).toThrow('ends within');
  });
});

describe('a package', () => {
  it('is used from the cache when its digest is the locked one', async () => {
    const store = new PackageStore({ '@scope/name@1.0.0': integrity }, folder);
    expect(new TextDecoder().decode(await store.file('@scope/name@1.0.0', 'a.txt'))).toBe('first');
    await expect(store.file('@scope/name@1.0.0', 'c.txt')).rejects.toThrow('has no file c.txt');
  });

  it('is refused when its digest is another, or when it is not in the lock', async () => {
    const store = new PackageStore({ '@scope/name@1.0.0': integrity.replace(/..$/, 'A=') }, folder);
    await expect(store.file('@scope/name@1.0.0', 'a.txt')).rejects.toThrow('digest');
    await expect(store.file('other@2.0.0', 'a.txt')).rejects.toThrow('not in lock.json');
  });
});
