import type { PasskeySecret } from '../../core/database-key.ts';
import { abortedError, NearFaceError } from '../../core/errors.ts';
import { toHex } from '../../core/hex.ts';
import { bytesOfBase64 } from '../../image/text-input.ts';
import type { PasskeyRequest, Passkeys } from '../port.ts';

/** ECDSA on P-256 with SHA-256, and RSA with SHA-256: what every authenticator has one of. */
const ALGORITHMS = [-7, -257] as const;

/** What browsers call it when the user refuses, does not answer in time, or has none. */
const REFUSED = 'NotAllowedError';
/** When a device has one of those that are not to be made again. */
const HAS_ONE = 'InvalidStateError';

/**
 * Passkeys of this site, by WebAuthn. What they sign is thrown away; their extension `prf` answers a secret that is the same whenever it is
 * asked, for this site, passkey and salt alone (https://w3c.github.io/webauthn/#prf-extension).
 */
export const passkeys: Passkeys = {
  async create({ database, ids, signal }, name) {
    const displayName = `${name} (${database})`;
    const publicKey: PublicKeyCredentialCreationOptions = {
      ...{ challenge: random(32), rp: { name: 'nearface' }, user: { id: random(16), name, displayName } },
      pubKeyCredParams: ALGORITHMS.map((alg) => ({ type: 'public-key', alg })),
      excludeCredentials: descriptors(ids),
      authenticatorSelection: { residentKey: 'required', userVerification: 'required' },
      extensions: { prf: { eval: { first: saltOf(database) } } },
    };
    const made = await asked((container) => container.create({ publicKey, signal }), signal, notMade);
    const { enabled, results } = made.getClientExtensionResults().prf ?? {};
    if (results?.first) return secretOf(made, results.first);
    if (!enabled) throw noSecrets(' The passkey that it made opens nothing: delete it there.');
    // Some devices answer a secret only when they are asked for it.
    return ask({ database, ids: [made.id], signal }, notUsed);
  },
  ask: (request) =>
    ask(request, (cause) => {
      const text =
        'No passkey was used: there is none here that is known, or the question was refused or took too long; give the passphrase';
      return new NearFaceError('LOCKED', text, { database: request.database }, cause);
    }),
};

function notMade(cause: Error): NearFaceError {
  if (cause.name === HAS_ONE) {
    const text = 'passkey: this device has a passkey of this database already; use it, or remove it first';
    return new NearFaceError('BAD_PARAM', text, { param: 'passkey', value: HAS_ONE }, cause);
  }
  const text = 'No passkey was made, since that was refused or took too long; nothing was stored';
  return new NearFaceError('ABORTED', text, {}, cause);
}

function notUsed(cause: Error): NearFaceError {
  const text =
    'A passkey was made, but its secret was not told, since that was refused or took too long; nothing was stored, and the passkey opens nothing: delete it on the device, and try again';
  return new NearFaceError('ABORTED', text, {}, cause);
}

async function ask(
  { database, ids, signal }: PasskeyRequest,
  refusal: (error: Error) => NearFaceError,
): Promise<PasskeySecret> {
  const publicKey: PublicKeyCredentialRequestOptions = {
    ...{ challenge: random(32), userVerification: 'required', allowCredentials: descriptors(ids) },
    extensions: { prf: { eval: { first: saltOf(database) } } },
  };
  const got = await asked((container) => container.get({ publicKey, signal }), signal, refusal);
  const secret = got.getClientExtensionResults().prf?.results?.first;
  if (!secret) throw noSecrets();
  return secretOf(got, secret);
}

/** What the browser answers; what the user refuses as `refusal` tells it. */
async function asked(
  question: (container: CredentialsContainer) => Promise<Credential | null>,
  signal: AbortSignal,
  refusal: (error: Error) => NearFaceError,
): Promise<PublicKeyCredential> {
  // Only pages that are secure have it.
  const container = navigator.credentials as CredentialsContainer | undefined;
  if (!container || typeof PublicKeyCredential === 'undefined') throw noPasskeys();
  try {
    return (await question(container)) as PublicKeyCredential;
  } catch (error) {
    if (signal.aborted) throw abortedError(signal.reason);
    const { name } = error as Error;
    throw name === REFUSED || name === HAS_ONE ? refusal(error as Error) : noPasskeys(error);
  }
}

function noPasskeys(cause?: unknown): NearFaceError {
  const text =
    'Passkeys need a browser with WebAuthn, a page served by https or from localhost (an address in numbers has none), and in a frame of another site the permissions publickey-credentials-create and publickey-credentials-get; use the passphrase';
  return new NearFaceError('BACKEND_UNAVAILABLE', text, { needs: 'passkeys' }, cause);
}

function noSecrets(more = ''): NearFaceError {
  const text = `This device or browser makes passkeys without secrets (the WebAuthn extension prf is missing); use the passphrase.${more}`;
  return new NearFaceError('BACKEND_UNAVAILABLE', text, { needs: 'passkeys' });
}

function descriptors(ids: readonly string[]): PublicKeyCredentialDescriptor[] {
  return ids.map((id) => ({ type: 'public-key', id: bytesOfBase64(id, 'id') }));
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
