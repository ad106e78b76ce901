/** A plain server of Node around the handler of the built library, as `docs/http.md` shows it. */
import { mkdir, mkdtemp, readFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';
import type { CreateOptions, NearFace } from '../src/index.ts';
import type { RestHandler, RestOptions } from '../src/rest/index.ts';

import { photos, remove } from './consumer.ts';

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
  });
}

function closed(server: Server): Promise<void> {
  server.closeAllConnections();
  return new Promise((resolve) => server.close(() => resolve()));
}

/** Photos of one face each, cut out of the sample photos, no two of the same person; paths from the folder that tests run in. */
export async function portraits(nf: NearFace, count: number): Promise<readonly string[]> {
  await mkdir('temp', { recursive: true });
  const folder = await mkdtemp('temp/portraits-');
  const [files, known]: [string[], Float32Array[]] = [[], []];
  for (let sample = 1; sample <= 6 && files.length < count; sample++) {
    const photo = await readFile(join(photos, `sample${sample}.jpg`));
    const { faces, width, height } = await nf.detect(photo, { minFaceSize: 60 });
    for (const { position } of faces) {
      const margin = 0.5 * position.width;
      const left = Math.max(0, Math.round(position.left - margin));
      const top = Math.max(0, Math.round(position.top - margin));
      const right = Math.min(width, Math.round(position.left + position.width + margin));
      const bottom = Math.min(height, Math.round(position.top + position.height + margin));
      const file = join(folder, `person${files.length + 1}.jpg`);
      await sharp(photo)
        .rotate()
        .extract({ left, top, width: right - left, height: bottom - top })
        .jpeg()
        .toFile(file);
      const alone = await nf.embed(file, { faces: 'all', minScore: 0.3 });
      const [face] = alone.faces;
      if (alone.faces.length !== 1 || !face?.embedding || (face.reliability ?? 0) < 0.3) continue;
      const others = await Promise.all(
        known.map((other) => nf.compare(face.embedding as Float32Array, other)),
      );
      if (others.some(({ confidence = 0 }) => confidence > 0.5)) continue;
      known.push(face.embedding);
      files.push(`./${file}`);
      if (files.length === count) break;
    }
  }
  if (files.length < count) throw new Error(`The samples show only ${files.length} people alone`);
  return files;
}

type Three<T> = readonly [T, T, T];

/** What the specs of an interface are run against. */
export interface RestSetting {
  readonly nf: NearFace;
  readonly handle: RestHandler;
  /** The handler on a port. */
  readonly host: RestHost;
  /** Photos of three people, a face each, and the files that they are. */
  readonly photos: Three<Buffer<ArrayBuffer>>;
  readonly files: Three<string>;
  /** Ends all of it. */
  end(): Promise<void>;
}

/** An instance with nobody in it, photos to be put there, and its handler. */
export async function openRest(options: RestOptions, create: CreateOptions = {}): Promise<RestSetting> {
  const nf = await openNearFace(create);
  const files = (await portraits(nf, 3)) as unknown as Three<string>;
  const photos = await Promise.all(files.map((file) => readFile(file)));
  const handle = await createRest(nf, options);
  const host = await serveRest(handle);
  const end = async (): Promise<void> => {
    await host.close();
    await nf.dispose();
    await remove(dirname(files[0]));
  };
  return { nf, handle, host, files, photos: photos as unknown as RestSetting['photos'], end };
}

/** Keys and types of what JSON says, as documented examples are compared: of a list its first item's. */
export function typesOf(value: unknown): unknown {
  if (Array.isArray(value)) return value.slice(0, 1).map(typesOf);
  if (typeof value !== 'object' || value === null) return value === null ? 'null' : typeof value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, typesOf(each)]));
}

/** Deletes every gallery but `default`, with its faces. */
export async function deleteGalleries(nf: NearFace): Promise<void> {
  for (const { name } of await nf.galleries.list())
    if (name !== 'default') await nf.galleries.delete(name, { faces: true });
}

/** The same, and the faces of `default`. */
export async function deleteFaces(nf: NearFace): Promise<void> {
  await deleteGalleries(nf);
  const gallery = await nf.galleries.get();
  await gallery.delete((await gallery.list({ limit: 1000 })).records.map(({ id }) => id));
}

/** All that is stored, but for the pictures. */
export async function stored(nf: NearFace): Promise<unknown> {
  const galleries = await nf.galleries.list();
  const faces = await Promise.all(
    galleries.map(async ({ name }) => (await (await nf.galleries.get(name)).list({ limit: 1000 })).records),
  );
  const { people } = await nf.people.list();
  const { sightings } = await nf.history.search();
  const [cameras, jobs] = [await nf.cameras.list(), await nf.jobs.list()];
  return { galleries, faces, people, sightings, cameras, jobs };
}
