import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { assetsUrl } from './files.ts';
import { processLocks } from './locks.ts';
import { readAsset } from './read-asset.ts';

describe('readAsset', () => {
  let folder: string;
  let url: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'nearface-assets-'));
    await writeFile(join(folder, 'a b.bin'), Uint8Array.of(1, 2, 3));
    url = pathToFileURL(join(folder, 'a b.bin')).href;
  });
  afterAll(() => rm(folder, { recursive: true }));

  it('reads a file from the disk, and tells how much has come', async () => {
    const report = vi.fn();
    expect(await readAsset(url, { maxBytes: 3, report })).toEqual(Uint8Array.of(1, 2, 3));
    expect(report).toHaveBeenCalledExactlyOnceWith(3);
  });

  it('refuses what is too large, missing or given up', async () => {
    await expect(readAsset(url, { maxBytes: 2 })).rejects.toMatchObject({ isTooLarge: true });
    await expect(readAsset(`${url}.no`)).rejects.toMatchObject({
      name: 'AssetError',
      message: expect.stringContaining('ENOENT') as unknown,
    });
    await expect(readAsset(url, { signal: AbortSignal.abort() })).rejects.toMatchObject({ code: 'ABORTED' });
  });
});

describe('assetsUrl', () => {
  it('takes paths and URLs of folders', () => {
    expect(assetsUrl('/a/b')).toBe('file:///a/b/');
    expect(assetsUrl('dist')).toBe(pathToFileURL(join(process.cwd(), 'dist/')).href);
    expect(assetsUrl('https://example.org/lib')).toBe('https://example.org/lib/');
    expect(assetsUrl(new URL('file:///a/'))).toBe('file:///a/');
  });

  it('refuses others', () => {
    for (const assets of ['ftp://example.org/', 'https://', 'data:text/plain,'])
      expect(() => assetsUrl(assets)).toThrow(expect.objectContaining({ code: 'BAD_PARAM' }));
  });
});

describe('processLocks', () => {
  it('are held by one at a time, and free afterwards, whatever the work does', async () => {
    const { withLock, isLockHeld } = processLocks();
    const inner = await withLock('a', async (isFree) => {
      expect([isFree, await isLockHeld('a'), await isLockHeld('b')]).toEqual([true, true, false]);
      return withLock('a', async (free) => free);
    });
    expect(inner).toBe(false);
    await expect(withLock('a', () => Promise.reject(new Error('failed')))).rejects.toThrow('failed');
    expect(await isLockHeld('a')).toBe(false);
  });
});
