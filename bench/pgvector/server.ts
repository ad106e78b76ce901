/** A PostgreSQL 17 with pgvector, of Debian trixie, in a folder of its own. */
import { execFile } from 'node:child_process';
import { access, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { freePort } from '../../tools/postgres/server.ts';

const exec = promisify(execFile);

const PACKAGES = 'postgresql-17,postgresql-17-pgvector';
const PROGRAMS = '/usr/lib/postgresql/17/bin';
/** Where Debian's packages are fetched from unless it is said. */
const MIRROR = 'http://deb.debian.org/debian';

/** Memory that makes the build of an index of a million faces take minutes rather than hours. */
const SETTINGS = ['shared_buffers=1GB', 'maintenance_work_mem=2GB', 'max_wal_size=4GB'];

/** A server that runs. */
export interface VectorServer {
  readonly url: string;
  /** Ends it, and deletes what was made for it. */
  drop(): Promise<void>;
}

/** Whether such a server can be made here: by root, with Debian's debootstrap. */
export async function canStart(): Promise<boolean> {
  if (process.getuid?.() !== 0) return false;
  return exec('sh', ['-c', 'command -v debootstrap chroot']).then(
    () => true,
    () => false,
  );
}

/**
 * Starts one.
 *
 * @param folder - of a system that an earlier run, or debootstrap, has left; a temporary one is made otherwise, which takes minutes
 * @param mirror - where Debian's packages are
 */
export async function startVectorServer(folder?: string, mirror: string = MIRROR): Promise<VectorServer> {
  const root = folder ?? (await mkdtemp(join(tmpdir(), 'nearface-trixie-')));
  const isThere = await access(join(root, PROGRAMS)).then(
    () => true,
    () => false,
  );
  if (!isThere)
    await exec('debootstrap', ['--variant=minbase', `--include=${PACKAGES}`, 'trixie', root, mirror], {
      maxBuffer: 2 ** 26,
    });
  const port = await freePort();
  const data = `/tmp/nearface-${port}`;
  const inside = (command: string): Promise<unknown> =>
    exec('chroot', [root, 'su', 'postgres', '-c', `${PROGRAMS}/${command}`]);
  await inside(`initdb -D ${data} -A trust -U postgres --no-sync`);
  const settings = ['listen_addresses=127.0.0.1', ...SETTINGS].map((setting) => `-c ${setting}`).join(' ');
  await inside(`pg_ctl -D ${data} -w -l ${data}/log -o "-p ${port} -k /tmp ${settings}" start`);
  return {
    url: `postgres://postgres@127.0.0.1:${port}/postgres`,
    async drop() {
      await inside(`pg_ctl -D ${data} -m immediate stop`);
      await rm(folder === undefined ? root : join(root, data), { recursive: true, force: true });
    },
  };
}
