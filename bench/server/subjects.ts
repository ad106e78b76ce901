import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { NearFace } from '../../src/index.ts';
import { SAMPLE_NAMES, SAMPLES } from '../../tools/samples/samples.ts';
import { ServerProcess } from '../../tools/server-process.ts';
import { syntheticFaces } from '../harness/synthetic-faces.ts';
import { type Form, formOf, HttpClient } from './http-client.ts';
import type { Kind, Subject } from './load.ts';

/** Embeddings that are enrolled at a time. */
const BATCH = 2000;
/** As a call of the interface that is measured has it. */
const OPTIONS = { mode: 'accurate', minFaceSize: 50, maxFaces: 1000, faces: 'biggest' } as const;

/** The built library. */
export async function library(): Promise<typeof NearFace> {
  const url = new URL('../../dist/node/nearface.js', import.meta.url).href;
  return ((await import(url)) as { readonly NearFace: typeof NearFace }).NearFace;
}

/** Opens a folder as `nearface serve` does. */
export async function openFolder(folder: string, workers: number | undefined): Promise<NearFace> {
  const visionWorkers = workers === undefined ? {} : { visionWorkers: workers };
  return (await library()).create({ database: { folder }, keep: 'crops', ...visionWorkers });
}

/** Fills a folder with faces; answers how long that took, and how many bytes of memory searches take for them. */
export async function fill(
  folder: string,
  faces: number,
): Promise<{ readonly ms: number; readonly memory: number }> {
  const nf = await openFolder(folder, 1);
  try {
    const gallery = await nf.galleries.get();
    const { dimension } = nf.info.embedding;
    const vectors = syntheticFaces(faces, dimension, 1);
    const startedMs = performance.now();
    for (let from = 0; from < faces; from += BATCH) {
      const items = Array.from({ length: Math.min(BATCH, faces - from) }, (_, i) => ({
        embedding: vectors.slice((from + i) * dimension, (from + i + 1) * dimension),
        meta: `Person ${Math.floor((from + i) / 5)}`,
      }));
      await gallery.addEmbeddings(items);
    }
    const ms = performance.now() - startedMs;
    return { ms, memory: (await gallery.stats()).memoryBytes };
  } finally {
    await nf.dispose();
  }
}

/** The sample photos' bytes. */
export function samples(): Promise<readonly Uint8Array<ArrayBuffer>[]> {
  return Promise.all(
    SAMPLE_NAMES.map(async (name) => new Uint8Array(await readFile(new URL(name, SAMPLES)))),
  );
}

/** The same calls in this process. */
export async function inProcess(nf: NearFace, photos: readonly Uint8Array<ArrayBuffer>[]): Promise<Subject> {
  const gallery = await nf.galleries.get();
  return (kind, n) => {
    const photo = photos[n % photos.length]!;
    return kind === 'enrol'
      ? gallery.add(photo, { ...OPTIONS, meta: 'Sam Berry' })
      : gallery.identify(photo, { ...OPTIONS, limit: 1, threshold: 0.75 });
  };
}

/** A server started by its command. */
export interface ServedSubject {
  readonly call: Subject;
  /** Resident bytes of its process, and seconds of processor time that it has used. */
  usage(): Promise<{ readonly bytes: number; readonly cpuSeconds: number }>;
  stop(): Promise<void>;
}

/** Starts `nearface serve` on a folder. */
export async function overHttp(
  folder: string,
  photos: readonly Uint8Array<ArrayBuffer>[],
  { clients, workers }: { readonly clients: number; readonly workers: number | undefined },
): Promise<ServedSubject> {
  const flags = ['--data', folder, '--max-calls', '1000', '--queue', '1000'];
  if (workers !== undefined) flags.push('--workers', String(workers));
  const logFile = join(folder, '..', 'server.log');
  const server = await ServerProcess.start(flags, { logFile });
  const client = new HttpClient(server.url, clients + 1);
  const forms = async (fields: Record<string, string>): Promise<readonly Form[]> =>
    Promise.all(photos.map((photo) => formOf(photo, fields)));
  const bodies: Record<Kind, readonly Form[]> = {
    identify: await forms({}),
    enrol: await forms({ meta: 'Sam Berry' }),
  };
  return {
    call: (kind, n) => {
      const form = bodies[kind][n % photos.length]!;
      return client.post(kind === 'enrol' ? '/v1/face' : '/v1/identify', form);
    },
    async usage() {
      if (server.ended !== undefined) {
        const log = (await readFile(logFile, 'utf8')).slice(-2000);
        throw new Error(`The server has ended by ${server.ended}; its last words:\n${log}`);
      }
      const text = await client.get('/metrics');
      const value = (name: string): number => Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(text)?.[1]);
      return {
        bytes: value('process_resident_memory_bytes'),
        cpuSeconds: value('process_cpu_seconds_total'),
      };
    },
    async stop() {
      client.close();
      await server.stop();
    },
  };
}
