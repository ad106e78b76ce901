import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { type Flags, oneOf, textOf, UsageError, wholeNumber, type Values } from './usage.ts';

/** Where faces are kept: a folder of its own, or a PostgreSQL. */
export type Database = { readonly templateSecret?: string } & (
  { readonly folder: string } | { readonly url: string; readonly searchMemoryMB?: number }
);

/** Variables of the environment. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** The flags that say where faces are, and by which model. */
export const DATABASE_FLAGS = {
  data: { type: 'string' },
  'database-url': { type: 'string' },
  'search-memory': { type: 'string' },
  'template-secret': { type: 'string' },
  embedding: { type: 'string' },
} as const satisfies Flags;

/** How they are told. */
export const DATABASE_USAGE =
  '--data FOLDER (default: nearface-data)  or --database-url postgres://… (also DATABASE_URL)\n' +
  '  --search-memory MB  with PostgreSQL: larger galleries are searched by pgvector, their vectors not in memory\n' +
  '  --template-secret TEXT  16 characters or more by which embeddings are stored rotated, in a database that has none yet (better: NEARFACE_TEMPLATE_SECRET)\n' +
  '  --embedding fused  the model that tells people apart, for all commands on a database (default: mobilefacenet-2)';

/** Where faces are kept if nothing is said. */
const FOLDER = 'nearface-data';

/** What {@link DATABASE_FLAGS} say, and `DATABASE_URL` and `NEARFACE_TEMPLATE_SECRET` where they say nothing. @throws UsageError */
export function databaseOf(values: Values, env: Environment): Database {
  const [data, url] = [textOf(values, 'data'), textOf(values, 'database-url')];
  if (data !== undefined && url !== undefined)
    throw new UsageError('--data and --database-url are two places for faces: give one of them');
  const server = url ?? (data === undefined ? env['DATABASE_URL'] : undefined);
  const memory = textOf(values, 'search-memory');
  // An empty variable is none, as with the other one.
  const templateSecret = textOf(values, 'template-secret') ?? (env['NEARFACE_TEMPLATE_SECRET'] || undefined);
  const secret = templateSecret === undefined ? {} : { templateSecret };
  if (memory === undefined)
    return { ...secret, ...(server ? { url: server } : { folder: resolve(data ?? FOLDER) }) };
  if (!server)
    throw new UsageError(
      '--search-memory is for a PostgreSQL with pgvector: give --database-url, or leave it out',
    );
  return { ...secret, url: server, searchMemoryMB: wholeNumber(memory, '--search-memory', 0, 1_000_000) };
}

/** The same of a command that only reads, so that no empty database is made. @throws UsageError */
export function existingDatabaseOf(values: Values, env: Environment): Database {
  const database = databaseOf(values, env);
  if ('folder' in database && !existsSync(database.folder))
    throw new UsageError(
      `there is no folder ${database.folder}; say where faces are kept by --data or --database-url`,
    );
  return database;
}

/** Another embedding model than the default one, as `NearFace.create` takes it. */
export interface ModelOptions {
  readonly models?: { readonly embedding: string };
}

/** What `--embedding` says; nothing for the default model. */
export function modelsOf(values: Values): ModelOptions {
  const embedding = textOf(values, 'embedding');
  return embedding === undefined ? {} : { models: { embedding } };
}

/** Which pictures of faces are kept. @throws UsageError */
export function keepOf(text: string): 'none' | 'crops' | 'photos' {
  return oneOf(text, '--keep', ['none', 'crops', 'photos']);
}

/** A warning where embeddings are rotated beside the pictures that they are made of, of which no use comes. */
export function readablePictures(
  database: Database | null,
  keep: 'none' | 'crops' | 'photos',
): readonly string[] {
  if (database?.templateSecret === undefined || keep === 'none') return [];
  return [
    `Warning: --keep ${keep} stores pictures of faces as they are, which tell what --template-secret hides; give --keep none`,
  ];
}

/** A message of the library, in which its options are called by their flags. */
export function inFlags(message: string): string {
  return message
    .replaceAll('templateSecret of the database', 'templateSecret')
    .replaceAll('searchMemoryMB', '--search-memory')
    .replaceAll(
      /\b(?:options\.database\.)?templateSecret\b/g,
      '--template-secret (or NEARFACE_TEMPLATE_SECRET)',
    )
    .replaceAll(/\b(?:options\.)?models\.embedding\b/g, '--embedding');
}
