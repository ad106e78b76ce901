import { gcm } from '@noble/ciphers/aes.js';
import { hmac } from '@noble/hashes/hmac.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { NearFaceError } from '../../core/errors.ts';
import { toHex } from '../../core/hex.ts';
import { SecretRotations } from '../../core/secret-rotation.ts';
import type { DatabaseKey, PasskeySecret } from '../../core/database-key.ts';
import { PBKDF2_ITERATIONS, passphraseKey } from '../passphrase-key.ts';
import type { StoredKeys, StoredPasskey } from './schema.ts';
import type { Sealer } from './sealer.ts';

const NONCE_BYTES = 12;
const KEY_BYTES = 32;
const ROTATION_BYTES = 32;
/** A passkey's secret is random and 32 bytes long: there is nothing to guess. */
const PASSKEY_ITERATIONS = 1;

/**
 * The keys of an encrypted database: one for AES-256-GCM, one for the tags that stand for names in indexes. They are
 * random and are stored only encrypted with a key that PBKDF2 makes of the passphrase, and once more for each passkey, so that another
 * passphrase means encrypting them anew and nothing else. Beside them is a secret that vectors are rotated by, sealed with them.
 */
export class Vault {
  readonly #secret: Uint8Array<ArrayBuffer>;
  /** Absent in what an earlier version has encrypted. */
  readonly #rotation: Uint8Array<ArrayBuffer> | undefined;

  private constructor(secret: Uint8Array<ArrayBuffer>, rotation: Uint8Array<ArrayBuffer> | undefined) {
    this.#secret = secret;
    this.#rotation = rotation;
  }

  /** New keys, and a new rotation. */
  static create(): Vault {
    return new Vault(crypto.getRandomValues(new Uint8Array(2 * KEY_BYTES)), newRotation());
  }

  /** The same keys with a new rotation. */
  renewed(): Vault {
    return new Vault(this.#secret, newRotation());
  }

  /**
   * @throws NearFaceError `LOCKED` if the passphrase is wrong, the passkey not one of its own, or the stored keys were changed; `STORAGE_FAILED`
   * if the rotation was
   */
  static async unlock(database: string, stored: StoredKeys, key: DatabaseKey): Promise<Vault> {
    const isPassphrase = typeof key === 'string';
    const kept = isPassphrase ? stored : stored.passkeys?.find(({ id }) => id === key.id);
    const text = isPassphrase
      ? `The passphrase does not open the database ${database}; give the one it was encrypted with, or erase the database with NearFace.erase()`
      : `This passkey does not open the database ${database}; give the passphrase, and storage.addPasskey() adds one`;
    if (!kept) throw new NearFaceError('LOCKED', text, { database });
    const unwrapping = await passphraseKey(isPassphrase ? key : key.secret, kept.salt, kept.iterations);
    const opened = unwrapping.decrypt(kept.nonce, kept.wrapped).catch((error: unknown) => {
      throw new NearFaceError('LOCKED', text, { database }, error);
    });
    const keys = new Vault(await opened, undefined);
    return stored.rotation ? new Vault(keys.#secret, keys.sealer().open(stored.rotation)) : keys;
  }

  /** The keys as they are stored under a passphrase. */
  async wrap(passphrase: string): Promise<StoredKeys> {
    return { ...(await this.#wrapped(passphrase, PBKDF2_ITERATIONS)), ...this.wrapRotation() };
  }

  /** What is stored of the rotation, which no passphrase is needed for. */
  wrapRotation(): Pick<StoredKeys, 'rotation'> {
    return this.#rotation ? { rotation: this.sealer().seal(this.#rotation) } : {};
  }

  /** The keys as they are stored under a passkey. */
  async wrapForPasskey({ id, secret }: PasskeySecret, name: string): Promise<StoredPasskey> {
    return { id, name, createdAt: Date.now(), ...(await this.#wrapped(secret, PASSKEY_ITERATIONS)) };
  }

  async #wrapped(
    secret: string,
    iterations: number,
  ): Promise<Pick<StoredKeys, 'salt' | 'iterations' | 'nonce' | 'wrapped'>> {
    const salt = crypto.getRandomValues(new Uint8Array(16));
    const nonce = crypto.getRandomValues(new Uint8Array(NONCE_BYTES));
    const key = await passphraseKey(secret, salt, iterations);
    return { salt, iterations, nonce, wrapped: await key.encrypt(nonce, this.#secret) };
  }

  /**
   * What seals rows. It works at once, as WebCrypto does not: a transaction of IndexedDB ends where one waits for
   * anything else.
   */
  sealer(): Sealer {
    const key = this.#secret.slice(0, KEY_BYTES);
    const tagKey = this.#secret.slice(KEY_BYTES);
    const tags = new Map<string, string>();
    return {
      encrypted: true,
      keyId: tagOf(tagKey, this.#rotation ? KEY_ID + toHex(this.#rotation) : KEY_ID),
      rotations: this.#rotation && new SecretRotations(this.#rotation),
      tag: (text) => {
        const known = tags.get(text);
        if (known !== undefined) return known;
        const made = tagOf(tagKey, text);
        if (tags.size >= MAX_TAGS) tags.clear();
        tags.set(text, made);
        return made;
      },
      seal: (bytes) => {
        const nonce = crypto.getRandomValues(new Uint8Array(NONCE_BYTES));
        const encrypted = gcm(key, nonce).encrypt(bytes);
        const sealed = new Uint8Array(NONCE_BYTES + encrypted.length);
        sealed.set(nonce);
        sealed.set(encrypted, NONCE_BYTES);
        return sealed;
      },
      open: (sealed) => {
        const nonce = sealed.subarray(0, NONCE_BYTES);
        try {
          // A copy, so that the bytes begin where their buffer does.
          return Uint8Array.from(gcm(key, nonce).decrypt(sealed.subarray(NONCE_BYTES)));
        } catch (error) {
          const text = 'An encrypted record of the database was changed; restore the database from an export';
          throw new NearFaceError('STORAGE_FAILED', text, {}, error);
        }
      },
    };
  }
}

/** What is tagged to name the keys, with the rotation if there is one: a page that knows another, or none, can write nothing. */
const KEY_ID = '\0nearface keys';

function newRotation(): Uint8Array<ArrayBuffer> {
  return crypto.getRandomValues(new Uint8Array(ROTATION_BYTES));
}

/** Tags kept, so that a gallery's name is not hashed for every face. */
const MAX_TAGS = 10_000;

function tagOf(key: Uint8Array, text: string): string {
  const mac = hmac(sha256, key, new TextEncoder().encode(text));
  return toHex(mac.subarray(0, 16));
}
