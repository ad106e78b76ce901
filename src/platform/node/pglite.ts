import { access, constants, mkdir } from 'node:fs/promises';
import type { PGlite } from '@electric-sql/pglite';
import type { OpenSql, SqlDriver, SqlSession, SqlValue } from '../../gallery/sql/driver.ts';
import { NearFaceError } from '../../core/errors.ts';
import { lockFolder } from './folder-lock.ts';
import { loadPackage } from './load-package.ts';

/** The number of PostgreSQL's type `bytea`. */
const BYTEA = 17;

/** Bytes are written and read as digits, by Node's own code. */
const OPTIONS = {
  parsers: { [BYTEA]: (text: string): Uint8Array => Buffer.from(text.slice(2), 'hex') },
  serializers: {
    [BYTEA]: ({ buffer, byteOffset, byteLength }: Uint8Array): string =>
      `\\x${Buffer.from(buffer, byteOffset, byteLength).toString('hex')}`,
  },
};

type Querying = Pick<PGlite, 'query'>;

function sessionOf(given: Querying): SqlSession {
  return {
    async query(text: string, values: readonly SqlValue[] = []) {
      const { rows } = await given.query<Readonly<Record<string, unknown>>>(text, [...values], OPTIONS);
      return rows;
    },
  };
}

/** Opens PGlite in a folder of this machine. @throws NearFaceError `BACKEND_UNAVAILABLE` */
export function pgliteIn(folder: string): OpenSql {
  return async () => {
    const name = '@electric-sql/pglite';
    const module = await loadPackage<{ readonly PGlite: typeof PGlite }>(name, 'A database in a folder');
    let unlock: (() => Promise<void>) | undefined;
    try {
      await mkdir(folder, { recursive: true });
      await access(folder, constants.R_OK | constants.W_OK | constants.X_OK);
      const release = (unlock = await lockFolder(folder));
      const db = await module.PGlite.create(folder);
      const close = async (): Promise<void> => {
        await db.close();
        await release();
      };
      return pgliteDriver(db, { name: folder, held: new Set(), close });
    } catch (error) {
      await unlock?.();
      throw error instanceof NearFaceError ? error : cannotOpen(folder, error);
    }
  };
}

function cannotOpen(folder: string, error: unknown): NearFaceError {
  const why = error instanceof Error ? error.message : String(error);
  const text = `The database in ${folder} could not be opened (${why}); see that the folder may be written and holds nothing else, or restore a backup of it`;
  return new NearFaceError('STORAGE_FAILED', text, { database: folder }, error);
}

/** What belongs to a PGlite besides. */
export interface PgliteFacts {
  readonly name: string;
  /** The locks that are held by those who share it. */
  readonly held: Set<string>;
  close(): Promise<void>;
}

/** A PGlite, which one process has for itself, as a connection. */
export function pgliteDriver(db: PGlite, { name, held, close }: PgliteFacts): SqlDriver {
  let closing: Promise<void> | undefined;
  return {
    kind: 'pglite',
    name,
    ...sessionOf(db),
    transaction: (_mode, work) => db.transaction((tx) => work(sessionOf(tx))),
    async tryLock(lock) {
      if (held.has(lock)) return null;
      held.add(lock);
      return async () => void held.delete(lock);
    },
    isLocked: async (lock) => held.has(lock),
    listen: (channel, heard) => db.listen(`"${channel.replaceAll('"', '""')}"`, heard),
    close: () => (closing ??= close()),
  };
}
