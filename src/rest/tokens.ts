import { hmacSha256, sha256Bytes } from '../core/sha256.ts';
import { base64UrlOf } from './base64.ts';
import { RestError } from './problem.ts';
import type { RestToken } from './options.ts';
import type { KeySource } from './route.ts';

const encoder: TextEncoder = new TextEncoder();

/** The keys that are accepted. They are kept and compared as hashes, all of them each time, so that no time tells how much of one was right. */
export class Tokens {
  readonly #tokens: readonly RestToken[];
  #hashes: Promise<readonly Uint8Array[]> | undefined;

  constructor(tokens: readonly RestToken[]) {
    this.#tokens = tokens;
  }

  /** The token of a key, if there is one. */
  async find(key: string): Promise<RestToken | undefined> {
    this.#hashes ??= Promise.all(this.#tokens.map((token) => hashOf(token.key)));
    const [given, hashes] = await Promise.all([hashOf(key), this.#hashes]);
    let found: RestToken | undefined;
    for (const [i, hash] of hashes.entries()) if (isEqual(hash, given)) found = this.#tokens[i];
    return found;
  }
}

const hashOf = (text: string): Promise<Uint8Array> => sha256Bytes(encoder.encode(text));

/** Whether two hashes of one length are the same, in a time that does not depend on where they differ. */
export function isEqual(a: Uint8Array, b: Uint8Array): boolean {
  let difference = 0;
  for (const [i, byte] of a.entries()) difference |= byte ^ (b[i] as number);
  return difference === 0;
}

/** Understood by every interface, so that one page of forms can call them all. */
const ANYWHERE: KeySource = { in: 'header', name: 'Authorization', scheme: 'Token' };

/** The key that a client sent, if any. */
export function keyOf(request: Request, url: URL, sources: readonly KeySource[]): string | undefined {
  for (const { in: place, name, scheme } of [...sources, ANYWHERE]) {
    const value = place === 'header' ? request.headers.get(name) : url.searchParams.get(name);
    if (value === null || value === '') continue;
    if (scheme === undefined) return value;
    const [, word, key] = /^(\S+)\s+(\S+)\s*$/.exec(value) ?? [];
    if (word?.toLowerCase() === scheme.toLowerCase()) return key;
  }
  return undefined;
}

/** What is answered to a call without a key, or with one that is not known. The key itself is in no answer. */
export function unauthorised(isMissing: boolean): RestError {
  const message = isMissing
    ? 'This call needs a key: none was sent where it is looked for'
    : 'The key that was sent is not one of those that are accepted here';
  return new RestError({
    ...{ status: 401, code: 'AUTH_FAILED', message },
    ...(isMissing && { fault: 'missing' as const }),
    headers: { 'WWW-Authenticate': 'Token realm="nearface"' },
  });
}

/** Keys that open one thing alone, and end with the handler: nobody can work one out, nor another one from it. */
export class LinkKeys {
  readonly #secret: Uint8Array<ArrayBuffer> = crypto.getRandomValues(new Uint8Array(32));

  /** The key of one thing. */
  of(what: string): string {
    return base64UrlOf(hmacSha256(this.#secret, encoder.encode(what)).subarray(0, 24));
  }

  /** Whether a key is that of a thing. */
  async opens(key: string, what: string): Promise<boolean> {
    const [given, wanted] = await Promise.all([hashOf(key), hashOf(this.of(what))]);
    return isEqual(given, wanted);
  }
}
