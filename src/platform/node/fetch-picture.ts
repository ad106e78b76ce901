import { lookup } from 'node:dns/promises';
import { type IncomingMessage, request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import { isIP, type LookupFunction } from 'node:net';
import { AssetError } from '../../core/asset-error.ts';
import { abortedError, throwIfAborted } from '../../core/errors.ts';
import { type PictureFetching, pictureTooLarge } from '../fetch-picture.ts';
import { isPublicAddress } from './public-address.ts';

/** How a name becomes addresses, and which of these are called. */
export interface Resolving {
  resolve(host: string): Promise<readonly string[]>;
  isAllowed(address: string): boolean;
  /** How long reading may take in all, in milliseconds. */
  readonly mostMs: number;
}

const PUBLIC: Resolving = {
  resolve: async (host) => (await lookup(host, { all: true })).map(({ address }) => address),
  isAllowed: isPublicAddress,
  // One that sends a byte now and then would keep a call's place for ever.
  mostMs: 120_000,
};

/** A server that says nothing for so long is given up. */
const IDLE_MS = 30_000;

/**
 * The picture at an address that a client named, unless that leads into a network of one's own: the name is resolved first, every address it
 * has must be allowed, and one of these is called, so that a name whose addresses change between the two cannot lead elsewhere. Redirects are
 * refused.
 *
 * @throws NearFaceError `IMAGE_TOO_LARGE`, `ABORTED`; AssetError, whose message follows the address in a sentence
 */
export async function fetchPicture(
  url: string,
  { maxBytes, signal }: PictureFetching,
  resolving: Resolving = PUBLIC,
): Promise<Blob> {
  throwIfAborted(signal);
  const target = new URL(url);
  const addresses = await addressesOf(target.hostname.replaceAll(/^\[|\]$/g, ''), resolving);
  throwIfAborted(signal);
  const late = AbortSignal.timeout(resolving.mostMs);
  const response = await called(target, addresses, { signal, late });
  try {
    return await read(response, maxBytes);
  } catch (error) {
    if (signal.aborted) throw abortedError(signal.reason);
    throw error;
  } finally {
    response.destroy();
  }
}

async function addressesOf(host: string, { resolve, isAllowed }: Resolving): Promise<readonly string[]> {
  const addresses = isIP(host) === 0 ? await resolved(host, resolve) : [host];
  if (addresses.length > 0 && addresses.every(isAllowed)) return addresses;
  throw new AssetError('leads to a private address, which is not read');
}

async function resolved(host: string, resolve: Resolving['resolve']): Promise<readonly string[]> {
  try {
    return await resolve(host);
  } catch (error) {
    throw new AssetError('could not be fetched: its name is not known', { cause: error });
  }
}

/** What ends a call: whoever asked for it, or its time. */
interface Ends {
  readonly signal: AbortSignal;
  readonly late: AbortSignal;
}

function called(target: URL, addresses: readonly string[], { signal, late }: Ends): Promise<IncomingMessage> {
  const known = addresses.map((address) => ({ address, family: isIP(address) }));
  const look: LookupFunction = (_host, { all }, callback) => {
    if (all) callback(null, known);
    else callback(null, known[0]?.address ?? '', known[0]?.family ?? 4);
  };
  const request = target.protocol === 'https:' ? requestHttps : requestHttp;
  const headers = { Accept: 'image/*', 'Accept-Encoding': 'identity' };
  return new Promise((resolve, reject) => {
    const call = request(target, {
      lookup: look,
      agent: false,
      signal: AbortSignal.any([signal, late]),
      headers,
    });
    call.setTimeout(IDLE_MS, () => call.destroy(new Error(`no answer for ${IDLE_MS / 1000} s`)));
    call.once('response', resolve);
    call.on('error', (error) => {
      if (signal.aborted) reject(abortedError(signal.reason));
      else reject(new AssetError('could not be fetched', { cause: error }));
    });
    call.end();
  });
}

async function read(response: IncomingMessage, maxBytes: number): Promise<Blob> {
  const status = response.statusCode ?? 0;
  if (status >= 300 && status < 400)
    throw new AssetError(`answered ${status}, a redirect, which is not followed`, { status });
  if (status < 200 || status >= 300) throw new AssetError(`answered ${status}`, { status });
  if (Number(response.headers['content-length'] ?? 0) > maxBytes) throw pictureTooLarge(maxBytes);
  const pieces: Uint8Array<ArrayBuffer>[] = [];
  let length = 0;
  try {
    for await (const piece of response as AsyncIterable<Uint8Array<ArrayBuffer>>) {
      length += piece.length;
      if (length > maxBytes) throw pictureTooLarge(maxBytes);
      pieces.push(piece);
    }
  } catch (error) {
    if (length > maxBytes) throw error;
    throw new AssetError('broke off', { cause: error });
  }
  return new Blob(pieces, { type: response.headers['content-type'] ?? '' });
}
