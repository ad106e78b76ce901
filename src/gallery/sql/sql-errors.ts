import { NearFaceError } from '../../core/errors.ts';

/** Classes and codes of PostgreSQL's errors that say that there is no room: disk full, out of memory, and their class. */
const FULL = /^53[12]/;

/** What keeps one from a server: by PostgreSQL's code, or the beginning of one. `E` and a capital are codes of the network. */
const NO_WAY_IN: readonly (readonly [code: RegExp, what: string, remedy: string])[] = [
  [
    /^(08|57P0[123]|E[A-Z])/,
    'does not answer',
    'see that the server runs, that host and port are right, and that the network lets this machine in',
  ],
  [
    /^28/,
    'refuses the user',
    'see user and password in the URL, and who may come in by the pg_hba.conf of the server',
  ],
  [/^3D000/, 'is not there', 'make it (createdb), or name another in the URL'],
  [
    /^42501/,
    'does not allow what has to be done',
    'the user must be allowed to make a schema in it, or be the owner of the one in use',
  ],
  [/^53300/, 'takes no more connections', 'close some, or raise max_connections of the server'],
  [/^25006/, 'takes no changes', 'name the host that is not a standby'],
];

/** An error of the database as ours. */
export function sqlFailed(database: string, error: unknown): NearFaceError {
  if (error instanceof NearFaceError) return error;
  const { code = '' } = (error ?? {}) as { readonly code?: string };
  const why = reasonOf(error);
  if (FULL.test(code))
    return new NearFaceError(
      'STORAGE_FULL',
      `The database ${database} has no room left (${why}); make room where it lies, or delete faces, and repeat the call`,
      { database },
      error,
    );
  const [
    ,
    what = 'did not do what it was asked',
    remedy = 'see that it can be reached, and repeat the call',
  ] = NO_WAY_IN.find(([codes]) => codes.test(code)) ?? [];
  return new NearFaceError(
    'STORAGE_FAILED',
    `The database ${database} ${what} (${why}); ${remedy}`,
    { database, ...(code !== '' && { sqlState: code }) },
    error,
  );
}

/** What an error says: one of several addresses that were tried says nothing itself. */
function reasonOf(error: unknown): string {
  const {
    message = '',
    errors = [],
    code,
  } = (error ?? {}) as Partial<AggregateError> & { readonly code?: string };
  const each = errors.map((one: unknown) => (one as Partial<Error> | null)?.message ?? String(one));
  return message || [...new Set(each)].join(', ') || (code ?? String(error));
}
