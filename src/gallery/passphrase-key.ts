import { gcm } from '@noble/ciphers/aes.js';
import { pbkdf2Async } from '@noble/hashes/pbkdf2.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { subtleCrypto } from '../core/subtle-crypto.ts';

/** What OWASP's Password Storage Cheat Sheet (2023) asks of PBKDF2-HMAC-SHA256; about 0.2 s on a laptop. */
export const PBKDF2_ITERATIONS = 600_000;

const KEY_BYTES = 32;

type Bytes = Uint8Array<ArrayBuffer>;

/** A key for AES-256-GCM with tags of 16 bytes, which stand after the encrypted bytes. `more` is what the tag covers besides. */
export interface PassphraseKey {
  encrypt(nonce: Bytes, bytes: Bytes, more?: Bytes): Promise<Bytes>;
  /** Rejects if the key, the bytes, the nonce or `more` is another. */
  decrypt(nonce: Bytes, bytes: Bytes, more?: Bytes): Promise<Bytes>;
}

/**
 * The key that a passphrase stands for. It is taken in Unicode form NFC (RFC 8265, OpaqueString): keyboards differ in how
 * they write an accent. Without WebCrypto, which pages that are not secure lack, the key is the same and takes some seconds.
 */
export async function passphraseKey(
  passphrase: string,
  salt: Bytes,
  iterations: number,
): Promise<PassphraseKey> {
  const secret = new TextEncoder().encode(passphrase.normalize('NFC'));
  const subtle = subtleCrypto();
  if (!subtle) return plainKey(await pbkdf2Async(sha256, secret, salt, { c: iterations, dkLen: KEY_BYTES }));
  const material = await subtle.importKey('raw', secret, 'PBKDF2', false, ['deriveKey']);
  const key = await subtle.deriveKey(
    { name: 'PBKDF2', hash: 'SHA-256', salt, iterations },
    material,
    { name: 'AES-GCM', length: 8 * KEY_BYTES },
    false,
    ['encrypt', 'decrypt'],
  );
  return webCryptoKey(subtle, key);
}

function webCryptoKey(subtle: SubtleCrypto, key: CryptoKey): PassphraseKey {
  const parameters = (iv: Bytes, more: Bytes | undefined): AesGcmParams => ({
    name: 'AES-GCM',
    iv,
    ...(more && { additionalData: more }),
  });
  return {
    encrypt: async (nonce, bytes, more) =>
      new Uint8Array(await subtle.encrypt(parameters(nonce, more), key, bytes)),
    decrypt: async (nonce, bytes, more) =>
      new Uint8Array(await subtle.decrypt(parameters(nonce, more), key, bytes)),
  };
}

function plainKey(key: Uint8Array): PassphraseKey {
  // Copies, so that the bytes begin where their buffer does.
  return {
    encrypt: async (nonce, bytes, more) => Uint8Array.from(gcm(key, nonce, more).encrypt(bytes)),
    decrypt: async (nonce, bytes, more) => Uint8Array.from(gcm(key, nonce, more).decrypt(bytes)),
  };
}
