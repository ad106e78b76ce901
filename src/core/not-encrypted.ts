import { NearFaceError } from './errors.ts';

/** Where only an encrypted database makes sense. */
export function notEncrypted(database: string): NearFaceError {
  return new NearFaceError(
    'BAD_PARAM',
    `database: ${database} is not encrypted; encrypt it first, or create NearFace with a passphrase`,
    { param: 'database', value: database },
  );
}
