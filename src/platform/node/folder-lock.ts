import { createHash } from 'node:crypto';
import { realpath, unlink } from 'node:fs/promises';
import { connect, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { NearFaceError } from '../../core/errors.ts';

/** How often, and how long, it is tried again: whoever had it may be closing it. */
const TRIES = 30;
const PAUSE_MS = 100;

/**
 * Takes a folder for this thread alone; answers what gives it back. A socket stands for it, which ends with the thread however that ends.
 *
 * @throws NearFaceError `STORAGE_FAILED` where another has it
 */
export async function lockFolder(folder: string): Promise<() => Promise<void>> {
  const hash = createHash('sha256')
    .update(await realpath(folder))
    .digest('hex')
    .slice(0, 24);
  const name = `nearface-${hash}`;
  const path = process.platform === 'win32' ? `\\\\.\\pipe\\${name}` : join(tmpdir(), `${name}.sock`);
  for (let left = TRIES; ; left--) {
    const server = await listen(path);
    if (server) return () => new Promise((closed) => server.close(() => closed()));
    if (left === 0) throw takenByAnother(folder);
    if (!(await isAnswered(path))) await unlink(path).catch(() => undefined);
    else await new Promise((later) => setTimeout(later, PAUSE_MS));
  }
}

function takenByAnother(folder: string): NearFaceError {
  return new NearFaceError(
    'STORAGE_FAILED',
    `The database in ${folder} is open already, here or in another process, and only one at a time may have it; close that one, or use a PostgreSQL for several`,
    { database: folder },
  );
}

/** Nothing where something is there already. */
function listen(path: string): Promise<Server | null> {
  return new Promise((resolve, reject) => {
    const server = createServer((socket) => socket.destroy());
    server.once('error', (error: NodeJS.ErrnoException) =>
      error.code === 'EADDRINUSE' ? resolve(null) : reject(error),
    );
    server.listen(path, () => {
      // It keeps no process alive.
      server.unref();
      resolve(server);
    });
  });
}

/** Whether somebody listens there, or has only left the file. */
function isAnswered(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path, () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}
