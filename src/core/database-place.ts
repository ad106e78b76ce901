import { parseDatabaseUrl } from './database-url.ts';
import { badParam } from './errors.ts';
import { MAX_URL_LENGTH } from './limits.ts';
import { type Check, resolveOptions, string } from './options.ts';

/** A database in a folder of this machine (PGlite), which one process has for itself. Node only. */
export interface FolderDatabase {
  /** Made if it is not there. */
  readonly folder: string;
}

/** A database of a PostgreSQL server, version 15 or later, which any number of processes may have open. Node only. */
export interface ServerDatabase {
  /**
   * `postgres://user:password@host:port/name`. Of several hosts, `host1:port,host2:port`, the first is taken that can be written to, and another
   * one when that is lost; with `?target_session_attrs=any` the first that answers.
   */
  readonly url: string;
  /** The schema of its tables, made if it is not there. Default: `nearface`. */
  readonly schema?: string;
}

/** A database that a name alone does not tell. */
export type DatabasePlace = FolderDatabase | ServerDatabase;

/** What messages call a database; without a password. */
export function databaseName(database: string | DatabasePlace | null): string {
  if (database === null) return 'memory';
  if (typeof database === 'string') return database;
  return 'folder' in database ? database.folder : 'PostgreSQL';
}

interface Parts {
  readonly folder?: string;
  readonly url?: string;
  readonly schema?: string;
}

/** @throws NearFaceError `BAD_PARAM` */
export function checkDatabasePlace(value: unknown, path: string): DatabasePlace {
  const fields = {
    folder: string(MAX_URL_LENGTH, /^[^\0]+$/),
    url: postgresUrl,
    schema: string(MAX_SCHEMA_LENGTH, /^[^\0]+$/),
  };
  const { folder, url, schema } = resolveOptions<Parts, object>(value, path, fields, {});
  if (folder !== undefined && url === undefined && schema === undefined) return { folder };
  if (url !== undefined && folder === undefined) return { url, ...(schema !== undefined && { schema }) };
  throw badParam(path, '(not shown)', 'a name, null, { folder }, or { url } with a schema if you like');
}

/** It may have a password, which no message shows. */
const postgresUrl: Check<string> = (value, path) => {
  if (typeof value === 'string' && value.length <= MAX_URL_LENGTH && parseDatabaseUrl(value)) return value;
  throw badParam(
    path,
    '(not shown)',
    'the URL of a PostgreSQL, as in postgres://user:password@host:5432/name; of several hosts (host1:5432,host2:5432) target_session_attrs may be read-write, primary or any',
  );
};

/** In units of UTF-16: PostgreSQL cuts a longer name off, by bytes. */
const MAX_SCHEMA_LENGTH = 16;
