import { parseDatabaseUrl } from './database-url.ts';
import { badParam } from './errors.ts';
import { MAX_PASSPHRASE_LENGTH, MAX_URL_LENGTH } from './limits.ts';
import { type Check, integer, resolveOptions, string } from './options.ts';

/** What databases in Node have in common. */
export interface SecretTemplates {
  /**
   * At least 16 characters, by which the embeddings of faces are stored rotated (docs/storage.md), so that whoever reads the database cannot compare them with another one's or
   * with what a model makes of a photo; but only with `keep: 'none'`: kept crops and photos lie there as they are, and what they show undoes it. It counts from the first opening on, and every process needs it: without it, or with another, the database is `LOCKED`; for one that holds
   * embeddings which are not rotated it is `BAD_PARAM`. Nobody can restore it. Default: they are not rotated.
   */
  readonly templateSecret?: string;
}

/** A database in a folder of this machine (PGlite), which one process has for itself. Node only. */
export interface FolderDatabase extends SecretTemplates {
  /** Made if it is not there. */
  readonly folder: string;
}

/** A database of a PostgreSQL server, version 15 or later, which any number of processes may have open. Node only. */
export interface ServerDatabase extends SecretTemplates {
  /**
   * `postgres://user:password@host:port/name`. Of several hosts, `host1:port,host2:port`, the first is taken that can be written to, and another
   * one when that is lost; with `?target_session_attrs=any` the first that answers.
   */
  readonly url: string;
  /** The schema of its tables, made if it is not there. Default: `nearface`. */
  readonly schema?: string;
  /**
   * Megabytes (10⁶ bytes) of memory that the vectors of a model may take up in each process, 0 or more. Where they take more, pgvector 0.8.0
   * or later finds candidates in the database, and their exact vectors decide; a process then keeps some 80 bytes of each face. Default: all
   * vectors are in memory. The first process that says so makes an index, which takes its time. `BACKEND_UNAVAILABLE` where the server has
   * no such pgvector.
   */
  readonly searchMemoryMB?: number;
}

/** A database that a name alone does not tell. */
export type DatabasePlace = FolderDatabase | ServerDatabase;

/** What messages call a database; without a password. */
export function databaseName(database: string | DatabasePlace | null): string {
  if (database === null) return 'memory';
  if (typeof database === 'string') return database;
  return 'folder' in database ? database.folder : 'PostgreSQL';
}

interface Parts extends SecretTemplates {
  readonly folder?: string;
  readonly url?: string;
  readonly schema?: string;
  readonly searchMemoryMB?: number;
}

/** @throws NearFaceError `BAD_PARAM` */
export function checkDatabasePlace(value: unknown, path: string): DatabasePlace {
  const fields = {
    folder: string(MAX_URL_LENGTH, /^[^\0]+$/),
    url: postgresUrl,
    schema: string(MAX_SCHEMA_LENGTH, /^[^\0]+$/),
    searchMemoryMB: integer(0, MAX_SEARCH_MEMORY_MB),
    templateSecret,
  };
  const { folder, url, schema, searchMemoryMB, ...secret } = resolveOptions<Parts, object>(
    value,
    path,
    fields,
    {},
  );
  const ofServers = [url, schema, searchMemoryMB];
  if (folder !== undefined && ofServers.every((given) => given === undefined)) return { folder, ...secret };
  if (url !== undefined && folder === undefined)
    return {
      ...{ url, ...secret },
      ...(schema !== undefined && { schema }),
      ...(searchMemoryMB !== undefined && { searchMemoryMB }),
    };
  throw badParam(
    path,
    '(not shown)',
    'a name, null, { folder }, or { url } with schema and searchMemoryMB if you like; either with templateSecret',
  );
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

/** No message shows it. */
const templateSecret: Check<string> = (value, path) => {
  const isLong = typeof value === 'string' && value.length >= MIN_SECRET_LENGTH;
  if (isLong && value.length <= MAX_PASSPHRASE_LENGTH) return value;
  throw badParam(
    path,
    '(not shown)',
    `text of ${MIN_SECRET_LENGTH} to ${MAX_PASSPHRASE_LENGTH} characters, made by chance`,
  );
};

/** So short a one could be guessed. */
const MIN_SECRET_LENGTH = 16;

/** In units of UTF-16: PostgreSQL cuts a longer name off, by bytes. */
const MAX_SCHEMA_LENGTH = 16;

/** More than a process could have. */
const MAX_SEARCH_MEMORY_MB = 1_000_000;
