import { readFileSync } from 'node:fs';
import { MAX_THREADS } from '../../src/core/limits.ts';
import type { RestToken } from '../../src/rest/options.ts';
import {
  type Database,
  DATABASE_FLAGS,
  DATABASE_USAGE,
  databaseOf,
  keepOf,
  type ModelOptions,
  modelsOf,
} from './database-options.ts';
import { isLoopback } from './stranger.ts';
import { newToken } from './token.ts';
import { CannotRun, type Flags, parse, UsageError, wholeNumber } from './usage.ts';

/** How a server is started; nothing is missing. */
export interface ServeOptions extends ModelOptions {
  readonly host: string;
  readonly port: number;
  /** Where faces are kept: a folder of its own, a PostgreSQL; null: in memory. */
  readonly database: Database | null;
  /** Which pictures of faces are kept. */
  readonly keep: 'none' | 'crops' | 'photos';
  /** `none`: no key is asked for. */
  readonly tokens: 'none' | readonly RestToken[];
  /** The key that was made for this run, as none was given. */
  readonly madeToken?: string;
  readonly apis?: readonly string[];
  readonly origins: readonly string[];
  readonly basePath: string;
  /** What links begin with; absent: the origin that the server is called by. */
  readonly publicUrl?: string;
  readonly tls?: { readonly cert: string; readonly key: string };
  /** Threads that look at photos; absent: as many as cores and memory allow. */
  readonly workers?: number;
  /** Photos that wait for one of these at most; further ones are refused with 503. */
  readonly queue: number;
  /** Calls that are being answered at most; further ones are refused with 503. */
  readonly maxCalls: number;
  /** Calls a minute and key; 0: as many as come. */
  readonly rate: number;
  /** Whether each face that is posted is assigned to a person. */
  readonly people: boolean;
}

export const SERVE_USAGE = `nearface serve

  answers over HTTP, as existing face services do

  --port 8000  --host 127.0.0.1  --base-path /faces
  ${DATABASE_USAGE}
  --memory           instead: faces are gone when it stops
  --keep crops       or none, photos: which pictures of faces are kept
  --token KEY        again for more; none: no key is asked for; default: one is made and printed
                     KEY:SECRET where requests are signed; KEY@GALLERY: CompreFace's collection of this key
  --path-token KEY   again for more; one that may stand in a path (/t/KEY/…), too, from which it gets into logs
  --apis compreface,findface
  --origin https://app.example (again for more)
  --public-url https://faces.example (what links begin with, behind a proxy)
  --tls-cert FILE  --tls-key FILE
  --workers N        threads that look at photos, about 100 MB each (default: one for each core, if there is memory for them)
  --queue 32         photos that wait for them at most
  --max-calls 64     at a time
  --rate 600         calls a minute and key
  --people           faces are put together to people`;

const FLAGS = {
  host: { type: 'string' },
  port: { type: 'string' },
  ...DATABASE_FLAGS,
  memory: { type: 'boolean' },
  keep: { type: 'string' },
  token: { type: 'string', multiple: true },
  'path-token': { type: 'string', multiple: true },
  'public-url': { type: 'string' },
  apis: { type: 'string' },
  origin: { type: 'string', multiple: true },
  'base-path': { type: 'string' },
  'tls-cert': { type: 'string' },
  'tls-key': { type: 'string' },
  workers: { type: 'string' },
  queue: { type: 'string' },
  'max-calls': { type: 'string' },
  rate: { type: 'string' },
  people: { type: 'boolean' },
} satisfies Flags;

/**
 * Reads `nearface serve`'s flags. What a flag does not say, a variable of the environment may: `PORT`, `HOST`, `DATABASE_URL`, and
 * `NEARFACE_TOKEN` and `NEARFACE_TEMPLATE_SECRET`, so that neither need stand in a list of processes.
 *
 * @throws UsageError
 */
