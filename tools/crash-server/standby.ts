import { setTimeout as later } from 'node:timers/promises';
import type { Binaries } from '../postgres/binaries.ts';
import { PostgresServer } from '../postgres/server.ts';
import { Random } from '../random.ts';
import { Api } from './api.ts';
import { WritingClient } from './client.ts';
import { photo, vectorsOfPhoto } from './lane.ts';
import { look, patiently } from './look.ts';
import { ServerProcess } from '../server-process.ts';

/** How long clients write before the primary is killed, in milliseconds. */
const WRITE_MS = 3000;

/** What a hot standby was worth. */
export interface Failover {
  /** From the kill until the standby took changes. */
  readonly promotedMs: number;
  /** From the kill until a client's call was answered again. */
  readonly outageMs: number;
  readonly acknowledged: number;
  readonly lost: readonly string[];
  readonly torn: readonly string[];
}

/** A primary with a synchronous standby is killed while clients write, the standby is promoted, and the clients go on with the same server. */
export async function runStandby(binaries: Binaries, clientCount: number, seed: number): Promise<Failover> {
  const primary = await PostgresServer.create(binaries);
  // What the primary is told of its standbys is not to hold for these.
  const standby = await primary.createStandby(['synchronous_standby_names=']);
  const url = `postgres://postgres@127.0.0.1:${primary.port},127.0.0.1:${standby.port}/postgres`;
  let server: ServerProcess | undefined;
  try {
    await primary.ask(`ALTER SYSTEM SET synchronous_standby_names = '*'`);
    await primary.ask('SELECT pg_reload_conf()');
    await untilSynchronous(primary);
    server = await ServerProcess.start(['--database-url', url]);
    return await failOver(new Api(server.url), { primary, standby, clientCount, seed });
  } finally {
    await server?.kill();
    await standby.drop();
    await primary.drop();
  }
}

async function failOver(
  api: Api,
  given: {
    readonly primary: PostgresServer;
    readonly standby: PostgresServer;
    readonly clientCount: number;
    readonly seed: number;
  },
): Promise<Failover> {
  const { primary, standby, clientCount, seed } = given;
  const random = new Random(seed);
  const photoVectors = await vectorsOfPhoto(api);
  const dimension = photoVectors[0]?.length ?? 0;
  const picture = await photo();
  const clients = Array.from(
    { length: clientCount },
    (_, i) => new WritingClient(i + 1, new Random(random.bits()), picture, dimension),
  );
  const writing = Promise.all(clients.map((client) => client.write(api)));
  writing.catch(() => undefined);
  await later(WRITE_MS);
  await primary.crash('kill -9');
  const killed = performance.now();
  await standby.promote();
  const promotedMs = performance.now() - killed;
  await patiently(() => api.galleries());
  const outageMs = performance.now() - killed;
  for (const client of clients) client.stop();
  await writing;
  const looking = { clients, random, dimension, photoVectors };
  const first = await look(api, looking, true);
  // They write again, on what was the standby.
  const again = Promise.all(clients.map((client) => client.write(api)));
  again.catch(() => undefined);
  await later(WRITE_MS / 3);
  for (const client of clients) client.stop();
  await again;
  const isWriting = clients.every(({ known }) => known.inFlight === undefined);
  const second = await look(api, looking, true);
  return {
    ...{ promotedMs, outageMs },
    acknowledged: clients.reduce((sum, { acknowledged }) => sum + acknowledged, 0),
    lost: [...first.lost, ...second.lost],
    torn: [...first.torn, ...second.torn, ...(isWriting ? [] : ['a call failed after the failover'])],
  };
}

async function untilSynchronous(primary: PostgresServer): Promise<void> {
  for (let left = 600; left > 0; left--) {
    const count = await primary.ask(
      `SELECT count(*) FROM pg_stat_replication WHERE state = 'streaming' AND sync_state IN ('sync', 'quorum')`,
    );
    if (Number(count) > 0) return;
    await later(100);
  }
  throw new Error('the standby does not follow its primary');
}
