/** What vectors in SQL are rotated by: a random secret, which lies in the database encrypted with the one that its users know. */
import { NearFaceError } from '../../core/errors.ts';
import { fromHex, toHex } from '../../core/hex.ts';
import { SecretRotations } from '../../core/secret-rotation.ts';
import { PBKDF2_ITERATIONS, passphraseKey } from '../passphrase-key.ts';
import type { StoredRotation } from './counters.ts';
import { NOTE_ROTATED } from './schema.ts';
import type { SqlTx } from './sql-tx.ts';

/** What a database's vectors are rotated by; nothing where they are not. */
export interface SqlRotation {
  readonly stored?: StoredRotation | undefined;
  readonly rotations?: SecretRotations | undefined;
}

/** A rotation that there is. */
interface KnownRotation extends SqlRotation {
  readonly stored: StoredRotation;
}

/** Runs a transaction. */
type Run = <T>(mode: 'read' | 'write', work: (tx: SqlTx) => Promise<T>) => Promise<T>;

/**
 * What the vectors of a database are rotated by. One without vectors begins with the secret that is given.
 *
 * @throws NearFaceError `LOCKED` where the secret is another one, or there is one and none is given; `BAD_PARAM` of one for a database whose
 * vectors are not rotated
 */
export async function openRotation(
  database: string,
  secret: string | undefined,
  run: Run,
): Promise<SqlRotation> {
  const stored = await run('read', async ({ counters }) => counters.rotation);
  if (stored) return unwrapped(database, stored, secret);
  if (secret === undefined) return {};
  const made = await newRotation(secret);
  const kept = await run('write', async (tx) => {
    // Another process may have been quicker.
    if (tx.counters.rotation) return tx.counters.rotation;
    await refuseVectors(tx);
    await tx.ask(NOTE_ROTATED);
    tx.counters = { ...tx.counters, rotation: made.stored };
    return made.stored;
  });
  return kept === made.stored ? made : unwrapped(database, kept, secret);
}

/** @throws NearFaceError `LOCKED` where the database has another secret than when it was opened, or has one only now or no more */
export function checkRotation(
  database: string,
  { stored }: SqlRotation,
  found: StoredRotation | undefined,
): void {
  if (stored?.wrapped === found?.wrapped) return;
  throw locked(
    database,
    stored ? 'it was made anew since it was opened; create NearFace again' : NEEDS_SECRET,
  );
}

async function newRotation(secret: string): Promise<KnownRotation> {
  const [salt, nonce, rotation] = [16, 12, 32].map((length) =>
    crypto.getRandomValues(new Uint8Array(length)),
  ) as [Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>];
  const key = await passphraseKey(secret, salt, PBKDF2_ITERATIONS);
  const wrapped = toHex(await key.encrypt(nonce, rotation));
  const stored = { salt: toHex(salt), iterations: PBKDF2_ITERATIONS, nonce: toHex(nonce), wrapped };
  return { stored, rotations: new SecretRotations(rotation) };
}

async function unwrapped(
  database: string,
  stored: StoredRotation,
  secret: string | undefined,
): Promise<SqlRotation> {
  if (secret === undefined) throw locked(database, NEEDS_SECRET);
  const key = await passphraseKey(secret, fromHex(stored.salt), stored.iterations);
  try {
    const rotation = await key.decrypt(fromHex(stored.nonce), fromHex(stored.wrapped));
    return { stored, rotations: new SecretRotations(rotation) };
  } catch (error) {
    throw locked(database, 'another templateSecret than the one given rotates its vectors; give that', error);
  }
}

const NEEDS_SECRET = 'its vectors are rotated by a secret; give it as templateSecret of the database';

function locked(database: string, why: string, cause?: unknown): NearFaceError {
  return new NearFaceError('LOCKED', `The database ${database} cannot be used: ${why}`, { database }, cause);
}

/** What lies there plain stays so. @throws NearFaceError `BAD_PARAM` */
async function refuseVectors({ ask, counters }: SqlTx): Promise<void> {
  const [fresh] = await ask('SELECT 1 FROM @fresh LIMIT 1');
  if (counters.models.size === 0 && !fresh) return;
  const param = 'options.database.templateSecret';
  throw new NearFaceError(
    'BAD_PARAM',
    `${param} must be left out: the database holds vectors that are not rotated; to have them rotated, export its galleries and import them into a new database that has the secret from its start`,
    { param },
  );
}
