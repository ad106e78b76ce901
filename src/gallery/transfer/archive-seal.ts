import { badParam, NearFaceError } from '../../core/errors.ts';
import { toHex } from '../../core/hex.ts';
import { sha256Bytes } from '../../core/sha256.ts';
import { PBKDF2_ITERATIONS, type PassphraseKey, passphraseKey } from '../passphrase-key.ts';
import type { ArchiveEncryption, Prologue } from './archive-header.ts';
import { damaged } from './archive-header.ts';
import { joinBytes } from '../../core/join-bytes.ts';
import { crc32 } from '../../core/crc32.ts';
import { jsonBytes } from './json-text.ts';

/** Bytes that end the file's header: its CRC-32. */
const SUM_BYTES = 4;

const TAG_BYTES = 16;

/** What the tag of `encryption.check` covers besides the empty text. */
const CHECK_TEXT = 'nearface key check';

/** Where a chunk stands, for messages. */
export interface ChunkPlace {
  readonly chunk: number;
  /** The byte where its frame begins. */
  readonly offset: number;
}

/** Closes or opens the chunks of one file, one after the other from the first. */
export interface Seal {
  /** Bytes of a sealed chunk beyond those of its payload. */
  readonly overhead: number;
  /** What follows the frame in the file. */
  seal(frame: Uint8Array<ArrayBuffer>, payload: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>>;
  /** The payload. @throws NearFaceError `BAD_PARAM` if anything in the chunk or its place is not as it was sealed */
  open(
    frame: Uint8Array<ArrayBuffer>,
    sealed: Uint8Array<ArrayBuffer>,
    place: ChunkPlace,
  ): Promise<Uint8Array<ArrayBuffer>>;
}

/**
 * Checksums against damage, not against malice: after each chunk stands the CRC-32 of the whole file so far, the checksums
 * themselves left out (with them, it would be the same number whatever went before).
 */
export class ChecksumSeal implements Seal {
  readonly overhead: number = SUM_BYTES;
  #crc: number;

  constructor(prologue: Prologue) {
    this.#crc = crc32(prologue.bytes.subarray(0, -SUM_BYTES));
  }

  async seal(
    frame: Uint8Array<ArrayBuffer>,
    payload: Uint8Array<ArrayBuffer>,
  ): Promise<Uint8Array<ArrayBuffer>> {
    const sum = new Uint8Array(SUM_BYTES);
    new DataView(sum.buffer).setUint32(0, this.#add(frame, payload), true);
    return joinBytes([payload, sum]);
  }

  async open(
    frame: Uint8Array<ArrayBuffer>,
    sealed: Uint8Array<ArrayBuffer>,
    { chunk, offset }: ChunkPlace,
  ): Promise<Uint8Array<ArrayBuffer>> {
    const payload = sealed.subarray(0, -SUM_BYTES);
    const sum = new DataView(sealed.buffer, sealed.byteOffset + payload.length).getUint32(0, true);
    if (this.#add(frame, payload) === sum) return payload;
    throw damaged(`the checksum of chunk ${chunk} is wrong`, offset);
  }

  #add(frame: Uint8Array, payload: Uint8Array): number {
    this.#crc = crc32(payload, crc32(frame, this.#crc));
    return this.#crc;
  }
}

/**
 * AES-GCM. The key is of one file only, since its salt is random, so the chunk's number may be the nonce. The tag covers
 * the sha256 of the file's prologue and the chunk's frame as well, so no chunk opens in another place or file.
 */
export class CipherSeal implements Seal {
  readonly overhead: number = TAG_BYTES;
  readonly #key: PassphraseKey;
  readonly #prologueHash: Uint8Array<ArrayBuffer>;

  constructor(key: PassphraseKey, prologueHash: Uint8Array<ArrayBuffer>) {
    this.#key = key;
    this.#prologueHash = prologueHash;
  }

