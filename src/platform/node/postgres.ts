import type { Client } from 'pg';
import type { OpenSql, SqlDriver, SqlSession, SqlValue } from '../../gallery/sql/driver.ts';
import { loadPackage } from './load-package.ts';

/** How often it is looked for what others have changed, where a notification was lost. */
const POLL_MS = 500;

function sessionOf(connected: () => Promise<Client>): SqlSession {
  return {
    async query(text: string, values: readonly SqlValue[] = []) {
      const { rows } = await (await connected()).query<Readonly<Record<string, unknown>>>(text, [...values]);
      return rows;
    },
  };
}

/** Opens a PostgreSQL, version 15 or later. @throws NearFaceError `BACKEND_UNAVAILABLE` */
export function postgresAt(url: string): OpenSql {
  return async () => {
    type Module = { readonly default: { readonly Client: typeof Client } };
    const module = await loadPackage<Module>('pg', 'A database at a URL');
    const connection = new Connection(() => new module.default.Client({ connectionString: url }));
    return postgresDriver(connection, nameOf(url));
  };
}

/** Where it is, without user and password. */
function nameOf(url: string): string {
  const { host, pathname } = new URL(url);
  return `postgres://${host}${pathname}`;
}

/** A connection that is made again when it is asked for after it has broken. */
class Connection {
  readonly #newClient: () => Client;
  readonly #channels = new Map<string, (payload: string) => void>();
  /** Locks that the connection has: PostgreSQL would give it one of them again. */
  readonly held = new Set<string>();
  #client: Promise<Client> | undefined;
  #closing: Promise<void> | undefined;

  constructor(newClient: () => Client) {
    this.#newClient = newClient;
  }

  readonly get = (): Promise<Client> => {
    this.#client ??= this.#connect().catch((error: unknown) => {
      this.#client = undefined;
      throw error;
    });
    return this.#client;
  };

  async #connect(): Promise<Client> {
    const client = this.#newClient();
    const forget = (): void => {
      this.#client = undefined;
      this.held.clear();
    };
    client.on('error', forget);
    client.on('end', forget);
    client.on('notification', ({ channel, payload }) => this.#channels.get(channel)?.(payload ?? ''));
    await client.connect();
    for (const channel of this.#channels.keys()) await client.query(`LISTEN ${quoted(channel)}`);
    return client;
  }

  async listen(channel: string, heard: (payload: string) => void): Promise<() => Promise<void>> {
    const client = await this.get();
    this.#channels.set(channel, heard);
    await client.query(`LISTEN ${quoted(channel)}`);
    return async () => void this.#channels.delete(channel);
  }

  close(): Promise<void> {
    const client = this.#client;
    this.#closing ??= client ? client.then((open) => open.end()) : Promise.resolve();
    return this.#closing;
  }
}

const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`;

const BEGIN = {
  read: 'BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY',
  write: 'BEGIN ISOLATION LEVEL READ COMMITTED',
} as const;

function postgresDriver(connection: Connection, name: string): SqlDriver {
  const session = sessionOf(connection.get);
  return {
    kind: 'postgres',
    name,
    pollMs: POLL_MS,
    ...session,
    async transaction(mode, work) {
      const client = await connection.get();
      // All of it on this connection, also where that breaks meanwhile: then it fails.
      const own = sessionOf(async () => client);
      await own.query(BEGIN[mode]);
      try {
        const value = await work(own);
        await own.query('COMMIT');
        return value;
      } catch (error) {
        await own.query('ROLLBACK').catch(() => undefined);
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
    listen: (channel, heard) => connection.listen(channel, heard),
    close: () => connection.close(),
  };
}
