import { createHash, timingSafeEqual } from 'node:crypto';

/**
 * Whether a request carries one of the keys, as `Authorization: Token KEY` or `Bearer KEY`. All are compared, by their hashes, in a time that does not
 * tell how much of one was right.
 */
export function carriesKey(request: Request, tokens: 'none' | readonly string[]): boolean {
  if (tokens === 'none') return true;
  const [, key] = /^(?:Token|Bearer) +(\S+)$/i.exec(request.headers.get('authorization') ?? '') ?? [];
  if (key === undefined) return false;
  const given = hashOf(key);
  return tokens.filter((token) => timingSafeEqual(hashOf(token), given)).length > 0;
}

const hashOf = (text: string): Buffer => createHash('sha256').update(text).digest();