  async seal(
    frame: Uint8Array<ArrayBuffer>,
    payload: Uint8Array<ArrayBuffer>,
  ): Promise<Uint8Array<ArrayBuffer>> {
    return this.#key.encrypt(nonceOf(frame), payload, this.#place(frame));
  }

  async open(
    frame: Uint8Array<ArrayBuffer>,
    sealed: Uint8Array<ArrayBuffer>,
    { chunk, offset }: ChunkPlace,
  ): Promise<Uint8Array<ArrayBuffer>> {
    try {
      return await this.#key.decrypt(nonceOf(frame), sealed, this.#place(frame));
    } catch (error) {
      throw damaged(`chunk ${chunk} does not decrypt; it, or the header, was changed`, offset, error);
    }
  }

  /** What the tag covers besides. */
  #place(frame: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
    return joinBytes([this.#prologueHash, frame]);
  }
}

function nonceOf(frame: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  return nonce(new DataView(frame.buffer, frame.byteOffset).getUint32(4, true));
}

/** A key for a new file. @throws NearFaceError `BAD_PARAM` */
export async function newKey(
  passphrase: string,
): Promise<{ readonly key: PassphraseKey; readonly encryption: ArchiveEncryption }> {
  const salt = toHex(crypto.getRandomValues(new Uint8Array(16)));
  const key = await deriveKey(passphrase, salt, PBKDF2_ITERATIONS);
  const kdf = { kdf: 'PBKDF2-HMAC-SHA256', iterations: PBKDF2_ITERATIONS } as const;
  return { key, encryption: { cipher: 'AES-GCM-256', ...kdf, salt, check: await checkTag(key) } };
}

/** The key of a file. @throws NearFaceError `LOCKED` if the passphrase is missing or wrong */
export async function openKey(
  passphrase: string | undefined,
  encryption: ArchiveEncryption,
): Promise<PassphraseKey> {
  if (passphrase === undefined)
    throw new NearFaceError('LOCKED', 'The archive is encrypted; give its passphrase', {
      param: 'passphrase',
    });
  const key = await deriveKey(passphrase, encryption.salt, encryption.iterations);
  if ((await checkTag(key)) === encryption.check) return key;
  throw new NearFaceError('LOCKED', 'The passphrase is not the one that the archive was encrypted with', {
    param: 'passphrase',
  });
}

/** A passphrase was given for a file that anyone could have read and written. */
export function notEncrypted(file: string): NearFaceError {
  const text = `The ${file} is not encrypted; leave out passphrase`;
  return new NearFaceError('BAD_PARAM', text, { param: 'passphrase' });
}

/** sha256 of the bytes before the first chunk. */
export async function hashPrologue(prologue: Prologue): Promise<Uint8Array<ArrayBuffer>> {
  return sha256Bytes(prologue.bytes);
}

async function deriveKey(passphrase: string, salt: string, iterations: number): Promise<PassphraseKey> {
  checkPassphrase(passphrase);
  return passphraseKey(passphrase, fromHex(salt), iterations);
}

/** @throws NearFaceError `BAD_PARAM` */
export function checkPassphrase(passphrase: unknown): void {
  // The value is not shown: a passphrase has no place in a log.
  if (typeof passphrase !== 'string') throw badParam('passphrase', typeof passphrase, 'a string');
  if (passphrase === '') throw badParam('passphrase', passphrase, 'a string that is not empty');
}

async function checkTag(key: PassphraseKey): Promise<string> {
  return toHex(await key.encrypt(nonce(0), new Uint8Array(0), jsonBytes(CHECK_TEXT)));
}

/** Eight zero bytes and the number of the chunk; chunks count from 1, so 0 is free for the key's check. */
function nonce(number: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(12);
  new DataView(bytes.buffer).setUint32(8, number, true);
  return bytes;
}

function fromHex(hex: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from({ length: hex.length / 2 }, (_, i) =>
    Number.parseInt(hex.slice(2 * i, 2 * i + 2), 16),
  );
}
