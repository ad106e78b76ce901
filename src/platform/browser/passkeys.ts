import type { PasskeySecret } from '../../core/database-key.ts';
import { abortedError, badParam, NearFaceError } from '../../core/errors.ts';
import { toHex } from '../../core/hex.ts';
import { bytesOfBase64 } from '../../image/text-input.ts';
import type { PasskeyRequest, Passkeys } from '../port.ts';

/** ECDSA on P-256 with SHA-256, and RSA with SHA-256: what every authenticator has one of. */
const ALGORITHMS = [-7, -257] as const;

/**
 * Passkeys of this site, by WebAuthn. What they sign is thrown away; their extension `prf` answers a secret that is the same whenever it is
 * asked, for this site, passkey and salt alone (https://w3c.github.io/webauthn/#prf-extension).
 */
export const passkeys: Passkeys = {
  async create({ database, signal }, name, known) {
    const publicKey: PublicKeyCredentialCreationOptions = {
      ...{
        challenge: random(32),
        rp: { name: 'nearface' },
        user: { id: random(16), name, displayName: name },
      },
      pubKeyCredParams: ALGORITHMS.map((alg) => ({ type: 'public-key', alg })),
      excludeCredentials: known.map((id) => ({ type: 'public-key', id: bytesOfBase64(id, 'id') })),
      authenticatorSelection: { residentKey: 'required', userVerification: 'required' },
      extensions: { prf: { eval: { first: saltOf(database) } } },
    };
    const made = await asked(
      (container) => container.create({ publicKey, ...(signal && { signal }) }),
      signal,
      (error) =>
        error.name === 'InvalidStateError'
          ? badParam(
              'options',
              '(not shown)',
              'another device: this one has a passkey of this database already',
            )
          : new NearFaceError(
              'ABORTED',
              'No passkey was made, since that was refused or took too long; nothing was stored',
              {},
              error,
            ),
    );
    const { enabled, results } = made.getClientExtensionResults().prf ?? {};
    if (results?.first) return secretOf(made, results.first);
    if (!enabled) throw noSecrets();
    return ask({ database, signal }, [made.rawId]);
  },
  ask: (request) => ask(request, []),
};

async function ask(
  { database, signal }: PasskeyRequest,
  ids: readonly BufferSource[],
): Promise<PasskeySecret> {
  const publicKey: PublicKeyCredentialRequestOptions = {
    ...{ challenge: random(32), userVerification: 'required' },
    allowCredentials: ids.map((id) => ({ type: 'public-key', id })),
    extensions: { prf: { eval: { first: saltOf(database) } } },
  };
  const got = await asked(
    (container) => container.get({ publicKey, ...(signal && { signal }) }),
    signal,
    (error) =>
      new NearFaceError(
        'LOCKED',
        'No passkey was used: there is none of this site here, or the question was refused or took too long; give the passphrase',
        { database },
        error,
      ),
  );
  const secret = got.getClientExtensionResults().prf?.results?.first;
  if (!secret) throw noSecrets();
  return secretOf(got, secret);
}

/** What the browser answers; what it refuses as `refusal` tells it. */
async function asked(
  question: (container: CredentialsContainer) => Promise<Credential | null>,
  signal: AbortSignal | undefined,
  refusal: (error: Error) => NearFaceError,
): Promise<PublicKeyCredential> {
  // Only pages that are secure have it.
  const container = navigator.credentials as CredentialsContainer | undefined;
  if (!container || typeof PublicKeyCredential === 'undefined')
    throw new NearFaceError(
      'BACKEND_UNAVAILABLE',
      'Passkeys need a browser with WebAuthn and a page served by https or from localhost; use the passphrase',
      { needs: 'passkeys' },
    );
  try {
    return (await question(container)) as PublicKeyCredential;
  } catch (error) {
    if (signal?.aborted) throw abortedError(signal.reason);
    throw refusal(error as Error);
  }
}

function noSecrets(): NearFaceError {
  const text =
    'This device or browser makes passkeys without secrets (the WebAuthn extension prf is missing); use the passphrase';
  return new NearFaceError('BACKEND_UNAVAILABLE', text, { needs: 'passkeys' });
}

function secretOf({ id }: PublicKeyCredential, secret: BufferSource): PasskeySecret {
  return { id, secret: toHex(new Uint8Array(secret as ArrayBuffer)) };
}

/** Another secret for each database. */
function saltOf(database: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(`nearface database ${database}`);
}

function random(bytes: number): Uint8Array<ArrayBuffer> {
  return crypto.getRandomValues(new Uint8Array(bytes));
}
