import type { Client } from 'pg';
import { parseDatabaseUrl } from '../../core/database-url.ts';
import { badParam } from '../../core/errors.ts';
import type { OpenSql, SqlDriver, SqlSession, SqlValue } from '../../gallery/sql/driver.ts';
import { CopyIn } from './copy-in.ts';
import { CopyOut, type TakeRow } from './copy-out.ts';
import { loadPackage } from './load-package.ts';
import { coded, isLost, PostgresConnection, READ_ONLY } from './postgres-connection.ts';

/** How often it is looked for what others have changed, where a notification was lost. */
const POLL_MS = 250;

function sessionOf(connected: () => Promise<Client>): SqlSession {
  return {
    async query(text: string, values: readonly SqlValue[] = []) {
      const client = await connected();
      try {
        const { rows } = await client.query<Readonly<Record<string, unknown>>>(text, [...values]);
        return rows;
      } catch (error) {
        throw coded(error);
      }
    },
  };
}

/** Opens a PostgreSQL, version 15 or later; of several hosts the first that can be written to. @throws NearFaceError `BACKEND_UNAVAILABLE` */
export function postgresAt(url: string): OpenSql {
  return async () => {
    type Module = { readonly default: { readonly Client: typeof Client } };
    const module = await loadPackage<Module>('pg', 'A database at a URL');
    const database = parseDatabaseUrl(url);
    if (!database) throw badParam('url', '(not shown)', 'the URL of a PostgreSQL');
    const connection = new PostgresConnection(database, (options) => new module.default.Client(options));
    return postgresDriver(connection, database.name);
  };
}

const BEGIN = {
  read: 'BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY',
  write: 'BEGIN ISOLATION LEVEL READ COMMITTED',
} as const;

/** Begins a transaction. A connection that turns out to be lost is made again, as nothing was done on it. */
async function begin(connection: PostgresConnection, mode: keyof typeof BEGIN): Promise<Client> {
  for (let isFirst = true; ; isFirst = false) {
    const client = await connection.get();
    try {
      await client.query(BEGIN[mode]);
      return client;
    } catch (error) {
      if (!isLost(error)) throw error;
      connection.drop(client);
      if (!isFirst) throw coded(error);
    }
  }
}

/** Where not all is taken, the rest is not waited for. */
async function stream(
  connection: PostgresConnection,
  client: Client,
  text: string,
  take: TakeRow,
): Promise<void> {
  try {
    await client.query(new CopyOut(text, take)).done;
  } catch (error) {
    connection.drop(client);
    throw error;
  }
}

function isReadOnly(error: unknown): boolean {
  const { code, cause } = (error ?? {}) as { readonly code?: unknown; readonly cause?: { code?: unknown } };
  return code === READ_ONLY || cause?.code === READ_ONLY;
}

/** A lock's number is told in halves, and no transaction has such a lock. */
async function isLocked(session: SqlSession, lock: string): Promise<boolean> {
  const [row] = await session.query(
    `SELECT EXISTS (SELECT 1 FROM pg_locks, hashtextextended($1, 0) AS number WHERE locktype = 'advisory' AND granted
     AND database = (SELECT oid FROM pg_database WHERE datname = current_database()) AND objsubid = 1
     AND (classid::bigint << 32) | objid::bigint = number) AS taken`,
    [lock],
  );
  return row?.taken === true;
}

function postgresDriver(connection: PostgresConnection, name: string): SqlDriver {
  const session = sessionOf(connection.get);
  return {
    kind: 'postgres',
    name,
    pollMs: POLL_MS,
    ...session,
    async transaction(mode, work) {
      const client = await begin(connection, mode);
      // All of it on this connection, also where that breaks meanwhile: then it fails.
      const own: SqlSession = {
        ...sessionOf(async () => client),
        stream: (text, take) => stream(connection, client, text, take),
        load: (into, columns, rows) => client.query(new CopyIn(into, columns, rows)).done,
      };
      try {
        const value = await work(own);
        await own.query('COMMIT');
        return value;
      } catch (error) {
        const isRolledBack = await own.query('ROLLBACK').then(
          () => true,
          () => false,
        );
        // What has become a standby takes no change any more: another host may.
        if (!isRolledBack || (mode === 'write' && isReadOnly(error))) connection.drop(client);
        throw error;
      }
    },
    async tryLock(lock) {
      if (connection.held.has(lock)) return null;
      const [row] = await session.query('SELECT pg_try_advisory_lock(hashtextextended($1, 0)) AS got', [
        lock,
      ]);
      if (row?.got !== true) return null;
      connection.held.add(lock);
      return async () => {
        connection.held.delete(lock);
        await session.query('SELECT pg_advisory_unlock(hashtextextended($1, 0))', [lock]);
      };
    },
    isLocked: async (lock) => connection.held.has(lock) || isLocked(session, lock),
    listen: (channel, heard) => connection.listen(channel, heard),
    close: () => connection.close(),
  };
}
