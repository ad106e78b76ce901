/** A plain server of Node around the handler of the built library, as `docs/http.md` shows it. */
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import type { CreateOptions, NearFace } from '../src/index.ts';
import type { RestHandler, RestOptions } from '../src/rest/index.ts';

const built = (name: string): string => new URL(`../dist/node/${name}`, import.meta.url).href;

/** An instance of the built library with its faces in memory. */
export async function openNearFace(options: CreateOptions = {}): Promise<NearFace> {
  const library = (await import(built('nearface.js'))) as typeof import('../src/index.ts');
  const assets = fileURLToPath(new URL('../dist/', import.meta.url));
  return library.NearFace.create({ assets, database: null, keep: 'photos', ...options });
}

/** The handler of the built library. */
export async function createRest(nf: NearFace, options: RestOptions): Promise<RestHandler> {
  const { createHandler } = (await import(built('rest.js'))) as typeof import('../src/rest/index.ts');
  return createHandler(nf, options);
}

/** A server on a port of its own. */
export interface RestHost {
  readonly url: string;
  readonly port: number;
  close(): Promise<void>;
}

export async function serveRest(handle: RestHandler): Promise<RestHost> {
  const server = createServer((incoming, outgoing) => {
    void handle(requestOf(incoming)).then(async (response) => {
      outgoing.writeHead(response.status, Object.fromEntries(response.headers));
      outgoing.end(new Uint8Array(await response.arrayBuffer()));
    });
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}`, port, close: () => closed(server) };
}

function requestOf(incoming: IncomingMessage): Request {
  const { method = 'GET', url = '/', headers } = incoming;
  const hasBody = method !== 'GET' && method !== 'HEAD';
  const leaving = new AbortController();
  incoming.once('close', () => {
    if (!incoming.complete) leaving.abort();
  });
  return new Request(new URL(url, `http://${headers.host ?? 'localhost'}`), {
    ...{ method, signal: leaving.signal },
    headers: Object.entries(headers).flatMap(([name, value]) =>
      [value].flat().map((each) => [name, each ?? ''] as [string, string]),
    ),
    ...(hasBody && { body: Readable.toWeb(incoming) as ReadableStream<Uint8Array>, duplex: 'half' }),
  } as RequestInit);
}

function closed(server: Server): Promise<void> {
  server.closeAllConnections();
  return new Promise((resolve) => server.close(() => resolve()));
}
