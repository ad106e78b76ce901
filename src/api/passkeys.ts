import type { PasskeySecret } from '../core/database-key.ts';
import { NearFaceError } from '../core/errors.ts';
import type { Host, Passkeys } from '../platform/port.ts';

/** The host's passkeys. @throws NearFaceError `BACKEND_UNAVAILABLE` where it has none */
export function passkeysOf({ passkeys }: Host): Passkeys {
  if (passkeys) return passkeys;
  throw new NearFaceError('BACKEND_UNAVAILABLE', 'Passkeys need a browser; use the passphrase', {
    needs: 'passkeys',
  });
}

/** What opens a database by a passkey, for which the user is asked. */
export function askPasskey(
  host: Host,
  database: string,
  signal: AbortSignal | undefined,
): Promise<PasskeySecret> {
  return passkeysOf(host).ask({ database, signal });
}
