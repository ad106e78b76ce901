import { execFile } from 'node:child_process';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

const exec = promisify(execFile);

/** Where Debian and its kin put the binaries of each version. */
const VERSIONS = '/usr/lib/postgresql';

/** Where a PostgreSQL's programs are, and who runs them: it refuses to be root. */
export interface Binaries {
  readonly folder: string;
  /** Numbers of user and group, where this process is root. */
  readonly runAs?: { readonly uid: number; readonly gid: number };
}

/** The programs of the newest PostgreSQL of this machine; `null` where there is none, or nobody to run it. */
export async function findPostgres(): Promise<Binaries | null> {
  const folder = await binaryFolder();
  if (folder === null) return null;
  if (process.getuid?.() !== 0) return { folder };
  const runAs = await userCalled('postgres');
  return runAs && { folder, runAs };
}

async function binaryFolder(): Promise<string | null> {
  const versions = await namesIn(VERSIONS);
  for (const version of versions.toSorted((a, b) => Number(b) - Number(a))) {
    const folder = join(VERSIONS, version, 'bin');
    if ((await namesIn(folder)).includes('initdb')) return folder;
  }
  return exec('pg_config', ['--bindir']).then(
    ({ stdout }) => stdout.trim(),
    () => null,
  );
}

async function namesIn(folder: string): Promise<readonly string[]> {
  return readdir(folder).catch(() => []);
}

async function userCalled(name: string): Promise<{ uid: number; gid: number } | null> {
  try {
    const [uid, gid] = await Promise.all(['-u', '-g'].map((what) => exec('id', [what, name])));
    return { uid: Number(uid?.stdout), gid: Number(gid?.stdout) };
  } catch {
    return null;
  }
}
