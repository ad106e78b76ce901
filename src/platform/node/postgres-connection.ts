import type { Client } from 'pg';
import type { DatabaseUrl } from '../../core/database-url.ts';

/** How long a host may take to answer, in milliseconds: alone, and where there are others. */
const ANSWER_MS = 10_000;
const ANSWER_AMONG_OTHERS_MS = 3_000;

/** Of connections on which nothing is asked: after so many milliseconds it is looked whether the other end is still there. */
const KEEP_ALIVE_MS = 10_000;

/** The class of PostgreSQL's errors that connections have; node-postgres gives these none. */
const CONNECTION_FAILURE = '08006';

/** What a standby says to whoever changes something. */
export const READ_ONLY = '25006';

/** Codes that say that nothing more can be done on a connection: it failed, or the server ends or was killed. */
const LOST = /^(08|57P0[123]$)/;

/** Whether a connection is of no more use after an error. */
export function isLost(error: unknown): boolean {
  const { code } = (error ?? {}) as { readonly code?: unknown };
  return typeof code !== 'string' || LOST.test(code) || /^E[A-Z]+$/.test(code);
}

/** An error of a connection with a code, as those of statements have. */
export function coded(error: unknown): unknown {
  if (!(error instanceof Error) || 'code' in error) return error;
  return Object.assign(error, { code: CONNECTION_FAILURE });
}

/** A connection to one of some hosts, which is made again when it is asked for after it has broken. */
export class PostgresConnection {
  readonly #newClient: (options: ConstructorParameters<typeof Client>[0]) => Client;
  readonly #database: DatabaseUrl;
  readonly #channels = new Map<string, (payload: string) => void>();
  /** Locks that the connection has: PostgreSQL would give it one of them again. */
  readonly held: Set<string> = new Set();
  #client: Promise<Client> | undefined;
  #current: Client | undefined;
  #closing: Promise<void> | undefined;

  constructor(
    database: DatabaseUrl,
    newClient: (options: ConstructorParameters<typeof Client>[0]) => Client,
  ) {
    this.#database = database;
    this.#newClient = newClient;
  }

  /** @throws the error of the last host where none can be had */
  readonly get = (): Promise<Client> => {
    this.#client ??= this.#connect().catch((error: unknown) => {
      this.#client = undefined;
      throw coded(error);
    });
    return this.#client;
  };

  async #connect(): Promise<Client> {
    let failed: unknown;
    for (const url of this.#database.urls)
      try {
        return await this.#connectTo(url);
      } catch (error) {
        failed = error;
      }
    throw failed;
  }

  async #connectTo(url: string): Promise<Client> {
    const client = this.#newClient({
      connectionString: url,
      connectionTimeoutMillis: this.#database.urls.length > 1 ? ANSWER_AMONG_OTHERS_MS : ANSWER_MS,
      ...{ keepAlive: true, keepAliveInitialDelayMillis: KEEP_ALIVE_MS },
    });
    const forget = (): void => this.#forget(client);
    client.on('error', forget);
    client.on('end', forget);
    client.on('notification', ({ channel, payload }) => this.#channels.get(channel)?.(payload ?? ''));
    try {
      await client.connect();
      if (this.#database.isWritten) await refuseStandby(client);
      for (const channel of this.#channels.keys()) await client.query(`LISTEN ${quoted(channel)}`);
      this.#current = client;
      return client;
    } catch (error) {
      // That of an attempt is nobody's yet: what is asked for is the one to the next host.
      void client.end().catch(() => undefined);
      throw error;
    }
  }

  #forget(client: Client): void {
    if (this.#current !== client) return;
    this.#current = undefined;
    this.#client = undefined;
    this.held.clear();
  }

  /** Ends a connection that is of no more use. */
  drop(client: Client): void {
    this.#forget(client);
    void client.end().catch(() => undefined);
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

/** A standby, or a server that takes no changes, is as good as one that does not answer. */
async function refuseStandby(client: Client): Promise<void> {
  const text = `SELECT pg_is_in_recovery() OR current_setting('transaction_read_only') = 'on' AS refuses`;
  const { rows } = await client.query<{ readonly refuses: boolean }>(text);
  if (rows[0]?.refuses === false) return;
  const message = `${client.host}:${client.port} is a standby, or takes no changes`;
  throw Object.assign(new Error(message), { code: READ_ONLY });
}

const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`;
