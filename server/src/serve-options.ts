import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { newToken } from './token.ts';
import { type Flags, parse, UsageError, wholeNumber } from './usage.ts';

/** How a server is started; nothing is missing. */
export interface ServeOptions {
  readonly host: string;
  readonly port: number;
  /** Where faces are kept: a folder of its own, a PostgreSQL; null: in memory. */
  readonly database: { readonly folder: string } | { readonly url: string } | null;
  /** Which pictures of faces are kept. */
  readonly keep: 'none' | 'crops' | 'photos';
  /** `none`: no key is asked for. */
  readonly tokens: 'none' | readonly string[];
  /** The key that was made for this run, as none was given. */
  readonly madeToken?: string;
  readonly apis?: readonly string[];
  readonly origins: readonly string[];
  readonly basePath: string;
  readonly tls?: { readonly cert: string; readonly key: string };
  /** Calls that are being answered at most; further ones are refused with 503. */
  readonly maxCalls: number;
  /** Calls a minute and key; 0: as many as come. */
  readonly rate: number;
  /** Whether each face that is posted is assigned to a person. */
  readonly people: boolean;
}

const FLAGS = {
  host: { type: 'string' },
  port: { type: 'string' },
  data: { type: 'string' },
  'database-url': { type: 'string' },
  memory: { type: 'boolean' },
  keep: { type: 'string' },
  token: { type: 'string', multiple: true },
  apis: { type: 'string' },
  origin: { type: 'string', multiple: true },
  'base-path': { type: 'string' },
  'tls-cert': { type: 'string' },
  'tls-key': { type: 'string' },
  'max-calls': { type: 'string' },
  rate: { type: 'string' },
  people: { type: 'boolean' },
} satisfies Flags;

/** Addresses that only this machine reaches. */
const LOOPBACK = /^(localhost|127(\.\d+){3}|::1)$/;

/**
 * Reads `nearface serve`'s flags. What a flag does not say, a variable of the environment may: `PORT`, `HOST`, `DATABASE_URL`, and
 * `NEARFACE_TOKEN`, so that a key need not stand in a list of processes.
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
  const { tokens, madeToken } = keysOf(given, host);
  const apis = text('apis')?.split(',');
  const database = databaseOf({
    ...{ data: text('data'), memory: values['memory'] === true },
    url: text('database-url'),
    fromEnv: env['DATABASE_URL'],
  });
  const tls = tlsOf(text('tls-cert'), text('tls-key'));
  return {
    ...{ database, keep: keepOf(text('keep') ?? 'crops') },
    ...{ host, tokens, origins: texts('origin'), basePath: text('base-path') ?? '' },
    port: wholeNumber(text('port') ?? env['PORT'] ?? '8000', '--port', 0, 65_535),
    maxCalls: wholeNumber(text('max-calls') ?? '64', '--max-calls', 1, 100_000),
    rate: wholeNumber(text('rate') ?? '0', '--rate', 0, 1_000_000),
    people: values['people'] === true,
    ...(madeToken !== undefined && { madeToken }),
    ...(apis && { apis }),
    ...(tls && { tls }),
  };
}

/** Where faces are kept if nothing is said. */
const FOLDER = 'nearface-data';

function databaseOf(given: {
  readonly data: string | undefined;
  readonly url: string | undefined;
  readonly memory: boolean;
  readonly fromEnv: string | undefined;
}): ServeOptions['database'] {
  const { data, url, memory, fromEnv } = given;
  if ([data !== undefined, url !== undefined, memory].filter(Boolean).length > 1)
    throw new UsageError('--data, --database-url and --memory are three places for faces: give one of them');
  if (memory) return null;
  const server = url ?? (data === undefined ? fromEnv : undefined);
  return server ? { url: server } : { folder: resolve(data ?? FOLDER) };
}

function keepOf(text: string): ServeOptions['keep'] {
  if (text === 'none' || text === 'crops' || text === 'photos') return text;
  throw new UsageError(`--keep must be none, crops or photos, but is ${text}`);
}

function keysOf(given: readonly string[], host: string): Pick<ServeOptions, 'tokens' | 'madeToken'> {
  if (given.length === 0) {
    const madeToken = newToken();
    return { tokens: [madeToken], madeToken };
  }
  if (!given.includes('none')) return { tokens: given };
  if (given.length > 1)
    throw new UsageError('--token none opens every call, so that no other --token is of use');
  if (!LOOPBACK.test(host))
    throw new UsageError(
      `--token none would open every face to whoever reaches ${host}; give a key (nearface token makes one), or --host 127.0.0.1`,
    );
  return { tokens: 'none' };
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
    throw new UsageError(`${name} ${path} cannot be read: ${(error as Error).message}`);
  }
}
