import { hmac } from '@noble/hashes/hmac.js';
import { sha256 as digest } from '@noble/hashes/sha2.js';
import { toHex } from './hex.ts';
import { subtleCrypto } from './subtle-crypto.ts';

/** sha256 of bytes, lower-case hex; on pages that are not secure several times slower. */
export async function sha256(bytes: ArrayBuffer | Uint8Array<ArrayBuffer>): Promise<string> {
  return toHex(await sha256Bytes(bytes));
}

/** The same as 32 bytes. */
export async function sha256Bytes(
  bytes: ArrayBuffer | Uint8Array<ArrayBuffer>,
): Promise<Uint8Array<ArrayBuffer>> {
  const subtle = subtleCrypto();
  if (subtle) return new Uint8Array(await subtle.digest('SHA-256', bytes));
  return Uint8Array.from(digest(new Uint8Array(bytes as ArrayBuffer)));
}

/** The HMAC of a message with sha256 (RFC 2104), 32 bytes. */
export function hmacSha256(key: Uint8Array, message: Uint8Array): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(hmac(digest, key, message));
}
