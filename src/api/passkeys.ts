import { withAnySignal } from '../core/any-signal.ts';
import type { PasskeySecret } from '../core/database-key.ts';
import { NearFaceError } from '../core/errors.ts';
import type { Host, PasskeyRequest, Passkeys } from '../platform/port.ts';

/** What is asked, and what ends the question. */
type Question = Omit<PasskeyRequest, 'signal'> & { readonly signals: readonly (AbortSignal | undefined)[] };

/** Makes a passkey that is to open a database. @throws NearFaceError as {@link Passkeys.create} */
export function createPasskey(host: Host, question: Question, name: string): Promise<PasskeySecret> {
  return withPasskeys(host, question, (passkeys, request) => passkeys.create(request, name));
}

/** What opens a database by a passkey, for which the user is asked. @throws NearFaceError as {@link Passkeys.ask} */
export function askPasskey(host: Host, question: Question): Promise<PasskeySecret> {
  return withPasskeys(host, question, (passkeys, request) => passkeys.ask(request));
}

function withPasskeys(
  { passkeys }: Host,
  { signals, ...rest }: Question,
  work: (passkeys: Passkeys, request: PasskeyRequest) => Promise<PasskeySecret>,
): Promise<PasskeySecret> {
  if (passkeys) return withAnySignal(signals, (signal) => work(passkeys, { ...rest, signal }));
  throw new NearFaceError('BACKEND_UNAVAILABLE', 'Passkeys need a browser; use the passphrase', {
    needs: 'passkeys',
  });
}
