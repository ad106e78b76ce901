import type { SecretRotations } from '../../core/secret-rotation.ts';

/**
 * What stands between the store's functions and the rows of the database: in a plain database nothing, in an
 * encrypted one every text and every number of a face is sealed, and keys are tags that tell nothing.
 */
export interface Sealer {
  readonly encrypted: boolean;
  /** Tells these keys, and rotations, from others; nothing in a plain database. */
  readonly keyId: string | undefined;
  /** What stored vectors are rotated by; nothing in a plain database, and in what earlier versions have encrypted. */
  readonly rotations: SecretRotations | undefined;
  /** What stands for a text as a key. */
  tag(text: string): string;
  seal(bytes: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer>;
  /** @throws NearFaceError `STORAGE_FAILED` if the bytes were changed */
  open(sealed: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer>;
}

/** The sealer of a plain database. */
export const PLAIN: Sealer = {
  encrypted: false,
  keyId: undefined,
  rotations: undefined,
  tag: (text) => text,
  seal: (bytes) => bytes,
  open: (bytes) => bytes,
};

/** The first sealer whose keys are those that a database names; one that an earlier version encrypted names none. */
export function sealerOf(keyId: string | undefined, sealers: readonly Sealer[]): Sealer | undefined {
  return sealers.find((sealer) => keyId === sealer.keyId || (keyId === undefined && sealer.encrypted));
}
