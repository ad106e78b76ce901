/** What an authenticator answers for a passkey: the same secret whenever it is asked. */
export interface PasskeySecret {
  /** The credential's id, base64url. */
  readonly id: string;
  /** 32 bytes, as hex. */
  readonly secret: string;
}

/** What opens an encrypted database: its passphrase, or one of its passkeys. */
export type DatabaseKey = string | PasskeySecret;
