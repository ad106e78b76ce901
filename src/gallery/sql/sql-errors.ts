import { NearFaceError } from '../../core/errors.ts';

/** Classes and codes of PostgreSQL's errors that say that there is no room: disk full, out of memory, and their class. */
const FULL = /^53[12]/;

/** An error of the database as ours. */
export function sqlFailed(database: string, error: unknown): NearFaceError {
  if (error instanceof NearFaceError) return error;
  const { code = '', message = String(error) } = (error ?? {}) as {
    readonly code?: string;
    readonly message?: string;
  };
  if (FULL.test(code))
    return new NearFaceError(
      'STORAGE_FULL',
      `The database ${database} has no room left (${message}); make room where it lies, or delete faces, and repeat the call`,
      { database },
      error,
    );
  return new NearFaceError(
    'STORAGE_FAILED',
    `The database ${database} did not do what it was asked (${message}); see that it can be reached, and repeat the call`,
    { database, ...(code !== '' && { sqlState: code }) },
    error,
  );
}
