import { NearFaceError } from '../core/errors.ts';

/** What OWASP's Password Storage Cheat Sheet (2023) asks of PBKDF2-HMAC-SHA256; about 0.2 s on a laptop. */
export const PBKDF2_ITERATIONS = 600_000;

/**
 * The AES-256-GCM key that a passphrase stands for. It is taken in Unicode form NFC (RFC 8265, OpaqueString): keyboards
 * differ in how they write an accent.
 *
 * @throws NearFaceError `BACKEND_UNAVAILABLE` on a page that is not secure
 */
export async function passphraseKey(
  passphrase: string,
  salt: Uint8Array<ArrayBuffer>,
  iterations: number,
): Promise<CryptoKey> {
  // Absent on pages that are not secure, whatever the types say.
  const subtle = crypto.subtle as SubtleCrypto | undefined;
  if (!subtle) {
    const text =
      'Encryption needs WebCrypto, which browsers give to secure pages only; serve the page over HTTPS';
    throw new NearFaceError('BACKEND_UNAVAILABLE', text);
  }
  const secret = new TextEncoder().encode(passphrase.normalize('NFC'));
  const material = await subtle.importKey('raw', secret, 'PBKDF2', false, ['deriveKey']);
  return subtle.deriveKey(
    { name: 'PBKDF2', hash: 'SHA-256', salt, iterations },
    material,
    { name: 'AES-GCM', length: 256 },
    false,
    ['encrypt', 'decrypt'],
  );
}
