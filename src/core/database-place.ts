/** A database in a folder of this machine (PGlite), which one process has for itself. Node only. */
export interface FolderDatabase {
  /** Made if it is not there. */
  readonly folder: string;
}

/** A database of a PostgreSQL server, version 15 or later, which any number of processes may have open. Node only. */
export interface ServerDatabase {
  /** `postgres://user:password@host:port/name`. */
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
