import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fetchPicture, type Resolving } from './fetch-picture.ts';
import { isPublicAddress } from './public-address.ts';

const signal = new AbortController().signal;
const options = { maxBytes: 1000, signal };

/** Counts what is asked of it; each call gets the next answer, the last one again and again. */
function names(...answers: readonly (readonly string[])[]): Resolving & { calls: string[] } {
  const calls: string[] = [];
  return {
    calls,
    async resolve(host) {
      calls.push(host);
      return answers[Math.min(calls.length, answers.length) - 1] as readonly string[];
    },
    isAllowed: (address) => address !== '127.0.0.2' && address !== '::1',
    mostMs: 10_000,
  };
}

describe('isPublicAddress', () => {
  it.each(['8.8.8.8', '1.1.1.1', '172.32.0.1', '100.128.0.1', '2606:4700:4700::1111'])('%s is', (address) => {
    expect(isPublicAddress(address)).toBe(true);
  });

  it.each([
    ...[
      '127.0.0.1',
      '127.1.2.3',
      '10.0.0.1',
      '172.16.0.1',
      '172.31.255.255',
      '192.168.1.1',
      '169.254.169.254',
    ],
    ...['100.64.0.1', '0.0.0.0', '255.255.255.255', '224.0.0.1', '198.18.0.1', '192.0.2.1', '203.0.113.9'],
    ...[
      '::1',
      '::',
      'fe80::1',
      'fc00::1',
      'fd12::1',
      'ff02::1',
      '::ffff:10.0.0.1',
      '::ffff:7f00:1',
      '64:ff9b::a00:1',
    ],
    ...['2002:a00:1::', '2001::1', '2001:db8::1', '3fff::1', 'no address', '', '010.0.0.1'],
  ])('%s is not', (address) => {
    expect(isPublicAddress(address)).toBe(false);
  });
});

describe('fetchPicture', () => {
  let server: Server;
  let port: number;
  let asked: string[];
  const answers: Record<string, RequestListener> = {
    '/a.jpg': (_, response) =>
      response.writeHead(200, { 'Content-Type': 'image/jpeg' }).end(new Uint8Array(900)),
    '/large': (_, response) =>
      response.writeHead(200, { 'Content-Length': '1001' }).end(new Uint8Array(1001)),
    '/endless': (_, response) => {
      const more = (): void =>
        void (response.write(new Uint8Array(500)) ? setImmediate(more) : response.once('drain', more));
      more();
    },
    '/away': (_, response) => response.writeHead(302, { Location: 'http://127.0.0.2/a.jpg' }).end(),
    '/broken': (_, response) => {
      response.writeHead(200, { 'Content-Length': '900' }).write(new Uint8Array(10));
      setTimeout(() => response.destroy(), 20);
    },
    '/silent': () => undefined,
    '/drops': (request, response) => {
      response.writeHead(200, { 'Content-Type': 'image/jpeg' });
      const timer = setInterval(() => response.write('x'), 10);
      request.once('close', () => clearInterval(timer));
    },
  };

  beforeAll(async () => {
    server = createServer((request, response) => {
      asked.push(`${request.headers.host} ${request.url}`);
      const answer = answers[request.url ?? ''];
      if (answer) answer(request, response);
      else response.writeHead(404).end();
    });
    await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
    ({ port } = server.address() as AddressInfo);
  });
  afterAll(() => {
    server.closeAllConnections();
    server.close();
  });

  const get = (path: string, resolving: Resolving, host = 'photos.example'): Promise<Blob> => {
    asked = [];
    return fetchPicture(`http://${host}:${port}${path}`, options, resolving);
  };

  it('calls the address that was resolved, by the name that was given', async () => {
    const resolving = names(['127.0.0.1'], ['127.0.0.2']);
    const blob = await get('/a.jpg', resolving);
    expect(blob).toMatchObject({ size: 900, type: 'image/jpeg' });
    expect(asked).toEqual([`photos.example:${port} /a.jpg`]);
    // A name that leads elsewhere the next time is not asked for again.
    expect(resolving.calls).toEqual(['photos.example']);
  });

  it('refuses names of which any address is refused, and addresses themselves, without a call', async () => {
    for (const addresses of [['127.0.0.2'], ['127.0.0.1', '127.0.0.2'], []]) {
      await expect(get('/a.jpg', names(addresses))).rejects.toMatchObject({
        message: expect.stringContaining('private'),
      });
      expect(asked).toEqual([]);
    }
    for (const host of ['127.0.0.2', '[::1]', '2130706434', '0x7f.2'])
      await expect(get('/a.jpg', names(['127.0.0.1']), host)).rejects.toMatchObject({
        message: expect.stringContaining('private'),
      });
    expect(asked).toEqual([]);
  });

  it('as it stands reaches nothing of its own machine', async () => {
    asked = [];
    for (const host of ['127.0.0.1', 'localhost', '[::ffff:127.0.0.1]', '0.0.0.0', '127.1'])
      await expect(fetchPicture(`http://${host}:${port}/a.jpg`, options)).rejects.toMatchObject({
        name: 'AssetError',
      });
    expect(asked).toEqual([]);
  });

  it('gives up what comes in drops', async () => {
    const resolving = { ...names(['127.0.0.1']), mostMs: 150 };
    await expect(get('/drops', resolving)).rejects.toMatchObject({ name: 'AssetError' });
    await expect(get('/silent', resolving)).rejects.toMatchObject({ name: 'AssetError' });
  });

  it('follows no redirect', async () => {
    await expect(get('/away', names(['127.0.0.1']))).rejects.toMatchObject({ status: 302 });
    expect(asked).toHaveLength(1);
  });

  it('gives up what is too large, missing, broken off or not wanted any more', async () => {
    const here = names(['127.0.0.1']);
    for (const path of ['/large', '/endless'])
      await expect(get(path, here)).rejects.toMatchObject({ code: 'IMAGE_TOO_LARGE' });
    await expect(get('/none', here)).rejects.toMatchObject({ status: 404 });
    await expect(get('/broken', here)).rejects.toMatchObject({ name: 'AssetError' });
    const leaving = new AbortController();
    setTimeout(() => leaving.abort(), 30);
    const url = `http://photos.example:${port}/silent`;
    await expect(fetchPicture(url, { maxBytes: 9, signal: leaving.signal }, here)).rejects.toMatchObject({
      code: 'ABORTED',
    });
  });
});
