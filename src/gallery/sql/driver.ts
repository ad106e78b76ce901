/** What is asked of whatever speaks PostgreSQL's SQL: a server, or PGlite in this process. */

/** A row by the names of its columns: `bytea` is a Uint8Array, `bigint` a number or its digits. */
export type SqlRow = Readonly<Record<string, unknown>>;

/** What a parameter may be. */
export type SqlValue = string | number | boolean | Uint8Array | null;

/** What a column of a table holds. */
export type SqlColumn = 'bigint' | 'double precision' | 'text' | 'bytea';

/** Runs statements, one after the other; parameters are `$1`, `$2`, … */
export interface SqlSession {
  query(text: string, values?: readonly SqlValue[]): Promise<readonly SqlRow[]>;
  /**
   * Takes the rows of a query one by one as they come, each field in PostgreSQL's binary format: for many rows. What `take` throws ends it.
   * Absent where rows come as they do from {@link query}.
   */
  readonly stream?: (text: string, take: (fields: readonly (Uint8Array | null)[]) => void) => Promise<void>;
  /**
   * Puts many rows into a table, faster than statements do; absent where there is no such way.
   *
   * @param into - the table, and its columns in brackets
   */
  readonly load?: (
    into: string,
    columns: readonly SqlColumn[],
    rows: Iterable<readonly SqlValue[]>,
  ) => Promise<void>;
}

/** A connection of one opened database. What it throws are errors of PostgreSQL, with their `code`. */
export interface SqlDriver extends SqlSession {
  readonly kind: 'pglite' | 'postgres';
  /** What messages call the database; without a password. */
  readonly name: string;
  /** How often others may have changed it without a word; absent where no other process can. */
  readonly pollMs?: number;
  /**
   * Runs work in a transaction, which is rolled back where it throws. One that reads sees the database as it is at its beginning; one that
   * writes sees, with each statement, what others have committed.
   */
  transaction<T>(mode: 'read' | 'write', work: (session: SqlSession) => Promise<T>): Promise<T>;
  /** Takes a lock that ends with this connection, if nobody has it; answers what gives it back. */
  tryLock(name: string): Promise<(() => Promise<void>) | null>;
  /** Whether a connection, this one or another, has such a lock. */
  isLocked(name: string): Promise<boolean>;
  /** Tells what is notified on a channel; answers what ends that. */
  listen?(channel: string, heard: (payload: string) => void): Promise<() => Promise<void>>;
  /** Ends the connection when what is under way has ended. Safe to call twice. */
  close(): Promise<void>;
}

/** Opens a connection. */
export type OpenSql = () => Promise<SqlDriver>;
