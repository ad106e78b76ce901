import type { Client } from 'pg';
import type { OpenSql, SqlDriver, SqlSession, SqlValue } from '../../gallery/sql/driver.ts';
import { loadPackage } from './load-package.ts';

/** How often it is looked for what others have changed, where a notification was lost. */
const POLL_MS = 500;

function sessionOf(client: Client): SqlSession {
  return {
    async query(text: string, values: readonly SqlValue[] = []) {
      const { rows } = await client.query<Readonly<Record<string, unknown>>>(text, [...values]);
      return rows;
    },
  };
}

/** Opens a PostgreSQL, version 15 or later. @throws NearFaceError `BACKEND_UNAVAILABLE` */
export function postgresAt(url: string): OpenSql {
  return async () => {
    type Module = { readonly default: { readonly Client: typeof Client } };
    const module = await loadPackage<Module>('pg', 'A database at a URL');
    const client = new module.default.Client({ connectionString: url });
    // A connection that breaks while nobody asks: the next verb says so.
    client.on('error', () => undefined);
    await client.connect();
    return postgresDriver(client, nameOf(url));
  };
}

/** Where it is, without user and password. */
function nameOf(url: string): string {
  const { host, pathname } = new URL(url);
  return `postgres://${host}${pathname}`;
}

const BEGIN = {
  read: 'BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY',
  write: 'BEGIN ISOLATION LEVEL READ COMMITTED',
} as const;

function postgresDriver(client: Client, name: string): SqlDriver {
  const session = sessionOf(client);
  let closing: Promise<void> | undefined;
  return {
    kind: 'postgres',
    name,
    pollMs: POLL_MS,
    ...session,
    async transaction(mode, work) {
      await session.query(BEGIN[mode]);
      try {
        const value = await work(session);
        await session.query('COMMIT');
        return value;
      } catch (error) {
        await session.query('ROLLBACK').catch(() => undefined);
        throw error;
      }
    },
    async tryLock(lock) {
      const [row] = await session.query('SELECT pg_try_advisory_lock(hashtextextended($1, 0)) AS got', [
        lock,
      ]);
      if (row?.got !== true) return null;
      return async () =>
        void (await session.query('SELECT pg_advisory_unlock(hashtextextended($1, 0))', [lock]));
    },
    async listen(channel, heard) {
      client.on('notification', (message) => {
        if (message.channel === channel) heard(message.payload ?? '');
      });
      const quoted = `"${channel.replaceAll('"', '""')}"`;
      await session.query(`LISTEN ${quoted}`);
      return async () => void (await session.query(`UNLISTEN ${quoted}`));
    },
    close: () => (closing ??= client.end()),
  };
}
