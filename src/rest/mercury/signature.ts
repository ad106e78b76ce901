import { hmacSha256 } from '../../core/sha256.ts';
import { bytesOfBase64 } from '../../image/text-input.ts';
import type { RestToken } from '../options.ts';
import { hasCode } from '../problem.ts';
import type { Signed } from '../route.ts';
import { isEqual, unauthorised } from '../tokens.ts';

/** A signature is good for so long before and after its time. */
const MAX_AGE_MS = 300_000;
const ALGORITHM = 'hmac-sha256';
/** What a signature must cover: without the time it would be good for ever, without the request for any. */
const REQUIRED = ['x-date', 'request-line'] as const;

/** What may be called a header. */
const NAME = /^[!#$%&'*+.^_`|~\w-]+$/;

const encoder: TextEncoder = new TextEncoder();

/**
 * Whose request it is: `Authorization: hmac username="KEY", algorithm="hmac-sha256", headers="x-date request-line", signature="…"`. A token
 * without a secret is known by its key alone.
 *
 * @throws RestError 401 of a request that is signed, but not rightly
 */
export async function identify(signed: Signed): Promise<RestToken | undefined> {
  const header = signed.request.headers.get('authorization') ?? '';
  if (!/^hmac\s/i.test(header)) return undefined;
  // A name begins where none goes on: a long word would be tried from each of its letters otherwise.
  const parts = [...header.matchAll(/(?<![\w-])([\w-]+)="([^"]*)"/g)].map(
    ([, name, value]) => [name, value] as const,
  );
  const given = new Map(parts as readonly (readonly [string, string])[]);
  const token = await signed.find(given.get('username') ?? '');
  if (!token) throw unauthorised(false);
  if (token.secret !== undefined && !isRight(signed, given, token.secret)) throw unauthorised(false);
  return token;
}

function isRight(
  { request, url, nowMs }: Signed,
  given: ReadonlyMap<string, string>,
  secret: string,
): boolean {
  const names = (given.get('headers') ?? '').toLowerCase().split(/\s+/);
  const isCovered = REQUIRED.every((name) => names.includes(name)) && names.every((name) => NAME.test(name));
  const date = Date.parse(request.headers.get('x-date') ?? '');
  const isLate = !(Math.abs(nowMs - date) <= MAX_AGE_MS);
  if (!isCovered || isLate || given.get('algorithm')?.toLowerCase() !== ALGORITHM) return false;
  const lines = names.map((name) =>
    name === 'request-line'
      ? `${request.method} ${url.pathname}${url.search} HTTP/1.1`
      : `${name}: ${request.headers.get(name) ?? ''}`,
  );
  const wanted = hmacSha256(encoder.encode(secret), encoder.encode(lines.join('\n')));
  const signature = bytesOf(given.get('signature') ?? '');
  return signature?.length === wanted.length && isEqual(signature, wanted);
}

function bytesOf(base64: string): Uint8Array | undefined {
  try {
    return bytesOfBase64(base64, 'signature');
  } catch (error) {
    if (!hasCode(error, 'IMAGE_DECODING_FAILED')) throw error;
    return undefined;
  }
}
