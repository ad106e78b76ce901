import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Binaries } from '../postgres/binaries.ts';
import { PostgresServer } from '../postgres/server.ts';
import { ServerProcess } from '../server-process.ts';

/** A server with its database, of which something is killed and started again. */
export interface Place {
  readonly name: string;
  /** Where it answers now. */
  readonly url: string;
  /** The last that it said. */
  readonly said: string;
  /** @param kill - which one it is, from 0 on */
  crash(kill: number): Promise<void>;
  /** Starts again what was killed. */
  recover(): Promise<void>;
  close(): Promise<void>;
}

/** The server is killed, with the PGlite in it. */
export async function inFolder(): Promise<Place> {
  const folder = await mkdtemp(join(tmpdir(), 'nearface-crash-'));
  return killedServer('server, on PGlite', ['--data', join(folder, 'faces')], () =>
    rm(folder, { recursive: true, force: true }),
  );
}

/** The server is killed, and the PostgreSQL is not. */
export async function onPostgres(binaries: Binaries): Promise<Place> {
  const postgres = await PostgresServer.create(binaries);
  return killedServer('server, on PostgreSQL', ['--database-url', postgres.url], () => postgres.drop());
}

async function killedServer(
  name: string,
  place: readonly string[],
  drop: () => Promise<void>,
): Promise<Place> {
  let server = await ServerProcess.start(place);
  return {
    name,
    get url() {
      return server.url;
    },
    get said() {
      return server.said;
    },
    crash: () => server.kill(),
    async recover() {
      server = await ServerProcess.start(place);
    },
    async close() {
      await server.kill();
      await drop();
    },
  };
}

/** Every so manieth time the server goes with its PostgreSQL, so that what it has in memory is compared with what a new one reads. */
const SERVER_TOO = 4;

/** The PostgreSQL is killed, or ends without a word, and its server goes on. */
export async function killedPostgres(binaries: Binaries): Promise<Place> {
  const postgres = await PostgresServer.create(binaries);
  const place = ['--database-url', postgres.url];
  let server = await ServerProcess.start(place);
  let isServerToo = false;
  return {
    name: 'PostgreSQL',
    get url() {
      return server.url;
    },
    get said() {
      return server.said;
    },
    async crash(kill) {
      isServerToo = kill % SERVER_TOO === SERVER_TOO - 1;
      await postgres.crash(kill % 2 === 0 ? 'kill -9' : 'immediate');
      if (isServerToo) await server.kill();
    },
    async recover() {
      await postgres.start();
      if (isServerToo) server = await ServerProcess.start(place);
    },
    async close() {
      await server.kill();
      await postgres.drop();
    },
  };
}
