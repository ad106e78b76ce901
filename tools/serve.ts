import { createReadStream, type Stats } from 'node:fs';
import { stat } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join, normalize, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

const MIME: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.mjs': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.map': 'application/json; charset=utf-8',
  '.txt': 'text/plain; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.jpg': 'image/jpeg',
  '.jpeg': 'image/jpeg',
  '.webp': 'image/webp',
  '.wasm': 'application/wasm',
};

/** What {@link serve} serves, and how. */
export interface ServeOptions {
  /** A folder, or folders by URL prefix (`{ '/': 'dist', '/photos/': 'samples' }`; the longest prefix wins). */
  readonly root: string | Readonly<Record<string, string>>;
  /** Send COOP and COEP, so that pages are cross-origin isolated. Default false. */
  readonly isolated?: boolean;
  /** Let other origins read everything. Default false. */
  readonly cors?: boolean;
  /** Default 0: any free port. */
  readonly port?: number;
  /** Extra headers on every answer, such as a Content-Security-Policy. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Told of every request's path and status. */
  readonly onRequest?: (path: string, status: number) => void;
}

/** A running static server on 127.0.0.1. */
export interface StaticServer {
  /** `http://127.0.0.1:PORT`, without a slash at the end. */
  readonly url: string;
  close(): Promise<void>;
}

/** Serves folders over HTTP, never caching and never outside of them; directories answer with `index.html`. */
export async function serve(options: ServeOptions): Promise<StaticServer> {
  const roots = readRoots(options.root);
  const headers = commonHeaders(options);
  const server = createServer((request, response) => {
    void answer(request, response, roots, headers).finally(() =>
      options.onRequest?.(request.url ?? '/', response.statusCode),
    );
  });
  await new Promise<void>((done, failed) => {
    server.once('error', failed);
    server.listen(options.port ?? 0, '127.0.0.1', done);
  });
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    close: () =>
      new Promise((done) => {
        server.close(() => done());
        server.closeAllConnections();
      }),
  };
}

type Roots = readonly (readonly [prefix: string, folder: string])[];

function readRoots(root: ServeOptions['root']): Roots {
  const entries = Object.entries(typeof root === 'string' ? { '/': root } : root);
  return entries
    .map(([prefix, folder]) => [prefix.endsWith('/') ? prefix : `${prefix}/`, resolve(folder)] as const)
    .sort(([a], [b]) => b.length - a.length);
}

function commonHeaders(options: ServeOptions): Record<string, string> {
  const headers: Record<string, string> = { 'Cache-Control': 'no-store', ...options.headers };
  if (options.isolated) {
    headers['Cross-Origin-Opener-Policy'] = 'same-origin';
    headers['Cross-Origin-Embedder-Policy'] = 'require-corp';
  }
  if (options.isolated || options.cors) headers['Cross-Origin-Resource-Policy'] = 'cross-origin';
  if (options.cors) headers['Access-Control-Allow-Origin'] = '*';
  return headers;
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  roots: Roots,
  headers: Record<string, string>,
): Promise<void> {
  const file = await locate(request.url ?? '/', roots);
  if (!file) {
    response.writeHead(404, { ...headers, 'Content-Type': 'text/plain' }).end('not found');
    return;
  }
  const type = MIME[extname(file.path).toLowerCase()] ?? 'application/octet-stream';
  response.writeHead(200, { ...headers, 'Content-Type': type, 'Content-Length': file.stats.size });
  if (request.method === 'HEAD') {
    response.end();
    return;
  }
  await new Promise<void>((done) => {
    response.once('close', done);
    createReadStream(file.path)
      .once('error', () => response.destroy())
      .pipe(response);
  });
}

async function locate(url: string, roots: Roots): Promise<{ path: string; stats: Stats } | undefined> {
  let pathname: string;
  try {
    pathname = decodeURIComponent(new URL(url, 'http://localhost').pathname);
  } catch {
    return undefined;
  }
  for (const [prefix, folder] of roots) {
    if (!pathname.startsWith(prefix)) continue;
    const path = normalize(join(folder, pathname.slice(prefix.length)));
    if (path !== folder && !path.startsWith(folder + sep)) continue;
    const stats = await stat(path).catch(() => undefined);
    if (stats?.isFile()) return { path, stats };
    if (!stats?.isDirectory()) continue;
    const index = join(path, 'index.html');
    const indexStats = await stat(index).catch(() => undefined);
    if (indexStats?.isFile()) return { path: index, stats: indexStats };
  }
  return undefined;
}

/** `tsx tools/serve.ts FOLDER [PORT] [--isolated] [--any-port]`; with the last, any free port where that one is taken. */
async function main(args: readonly string[]): Promise<void> {
  const [folder = '.', port = '8080'] = args.filter((arg) => !arg.startsWith('--'));
  const options = { root: folder, isolated: args.includes('--isolated') };
  const server = await serve({ ...options, port: Number(port) }).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EADDRINUSE' || !args.includes('--any-port')) throw error;
    console.log(`Port ${port} is taken; another is used`);
    return serve(options);
  });
  console.log(`${folder} at ${server.url}`);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await main(process.argv.slice(2));
