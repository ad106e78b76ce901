import { setTimeout as later } from 'node:timers/promises';
import type { Binaries } from '../postgres/binaries.ts';
import { PostgresServer } from '../postgres/server.ts';
import { Api } from './api.ts';
import { vectorOf } from './faces.ts';
import { vectorsOfPhoto } from './lane.ts';
import { lossyProxy } from '../postgres/lossy-proxy.ts';
import { ServerProcess } from '../server-process.ts';

const FACES = 20;
/** Until when a face that one process enrolled is to be found by the other. */
const BAR_MS = 1000;
/** Beside it: one that is not found by then never is. */
const GIVE_UP_MS = 10_000;

/** How long it took until faces of one process were found by the other, in milliseconds. */
export interface Delays {
  readonly median: number;
  readonly most: number;
}

/** What two processes over one PostgreSQL see of each other. */
export interface Together {
  readonly notified: Delays;
  /** Where every notification was lost. */
  readonly polled: Delays;
  readonly faults: readonly string[];
}

/** Two servers over one PostgreSQL: what one enrols, or deletes, the other finds, or does not, within a second. */
export async function runTogether(binaries: Binaries): Promise<Together> {
  const postgres = await PostgresServer.create(binaries);
  const proxy = await lossyProxy('127.0.0.1', postgres.port);
  const started: ServerProcess[] = [];
  const start = async (url: string): Promise<Api> => {
    const server = await ServerProcess.start(['--database-url', url]);
    started.push(server);
    return new Api(server.url);
  };
  try {
    const one = await start(postgres.url);
    const dimension = (await vectorsOfPhoto(one))[0]?.length ?? 0;
    const other = await start(postgres.url);
    const deaf = await start(postgres.url.replace(`:${postgres.port}/`, `:${proxy.port}/`));
    const faults: string[] = [];
    const notified = await delays(one, other, dimension, 1, faults);
    const polled = await delays(one, deaf, dimension, 1000, faults);
    if (proxy.lost === 0) faults.push('no notification was lost');
    return { notified, polled, faults };
  } finally {
    for (const server of started) await server.kill();
    proxy.close();
    await postgres.drop();
  }
}

async function delays(
  from: Api,
  to: Api,
  dimension: number,
  firstId: number,
  faults: string[],
): Promise<Delays> {
  const taken: number[] = [];
  for (let id = firstId; id < firstId + FACES; id++) {
    const vector = vectorOf(id, dimension);
    await from.addVector('default', id, vector);
    taken.push(await untilSeen(to, vector, id));
    await from.deleteFace(id);
    taken.push(await untilSeen(to, vector, null));
    // So that a poll does not always fall at the same moment.
    await later((id * 37) % 400);
  }
  const sorted = taken.toSorted((a, b) => a - b);
  const most = sorted.at(-1);
  if (most > BAR_MS) faults.push(`what one process wrote another one saw after ${most.toFixed(0)} ms`);
  return { median: sorted[sorted.length >> 1] as number, most };
}

/** How long it takes until a search finds a face, or nobody, in milliseconds. */
async function untilSeen(api: Api, vector: Float32Array<ArrayBuffer>, id: number | null): Promise<number> {
  const started = performance.now();
  while (performance.now() - started < GIVE_UP_MS) {
    const [hit] = await api.search(vector, 1);
    if ((hit?.id ?? null) === id) break;
    await later(10);
  }
  return performance.now() - started;
}
