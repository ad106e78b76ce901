import { createHmac } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { RestToken } from '../options.ts';
import { identify } from './signature.ts';

const NOW = Date.UTC(2021, 6, 9, 1, 51, 2);
const DATE = 'Fri, 09 Jul 2021 01:51:02 GMT';
const URL_ = 'http://localhost/openapi/face/v1/app/databases?x=1';
const signed: RestToken = { key: 'access-key', secret: 'a-secret-key' };
const unsigned: RestToken = { key: 'plain-key' };
const LINE = 'POST /openapi/face/v1/app/databases?x=1 HTTP/1.1';

const mac = (text: string, secret = 'a-secret-key'): string =>
  createHmac('sha256', secret).update(text).digest('base64');

interface Given {
  readonly username?: string;
  readonly algorithm?: string;
  readonly headers?: string;
  readonly signature?: string;
  readonly date?: string;
}

/** Whose a request is; the status where it is refused. */
async function whose(given: Given = {}, nowMs = NOW): Promise<RestToken | number | undefined> {
  const { username = 'access-key', algorithm = 'hmac-sha256', headers = 'x-date request-line' } = given;
  const { date = DATE, signature = mac(`x-date: ${DATE}\n${LINE}`) } = given;
  const authorization = `hmac username="${username}", algorithm="${algorithm}", headers="${headers}", signature="${signature}"`;
  const request = new Request(URL_, {
    method: 'POST',
    headers: { authorization, 'x-date': date, 'x-more': 'm' },
  });
  const find = async (key: string): Promise<RestToken | undefined> =>
    [signed, unsigned].find((token) => token.key === key);
  try {
    return await identify({ request, url: new URL(URL_), nowMs, find });
  } catch (error) {
    return (error as { problem: { status: number } }).problem.status;
  }
}

describe('identify', () => {
  it('knows a request by its signature', async () => {
    expect(await whose()).toBe(signed);
    const turned = { headers: 'request-line x-date', signature: mac(`${LINE}\nx-date: ${DATE}`) };
    expect(await whose(turned)).toBe(signed);
    const more = {
      headers: 'x-date request-line x-more',
      signature: mac(`x-date: ${DATE}\n${LINE}\nx-more: m`),
    };
    expect(await whose(more)).toBe(signed);
  });

  it('knows a key without a secret by itself', async () => {
    expect(await whose({ username: 'plain-key', signature: '' })).toBe(unsigned);
  });

  it.each<[string, Given]>([
    ['another key', { username: 'other-key' }],
    ['no key', { username: '' }],
    ['another secret', { signature: mac(`x-date: ${DATE}\n${LINE}`, 'another-secret') }],
    ['another request', { signature: mac(`x-date: ${DATE}\n${LINE.replace('POST', 'GET')}`) }],
    ['the query left out', { signature: mac(`x-date: ${DATE}\n${LINE.replace('?x=1', '')}`) }],
    ['another time', { date: 'Fri, 09 Jul 2021 01:51:03 GMT' }],
    ['no time', { date: '' }],
    ['a time that is none', { date: 'today', signature: mac(`x-date: today\n${LINE}`) }],
    ['the time alone', { headers: 'x-date', signature: mac(`x-date: ${DATE}`) }],
    ['the request alone', { headers: 'request-line', signature: mac(LINE) }],
    ['nothing', { headers: '', signature: mac('') }],
    ['another algorithm', { algorithm: 'hmac-sha1' }],
    ['no signature', { signature: '' }],
    ['a piece of one', { signature: mac(`x-date: ${DATE}\n${LINE}`).slice(0, 20) }],
    ['no base64', { signature: '***' }],
    ['what is no name of a header', { headers: 'x-date request-line {x}' }],
    ['an empty name', { headers: ' x-date request-line' }],
  ])('refuses %s', async (_, given) => {
    expect(await whose(given)).toBe(401);
  });

  it('refuses what is more than five minutes old, or as far ahead', async () => {
    for (const [offset, answer] of [
      [300_000, signed],
      [-300_000, signed],
      [301_000, 401],
      [-301_000, 401],
    ] as const)
      expect(await whose({}, NOW + offset)).toBe(answer);
  });

  it('refuses one long word as fast as any other', async () => {
    const request = new Request(URL_, { headers: { authorization: `hmac ${'a'.repeat(200_000)}` } });
    const started = performance.now();
    await expect(
      identify({ request, url: new URL(URL_), nowMs: NOW, find: async () => undefined }),
    ).rejects.toMatchObject({ problem: { status: 401 } });
    expect(performance.now() - started).toBeLessThan(2000);
  });

  it('says nothing of requests that are not signed', async () => {
    const request = new Request(URL_, { headers: { authorization: 'Token access-key' } });
    const find = async (): Promise<undefined> => undefined;
    expect(await identify({ request, url: new URL(URL_), nowMs: NOW, find })).toBeUndefined();
  });
});