export function serveOptions(
  args: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): ServeOptions {
  const { values } = parse(args, FLAGS);
  const text = (name: string): string | undefined => values[name] as string | undefined;
  const texts = (name: string): readonly string[] => (values[name] as string[] | undefined) ?? [];
  const host = text('host') ?? env['HOST'] ?? '127.0.0.1';
  const fromEnv = env['NEARFACE_TOKEN']?.split(',').filter((token) => token !== '') ?? [];
  const given = texts('token').length > 0 ? texts('token') : fromEnv;
  const { tokens, madeToken } = keysOf(given, texts('path-token'), host);
  const publicUrl = text('public-url');
  const workers = text('workers');
  const apis = text('apis')?.split(',');
  const isInMemory = values['memory'] === true;
  if (isInMemory && text('search-memory') !== undefined)
    throw new UsageError('--search-memory is for a PostgreSQL with pgvector: leave it out beside --memory');
  if (isInMemory && text('template-secret') !== undefined)
    throw new UsageError('--template-secret is for faces that are kept: leave it out beside --memory');
  if (isInMemory && (text('data') ?? text('database-url')) !== undefined)
    throw new UsageError('--data, --database-url and --memory are three places for faces: give one of them');
  const database = isInMemory ? null : databaseOf(values, env);
  const tls = tlsOf(text('tls-cert'), text('tls-key'));
  return {
    ...{ database, keep: keepOf(text('keep') ?? 'crops'), ...modelsOf(values) },
    ...{ host, tokens, origins: texts('origin'), basePath: text('base-path') ?? '' },
    port: wholeNumber(text('port') ?? env['PORT'] ?? '8000', '--port', 0, 65_535),
    ...(workers !== undefined && { workers: wholeNumber(workers, '--workers', 1, MAX_THREADS) }),
    queue: wholeNumber(text('queue') ?? '32', '--queue', 0, 1000),
    maxCalls: wholeNumber(text('max-calls') ?? '64', '--max-calls', 1, 100_000),
    rate: wholeNumber(text('rate') ?? '0', '--rate', 0, 1_000_000),
    people: values['people'] === true,
    ...(madeToken !== undefined && { madeToken }),
    ...(publicUrl !== undefined && { publicUrl }),
    ...(apis && { apis }),
    ...(tls && { tls }),
  };
}

function keysOf(
  given: readonly string[],
  inPath: readonly string[],
  host: string,
): Pick<ServeOptions, 'tokens' | 'madeToken'> {
  if (given.length + inPath.length === 0) {
    const madeToken = newToken();
    return { tokens: [{ key: madeToken }], madeToken };
  }
  if (!given.includes('none'))
    return { tokens: [...given.map(tokenOf), ...inPath.map((one) => ({ ...tokenOf(one), inPath: true }))] };
  if (given.length + inPath.length > 1)
    throw new UsageError('--token none opens every call, so that no other key is of use');
  if (!isLoopback(host))
    throw new UsageError(
      `--token none would open every face to whoever reaches ${host}; give a key (nearface token makes one), or --host 127.0.0.1`,
    );
  return { tokens: 'none' };
}

/** `KEY`, `KEY@GALLERY`, `KEY:SECRET` or `KEY@GALLERY:SECRET`: no key has a colon or an `@` in it. */
function tokenOf(given: string): RestToken {
  const [, key = '', gallery, secret] = /^([^:@]*)(?:@([^:]*))?(?::(.*))?$/s.exec(given) ?? [];
  return { key, ...(gallery !== undefined && { gallery }), ...(secret !== undefined && { secret }) };
}

function tlsOf(cert: string | undefined, key: string | undefined): ServeOptions['tls'] {
  if (cert === undefined && key === undefined) return undefined;
  if (cert === undefined || key === undefined)
    throw new UsageError('--tls-cert and --tls-key go together: the certificate and its key, both in PEM');
  return { cert: read(cert, '--tls-cert'), key: read(key, '--tls-key') };
}

function read(path: string, name: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new CannotRun(`${name} ${path} cannot be read (${(error as Error).message}): give a file in PEM`);
  }
}
